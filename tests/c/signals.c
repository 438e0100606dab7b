/* Signals: what interrupts a call does not end it, and the library leaves the host's settings for
 * them, and all others, as they are. */

#include "process.h"
#include "resolver.h"

#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/time.h>

extern char **environ;

static atomic_int alarms;

static void on_alarm(int number) {
    (void)number;
    atomic_fetch_add(&alarms, 1);
}

/* A signal every millisecond, whose handler does not have system calls begun anew. */
static void begin_alarms(void) {
    struct sigaction action = {.sa_handler = on_alarm};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    const struct itimerval every = {{0, 1000}, {0, 1000}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

/* The signals must really have come while the call was under way. */
static void end_alarms(void) {
    const struct itimerval never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(atomic_load(&alarms) > 20);
}

static pictory_config *configuration(void) {
    pictory_config *config = pictory_config_new();
    if (getenv("PICTORY_TEST_CA") != NULL)
        CHECK_CODE(pictory_config_set_ca_file(config, getenv("PICTORY_TEST_CA")), PICTORY_OK);
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);
    return config;
}

/* The emulator answers late, and then byte by byte. */
static void a_get_goes_on(void) {
    pictory_client *client = new_client_of(configuration());
    begin_alarms();
    for (int i = 0; i < 3; i++)
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    end_alarms();
    pictory_client_free(client);
}

static void a_wait_goes_on(void) {
    pictory_client *client = new_client_of(configuration());
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 50), PICTORY_OK);
    begin_alarms();
    pictory_result *result = pictory_wait_job(client, JOB, options);
    end_alarms();
    CHECK(pictory_result_polls(result) == 4);
    CHECK_RESULT(result, PICTORY_OK);
    pictory_wait_options_free(options);
    pictory_client_free(client);
}

static void *release_after_alarms(void *data) {
    sigset_t all;
    (void)data;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    AWAIT(atomic_load(&alarms) > 50);
    release_lookups();
    return NULL;
}

static void a_lookup_goes_on(void) {
    pictory_client *client = new_client_of(configuration());
    hang_lookups();
    begin_alarms();
    pthread_t thread = start_thread(release_after_alarms, NULL);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    end_alarms();
    join_thread(thread);
    pictory_client_free(client);
}

/* The emulator resets every connection, at various moments. */
static void a_broken_connection_raises_no_signal(void) {
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    pictory_client *client = new_client_of(configuration());
    int failures = 0;
    for (int i = 0; i < 40; i++) {
        pictory_result *result = pictory_get_job(client, JOB, NULL);
        const pictory_code code = pictory_result_code(result);
        /* A connection that is reset before it is looked at has never been made. */
        CHECK(code == PICTORY_OK || code == PICTORY_ERROR_CONNECTION_LOST ||
              code == PICTORY_ERROR_CONNECT);
        failures += code != PICTORY_OK;
        pictory_result_free(result);
    }
    CHECK(failures >= 20);
    pictory_client_free(client);
}

/* What belongs to the host. */
struct settings {
    void (*handlers[65])(int);
    int flags[65];
    bool is_blocked[65];
    mode_t umask;
    char locale[200];
    char variables[65536];
};

static void take(struct settings *settings) {
    memset(settings, 0, sizeof *settings);
    sigset_t mask;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
    for (int i = 1; i < 65; i++) {
        struct sigaction action;
        /* The two that the C library keeps to itself cannot be asked for. */
        if (sigaction(i, NULL, &action) != 0)
            continue;
        settings->handlers[i] = action.sa_handler;
        settings->flags[i] = action.sa_flags;
        settings->is_blocked[i] = sigismember(&mask, i) == 1;
    }
    settings->umask = umask(0);
    umask(settings->umask);
    snprintf(settings->locale, sizeof settings->locale, "%s", setlocale(LC_ALL, NULL));
    for (char **variable = environ; *variable != NULL; variable++)
        CHECK(strlen(settings->variables) + strlen(*variable) < sizeof settings->variables);
    for (char **variable = environ; *variable != NULL; variable++)
        strcat(settings->variables, *variable);
}

static void the_hosts_settings_stay(void) {
    static struct settings before, after;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    sigset_t some;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    CHECK(pthread_sigmask(SIG_BLOCK, &some, NULL) == 0);
    umask(027);
    take(&before);
    CHECK(strcmp(before.locale, "C") == 0);

    pictory_client *client = new_client_of(configuration());
    pictory_cancel_token *token = pictory_cancel_token_new();
    CHECK_RESULT(pictory_get_job(client, JOB, token), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(client, JOB, NULL), PICTORY_OK);
    CHECK(atomic_load(&lookups) == 1);
    take(&after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    pictory_cancel_token_free(token);
    pictory_client_free(client);
    take(&after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
}

CASES(CASE(a_get_goes_on), CASE(a_wait_goes_on), CASE(a_lookup_goes_on),
      CASE(a_broken_connection_raises_no_signal), CASE(the_hosts_settings_stay))
