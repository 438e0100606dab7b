/* The log: which lines come, and that none comes too late or says the key. */

#include "process.h"

#include <stdatomic.h>

#define KEY "pictai_secret_of_the_log"

/* Lines by level, and whether any may still come. */
static atomic_int lines[5];
static atomic_bool is_closed;
static atomic_bool is_held;
static atomic_bool is_in_callback;

static void on_line(pictory_log_level level, const char *message, void *user_data) {
    CHECK(user_data == (void *)lines);
    CHECK(level >= PICTORY_LOG_LEVEL_ERROR && level <= PICTORY_LOG_LEVEL_DEBUG);
    CHECK(message != NULL && message[0] != '\0' && strpbrk(message, "\r\n") == NULL);
    CHECK(strstr(message, KEY) == NULL && strstr(message, "header_secret") == NULL);
    CHECK(!atomic_load(&is_closed));
    atomic_fetch_add(&lines[level], 1);
    atomic_store(&is_in_callback, true);
    AWAIT(!atomic_load(&is_held));
    CHECK(!atomic_load(&is_closed));
}

static pictory_config *configuration(pictory_log_level level) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_api_key(config, KEY), PICTORY_OK);
    CHECK_CODE(pictory_config_set_header(config, "X-Extra", "header_secret"), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, 1), PICTORY_OK);
    CHECK_CODE(pictory_config_set_log(config, level, on_line, (void *)lines), PICTORY_OK);
    return config;
}

/* A call that is overcome, one that ends well and one that fails; and a client that cannot be. */
static void make_lines(pictory_log_level level) {
    for (int i = 0; i < 5; i++)
        atomic_store(&lines[i], 0);
    pictory_client *client = new_client_of(configuration(level));
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    const char *unknown = "00000000-0000-4000-8000-000000000000";
    CHECK_RESULT(pictory_get_job(client, unknown, NULL), PICTORY_ERROR_UNAUTHORIZED);
    pictory_client_free(client);
    pictory_config *config = configuration(level);
    CHECK_CODE(pictory_config_set_base_url(config, "http://api.example"), PICTORY_OK);
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_ERROR_INSECURE_URL);
    pictory_config_free(config);
}

static void each_level_brings_its_lines_and_those_before(void) {
    for (pictory_log_level level = PICTORY_LOG_LEVEL_OFF; level <= PICTORY_LOG_LEVEL_DEBUG;
         level++) {
        make_lines(level);
        for (pictory_log_level i = PICTORY_LOG_LEVEL_ERROR; i <= PICTORY_LOG_LEVEL_DEBUG; i++)
            CHECK((atomic_load(&lines[i]) > 0) == (i <= level));
        /* The call that failed, and the client. */
        CHECK(level == PICTORY_LOG_LEVEL_OFF || atomic_load(&lines[1]) == 2);
    }
}

/* The server sends back what it was sent. */
static void no_line_and_no_message_says_the_key(void) {
    pictory_client *client = new_client_of(configuration(PICTORY_LOG_LEVEL_DEBUG));
    for (int i = 0; i < 6; i++) {
        pictory_result *result = pictory_get_job(client, JOB, NULL);
        CHECK(strstr(pictory_result_message(result), KEY) == NULL);
        CHECK(strstr(pictory_result_message(result), "header_secret") == NULL);
        CHECK(strstr(pictory_result_message(result), "[key]") != NULL);
        pictory_result_free(result);
    }
    CHECK_CODE(pictory_client_set_api_key(client, "Bearer " KEY), PICTORY_ERROR_INVALID_API_KEY);
    pictory_client_free(client);
    pictory_config *config = configuration(PICTORY_LOG_LEVEL_DEBUG);
    CHECK_CODE(pictory_config_set_api_key(config, KEY "\n"), PICTORY_ERROR_INVALID_API_KEY);
    CHECK(strstr(pictory_config_message(config), KEY) == NULL);
    const char *proxy = "ftp://user:" KEY "@proxy.example";
    CHECK_CODE(pictory_config_set_proxy(config, proxy), PICTORY_ERROR_INVALID_URL);
    CHECK(strstr(pictory_config_message(config), KEY) == NULL);
    pictory_config_free(config);
}

static pictory_cancel_token *token;

static void *get_until_cancelled(void *client) {
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_ERROR_CANCELLED);
    return NULL;
}

/* The call goes on after the client is gone, and is silent from then on. The emulator never
 * answers it. */
static void no_line_comes_after_the_client_is_freed(void) {
    pictory_client *client = new_client_of(configuration(PICTORY_LOG_LEVEL_DEBUG));
    token = pictory_cancel_token_new();
    pthread_t thread = start_thread(get_until_cancelled, client);
    await_request();
    CHECK(atomic_load(&lines[PICTORY_LOG_LEVEL_DEBUG]) > 0);
    pictory_client_free(client);
    atomic_store(&is_closed, true);
    pictory_cancel_token_cancel(token);
    join_thread(thread);
    pictory_cancel_token_free(token);
}

static atomic_int freeing_tid;

static void *get(void *client) {
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    return NULL;
}

static void *free_client(void *client) {
    atomic_store(&freeing_tid, (int)own_tid());
    pictory_client_free(client);
    atomic_store(&is_closed, true);
    return NULL;
}

/* A line that is being handed over holds the free up until the callback has returned. */
static void free_waits_for_a_line_under_way(void) {
    pictory_client *client = new_client_of(configuration(PICTORY_LOG_LEVEL_INFO));
    atomic_store(&is_in_callback, false);
    atomic_store(&is_held, true);
    pthread_t call = start_thread(get, client);
    AWAIT(atomic_load(&is_in_callback));
    pthread_t freeing = start_thread(free_client, client);
    AWAIT(atomic_load(&freeing_tid) != 0);
    AWAIT(is_blocked_in(atomic_load(&freeing_tid), SYS_futex));
    atomic_store(&is_held, false);
    join_thread(call);
    join_thread(freeing);
}

static void a_null_callback_takes_the_log_away(void) {
    pictory_config *config = configuration(PICTORY_LOG_LEVEL_DEBUG);
    CHECK_CODE(pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, NULL, NULL), PICTORY_OK);
    atomic_store(&is_closed, true);
    pictory_client *client = new_client_of(config);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    pictory_client_free(client);
}

CASES(CASE(each_level_brings_its_lines_and_those_before),
      CASE(no_line_and_no_message_says_the_key), CASE(no_line_comes_after_the_client_is_freed),
      CASE(free_waits_for_a_line_under_way), CASE(a_null_callback_takes_the_log_away))
