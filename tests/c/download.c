/* Downloads, seen from C: callbacks, descriptors, processes that are killed or compete, and disks
 * that take no more. PICTORY_TEST_URL is the output's URL, PICTORY_TEST_PATH where it goes to. */

#include "download.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void write_old(void) {
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("old", file) >= 0 && fclose(file) == 0);
}

static void old_is_there(void) {
    char text[8] = "";
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fread(text, 1, sizeof text - 1, file) == 3 && fclose(file) == 0);
    CHECK_TEXT(text, "old");
}

struct told {
    pid_t thread;
    int calls;
    uint64_t done, total;
};

static bool look(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    struct told *told = user_data;
    CHECK(own_tid() == told->thread);
    CHECK(bytes_done >= told->done && bytes_done <= bytes_total);
    told->calls++;
    told->done = bytes_done;
    told->total = bytes_total;
    /* What it changes now is for the next call. */
    on_progress(NULL, NULL);
    pictory_download_options_set_max_retries(options, 9);
    return true;
}

static void a_download_tells_and_is_told_of(void) {
    begin();
    struct told told = {.thread = own_tid()};
    on_progress(look, &told);
    pictory_result *result = download();
    CHECK(told.calls >= 2 && told.done == told.total && told.total == 1000000);
    CHECK(pictory_result_bytes_written(result) == 1000000);
    CHECK(size_of("") == 1000000 && size_of(".part") == -1 && size_of(".part.info") == -1);
    CHECK(pictory_result_http_status(result) == 200 && pictory_result_polls(result) == 1);
    CHECK(pictory_result_elapsed_ms(result) >= 0 && !pictory_result_is_retryable(result));
    CHECK(pictory_result_tag(result) == 0 && pictory_result_next_poll_ms(result) == -1);
    CHECK_TEXT(pictory_result_message(result), "the video was downloaded: 1000000 bytes");
    CHECK_TEXT(pictory_result_job_id(result), JOB);
    CHECK_TEXT(pictory_job_url(pictory_result_job(result)), setting("PICTORY_TEST_URL"));
    size_t length = 7;
    CHECK(pictory_result_body(result, &length) != NULL && length == 0);
    /* The job of the result outlives the one that it was made with. */
    pictory_result_free(parsed);
    parsed = NULL;
    CHECK(pictory_job_status(pictory_result_job(result)) == PICTORY_STATUS_COMPLETED);
    CHECK_TEXT(pictory_job_field(pictory_result_job(result), "status"), "completed");
    CHECK_RESULT(result, PICTORY_OK);
    end();
}

static bool stop(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    (void)bytes_done, (void)bytes_total;
    ++*(int *)user_data;
    return false;
}

static void a_callback_that_returns_false_cancels(void) {
    begin();
    int calls = 0;
    write_old();
    on_progress(stop, &calls);
    pictory_result *result = download();
    CHECK(calls == 1 && pictory_result_is_retryable(result));
    CHECK_RESULT(result, PICTORY_ERROR_CANCELLED);
    old_is_there();
    on_progress(NULL, NULL);
    CHECK_RESULT(download(), PICTORY_OK);
    end();
}

static void a_token_that_was_taken_away_does_not_cancel(void) {
    begin();
    pictory_cancel_token *token = pictory_cancel_token_new();
    CHECK_CODE(pictory_download_options_set_cancel_token(options, token), PICTORY_OK);
    pictory_cancel_token_cancel(token);
    CHECK_RESULT(download(), PICTORY_ERROR_CANCELLED);
    CHECK_CODE(pictory_download_options_set_cancel_token(options, NULL), PICTORY_OK);
    CHECK_RESULT(download(), PICTORY_OK);
    pictory_cancel_token_free(token);
    end();
}

/* Runs something in a child. */
static pid_t in_child(void (*run)(void)) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        run();
        _exit(0);
    }
    return child;
}

static void child_ended_well(pid_t child) {
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void download_for_ever(void) {
    pictory_result_free(download());
}

/* The first transfer stalls after PICTORY_TEST_STALL bytes. */
static void a_killed_download_is_gone_on_with(void) {
    begin();
    int64_t stall = atoll(setting("PICTORY_TEST_STALL"));
    write_old();
    pid_t child = in_child(download_for_ever);
    /* Some of it is still in the child's memory. */
    AWAIT(size_of(".part") > stall / 2);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    int64_t there = size_of(".part");
    CHECK(there > stall / 2 && there <= stall && size_of(".part.info") > 0);
    old_is_there();
    pictory_result *result = download();
    CHECK(pictory_result_http_status(result) == 206);
    CHECK((int64_t)pictory_result_bytes_written(result) == 1000000 - there);
    CHECK_RESULT(result, PICTORY_OK);
    CHECK(size_of("") == 1000000 && size_of(".part") == -1 && size_of(".part.info") == -1);
    end();
}

/* Whatever another process is doing at that moment, the file is a whole one. */
static void is_one_of_the_versions(void) {
    static char text[1000001];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    size_t count = fread(text, 1, sizeof text, file);
    CHECK(fclose(file) == 0 && count == 1000000);
    for (size_t i = 1; i < count; i++)
        CHECK(text[i] == text[0]);
}

static void download_again_and_again(void) {
    int worked = 0;
    for (int i = 0; i < 20; i++) {
        pictory_result *result = download();
        pictory_code code = pictory_result_code(result);
        worked += code == PICTORY_OK;
        if (code != PICTORY_OK && code != PICTORY_ERROR_CONNECTION_LOST)
            CHECK_CODE(code, PICTORY_ERROR_FILE);
        pictory_result_free(result);
        is_one_of_the_versions();
    }
}

static void processes_never_mix_a_file(void) {
    begin();
    pid_t children[4];
    for (int i = 0; i < 4; i++)
        children[i] = in_child(download_again_and_again);
    for (int i = 0; i < 4; i++)
        child_ended_well(children[i]);
    /* It may meet one more cut. */
    CHECK_CODE(pictory_download_options_set_max_retries(options, 5), PICTORY_OK);
    CHECK_RESULT(download(), PICTORY_OK);
    is_one_of_the_versions();
    CHECK(size_of(".part") == -1 && size_of(".part.info") == -1);
    end();
}

static void is_sound(int fd, void *data) {
    bool *was_there = data;
    if (fd < 1024 && was_there[fd])
        return;
    CHECK(fd > 2 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

static void note(int fd, void *data) {
    bool *was_there = data;
    if (fd < 1024)
        was_there[fd] = true;
}

static bool look_at_descriptors(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    (void)bytes_done, (void)bytes_total;
    /* The socket, the part and what is known of it. */
    CHECK(each_descriptor(is_sound, user_data) >= 3);
    for (int fd = 0; fd < 3; fd++)
        CHECK(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
    return true;
}

static void descriptors_are_close_on_exec_and_never_standard_ones(void) {
    begin();
    check_output = fcntl(2, F_DUPFD_CLOEXEC, 100);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    bool was_there[1024] = {false};
    int before = each_descriptor(note, was_there);
    on_progress(look_at_descriptors, was_there);
    CHECK_RESULT(download(), PICTORY_OK);
    pictory_client_free(client);
    client = NULL;
    CHECK(descriptors() == before && threads() == 1);
    end();
}

static pid_t idle_child;

static bool fork_an_idle_child(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    (void)bytes_done, (void)bytes_total, (void)user_data;
    if (idle_child == 0) {
        idle_child = fork();
        CHECK(idle_child >= 0);
        if (idle_child == 0)
            for (;;)
                pause();
    }
    return true;
}

/* The first transfer breaks. The child has both files open too, but not what it means to have them:
 * the next call, which goes on with the same files, is not held up. */
static void a_child_forked_meanwhile_holds_nobody_up(void) {
    begin();
    on_progress(fork_an_idle_child, NULL);
    CHECK_RESULT(download(), PICTORY_ERROR_CONNECTION_LOST);
    CHECK(size_of(".part") > 0);
    on_progress(NULL, NULL);
    pictory_result *result = download();
    CHECK(kill(idle_child, SIGKILL) == 0 && waitpid(idle_child, NULL, 0) == idle_child);
    CHECK_RESULT(result, PICTORY_OK);
    end();
}

/* A limit on the size of files stands for a full disk, which not everybody may make. */
static void a_file_that_may_not_grow_leaves_the_old_one(void) {
    begin();
    write_old();
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit usual, limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &usual) == 0);
    limit = usual;
    limit.rlim_cur = 400000;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    pictory_result *result = download();
    CHECK(!pictory_result_is_retryable(result));
    CHECK(strstr(pictory_result_message(result), "could not write") != NULL);
    CHECK_RESULT(result, PICTORY_ERROR_FILE);
    old_is_there();
    CHECK(setrlimit(RLIMIT_FSIZE, &usual) == 0);
    CHECK_RESULT(download(), PICTORY_OK);
    end();
}

/* The same on a file system of PICTORY_TEST_ROOM bytes. */
static void a_full_disk_leaves_the_old_file(void) {
    begin();
    write_old();
    pictory_result *result = download();
    CHECK(strstr(pictory_result_message(result), "could not write") != NULL);
    CHECK_RESULT(result, PICTORY_ERROR_FILE);
    old_is_there();
    end();
}

/* Nobody's rights: root may write anywhere. */
static void an_unwritable_folder_leaves_the_old_file(void) {
    begin();
    write_old();
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    CHECK(chmod(folder, 0555) == 0);
    if (geteuid() == 0)
        CHECK(seteuid(65534) == 0);
    pictory_result *result = download();
    CHECK(pictory_result_polls(result) == 0);
    CHECK_RESULT(result, PICTORY_ERROR_FILE);
    old_is_there();
    CHECK(getuid() != 0 || seteuid(0) == 0);
    CHECK(chmod(folder, 0755) == 0);
    end();
}

static void calls_refuse_what_they_cannot_use(void) {
    begin();
    const pictory_code argument = PICTORY_ERROR_INVALID_ARGUMENT;
    const pictory_output video = PICTORY_OUTPUT_VIDEO;
    CHECK_RESULT(pictory_download(NULL, job(), video, path, options), argument);
    CHECK_RESULT(pictory_download(client, NULL, video, path, options), argument);
    CHECK_RESULT(pictory_download(client, job(), video, NULL, options), argument);
    CHECK_RESULT(pictory_download(client, job(), video, "", options), argument);
    CHECK_RESULT(pictory_download(client, job(), (pictory_output)4, path, options), argument);
    CHECK_RESULT(pictory_download(client, job(), (pictory_output)-1, path, options), argument);
    pictory_result *result =
        pictory_download(client, job(), PICTORY_OUTPUT_LAST_FRAME, path, NULL);
    CHECK_TEXT(pictory_result_message(result),
               "the job has no last frame (its status is 'completed'): choose another output");
    CHECK_TEXT(pictory_result_job_id(result), JOB);
    CHECK(pictory_result_job(result) != NULL && pictory_result_bytes_written(result) == 0);
    CHECK_RESULT(result, PICTORY_ERROR_OUTPUT_MISSING);
    CHECK(size_of("") == -1 && size_of(".part") == -1 && size_of(".part.info") == -1);
    end();
}

static void options_refuse_what_is_out_of_range(void) {
    const pictory_code argument = PICTORY_ERROR_INVALID_ARGUMENT;
    pictory_download_options *of = pictory_download_options_new();
    const int64_t times[] = {0, -2, -1000, INT64_MIN};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        CHECK_CODE(pictory_download_options_set_timeout_ms(of, times[i]), argument);
        CHECK_CODE(pictory_download_options_set_idle_timeout_ms(of, times[i]), argument);
    }
    CHECK_CODE(pictory_download_options_set_idle_timeout_ms(of, PICTORY_WAIT_FOREVER), argument);
    pictory_download_options_free(of);
    begin();
    CHECK_CODE(pictory_download_options_set_timeout_ms(options, INT64_MAX), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_idle_timeout_ms(options, INT64_MAX), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_max_retries(options, UINT32_MAX), PICTORY_OK);
    CHECK_RESULT(download(), PICTORY_OK);
    CHECK_CODE(pictory_download_options_set_timeout_ms(options, PICTORY_WAIT_FOREVER), PICTORY_OK);
    CHECK_RESULT(download(), PICTORY_OK);
    end();
}

CASES(CASE(a_download_tells_and_is_told_of), CASE(a_callback_that_returns_false_cancels),
      CASE(a_token_that_was_taken_away_does_not_cancel), CASE(a_killed_download_is_gone_on_with),
      CASE(processes_never_mix_a_file),
      CASE(descriptors_are_close_on_exec_and_never_standard_ones),
      CASE(a_child_forked_meanwhile_holds_nobody_up),
      CASE(a_file_that_may_not_grow_leaves_the_old_one), CASE(a_full_disk_leaves_the_old_file),
      CASE(an_unwritable_folder_leaves_the_old_file), CASE(calls_refuse_what_they_cannot_use),
      CASE(options_refuse_what_is_out_of_range))
