/* What a client takes from the environment. The test that runs a case sets its variables. */

#include "check.h"
#include "resolver.h"

static void get_ok(pictory_client *client) {
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    pictory_client_free(client);
}

/* A NULL configuration is the environment's. */
static void get_without_a_configuration(void) {
    get_ok(new_client());
}

static void get_with_a_configuration(void) {
    get_ok(new_client_of(pictory_config_new()));
}

/* A host that is not loopback by its name, though this program's lookup says so. */
static void get_by_name(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    get_ok(new_client_of(config));
    CHECK(atomic_load(&lookups) == 1);
}

/* Through a proxy the name is the proxy's to look up. */
static void get_by_name_through_a_proxy(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    get_ok(new_client_of(config));
    CHECK(atomic_load(&lookups) == 0);
}

/* Nobody is at the proxy. */
static void get_fails_at_the_proxy(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_ERROR_PROXY);
    pictory_client_free(client);
}

/* The client can be made; the get ends with this code, and with these words in its message. */
static void get_ends_as_told(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    pictory_result *result = pictory_get_job(client, JOB, NULL);
    CHECK_TEXT(pictory_code_name(pictory_result_code(result)), setting("PICTORY_TEST_CODE"));
    CHECK(strstr(pictory_result_message(result), setting("PICTORY_TEST_WORDS")) != NULL);
    CHECK(!pictory_result_is_retryable(result));
    pictory_result_free(result);
    pictory_client_free(client);
}

static void get_with_the_proxy_taken_away(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_config_set_proxy(config, NULL), PICTORY_OK);
    get_ok(new_client_of(config));
    CHECK(atomic_load(&lookups) == 1);
}

static void get_through_a_configured_proxy(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_proxy(config, setting("PICTORY_TEST_PROXY")), PICTORY_OK);
    get_ok(new_client_of(config));
}

static void refused(pictory_code wanted) {
    pictory_client *client = NULL;
    pictory_config *config = pictory_config_new();
    CHECK(config != NULL && pictory_config_message(config) == NULL);
    CHECK_CODE(pictory_client_new(config, &client), wanted);
    CHECK_CODE(pictory_client_new(NULL, &client), wanted);
    CHECK(client == NULL);
    /* Unless a setter replaces what was refused. */
    CHECK_CODE(pictory_config_set_api_key(config, "pictai_other"), PICTORY_OK);
    CHECK_CODE(pictory_config_set_base_url(config, setting("PICTORY_TEST_URL")), PICTORY_OK);
    CHECK_CODE(pictory_config_set_proxy(config, ""), PICTORY_OK);
    get_ok(new_client_of(config));
}

static void key_refused(void) {
    refused(PICTORY_ERROR_INVALID_API_KEY);
}

static void url_refused(void) {
    refused(PICTORY_ERROR_INVALID_URL);
}

static void log_line(pictory_log_level level, const char *message, void *user_data) {
    (void)level;
    char *lines = user_data;
    CHECK(strlen(lines) + strlen(message) < 2000);
    strcat(lines, message);
}

/* The default base URL is only seen by name: nothing is asked of it here. */
static void is_for_the_default_url(pictory_config *config) {
    char lines[2000] = "";
    CHECK_CODE(pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, log_line, lines),
               PICTORY_OK);
    pictory_client_free(new_client_of(config));
    CHECK(strstr(lines, "api.pictory.ai") != NULL);
}

static void an_empty_url_is_unset(void) {
    is_for_the_default_url(pictory_config_new());
}

static void an_empty_configuration_reads_nothing(void) {
    pictory_config *config = pictory_config_new_empty();
    pictory_client *client = NULL;
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_ERROR_INVALID_API_KEY);
    /* A proxy that cannot be used does not matter either. */
    CHECK_CODE(pictory_config_set_api_key(config, "pictai_key"), PICTORY_OK);
    is_for_the_default_url(config);
}

CASES(CASE(get_fails_at_the_proxy), CASE(get_ends_as_told), CASE(get_without_a_configuration), CASE(get_with_a_configuration), CASE(get_by_name),
      CASE(get_by_name_through_a_proxy), CASE(get_with_the_proxy_taken_away),
      CASE(get_through_a_configured_proxy), CASE(key_refused), CASE(url_refused),
      CASE(an_empty_url_is_unset), CASE(an_empty_configuration_reads_nothing))
