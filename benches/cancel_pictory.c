/* How long a cancelled call of this library takes to return: in a request, and asleep between two. */
#include "cancel.h"
#include "pictory_bench.h"

struct call {
    const pictory_client *client;
    pictory_cancel_token *token;
    pictory_result *result;
};

static void cancel(void *context) {
    const struct call *call = context;
    pictory_cancel_token_cancel(call->token);
}

static void get(void *context) {
    struct call *call = context;
    call->result = pictory_get_job(call->client, JOB, call->token);
}

/* The port of nobody: each poll fails at once, and the wait sleeps. */
static void wait(void *context) {
    struct call *call = context;
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_cancel_token(options, call->token);
    call->result = pictory_wait_job(call->client, JOB, options);
    pictory_wait_options_free(options);
}

static void measure(const char *name, const char *url, void (*run)(void *), long times) {
    double *took = some(malloc((size_t)times * sizeof *took));
    pictory_client *client = new_client(url, NULL);
    for (long i = 0; i < times; i++) {
        struct call call = {.client = client, .token = pictory_cancel_token_new()};
        took[i] = cancelled_after(run, cancel, &call);
        if (pictory_result_code(call.result) != PICTORY_ERROR_CANCELLED)
            fail("%s", pictory_result_message(call.result));
        pictory_result_free(call.result);
        pictory_cancel_token_free(call.token);
    }
    pictory_client_free(client);
    report_times(name, took, times);
    free(took);
}

int main(int argc, char **argv) {
    char url[64];
    long times = argc > 1 ? count_argument(argv[1]) : 50;
    mute_server(url, sizeof url);
    measure("get", url, get, times);
    measure("sleep", "http://127.0.0.1:1", wait, times);
    return 0;
}
