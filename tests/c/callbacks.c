/* Callbacks: what a poll's callback is told and may do, and who may read what it is told. */

#include "process.h"

#include <stdatomic.h>

static pictory_client *client;
static pictory_wait_options *options;

static void begin(int64_t poll_interval_ms) {
    client = new_client();
    options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, poll_interval_ms), PICTORY_OK);
}

static void on_poll(pictory_poll_callback callback, void *user_data) {
    CHECK_CODE(pictory_wait_options_set_on_poll(options, callback, user_data), PICTORY_OK);
}

static void end(void) {
    pictory_wait_options_free(options);
    pictory_client_free(client);
}

struct told {
    pid_t thread;
    uint32_t polls;
    int64_t elapsed_ms;
    int calls;
};

/* The first poll finds the job in progress, the second gets a 500, the third a new status. */
static bool look(const pictory_result *update, void *user_data) {
    struct told *told = user_data;
    const pictory_job *job = pictory_result_job(update);
    told->calls++;
    CHECK(own_tid() == told->thread);
    CHECK(pictory_result_polls(update) == ++told->polls);
    CHECK(pictory_result_elapsed_ms(update) >= told->elapsed_ms);
    CHECK(pictory_result_next_poll_ms(update) >= 0 && pictory_result_next_poll_ms(update) <= 44);
    CHECK_TEXT(pictory_result_job_id(update), JOB);
    CHECK(strlen(pictory_result_message(update)) > 0);
    told->elapsed_ms = pictory_result_elapsed_ms(update);
    switch (told->calls) {
    case 1:
        CHECK_CODE(pictory_result_code(update), PICTORY_OK);
        CHECK(pictory_job_status(job) == PICTORY_STATUS_IN_PROGRESS);
        break;
    case 2:
        CHECK_CODE(pictory_result_code(update), PICTORY_ERROR_SERVER);
        CHECK(pictory_result_http_status(update) == 500 && pictory_result_is_retryable(update));
        /* The last state seen. */
        CHECK(pictory_job_status(job) == PICTORY_STATUS_IN_PROGRESS);
        break;
    case 3:
        CHECK_CODE(pictory_result_code(update), PICTORY_OK);
        CHECK(pictory_job_status(job) == PICTORY_STATUS_UNKNOWN);
        CHECK_TEXT(pictory_job_status_text(job), "brand-new");
        break;
    default:
        CHECK(!"called after the poll that ended the wait");
    }
    return true;
}

static void a_callback_is_told_of_every_poll_but_the_last(void) {
    begin(40);
    struct told told = {.thread = own_tid()};
    on_poll(look, &told);
    pictory_result *result = pictory_wait_job(client, JOB, options);
    CHECK(told.calls == 3 && pictory_result_polls(result) == 4);
    CHECK(pictory_result_next_poll_ms(result) == -1);
    CHECK(pictory_result_elapsed_ms(result) >= told.elapsed_ms);
    CHECK_RESULT(result, PICTORY_OK);
    end();
}

static bool stop_at_the_second(const pictory_result *update, void *user_data) {
    int *calls = user_data;
    return pictory_result_polls(update) < 2 && ++*calls > 0;
}

static void a_callback_that_returns_false_cancels(void) {
    begin(10);
    int calls = 0;
    on_poll(stop_at_the_second, &calls);
    pictory_result *result = pictory_wait_job(client, JOB, options);
    CHECK(calls == 1 && pictory_result_polls(result) == 2);
    CHECK(pictory_job_status(pictory_result_job(result)) == PICTORY_STATUS_IN_PROGRESS);
    CHECK(pictory_result_is_retryable(result));
    CHECK_RESULT(result, PICTORY_ERROR_CANCELLED);
    end();
}

static bool fail(const pictory_result *update, void *user_data) {
    (void)update, (void)user_data;
    CHECK(!"this callback was taken away");
    return false;
}

static void a_null_callback_and_token_take_the_old_one_away(void) {
    begin(10);
    pictory_cancel_token *token = pictory_cancel_token_new();
    pictory_cancel_token_cancel(token);
    on_poll(fail, NULL);
    on_poll(NULL, NULL);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_ERROR_CANCELLED);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, NULL), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_OK);
    pictory_cancel_token_free(token);
    end();
}

/* The other job is in progress for ever. */
static bool call_again(const pictory_result *update, void *user_data) {
    const char *other = "00000000-0000-4000-8000-000000000000";
    int *calls = user_data;
    ++*calls;
    pictory_result *result = pictory_get_job(client, other, NULL);
    CHECK_TEXT(pictory_job_id(pictory_result_job(result)), other);
    CHECK(pictory_job_status(pictory_result_job(result)) == PICTORY_STATUS_IN_PROGRESS);
    CHECK_RESULT(result, PICTORY_OK);
    /* A wait within the callback of a wait, with options of its own. */
    pictory_wait_options *inner = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(inner, 20), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(client, other, inner), PICTORY_ERROR_WAIT_TIMEOUT);
    pictory_wait_options_free(inner);
    CHECK_TEXT(pictory_result_job_id(update), JOB);
    return true;
}

static void a_callback_may_call_on_the_same_client(void) {
    begin(10);
    int calls = 0;
    on_poll(call_again, &calls);
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_OK);
    CHECK(calls == 2);
    end();
}

/* Options are copied when the wait begins: what the callback does to them is for the next. */
static bool change_options(const pictory_result *update, void *user_data) {
    (void)update;
    int *calls = user_data;
    ++*calls;
    on_poll(fail, NULL);
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 3600000), PICTORY_OK);
    return true;
}

static void a_wait_keeps_the_options_it_began_with(void) {
    begin(10);
    int calls = 0;
    on_poll(change_options, &calls);
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_OK);
    CHECK(calls == 2);
    end();
}

static void *read_all(void *data) {
    const pictory_result *result = data;
    for (int i = 0; i < 2000; i++) {
        const pictory_job *job = pictory_result_job(result);
        size_t length = 0;
        CHECK_TEXT(pictory_job_id(job), JOB);
        CHECK(pictory_job_status(job) == PICTORY_STATUS_COMPLETED);
        CHECK(pictory_job_width(job) == 720 && pictory_job_height(job) == 1280);
        CHECK_TEXT(pictory_job_field(job, "width"), "720");
        CHECK_TEXT(pictory_job_field(job, "url"), pictory_job_url(job));
        CHECK(pictory_job_field(job, "url") == pictory_job_field(job, "url"));
        CHECK(strlen(pictory_result_body(result, &length)) == length);
        CHECK_CODE(pictory_result_code(result), PICTORY_OK);
        CHECK(strlen(pictory_result_message(result)) > 0);
    }
    return (void *)pictory_job_field(pictory_result_job(result), "url");
}

static void many_threads_may_read_one_result(void) {
    begin(10);
    pictory_result *result = pictory_get_job(client, JOB, NULL);
    pthread_t readers[8];
    for (int i = 0; i < 8; i++)
        readers[i] = start_thread(read_all, result);
    for (int i = 0; i < 8; i++) {
        void *url = NULL;
        CHECK(pthread_join(readers[i], &url) == 0);
        CHECK(url == (void *)pictory_job_field(pictory_result_job(result), "url"));
    }
    pictory_result_free(result);
    end();
}

CASES(CASE(a_callback_is_told_of_every_poll_but_the_last),
      CASE(a_callback_that_returns_false_cancels),
      CASE(a_null_callback_and_token_take_the_old_one_away),
      CASE(a_callback_may_call_on_the_same_client), CASE(a_wait_keeps_the_options_it_began_with),
      CASE(many_threads_may_read_one_result))
