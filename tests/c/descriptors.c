/* Descriptors and threads: which the library takes, and that it gives them back. */

#include "process.h"
#include "resolver.h"

#include <sys/resource.h>

static pictory_config *configuration(void) {
    pictory_config *config = pictory_config_new();
    if (getenv("PICTORY_TEST_CA") != NULL)
        CHECK_CODE(pictory_config_set_ca_file(config, getenv("PICTORY_TEST_CA")), PICTORY_OK);
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    return config;
}

static void standard_ones_are_closed(void) {
    for (int fd = 0; fd < 3; fd++)
        CHECK(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
}

static void is_above_stdio(int fd, void *data) {
    (void)data;
    CHECK(fd > 2);
}

/* A host may have closed 0, 1 and 2: no descriptor of the library may then become its stderr. */
static void closed_standard_ones_stay_closed(void) {
    check_output = fcntl(2, F_DUPFD_CLOEXEC, 100);
    CHECK(check_output >= 100);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    pictory_client *client = new_client_of(configuration());
    standard_ones_are_closed();
    pictory_cancel_token *token = pictory_cancel_token_new();
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_OK);
    CHECK(atomic_load(&lookups) == 1);
    /* The connection and the token are open, and stand elsewhere. */
    CHECK(each_descriptor(is_above_stdio, NULL) >= 3);
    standard_ones_are_closed();
    CHECK_RESULT(pictory_wait_job(client, JOB, NULL), PICTORY_OK);
    standard_ones_are_closed();
    pictory_cancel_token_free(token);
    pictory_client_free(client);
    standard_ones_are_closed();
}

static void is_close_on_exec(int fd, void *data) {
    const bool *was_there = data;
    if (fd < 1024 && was_there[fd])
        return;
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    CHECK(read_proc(path, text, sizeof text));
    const char *flags = strstr(text, "flags:");
    CHECK(flags != NULL && (strtol(flags + 6, NULL, 8) & O_CLOEXEC) != 0);
}

static void note(int fd, void *data) {
    bool *is_there = data;
    if (fd < 1024)
        is_there[fd] = true;
}

static void *hang_in_lookup(void *data) {
    CHECK_RESULT(pictory_get_job(data, JOB, NULL), PICTORY_OK);
    return NULL;
}

/* Seen while a connection is kept, a token waits and a lookup hangs. */
static void all_are_close_on_exec(void) {
    bool was_there[1024] = {false};
    hang_lookups();
    pictory_client *by_name = new_client_of(configuration());
    int before = each_descriptor(note, was_there);
    pictory_config *config = configuration();
    CHECK_CODE(pictory_config_set_base_url(config, setting("PICTORY_TEST_URL")), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    pictory_cancel_token *token = pictory_cancel_token_new();
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_OK);
    pthread_t thread = start_thread(hang_in_lookup, by_name);
    AWAIT(atomic_load(&lookups) == 1);
    CHECK(each_descriptor(is_close_on_exec, was_there) >= before + 3);
    release_lookups();
    join_thread(thread);
    CHECK(each_descriptor(is_close_on_exec, was_there) >= before + 3);
    pictory_cancel_token_free(token);
    pictory_client_free(client);
    pictory_client_free(by_name);
}

/* The emulator breaks these calls in every way it knows. */
static void none_is_left(void) {
    int before = descriptors(), failed = 0;
    CHECK(threads() == 1);
    for (int round = 0; round < 3; round++) {
        pictory_config *config = configuration();
        CHECK_CODE(pictory_config_set_request_timeout_ms(config, 300), PICTORY_OK);
        pictory_client *client = new_client_of(config);
        pictory_cancel_token *token = pictory_cancel_token_new();
        for (int i = 0; i < 5; i++) {
            pictory_result *result = pictory_get_job(client, JOB, token);
            failed += pictory_result_code(result) != PICTORY_OK;
            pictory_result_free(result);
        }
        pictory_cancel_token_free(token);
        pictory_client_free(client);
    }
    CHECK(failed >= 8);
    /* Nobody listens at port 1, and nothing is resolved. */
    atomic_store(&lookups_fail, true);
    const char *urls[] = {"http://127.0.0.1:1", "http://none.example", "https://none.example"};
    for (int i = 0; i < 3; i++) {
        pictory_config *config = configuration();
        CHECK_CODE(pictory_config_set_base_url(config, urls[i]), PICTORY_OK);
        pictory_client *client = new_client_of(config);
        CHECK_RESULT(pictory_get_job(client, JOB, NULL),
                     i == 0 ? PICTORY_ERROR_CONNECT : PICTORY_ERROR_RESOLVE);
        pictory_client_free(client);
    }
    AWAIT(threads() == 1);
    CHECK(descriptors() == before);
}

/* Allows no more descriptors than are open now, or as many as before. */
static void allow_more(bool allow) {
    static struct rlimit usual;
    if (usual.rlim_cur == 0)
        CHECK(getrlimit(RLIMIT_NOFILE, &usual) == 0);
    struct rlimit limit = {0, usual.rlim_max};
    CHECK(setrlimit(RLIMIT_NOFILE, allow ? &usual : &limit) == 0);
}

static void is_refused(const pictory_client *client, const pictory_cancel_token *token) {
    pictory_result *result = pictory_get_job(client, JOB, token);
    CHECK(strstr(pictory_result_message(result), "could not") != NULL);
    CHECK(pictory_result_is_retryable(result));
    CHECK_RESULT(result, PICTORY_ERROR_SYSTEM);
}

static void none_is_to_be_had(void) {
    pictory_client *client = new_client_of(configuration());
    pictory_config *config = configuration();
    CHECK_CODE(pictory_config_set_base_url(config, setting("PICTORY_TEST_URL")), PICTORY_OK);
    pictory_client *by_address = new_client_of(config);
    pictory_cancel_token *token = pictory_cancel_token_new();
    int before = descriptors();
    allow_more(false);
    is_refused(client, NULL);
    is_refused(by_address, NULL);
    is_refused(by_address, token);
    /* A wait goes on until its time is up, and still sleeps where it has nothing to be woken by. */
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 50), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_failures(options, PICTORY_UNLIMITED), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, 300), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    pictory_result *result = pictory_wait_job(by_address, JOB, options);
    CHECK(pictory_result_polls(result) > 1 && pictory_result_polls(result) < 20);
    CHECK_RESULT(result, PICTORY_ERROR_WAIT_TIMEOUT);
    allow_more(true);
    CHECK(descriptors() == before);
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(by_address, JOB, options), PICTORY_OK);
    pictory_wait_options_free(options);
    pictory_cancel_token_free(token);
    pictory_client_free(by_address);
    pictory_client_free(client);
}

static void a_client_alone_takes_none(void) {
    int before = descriptors();
    pictory_client *clients[50];
    for (int i = 0; i < 50; i++)
        clients[i] = new_client();
    CHECK(descriptors() == before && threads() == 1);
    for (int i = 0; i < 50; i++)
        pictory_client_free(clients[i]);
    CHECK(descriptors() == before && threads() == 1);
}

CASES(CASE(closed_standard_ones_stay_closed), CASE(all_are_close_on_exec), CASE(none_is_left),
      CASE(none_is_to_be_had),
      CASE(a_client_alone_takes_none))
