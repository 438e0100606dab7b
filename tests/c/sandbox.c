/* A process in a sandbox that refuses a system call (seccomp), and one that closes what is not its own. */

#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static const struct {
    const char *name;
    long number;
} calls[] = {
    {"socket", SYS_socket},         {"connect", SYS_connect},
    {"ppoll", SYS_ppoll},           {"sendto", SYS_sendto},
    {"recvfrom", SYS_recvfrom},     {"setsockopt", SYS_setsockopt},
    {"eventfd", SYS_eventfd2},      {"pipe", SYS_pipe2},
    {"epoll_ctl", SYS_epoll_ctl},   {"epoll_create1", SYS_epoll_create1},
    {"epoll_wait", SYS_epoll_pwait}, {"flock", SYS_flock},
    {"fsync", SYS_fsync},
#ifdef SYS_epoll_wait
    {"epoll_wait", SYS_epoll_wait},
#endif
};

static pictory_cancel_token *token;

/* Has this thread, and those that it starts, get this error from the call. */
static void refuse(const char *name, int error) {
    bool is_known = false;
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(calls[i].name, name) != 0)
            continue;
        struct sock_filter steps[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog filter = {.len = sizeof steps / sizeof steps[0], .filter = steps};
        CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
        is_known = true;
    }
    CHECK(is_known);
}

static void refuse_as_told(void) {
    refuse(setting("PICTORY_TEST_CALL"), atoi(setting("PICTORY_TEST_ERRNO")));
}

/* It is of the system, and names the call. */
static void is_refused(pictory_result *result) {
    const char *words = setting("PICTORY_TEST_WORDS");
    if (strstr(pictory_result_message(result), words) == NULL)
        fprintf(stderr, "'%s' is not in '%s'\n", words, pictory_result_message(result));
    CHECK(strstr(pictory_result_message(result), words) != NULL);
    CHECK_RESULT(result, PICTORY_ERROR_SYSTEM);
}

static pictory_client *one_try(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    return new_client_of(config);
}

static pictory_wait_options *two_polls(int64_t interval_ms) {
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, interval_ms), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_failures(options, 2), PICTORY_OK);
    return options;
}

static void get_and_wait_name_the_call(void) {
    pictory_client *client = one_try();
    refuse_as_told();
    is_refused(pictory_get_job(client, JOB, NULL));
    pictory_wait_options *options = two_polls(10);
    is_refused(pictory_wait_job(client, JOB, options));
    pictory_wait_options_free(options);
    pictory_client_free(client);
}

/* A download to a file system that lacks a call, or fails in it. */
static void download_ends_as_told(void) {
    pictory_client *client = one_try();
    pictory_result *got = pictory_get_job(client, JOB, NULL);
    refuse_as_told();
    pictory_result *result = pictory_download(client, pictory_result_job(got), PICTORY_OUTPUT_VIDEO,
                                              setting("PICTORY_TEST_PATH"), NULL);
    CHECK_TEXT(pictory_code_name(pictory_result_code(result)), setting("PICTORY_TEST_CODE"));
    pictory_result_free(result);
    pictory_result_free(got);
    pictory_client_free(client);
}

static double cpu_ms(void) {
    struct rusage used;
    CHECK(getrusage(RUSAGE_SELF, &used) == 0);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

static void watch_names_the_call(void) {
    pictory_client *client = one_try();
    pictory_watcher *watcher;
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    refuse_as_told();
    pictory_wait_options *options = two_polls(1000);
    const double before = cpu_ms();
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 1), PICTORY_OK);
    struct timespec moment = {0, 10000000};
    pictory_result *result = NULL;
    while ((result = pictory_watcher_next(watcher, 0)) == NULL)
        nanosleep(&moment, NULL);
    /* A second lies between the two polls: nobody spins in it. */
    CHECK(cpu_ms() - before < 500.0);
    is_refused(result);
    pictory_wait_options_free(options);
    pictory_watcher_free(watcher);
    pictory_client_free(client);
}

/* Nobody can wake the watcher's thread: it looks by itself, and is not late. */
static void what_is_asked_of_a_deaf_watcher_happens(void) {
    pictory_client *client = one_try();
    pictory_watcher *watcher;
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    refuse_as_told();
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 600000), PICTORY_OK);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 1), PICTORY_OK);
    struct timespec moment = {0, 300000000};
    nanosleep(&moment, NULL);
    token = pictory_cancel_token_new();
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 2), PICTORY_OK);
    pictory_cancel_token_cancel(token);
    pictory_result *result = pictory_watcher_next(watcher, 30000);
    CHECK(result != NULL && pictory_result_tag(result) == 2);
    CHECK_RESULT(result, PICTORY_ERROR_CANCELLED);
    pictory_cancel_token_free(token);
    pictory_wait_options_free(options);
    pictory_watcher_free(watcher);
    pictory_client_free(client);
}

static void no_watcher_is_made(void) {
    pictory_client *client = one_try();
    pictory_watcher *watcher;
    refuse_as_told();
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_ERROR_SYSTEM);
    pictory_client_free(client);
}

static void *cancel_soon(void *unused) {
    struct timespec moment = {0, 100000000};
    nanosleep(&moment, NULL);
    pictory_cancel_token_cancel(token);
    return unused;
}

static void is_cancelled_in_time(pictory_client *client) {
    pictory_wait_options *options = two_polls(60000);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, cancel_soon, NULL) == 0);
    pictory_result *result = pictory_wait_job(client, JOB, options);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pictory_result_elapsed_ms(result) < 30000);
    CHECK_RESULT(result, PICTORY_ERROR_CANCELLED);
    pictory_wait_options_free(options);
}

/* A pipe takes the eventfd's place: for a token, and for a watcher's descriptor. */
static void a_pipe_is_as_good(void) {
    pictory_client *client = one_try();
    refuse("eventfd", EPERM);
    token = pictory_cancel_token_new();
    is_cancelled_in_time(client);
    pictory_watcher *watcher;
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    CHECK(pictory_watcher_fd(watcher) > 2);
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 1), PICTORY_OK);
    CHECK_RESULT(pictory_watcher_next(watcher, 30000), PICTORY_ERROR_CANCELLED);
    pictory_wait_options_free(options);
    pictory_watcher_free(watcher);
    pictory_cancel_token_free(token);
    pictory_client_free(client);
}

/* The one eventfd of the process. */
static int eventfd_there_is(void) {
    int found = -1;
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[300], target[100] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        if (readlink(path, target, sizeof target - 1) > 0 && strstr(target, "eventfd") != NULL)
            found = atoi(entry->d_name);
    }
    closedir(folder);
    return found;
}

/* Another file, always readable, has taken the number of the token's descriptor. */
static void the_flag_decides_not_the_descriptor(void) {
    pictory_client *client = one_try();
    token = pictory_cancel_token_new();
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_OK);
    const int descriptor = eventfd_there_is(), null = open("/dev/null", O_RDONLY);
    CHECK(descriptor > 2 && null > 2 && dup2(null, descriptor) == descriptor);

    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_OK);
    pictory_wait_options *options = two_polls(60000);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, 1000), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    const double before = cpu_ms();
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_ERROR_WAIT_TIMEOUT);
    CHECK(cpu_ms() - before < 500.0);
    pictory_wait_options_free(options);

    is_cancelled_in_time(client);
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_ERROR_CANCELLED);
    pictory_cancel_token_free(token);
    pictory_client_free(client);
}

CASES(CASE(get_and_wait_name_the_call), CASE(download_ends_as_told), CASE(watch_names_the_call), CASE(no_watcher_is_made), CASE(what_is_asked_of_a_deaf_watcher_happens),
      CASE(a_pipe_is_as_good), CASE(the_flag_decides_not_the_descriptor))
