/* Linked as Visual C++ links: by pictory.lib, without a C library, of which there is none of Microsoft's here. */
#include <pictory.h>

int program(void) {
    pictory_cancel_token *token = pictory_cancel_token_new();
    int works = token != NULL && pictory_abi_version() == PICTORY_ABI_VERSION;
    pictory_cancel_token_free(token);
    return works ? 0 : 1;
}
