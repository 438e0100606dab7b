/* What the get loops share: GET_x BASE_URL GETS [CA_FILE [HOW]]. The connecting get and twenty more
 * are made before the measurement begins; with 0 for GETS, the connecting one is all. */

#ifndef GET_H
#define GET_H

#include "bench.h"

struct get {
    const char *base_url, *ca, *how;
    unsigned long gets;
};

static inline struct get get_arguments(int argc, char **argv) {
    if (argc < 3)
        fail("usage: %s BASE_URL GETS [CA_FILE [HOW]]", argv[0]);
    struct get get = {.base_url = argv[1], .gets = (unsigned long)count_argument(argv[2])};
    get.ca = argc > 3 && argv[3][0] != '\0' ? argv[3] : NULL;
    get.how = argc > 4 ? argv[4] : "";
    return get;
}

/* Prints what a get costs; `once` makes one and reads its reply. */
static inline void get_measure(const struct get *get, void (*once)(void *), void *context) {
    once(context);
    if (get->gets == 0)
        return;
    for (int i = 0; i < 20; i++)
        once(context);
    double cpu = cpu_ms(), begin = now_ms();
    for (unsigned long i = 0; i < get->gets; i++)
        once(context);
    double wall = now_ms() - begin, gets = (double)get->gets;
    cpu = cpu_ms() - cpu;
    printf("cpu_us=%.3f\nper_second=%.1f\npeak_kb=%ld\n", cpu * 1e3 / gets, gets / wall * 1e3,
           own_status("VmHWM"));
}

#endif
