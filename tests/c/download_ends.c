/* How downloads end, one after the other as the test tells. */

#include "download.h"

static bool download_there_too(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    (void)bytes_done, (void)bytes_total;
    int *calls = user_data;
    if ((*calls)++ == 0) {
        pictory_result *second = pictory_download(client, job(), PICTORY_OUTPUT_VIDEO, path, NULL);
        CHECK(strstr(pictory_result_message(second), path) != NULL);
        CHECK_RESULT(second, PICTORY_ERROR_FILE);
    }
    return true;
}

static void what_stands_in_the_way_is_refused(void) {
    begin();
    char name[4096];
    snprintf(name, sizeof name, "%s.part", path);
    CHECK(symlink("/nonexistent/elsewhere", name) == 0);
    CHECK_RESULT(download(), PICTORY_ERROR_FILE);
    CHECK(unlink(name) == 0);
    CHECK(mkdir(path, 0777) == 0);
    CHECK_RESULT(download(), PICTORY_ERROR_FILE);
    CHECK(rmdir(path) == 0);
    int calls = 0;
    on_progress(download_there_too, &calls);
    CHECK_RESULT(download(), PICTORY_OK);
    CHECK(calls > 0);
    end();
}

static void has_nothing_to_hide(pictory_log_level level, const char *message, void *user_data) {
    (void)level, (void)user_data;
    CHECK(strstr(message, "hidden") == NULL);
}

/* PICTORY_TEST_CODE says how it must end, after so many retries. */
static void it_ends_as_told(void) {
    begin();
    pictory_client_free(client);
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, has_nothing_to_hide, NULL),
               PICTORY_OK);
    client = new_client_of(config);
    const pictory_code wanted = (pictory_code)atoi(setting("PICTORY_TEST_CODE"));
    const uint32_t retries = (uint32_t)atoi(setting("PICTORY_TEST_RETRIES"));
    CHECK_CODE(pictory_download_options_set_max_retries(options, retries), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_idle_timeout_ms(options, 2000), PICTORY_OK);
    const char *limit = getenv("PICTORY_TEST_LIMIT_MS");
    CHECK_CODE(pictory_download_options_set_timeout_ms(options, limit ? atoll(limit) : 60000),
               PICTORY_OK);
    pictory_result *result = download();
    if (pictory_result_code(result) != wanted)
        dprintf(check_output, "%s\n", pictory_result_message(result));
    CHECK_CODE(pictory_result_code(result), wanted);
    CHECK(strstr(pictory_result_message(result), "hidden") == NULL);
    CHECK((size_of("") >= 0) == (wanted == PICTORY_OK));
    CHECK(pictory_result_job(result) != NULL);
    pictory_result_free(result);
    end();
}

CASES(CASE(it_ends_as_told), CASE(what_stands_in_the_way_is_refused))
