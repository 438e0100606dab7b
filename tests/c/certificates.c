/* Files of certificates that cannot be taken, and servers whose certificates are not accepted. */

#include "check.h"

static void file_is_refused(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_ca_file(config, setting("PICTORY_TEST_PATH")),
               PICTORY_ERROR_CERTIFICATES);
    if (strstr(pictory_config_message(config), setting("PICTORY_TEST_WORDS")) == NULL)
        fprintf(stderr, "%s\n", pictory_config_message(config));
    CHECK(strstr(pictory_config_message(config), setting("PICTORY_TEST_PATH")) != NULL);
    pictory_config_free(config);
}

static void server_is_refused(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_ca_file(config, setting("PICTORY_TEST_CA")), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    pictory_result *result = pictory_get_job(client, JOB, NULL);
    if (strstr(pictory_result_message(result), setting("PICTORY_TEST_WORDS")) == NULL)
        fprintf(stderr, "%s\n", pictory_result_message(result));
    CHECK_RESULT(result, PICTORY_ERROR_TLS);
    pictory_client_free(client);
}

CASES(CASE(file_is_refused), CASE(server_is_refused))
