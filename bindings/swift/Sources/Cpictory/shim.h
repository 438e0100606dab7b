/* The header is wherever pkg-config says. */
#include <pictory.h>
