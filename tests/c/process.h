/* What a program can see of itself: its threads and, where there is /proc, its descriptors. */

#ifndef PROCESS_H
#define PROCESS_H

#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#endif

/* How often something is looked at that has to come about, once a millisecond. */
#define LOOKS 20000

static inline void pause_briefly(void) {
    struct timespec millisecond = {0, 1000000};
    nanosleep(&millisecond, NULL);
}

/* Waits until a condition holds; it fails if that does not come about. */
#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        int looks_ = 0;                                                                            \
        while (!(condition)) {                                                                     \
            CHECK(looks_++ < LOOKS && #condition);                                                 \
            pause_briefly();                                                                       \
        }                                                                                          \
    } while (0)

static inline pthread_t start_thread(void *(*run)(void *), void *data) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run, data) == 0);
    return thread;
}

static inline void join_thread(pthread_t thread) {
    CHECK(pthread_join(thread, NULL) == 0);
}

static inline pid_t own_tid(void) {
#ifdef _WIN32
    return (pid_t)GetCurrentThreadId();
#else
    return (pid_t)syscall(SYS_gettid);
#endif
}

#ifndef _WIN32

/* Reads a small file of /proc; false if there is none. */
static inline bool read_proc(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t count = read(fd, text, size - 1);
    close(fd);
    if (count < 0)
        return false;
    text[count] = '\0';
    return true;
}

/* How many threads have a name that begins so; "" counts all. `of_one` gets the id of one. */
static inline int threads_named(const char *start, pid_t *of_one) {
    DIR *folder = opendir("/proc/self/task");
    CHECK(folder != NULL);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[64], name[64];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%.20s/comm", entry->d_name);
        if (!read_proc(path, name, sizeof name) || strncmp(name, start, strlen(start)) != 0)
            continue;
        count++;
        if (of_one != NULL)
            *of_one = (pid_t)atoi(entry->d_name);
    }
    closedir(folder);
    return count;
}

/* Whether another processor is emulated: the emulator has a thread of its own, and /proc tells what the machine
   below it does. */
static inline bool is_emulated(void) {
    return getenv("PICTORY_TEST_RUNNER") != NULL;
}

/* All threads. The system still counts one for a moment after it was joined. */
static inline int threads(void) {
    return threads_named("", NULL) - (is_emulated() ? 1 : 0);
}

/* Calls `see` for every open descriptor. */
static inline int each_descriptor(void (*see)(int fd, void *data), void *data) {
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd == dirfd(folder))
            continue;
        count++;
        if (see != NULL)
            see(fd, data);
    }
    closedir(folder);
    return count;
}

static inline int descriptors(void) {
    return each_descriptor(NULL, NULL);
}

/* Within a callback of a watcher: its thread has the system's default stack, a name, and all signals blocked. */
static inline void check_callback_thread(void) {
    pthread_attr_t here, usual;
    size_t size, usual_size;
    CHECK(pthread_getattr_np(pthread_self(), &here) == 0 && pthread_attr_init(&usual) == 0);
    CHECK(pthread_attr_getstacksize(&here, &size) == 0);
    CHECK(pthread_attr_getstacksize(&usual, &usual_size) == 0);
    CHECK(size >= usual_size);
    pthread_attr_destroy(&here);
    pthread_attr_destroy(&usual);
    char name[16];
    CHECK(pthread_getname_np(pthread_self(), name, sizeof name) == 0);
    CHECK_TEXT(name, "pictory-on-poll");
    sigset_t blocked;
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0 && sigismember(&blocked, SIGINT) == 1);
}

/* Whether a thread of this process is blocked in a system call. */
static inline bool is_blocked_in(pid_t tid, long system_call) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)tid);
    if (!is_emulated() && read_proc(path, text, sizeof text) && text[0] != '\0')
        return strtol(text, NULL, 10) == system_call;
    /* A kernel that does not tell the system call tells at least that the thread sleeps. */
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    if (!read_proc(path, text, sizeof text))
        return false;
    const char *name_end = strrchr(text, ')');
    return name_end != NULL && name_end[1] == ' ' && name_end[2] == 'S';
}

/* The same for the wait for descriptors, in which every blocking call of the library stands. */
static inline bool is_blocked(pid_t tid) {
    return is_blocked_in(tid, SYS_ppoll);
}

#endif

#endif
