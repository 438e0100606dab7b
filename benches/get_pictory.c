/* The get loop of this library; with "token" for HOW, each get can be cancelled. */
#include "get.h"
#include "pictory_bench.h"

struct caller {
    pictory_client *client;
    pictory_cancel_token *token;
};

static void once(void *context) {
    const struct caller *caller = context;
    pictory_result *result = pictory_get_job(caller->client, JOB, caller->token);
    if (pictory_result_code(result) != PICTORY_OK)
        fail("%s", pictory_result_message(result));
    check_read(result);
    pictory_result_free(result);
}

int main(int argc, char **argv) {
    struct get get = get_arguments(argc, argv);
    struct caller caller = {.client = new_client(get.base_url, get.ca)};
    if (strcmp(get.how, "token") == 0)
        caller.token = pictory_cancel_token_new();
    get_measure(&get, once, &caller);
    pictory_cancel_token_free(caller.token);
    pictory_client_free(caller.client);
    return 0;
}
