/* Gets on a live connection, between two system calls that a tracer finds again. */

#include "check.h"

static void gets_between_marks(void) {
    pictory_config *config = pictory_config_new();
    if (getenv("PICTORY_TEST_CA") != NULL)
        CHECK_CODE(pictory_config_set_ca_file(config, getenv("PICTORY_TEST_CA")), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    for (int i = 0; i < 20; i++)
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    (void)!access("/pictory-begin", F_OK);
    for (int i = 0; i < 200; i++)
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    (void)!access("/pictory-end", F_OK);
    pictory_client_free(client);
}

CASES(CASE(gets_between_marks))
