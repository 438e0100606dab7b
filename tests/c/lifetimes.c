/* Handles that are freed while a call uses them, and keys that change on a live client. */

#include "peer.h"

#include <stdatomic.h>

static pictory_client *client;
static pictory_wait_options *options;
static pictory_cancel_token *token;
static atomic_int polls_told;

static int listening = -1;

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)update, (void)user_data;
    atomic_fetch_add(&polls_told, 1);
    return true;
}

/* A client of a server that this program is itself, so that a reply comes when it wants it to. */
static void begin(void) {
    struct sockaddr_in address;
    char url[64];
    listening = peer_listen(8, &address);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_base_url(config, url), PICTORY_OK);
    client = new_client_of(config);
    token = pictory_cancel_token_new();
    options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 10), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_on_poll(options, on_poll, NULL), PICTORY_OK);
}

/* Frees all that the call under way was given. */
static void free_all(void) {
    pictory_client_free(client);
    pictory_wait_options_free(options);
    pictory_cancel_token_free(token);
}

static void answer(int fd, const char *status) {
    char body[200], reply[400];
    int length = snprintf(body, sizeof body, "{\"data\": {\"status\": \"%s\"}}", status);
    int size = snprintf(reply, sizeof reply,
                        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", length, body);
    CHECK(send(fd, reply, (size_t)size, MSG_NOSIGNAL) == size);
}

static void *get(void *data) {
    (void)data;
    return pictory_get_job(client, JOB, token);
}

static void *wait_for_job(void *data) {
    (void)data;
    return pictory_wait_job(client, JOB, options);
}

static pictory_result *result_of(pthread_t thread) {
    void *result = NULL;
    CHECK(pthread_join(thread, &result) == 0);
    return result;
}

static void a_get_ends_well_without_its_handles(void) {
    begin();
    pthread_t thread = start_thread(get, NULL);
    int fd = peer_accept(listening);
    free_all();
    answer(fd, "completed");
    pictory_result *result = result_of(thread);
    CHECK(pictory_job_status(pictory_result_job(result)) == PICTORY_STATUS_COMPLETED);
    CHECK_RESULT(result, PICTORY_OK);
    /* The last user has closed the connection. */
    char byte;
    CHECK(recv(fd, &byte, 1, 0) == 0);
    close(fd);
    close(listening);
}

static void a_wait_ends_well_without_its_handles(void) {
    begin();
    pthread_t thread = start_thread(wait_for_job, NULL);
    int fd = peer_accept(listening);
    free_all();
    for (int i = 0; i < 3; i++) {
        char bytes[4096];
        answer(fd, "in-progress");
        CHECK(recv(fd, bytes, sizeof bytes, 0) > 0);
    }
    answer(fd, "completed");
    pictory_result *result = result_of(thread);
    CHECK(pictory_result_polls(result) == 4 && atomic_load(&polls_told) == 3);
    CHECK_RESULT(result, PICTORY_OK);
    close(fd);
    close(listening);
}

/* The reply never comes: the call still knows its timeout. */
static void a_call_that_fails_ends_well_without_its_handles(void) {
    begin();
    pthread_t thread = start_thread(get, NULL);
    int fd = peer_accept(listening);
    free_all();
    close(listening);
    close(fd);
    pictory_result *result = result_of(thread);
    CHECK(pictory_result_polls(result) == 3);
    CHECK_RESULT(result, PICTORY_ERROR_CONNECT);
}

/* main() returns while eight threads are in calls that are never answered. */
static void the_program_ends_meanwhile(void) {
    begin();
    for (int i = 0; i < 8; i++)
        start_thread(i % 2 == 0 ? get : wait_for_job, NULL);
    for (int i = 0; i < 8; i++)
        peer_accept(listening);
}

static void a_result_outlives_all_other_handles(void) {
    client = new_client();
    pictory_result *result = pictory_get_job(client, JOB, NULL);
    pictory_client_free(client);
    CHECK_TEXT(pictory_job_id(pictory_result_job(result)), JOB);
    CHECK_TEXT(pictory_job_field(pictory_result_job(result), "width"), "720");
    CHECK_RESULT(result, PICTORY_OK);
}

static void strings_are_copied(void) {
    char key[] = "pictai_copied", url[200], agent[] = "agent/1", value[] = "extra";
    char id[] = JOB;
    snprintf(url, sizeof url, "%s", setting("PICTORY_API_BASE_URL"));
    pictory_config *config = pictory_config_new_empty();
    CHECK_CODE(pictory_config_set_api_key(config, key), PICTORY_OK);
    CHECK_CODE(pictory_config_set_base_url(config, url), PICTORY_OK);
    CHECK_CODE(pictory_config_set_user_agent(config, agent), PICTORY_OK);
    CHECK_CODE(pictory_config_set_header(config, "X-Extra", value), PICTORY_OK);
    memset(key, 'x', sizeof key - 1);
    memset(url, 'x', sizeof url - 1);
    memset(agent, 'x', sizeof agent - 1);
    memset(value, 'x', sizeof value - 1);
    client = new_client_of(config);
    pictory_result *result = pictory_get_job(client, id, NULL);
    memset(id, 'x', sizeof id - 1);
    CHECK_TEXT(pictory_result_job_id(result), JOB);
    CHECK_RESULT(result, PICTORY_OK);
    char body[] = "{\"data\": {\"status\": \"failed\"}} and what is not said to be its part";
    result = pictory_parse_job(body, 30);
    memset(body, 'x', sizeof body - 1);
    CHECK_TEXT(pictory_result_body(result, NULL), "{\"data\": {\"status\": \"failed\"}}");
    CHECK_TEXT(pictory_job_field(pictory_result_job(result), "status"), "failed");
    CHECK_RESULT(result, PICTORY_OK);
    pictory_client_free(client);
}

static bool rotate(const pictory_result *update, void *user_data) {
    (void)user_data;
    char key[40];
    snprintf(key, sizeof key, "pictai_key_%d", (int)pictory_result_polls(update) + 1);
    CHECK_CODE(pictory_client_set_api_key(client, key), PICTORY_OK);
    return true;
}

/* Two gets with a key each, then a wait whose callback changes the key for each poll. */
static void the_next_request_uses_a_new_key(void) {
    client = new_client();
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    CHECK_CODE(pictory_client_set_api_key(client, "pictai_rotated"), PICTORY_OK);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    CHECK_CODE(pictory_client_set_api_key(client, "pictai_key_1"), PICTORY_OK);
    options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 10), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_on_poll(options, rotate, NULL), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_OK);
    pictory_wait_options_free(options);
    pictory_client_free(client);
}

CASES(CASE(a_get_ends_well_without_its_handles), CASE(a_wait_ends_well_without_its_handles),
      CASE(a_call_that_fails_ends_well_without_its_handles),
      CASE(the_program_ends_meanwhile), CASE(a_result_outlives_all_other_handles), CASE(strings_are_copied),
      CASE(the_next_request_uses_a_new_key))
