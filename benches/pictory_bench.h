/* A client of this library for the benchmarks. */

#ifndef PICTORY_BENCH_H
#define PICTORY_BENCH_H

#include "bench.h"

#include <pictory.h>

static inline void expect_ok(pictory_code code, const char *what) {
    if (code != PICTORY_OK)
        fail("%s: %s", what, pictory_code_name(code));
}

static inline pictory_client *new_client(const char *base_url, const char *ca) {
    pictory_config *config = pictory_config_new_empty();
    expect_ok(pictory_config_set_api_key(config, KEY), "the key");
    expect_ok(pictory_config_set_base_url(config, base_url), "the base URL");
    if (ca != NULL)
        expect_ok(pictory_config_set_ca_file(config, ca), "the CA file");
    pictory_client *client = NULL;
    expect_ok(pictory_client_new(config, &client), "the client");
    pictory_config_free(config);
    return client;
}

#endif
