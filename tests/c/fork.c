/* fork(): what the parent had works on in it, and the child works on what it makes anew. */

#include "process.h"

#include <stdatomic.h>
#include <sys/wait.h>

static pictory_config *configuration(void) {
    pictory_config *config = pictory_config_new();
    if (getenv("PICTORY_TEST_CA") != NULL)
        CHECK_CODE(pictory_config_set_ca_file(config, getenv("PICTORY_TEST_CA")), PICTORY_OK);
    return config;
}

static void get_ok(const pictory_client *client) {
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
}

/* Does `work` in a child, which must end well and in time. */
static void in_a_child(void (*work)(void *), void *data) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* A child that waits for a lock of its parent's would never end. */
        alarm(30);
        work(data);
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void get_twice(void *client) {
    get_ok(client);
    get_ok(client);
}

static void a_child_connects_anew(void) {
    pictory_client *client = new_client_of(configuration());
    get_ok(client);
    in_a_child(get_twice, client);
    get_ok(client);
    pictory_client_free(client);
}

/* The child of a child, too. */
static void get_and_fork(void *client) {
    get_ok(client);
    in_a_child(get_twice, client);
    get_ok(client);
}

static void a_grandchild_connects_anew(void) {
    pictory_client *client = new_client_of(configuration());
    get_ok(client);
    in_a_child(get_and_fork, client);
    get_ok(client);
    pictory_client_free(client);
}

struct handles {
    pictory_config *config;
    pictory_client *client;
    pictory_result *result;
    pictory_wait_options *options;
    pictory_cancel_token *token;
};

static void free_all(void *data) {
    struct handles *handles = data;
    pictory_result_free(handles->result);
    pictory_client_free(handles->client);
    pictory_wait_options_free(handles->options);
    pictory_cancel_token_free(handles->token);
    pictory_config_free(handles->config);
}

static void a_child_may_free_everything(void) {
    struct handles handles = {configuration(), NULL, NULL, pictory_wait_options_new(),
                              pictory_cancel_token_new()};
    CHECK_CODE(pictory_client_new(handles.config, &handles.client), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_cancel_token(handles.options, handles.token), PICTORY_OK);
    handles.result = pictory_get_job(handles.client, JOB, handles.token);
    CHECK_CODE(pictory_result_code(handles.result), PICTORY_OK);
    in_a_child(free_all, &handles);
    CHECK_RESULT(pictory_wait_job(handles.client, JOB, handles.options), PICTORY_OK);
    free_all(&handles);
}

static void use_and_free_all(void *data) {
    struct handles *handles = data;
    get_ok(handles->client);
    free_all(data);
}

static void a_child_may_use_and_free_everything(void) {
    struct handles handles = {configuration(), NULL, NULL, NULL, NULL};
    CHECK_CODE(pictory_client_new(handles.config, &handles.client), PICTORY_OK);
    handles.result = pictory_get_job(handles.client, JOB, NULL);
    in_a_child(use_and_free_all, &handles);
    get_ok(handles.client);
    free_all(&handles);
}

static atomic_int waiter;
static atomic_bool has_polled, has_ended;

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)update, (void)user_data;
    atomic_store(&has_polled, true);
    return true;
}

static void *wait_for_ever(void *data) {
    struct handles *handles = data;
    atomic_store(&waiter, (int)own_tid());
    CHECK_RESULT(pictory_wait_job(handles->client, JOB, handles->options),
                 PICTORY_ERROR_CANCELLED);
    atomic_store(&has_ended, true);
    return NULL;
}

static void cancel_in_vain(void *data) {
    struct handles *handles = data;
    CHECK_RESULT(pictory_get_job(handles->client, JOB, handles->token),
                 PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_wait_job(handles->client, JOB, handles->options),
                 PICTORY_ERROR_INVALID_ARGUMENT);
    pictory_cancel_token_cancel(handles->token);
    CHECK_RESULT(pictory_get_job(handles->client, JOB, handles->token),
                 PICTORY_ERROR_INVALID_ARGUMENT);
    /* One of its own works. */
    pictory_cancel_token *own = pictory_cancel_token_new();
    CHECK_RESULT(pictory_get_job(handles->client, JOB, own), PICTORY_OK);
    pictory_cancel_token_cancel(own);
    CHECK_RESULT(pictory_get_job(handles->client, JOB, own), PICTORY_ERROR_CANCELLED);
    pictory_cancel_token_free(own);
    pictory_cancel_token_free(handles->token);
}

static void a_childs_cancel_does_not_reach_the_parent(void) {
    struct handles handles = {NULL, new_client_of(configuration()), NULL,
                              pictory_wait_options_new(), pictory_cancel_token_new()};
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(handles.options, 3600000), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(handles.options, PICTORY_WAIT_FOREVER),
               PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_on_poll(handles.options, on_poll, NULL), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_cancel_token(handles.options, handles.token), PICTORY_OK);
    pthread_t thread = start_thread(wait_for_ever, &handles);
    AWAIT(atomic_load(&has_polled) && is_blocked(atomic_load(&waiter)));

    in_a_child(cancel_in_vain, &handles);
    CHECK(!pictory_cancel_token_is_cancelled(handles.token));
    /* A write to the descriptor that both processes have would end this call at once. */
    CHECK_RESULT(pictory_get_job(handles.client, JOB, handles.token), PICTORY_OK);
    AWAIT(is_blocked(atomic_load(&waiter)));
    CHECK(!atomic_load(&has_ended));

    pictory_cancel_token_cancel(handles.token);
    join_thread(thread);
    free_all(&handles);
}

#define CALLERS 8

static atomic_bool is_over;

static void on_log(pictory_log_level level, const char *message, void *user_data) {
    (void)level, (void)user_data;
    CHECK(message[0] != '\0');
}

/* In calls without end, on the shared client and on ones of its own, so that a fork finds every
 * lock there may be held now and then. */
static void *call_on(void *shared) {
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 10), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, 25), PICTORY_OK);
    while (!atomic_load(&is_over)) {
        pictory_client *own = new_client_of(configuration());
        get_ok(shared);
        get_ok(own);
        pictory_result_free(pictory_wait_job(shared, JOB, options));
        pictory_client_free(own);
    }
    pictory_wait_options_free(options);
    return NULL;
}

static void get_in_child(void *client) {
    get_ok(client);
}

static void children_of_a_busy_parent_work(void) {
    pictory_config *config = configuration();
    CHECK_CODE(pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, on_log, NULL), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    /* From now on the name is kept: in the system's resolver, a lock may be held at the fork. */
    get_ok(client);
    pthread_t callers[CALLERS];
    for (int i = 0; i < CALLERS; i++)
        callers[i] = start_thread(call_on, client);
    for (int left = atoi(setting("PICTORY_TEST_CHILDREN")); left > 0; left--)
        in_a_child(get_in_child, client);
    atomic_store(&is_over, true);
    for (int i = 0; i < CALLERS; i++)
        join_thread(callers[i]);
    get_ok(client);
    pictory_client_free(client);
}

CASES(CASE(a_child_connects_anew), CASE(a_grandchild_connects_anew),
      CASE(a_child_may_free_everything), CASE(a_child_may_use_and_free_everything),
      CASE(a_childs_cancel_does_not_reach_the_parent), CASE(children_of_a_busy_parent_work))
