/* Names and their lookups, which this program answers itself, and the threads they take. */

#include "process.h"
#include "resolver.h"
#include "threads.h"

#define CALLERS 16

/* A configuration for the emulator by a name. */
static pictory_config *by_name(const char *host) {
    char url[100];
    snprintf(url, sizeof url, "http://%s:%s", host, setting("PICTORY_TEST_PORT"));
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_base_url(config, url), PICTORY_OK);
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    return config;
}

static void runs_out_of_time(pictory_config *config, int64_t ms) {
    pictory_client *client = new_client_of(config);
    hang_lookups();
    int64_t began = now_ms();
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_ERROR_TIMEOUT);
    int64_t took = now_ms() - began;
    CHECK(took >= ms && took < ms + lateness_ms());
    /* The thread that hangs in the system's resolver is all that is left. */
    AWAIT(atomic_load(&lookups) == 1);
    CHECK(threads() == 2 && threads_named("pictory-lookup", NULL) == 1);
    pictory_client_free(client);
    release_lookups();
    AWAIT(threads() == 1);
}

static void request_timeout(void) {
    pictory_config *config = by_name("api.example");
    CHECK_CODE(pictory_config_set_request_timeout_ms(config, 500), PICTORY_OK);
    runs_out_of_time(config, 500);
}

static void connect_timeout(void) {
    pictory_config *config = by_name("api.example");
    CHECK_CODE(pictory_config_set_connect_timeout_ms(config, 500), PICTORY_OK);
    runs_out_of_time(config, 500);
}

static void deadline_of_a_wait(void) {
    pictory_client *client = new_client_of(by_name("api.example"));
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, 300), PICTORY_OK);
    hang_lookups();
    int64_t began = now_ms();
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_ERROR_WAIT_TIMEOUT);
    int64_t took = now_ms() - began;
    CHECK(took >= 300 && took < 300 + lateness_ms());
    pictory_wait_options_free(options);
    pictory_client_free(client);
    release_lookups();
    AWAIT(threads() == 1);
}

struct caller {
    pictory_client *client;
    atomic_int tid;
};

static void *get(void *data) {
    struct caller *caller = data;
    atomic_store(&caller->tid, own_tid());
    CHECK_RESULT(pictory_get_job(caller->client, JOB, NULL), PICTORY_OK);
    return NULL;
}

static void one_thread_a_name(void) {
    /* Two clients for one name, and one for another. */
    pictory_client *clients[3] = {
        new_client_of(by_name("one.example")),
        new_client_of(by_name("one.example")),
        new_client_of(by_name("two.example")),
    };
    hang_lookups();
    struct caller callers[CALLERS];
    pthread_t running[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        callers[i].client = clients[i % 3];
        atomic_init(&callers[i].tid, 0);
        running[i] = start_thread(get, &callers[i]);
    }
    for (int i = 0; i < CALLERS; i++)
        AWAIT(atomic_load(&callers[i].tid) != 0 && is_blocked(atomic_load(&callers[i].tid)));
    AWAIT(atomic_load(&lookups) == 2);
    CHECK(threads_named("pictory-lookup", NULL) == 2);
    CHECK(threads() == 1 + CALLERS + 2);
    release_lookups();
    for (int i = 0; i < CALLERS; i++)
        join_thread(running[i]);
    AWAIT(threads() == 1);
    CHECK(atomic_load(&lookups) == 2);
    for (int i = 0; i < 3; i++)
        pictory_client_free(clients[i]);
}

/* The value of a line of a thread's status, which is hexadecimal. */
static unsigned long long status_of(pid_t tid, const char *name) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)tid);
    CHECK(read_proc(path, text, sizeof text));
    const char *line = strstr(text, name);
    CHECK(line != NULL);
    return strtoull(line + strlen(name), NULL, 16);
}

static void its_thread_blocks_all_signals(void) {
    struct caller caller = {.client = new_client_of(by_name("api.example"))};
    unsigned long long own = status_of(own_tid(), "SigBlk:");
    hang_lookups();
    pthread_t thread = start_thread(get, &caller);
    AWAIT(atomic_load(&lookups) == 1);
    pid_t tid = 0;
    CHECK(threads_named("pictory-", &tid) == 1 && threads() == 3);
    /* All that can be blocked: KILL, STOP and those that the C library keeps cannot: 32 and 33, of
     * musl's 34 as well. */
#ifdef __GLIBC__
    const unsigned long long kept = 3ULL << 31;
#else
    const unsigned long long kept = 7ULL << 31;
#endif
    const unsigned long long all = ~((1ULL << 8) | (1ULL << 18) | kept);
    CHECK((status_of(tid, "SigBlk:") & all) == all);
    AWAIT(is_blocked(atomic_load(&caller.tid)));
    CHECK(status_of(atomic_load(&caller.tid), "SigBlk:") == own);
    release_lookups();
    join_thread(thread);
    pictory_client_free(caller.client);
    AWAIT(threads() == 1);
}

static void an_answer_is_kept(void) {
    for (int i = 0; i < 3; i++) {
        pictory_client *client = new_client_of(by_name("api.example"));
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
        pictory_client_free(client);
        AWAIT(threads() == 1);
    }
    CHECK(atomic_load(&lookups) == 1 && atomic_load(&started) == 1);
}

static void a_live_connection_needs_none(void) {
    pictory_client *client = new_client_of(by_name("api.example"));
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    AWAIT(threads() == 1);
    int looked_up = atomic_load(&lookups), threads_before = atomic_load(&started);
    for (int i = 0; i < 20; i++)
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    CHECK(atomic_load(&lookups) == looked_up && atomic_load(&started) == threads_before);
    pictory_client_free(client);
}

static void an_address_needs_none(void) {
    const char *hosts[] = {"127.0.0.1", "[::ffff:127.0.0.1]"};
    for (int i = 0; i < 2; i++) {
        pictory_client *client = new_client_of(by_name(hosts[i]));
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
        pictory_client_free(client);
    }
    CHECK(atomic_load(&lookups) == 0 && atomic_load(&started) == 0);
}

static void a_name_without_an_answer(void) {
    pictory_client *client = new_client_of(by_name("api.example"));
    atomic_store(&lookups_fail, true);
    pictory_result *result = pictory_get_job(client, JOB, NULL);
    CHECK(pictory_result_is_retryable(result) && pictory_result_polls(result) == 1);
    CHECK(strstr(pictory_result_message(result), "api.example") != NULL);
    CHECK_RESULT(result, PICTORY_ERROR_RESOLVE);
    /* A failure is not kept. */
    atomic_store(&lookups_fail, false);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    CHECK(atomic_load(&lookups) == 2);
    pictory_client_free(client);
    AWAIT(threads() == 1);
}

static void no_thread_is_to_be_had(void) {
    pictory_client *client = new_client_of(by_name("api.example"));
    int before = descriptors();
    atomic_store(&threads_to_be_had, 0);
    for (int i = 0; i < 5; i++) {
        pictory_result *result = pictory_get_job(client, JOB, NULL);
        CHECK(strstr(pictory_result_message(result), "thread") != NULL);
        CHECK(pictory_result_is_retryable(result));
        CHECK_RESULT(result, PICTORY_ERROR_SYSTEM);
    }
    CHECK(descriptors() == before && atomic_load(&lookups) == 0);
    atomic_store(&threads_to_be_had, -1);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    pictory_client_free(client);
    AWAIT(threads() == 1);
}

static bool stop_at_second(uint64_t bytes_done, uint64_t bytes_total, void *calls) {
    CHECK(bytes_done == 0 && bytes_total == 0);
    return ++*(int *)calls < 2;
}

static void progress_is_told_in_a_lookup(void) {
    pictory_client *client = new_client_of(by_name("api.example"));
    const char *body = "{\"data\":{\"status\":\"completed\",\"url\":\"https://cdn.example/v.mp4\"}}";
    pictory_result *parsed = pictory_parse_job(body, strlen(body));
    pictory_download_options *options = pictory_download_options_new();
    int calls = 0;
    CHECK_CODE(pictory_download_options_set_on_progress(options, stop_at_second, &calls), PICTORY_OK);
    hang_lookups();
    int64_t began = now_ms();
    CHECK_RESULT(pictory_download(client, pictory_result_job(parsed), PICTORY_OUTPUT_VIDEO,
                                  setting("PICTORY_TEST_PATH"), options),
                 PICTORY_ERROR_CANCELLED);
    /* Sooner than the connect time-out would have ended it. */
    CHECK(calls == 2 && now_ms() - began < 8000);
    release_lookups();
    AWAIT(threads() == 1);
    pictory_download_options_free(options);
    pictory_result_free(parsed);
    pictory_client_free(client);
}

CASES(CASE(request_timeout), CASE(connect_timeout), CASE(deadline_of_a_wait),
      CASE(one_thread_a_name), CASE(its_thread_blocks_all_signals), CASE(an_answer_is_kept),
      CASE(a_live_connection_needs_none), CASE(an_address_needs_none),
      CASE(a_name_without_an_answer), CASE(no_thread_is_to_be_had),
      CASE(progress_is_told_in_a_lookup))
