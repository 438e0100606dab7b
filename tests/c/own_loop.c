/* A host with a loop of its own: the ready callback, updates, a thread that serves, copies. */

#include "process.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

static pictory_client *client;
static pictory_watcher *watcher;

static void begin(void) {
    client = new_client();
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
}

static void end(void) {
    pictory_watcher_free(watcher);
    pictory_client_free(client);
}

static void add(unsigned number, bool updates, int64_t interval_ms) {
    char id[37];
    snprintf(id, sizeof id, "4a09edf9-d071-4847-bda5-%012x", number);
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, interval_ms), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_updates(options, updates), PICTORY_OK);
    CHECK_CODE(pictory_watcher_add(watcher, id, options, number), PICTORY_OK);
    pictory_wait_options_free(options);
}

/* A queue of messages, as a GUI has one. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t is_posted;
    int count;
} messages = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void post(void *user_data) {
    CHECK(user_data == &messages);
    pthread_mutex_lock(&messages.lock);
    messages.count++;
    pthread_cond_signal(&messages.is_posted);
    pthread_mutex_unlock(&messages.lock);
}

static void get_message(void) {
    pthread_mutex_lock(&messages.lock);
    while (messages.count == 0)
        pthread_cond_wait(&messages.is_posted, &messages.lock);
    messages.count--;
    pthread_mutex_unlock(&messages.lock);
}

static void a_message_loop_gets_every_result(void) {
    begin();
    CHECK_CODE(pictory_watcher_set_on_ready(NULL, post, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_set_on_ready(watcher, post, &messages), PICTORY_OK);
    bool is_seen[50] = {false};
    for (unsigned i = 0; i < 50; i++)
        add(i, false, 10);
    for (int settled = 0; settled < 50;) {
        get_message();
        pictory_result *result;
        while ((result = pictory_watcher_next(watcher, 0)) != NULL) {
            uint64_t tag = pictory_result_tag(result);
            CHECK(!pictory_result_is_update(result) && tag < 50 && !is_seen[tag]);
            is_seen[tag] = true;
            settled++;
            CHECK_RESULT(result, PICTORY_OK);
        }
    }
    end();
}

static atomic_int calls;

static void look_at_thread(void *user_data) {
    CHECK(user_data == &calls);
    check_callback_thread();
    atomic_fetch_add(&calls, 1);
}

static void it_runs_on_a_thread_with_a_usual_stack(void) {
    begin();
    CHECK_CODE(pictory_watcher_set_on_ready(watcher, look_at_thread, &calls), PICTORY_OK);
    CHECK(threads_named("pictory-", NULL) == 0);
    add(1, false, 10);
    AWAIT(atomic_load(&calls) == 1);
    CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_OK);
    AWAIT(threads_named("pictory-", NULL) == 0);
    end();
}

static void count(void *user_data) {
    atomic_fetch_add((atomic_int *)user_data, 1);
}

/* All have settled when the thread that polls is gone: this one and the callback's are left. */
static void one_call_stands_for_all_that_is_there(void) {
    begin();
    CHECK_CODE(pictory_watcher_set_on_ready(watcher, count, &calls), PICTORY_OK);
    for (int round = 1; round <= 3; round++) {
        for (unsigned i = 0; i < 10; i++)
            add(i, false, 10);
        AWAIT(atomic_load(&calls) == round);
        AWAIT(threads() == 2);
        for (unsigned i = 0; i < 10; i++)
            CHECK_RESULT(pictory_watcher_next(watcher, 0), PICTORY_OK);
        CHECK(pictory_watcher_next(watcher, 0) == NULL && atomic_load(&calls) == round);
    }
    end();
}

static void count_while_alive(void *user_data) {
    CHECK(atomic_load((atomic_int *)user_data) == 1);
    atomic_fetch_add(&calls, 1);
}

/* The user data is gone as soon as free has returned: a call that came later would see it. */
static void no_call_comes_after_free(void) {
    client = new_client();
    for (int round = 0; round < 30; round++) {
        CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
        atomic_int is_alive;
        atomic_init(&is_alive, 1);
        CHECK_CODE(pictory_watcher_set_on_ready(watcher, count_while_alive, &is_alive), PICTORY_OK);
        int before = atomic_load(&calls);
        for (unsigned i = 0; i < 20; i++)
            add(i, true, 10);
        while (atomic_load(&calls) == before)
            pictory_result_free(pictory_watcher_next(watcher, 1));
        pictory_watcher_free(watcher);
        atomic_store(&is_alive, 0);
    }
    pictory_client_free(client);
}

static void free_within(void *user_data) {
    (void)user_data;
    pictory_watcher_free(watcher);
    atomic_fetch_add(&calls, 1);
}

static void within_it_the_watcher_can_be_freed(void) {
    begin();
    CHECK_CODE(pictory_watcher_set_on_ready(watcher, free_within, NULL), PICTORY_OK);
    add(1, false, 10);
    AWAIT(atomic_load(&calls) == 1);
    AWAIT(threads_named("pictory-", NULL) == 0);
    /* And where it is called at once, on this thread. */
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    struct pollfd ready = {.fd = pictory_watcher_fd(watcher), .events = POLLIN};
    add(1, false, 10);
    CHECK(poll(&ready, 1, 60000) == 1);
    CHECK_CODE(pictory_watcher_set_on_ready(watcher, free_within, NULL), PICTORY_OK);
    CHECK(atomic_load(&calls) == 2);
    pictory_client_free(client);
}

/* An update is the caller's own: it is there when its watcher is gone. */
static void updates_come_out_of_next_and_live_until_they_are_freed(void) {
    begin();
    add(7, true, 10);
    pictory_result *update = pictory_watcher_next(watcher, 60000);
    CHECK(pictory_result_is_update(update) && pictory_result_tag(update) == 7);
    CHECK(pictory_watcher_pending(watcher) == 1);
    end();
    CHECK(pictory_result_polls(update) >= 1 && pictory_result_next_poll_ms(update) >= 0);
    CHECK(pictory_job_status(pictory_result_job(update)) == PICTORY_STATUS_IN_PROGRESS);
    CHECK_RESULT(update, PICTORY_OK);
    CHECK(!pictory_result_is_update(NULL));
}

static void *serve(void *count) {
    pictory_result *result;
    while ((result = pictory_watcher_take(watcher, PICTORY_WAIT_FOREVER)) != NULL) {
        CHECK_RESULT(result, PICTORY_OK);
        atomic_fetch_add((atomic_int *)count, 1);
    }
    return NULL;
}

static void a_thread_serves_until_the_watcher_is_freed(void) {
    begin();
    CHECK(pictory_watcher_take(NULL, 0) == NULL && pictory_watcher_take(watcher, 0) == NULL);
    CHECK(pictory_watcher_take(watcher, -2) == NULL && pictory_watcher_take(watcher, 20) == NULL);
    atomic_int served;
    atomic_init(&served, 0);
    pthread_t thread = start_thread(serve, &served);
    for (unsigned i = 0; i < 5; i++) {
        add(i, false, 10);
        AWAIT(atomic_load(&served) == (int)i + 1);
    }
    /* It has long entered. */
    pictory_watcher_free(watcher);
    join_thread(thread);
    pictory_client_free(client);
}

static pictory_result *kept;

static bool keep(const pictory_result *update, void *user_data) {
    (void)user_data;
    kept = pictory_result_copy(update);
    return false;
}

static void a_copy_of_an_update_outlives_its_callback(void) {
    client = new_client();
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_on_poll(options, keep, NULL), PICTORY_OK);
    pictory_result *ended = pictory_wait_job(client, JOB, options);
    CHECK_CODE(pictory_result_code(kept), PICTORY_OK);
    CHECK(pictory_result_is_update(kept) && !pictory_result_is_update(ended));
    CHECK_TEXT(pictory_result_body(kept, NULL), pictory_result_body(ended, NULL));
    CHECK_RESULT(ended, PICTORY_ERROR_CANCELLED);
    pictory_wait_options_free(options);
    pictory_client_free(client);
    pictory_result *copy = pictory_result_copy(kept);
    pictory_result_free(kept);
    CHECK_TEXT(pictory_result_job_id(copy), JOB);
    CHECK_TEXT(pictory_job_field(pictory_result_job(copy), "status"), "in-progress");
    CHECK_RESULT(copy, PICTORY_OK);
    copy = pictory_result_copy(NULL);
    CHECK_TEXT(pictory_result_message(copy), "result is NULL");
    CHECK_RESULT(copy, PICTORY_ERROR_INVALID_ARGUMENT);
}

/* Files with faults on the way, four at a time: what is whole is in its place, and nothing else is left.
 * Their paths count from the folder at the time of the call. */
static void downloads_leave_nothing_behind(void) {
    int before = descriptors();
    begin();
    char body[600], path[4096], part[4200];
    const char *folder = setting("PICTORY_TEST_FOLDER");
    CHECK(chdir(folder) == 0);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(body, sizeof body,
                 "{\"job_id\":\"4a09edf9-d071-4847-bda5-%012x\",\"data\":{\"url\":\"%s/media/%u\"}}", i,
                 setting("PICTORY_API_BASE_URL"), i % 10);
        pictory_result *parsed = pictory_parse_job(body, strlen(body));
        snprintf(path, sizeof path, "%u", i);
        CHECK_CODE(pictory_watcher_download(watcher, pictory_result_job(parsed), PICTORY_OUTPUT_VIDEO, path,
                                            NULL, i),
                   PICTORY_OK);
        pictory_result_free(parsed);
    }
    CHECK(chdir("/") == 0 && threads_named("pictory-download", NULL) <= 4);
    for (unsigned left = 200; left > 0; left--) {
        pictory_result *result = pictory_watcher_next(watcher, 60000);
        snprintf(path, sizeof path, "%s/%u", folder, (unsigned)pictory_result_tag(result));
        snprintf(part, sizeof part, "%s.part", path);
        CHECK(access(path, F_OK) == 0 && access(part, F_OK) != 0);
        CHECK_RESULT(result, PICTORY_OK);
    }
    AWAIT(threads_named("pictory-", NULL) == 0);
    end();
    CHECK(descriptors() == before);
}

/* A download of one of the emulator's files to a file of the test's folder. */
static pictory_code download(const char *media, unsigned file, const pictory_download_options *options,
                             uint64_t tag) {
    char body[600], path[4096];
    snprintf(body, sizeof body, "{\"job_id\":\"" JOB "\",\"data\":{\"url\":\"%s/media/%s\"}}",
             setting("PICTORY_API_BASE_URL"), media);
    snprintf(path, sizeof path, "%s/%u", setting("PICTORY_TEST_FOLDER"), file);
    pictory_result *parsed = pictory_parse_job(body, strlen(body));
    pictory_code code = pictory_watcher_download(watcher, pictory_result_job(parsed), PICTORY_OUTPUT_VIDEO,
                                                 path, options, tag);
    pictory_result_free(parsed);
    return code;
}

static bool go_on(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    CHECK(bytes_done <= 3000 && (bytes_total == 3000 || bytes_total == 0));
    calls++;
    return user_data == NULL;
}

static void downloads_tell_and_can_be_stopped(void) {
    begin();
    pictory_download_options *options = pictory_download_options_new();
    CHECK_CODE(pictory_download_options_set_updates(options, true), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_on_progress(options, go_on, NULL), PICTORY_OK);
    CHECK_CODE(download("good", 0, options, 0), PICTORY_OK);
    CHECK_CODE(download("good", 1, options, 0), PICTORY_ERROR_ALREADY_WATCHED);
    CHECK_CODE(download("good", 2, NULL, 1), PICTORY_OK);
    CHECK_CODE(pictory_watcher_poke(watcher, JOB), PICTORY_ERROR_NOT_WATCHED);
    CHECK_CODE(pictory_watcher_remove(watcher, JOB, 1), PICTORY_OK);
    pictory_result *result = pictory_watcher_take(watcher, 60000);
    for (; pictory_result_is_update(result); result = pictory_watcher_take(watcher, 60000)) {
        /* Before the host has answered, the length is not known. */
        uint64_t done = pictory_result_bytes_done(result), total = pictory_result_bytes_total(result);
        CHECK(pictory_result_tag(result) == 0 && (total == 3000 || (total == 0 && done == 0)));
        pictory_result_free(result);
    }
    CHECK(calls > 0 && pictory_result_bytes_done(result) == 3000 && pictory_watcher_pending(watcher) == 0);
    CHECK_RESULT(result, PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_updates(options, false), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_on_progress(options, go_on, &calls), PICTORY_OK);
    CHECK_CODE(download("good", 1, options, 0), PICTORY_OK);
    CHECK_RESULT(pictory_watcher_take(watcher, 60000), PICTORY_ERROR_CANCELLED);
    pictory_download_options_free(options);
    end();
}

/* Six files that never end, of which four are under way: the first and the last are removed, the first is
 * added again, all are cancelled. */
static void downloads_are_removed_and_cancelled(void) {
    begin();
    pictory_cancel_token *token = pictory_cancel_token_new();
    pictory_download_options *options = pictory_download_options_new();
    CHECK_CODE(pictory_download_options_set_updates(options, true), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_cancel_token(options, token), PICTORY_OK);
    for (unsigned i = 0; i < 6; i++)
        CHECK_CODE(download("endless", i, options, i), PICTORY_OK);
    uint64_t begun = 6;
    while (begun != 0) {
        pictory_result *update = pictory_watcher_take(watcher, 60000);
        CHECK(pictory_result_is_update(update));
        begun = pictory_result_bytes_done(update) > 0 ? pictory_result_tag(update) : 6;
        pictory_result_free(update);
    }
    CHECK_CODE(pictory_watcher_remove(watcher, JOB, 0), PICTORY_OK);
    CHECK_CODE(pictory_watcher_remove(watcher, JOB, 5), PICTORY_OK);
    CHECK_CODE(download("endless", 0, options, 0), PICTORY_OK);
    pictory_cancel_token_cancel(token);
    for (unsigned left = 5; left > 0;) {
        pictory_result *result = pictory_watcher_take(watcher, 60000);
        left -= !pictory_result_is_update(result);
        CHECK(pictory_result_tag(result) < 5);
        CHECK_RESULT(result, pictory_result_is_update(result) ? PICTORY_OK : PICTORY_ERROR_CANCELLED);
    }
    CHECK(pictory_watcher_pending(watcher) == 0);
    for (unsigned i = 0; i < 6; i++)
        CHECK_CODE(download("endless", i, NULL, i), PICTORY_OK);
    pictory_download_options_free(options);
    pictory_cancel_token_free(token);
    end();
}

static void a_child_can_neither_set_it_nor_take(void) {
    begin();
    CHECK_CODE(pictory_watcher_download(NULL, NULL, PICTORY_OUTPUT_VIDEO, "file", NULL, 0),
               PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_download(watcher, NULL, PICTORY_OUTPUT_VIDEO, "file", NULL, 0),
               PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK(pictory_watcher_pending(watcher) == 0);
    CHECK_CODE(pictory_watcher_set_on_ready(watcher, count_while_alive, NULL), PICTORY_OK);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(30);
        CHECK_CODE(pictory_watcher_set_on_ready(watcher, NULL, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
        CHECK(pictory_watcher_take(watcher, PICTORY_WAIT_FOREVER) == NULL);
        const char *body = "{\"job_id\":\"" JOB "\",\"data\":{\"url\":\"https://a/b\"}}";
        pictory_result *parsed = pictory_parse_job(body, strlen(body));
        CHECK_CODE(pictory_watcher_download(watcher, pictory_result_job(parsed), PICTORY_OUTPUT_VIDEO,
                                            "file", NULL, 0),
                   PICTORY_ERROR_INVALID_ARGUMENT);
        pictory_result_free(parsed);
        pictory_watcher_free(watcher);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    end();
}

CASES(CASE(a_message_loop_gets_every_result), CASE(one_call_stands_for_all_that_is_there),
      CASE(it_runs_on_a_thread_with_a_usual_stack), CASE(no_call_comes_after_free),
      CASE(within_it_the_watcher_can_be_freed),
      CASE(updates_come_out_of_next_and_live_until_they_are_freed),
      CASE(a_thread_serves_until_the_watcher_is_freed),
      CASE(a_copy_of_an_update_outlives_its_callback), CASE(downloads_leave_nothing_behind),
      CASE(downloads_tell_and_can_be_stopped), CASE(downloads_are_removed_and_cancelled),
      CASE(a_child_can_neither_set_it_nor_take))
