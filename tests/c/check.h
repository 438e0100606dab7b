/* What every program here needs: a check that says where it failed, and named cases. It comes
 * first, since it asks for more than C99. */

#ifndef CHECK_H
#define CHECK_H

#define _GNU_SOURCE

#include <pictory.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The job that all programs ask for. */
#define JOB "4a09edf9-d071-4847-bda5-8dea913d80fe"

/* Where failures are told: a program that closes its descriptors moves it. */
static int check_output = 2;

#ifdef _WIN32
static inline void dprintf(int output, const char *format, ...) {
    va_list arguments;
    (void)output;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

static inline int setenv(const char *name, const char *value, int replace) {
    (void)replace;
    return _putenv_s(name, value);
}
#endif

static inline void check_failed(const char *file, int line, const char *what) {
    dprintf(check_output, "%s:%d: %s\n", file, line, what);
    /* From whatever thread, and without waiting for the others. */
    _exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

static inline void check_text(const char *file, int line, const char *text, const char *wanted) {
    if (text == wanted || (text != NULL && wanted != NULL && strcmp(text, wanted) == 0))
        return;
    dprintf(check_output, "'%s' should be '%s'\n", text ? text : "(NULL)",
            wanted ? wanted : "(NULL)");
    check_failed(file, line, "texts differ");
}

/* Both may be NULL. */
#define CHECK_TEXT(text, wanted) check_text(__FILE__, __LINE__, (text), (wanted))

static inline void check_code(const char *file, int line, pictory_code code, pictory_code wanted) {
    if (code == wanted)
        return;
    dprintf(check_output, "%s should be %s\n", pictory_code_name(code),
            pictory_code_name(wanted));
    check_failed(file, line, "codes differ");
}

#define CHECK_CODE(code, wanted) check_code(__FILE__, __LINE__, (code), (wanted))

static inline void check_result(const char *file, int line, pictory_result *result,
                                pictory_code wanted) {
    if (pictory_result_code(result) != wanted)
        dprintf(check_output, "%s\n", pictory_result_message(result));
    check_code(file, line, pictory_result_code(result), wanted);
    pictory_result_free(result);
}

/* Checks how a call ended, and frees its result. */
#define CHECK_RESULT(result, wanted) check_result(__FILE__, __LINE__, (result), (wanted))

/* A variable that the test must have set. */
static inline const char *setting(const char *name) {
    const char *value = getenv(name);
    if (value == NULL)
        check_failed(name, 0, "is not set");
    return value;
}

static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How late something may come that has to come at once: wide, for a machine that is busy. */
static inline int64_t lateness_ms(void) {
    return atoll(setting("PICTORY_TEST_LATENESS_MS"));
}

/* A client with what the environment says. */
static inline pictory_client *new_client(void) {
    pictory_client *client = NULL;
    CHECK_CODE(pictory_client_new(NULL, &client), PICTORY_OK);
    CHECK(client != NULL);
    return client;
}

/* The same with a configuration, which is freed. */
static inline pictory_client *new_client_of(pictory_config *config) {
    pictory_client *client = NULL;
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_OK);
    CHECK(client != NULL);
    pictory_config_free(config);
    return client;
}

/* Reads a byte that the test writes for each request that the emulator has got. */
static inline void await_request(void) {
    char byte;
    CHECK(read(0, &byte, 1) == 1);
}

struct check_case {
    const char *name;
    void (*run)(void);
};

static inline int check_run(const char *name, const struct check_case *cases, size_t count) {
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(cases[i].name, name) == 0) {
            cases[i].run();
            return 0;
        }
    dprintf(check_output, "no such case: %s\n", name ? name : "(none)");
    return 2;
}

#define CASE(function) {#function, function}

#define CASES(...)                                                                                 \
    int main(int argc, char **argv) {                                                              \
        static const struct check_case cases[] = {__VA_ARGS__};                                    \
        return check_run(argc > 1 ? argv[1] : NULL, cases, sizeof cases / sizeof cases[0]);        \
    }

#endif
