/* An allocator that refuses large blocks: the library asks for them with a way back. */

#include "check.h"
#include <errno.h>
#include <stdatomic.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

/* Blocks of this size and larger are refused. */
static atomic_size_t limit = SIZE_MAX;
static atomic_int refused;

static bool is_refused(size_t size) {
    if (size < atomic_load(&limit))
        return false;
    atomic_fetch_add(&refused, 1);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    return is_refused(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return is_refused(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    return is_refused(size) ? NULL : __libc_realloc(block, size);
}

static pictory_client *one_try(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    return new_client_of(config);
}

static void refuse_from(size_t size) {
    atomic_store(&refused, 0);
    atomic_store(&limit, size);
}

/* Something was refused, and that is what the result says. */
static void is_of_memory(pictory_result *result) {
    atomic_store(&limit, SIZE_MAX);
    CHECK(atomic_load(&refused) > 0);
    CHECK(strstr(pictory_result_message(result), "memory") != NULL);
    CHECK_RESULT(result, PICTORY_ERROR_SYSTEM);
}

/* The body is of 600 KB, with its length announced or not. */
static void a_large_body_without_memory_is_a_system_error(void) {
    pictory_client *client = one_try();
    refuse_from(256 * 1024);
    is_of_memory(pictory_get_job(client, JOB, NULL));
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    pictory_client_free(client);
}

static void a_parsed_body_without_memory_is_a_system_error(void) {
    const size_t length = 600 * 1024;
    char *body = malloc(length);
    CHECK(body != NULL);
    memset(body, ' ', length);
    memcpy(body, "{}", 2);
    refuse_from(256 * 1024);
    is_of_memory(pictory_parse_job(body, length));
    CHECK_RESULT(pictory_parse_job(body, length), PICTORY_OK);
    free(body);
}

static void a_download_without_a_buffer_is_a_system_error(void) {
    pictory_client *client = one_try();
    pictory_result *got = pictory_get_job(client, JOB, NULL);
    pictory_download_options *options = pictory_download_options_new();
    CHECK_CODE(pictory_download_options_set_max_retries(options, 0), PICTORY_OK);
    refuse_from(200 * 1024);
    is_of_memory(pictory_download(client, pictory_result_job(got), PICTORY_OUTPUT_VIDEO,
                                  setting("PICTORY_TEST_PATH"), options));
    pictory_download_options_free(options);
    pictory_result_free(got);
    pictory_client_free(client);
}

static void a_watch_without_room_is_refused(void) {
    pictory_client *client = one_try();
    pictory_watcher *watcher;
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    refuse_from(4 * 1024);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, NULL, 1), PICTORY_ERROR_SYSTEM);
    atomic_store(&limit, SIZE_MAX);
    CHECK(atomic_load(&refused) > 0 && pictory_watcher_pending(watcher) == 0);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, NULL, 1), PICTORY_OK);
    CHECK(pictory_watcher_pending(watcher) == 1);
    pictory_watcher_free(watcher);
    pictory_client_free(client);
}

CASES(CASE(a_large_body_without_memory_is_a_system_error),
      CASE(a_parsed_body_without_memory_is_a_system_error),
      CASE(a_download_without_a_buffer_is_a_system_error), CASE(a_watch_without_room_is_refused))
