/* The watcher as C sees it: threads, descriptors, callbacks, forks. */

#include "process.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define NEVER_MS 3600000

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

static const char *job(unsigned number) {
    static char id[37];
    snprintf(id, sizeof id, "4a09edf9-d071-4847-bda5-%012x", number);
    return id;
}

static pictory_wait_options *options_every(int64_t ms) {
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, ms), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, PICTORY_WAIT_FOREVER), PICTORY_OK);
    return options;
}

static void add(unsigned number, const pictory_wait_options *options) {
    CHECK_CODE(pictory_watcher_add(watcher, job(number), options, number), PICTORY_OK);
}

static int own_threads(void) {
    return threads_named("pictory-", NULL);
}

static void null_and_garbage_are_refused(void) {
    CHECK_CODE(pictory_watcher_new(NULL, &watcher), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK(watcher == NULL);
    begin();
    CHECK_CODE(pictory_watcher_new(client, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_add(NULL, JOB, NULL, 0), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_add(watcher, NULL, NULL, 0), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_add(watcher, "x", NULL, 0), PICTORY_ERROR_INVALID_JOB_ID);
    CHECK_CODE(pictory_watcher_remove(NULL, JOB, 0), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_remove(watcher, NULL, 0), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_remove(watcher, JOB, 0), PICTORY_ERROR_NOT_WATCHED);
    CHECK_CODE(pictory_watcher_poke(NULL, JOB), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_watcher_poke(watcher, "x"), PICTORY_ERROR_INVALID_JOB_ID);
    CHECK_CODE(pictory_watcher_poke(watcher, JOB), PICTORY_ERROR_NOT_WATCHED);
    CHECK(pictory_watcher_next(NULL, 0) == NULL);
    CHECK(pictory_watcher_next(watcher, 0) == NULL);
    CHECK(pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER) == NULL);
    CHECK(pictory_watcher_pending(NULL) == 0);
    CHECK(pictory_watcher_fd(NULL) == -1);
    pictory_watcher_wake(NULL);
    pictory_watcher_free(NULL);
    /* A time that is none is refused, even where something is pending. */
    add(1, NULL);
    CHECK_CODE(pictory_watcher_add(watcher, job(1), NULL, 1), PICTORY_ERROR_ALREADY_WATCHED);
    CHECK(pictory_watcher_next(watcher, -2) == NULL);
    CHECK(pictory_watcher_next(watcher, INT64_MIN) == NULL);
    CHECK(pictory_result_tag(NULL) == 0);
    end();
}

/* Jobs settle at once but for the last, which is polled every hour. */
static void threads_come_with_the_work_and_go_with_it(void) {
    begin();
    int before = descriptors();
    CHECK(own_threads() == 0);
    pictory_wait_options *options = options_every(NEVER_MS);
    for (unsigned i = 0; i < 100; i++)
        add(i, options);
    for (int i = 0; i < 100; i++)
        CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_OK);
    CHECK(pictory_watcher_pending(watcher) == 0);
    AWAIT(own_threads() == 0);
    CHECK(pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER) == NULL);
    add(100, options);
    CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_OK);
    pictory_wait_options_free(options);
    end();
    CHECK(own_threads() == 0);
    CHECK(descriptors() < before);
}

static void ten_thousand_tokens_take_no_descriptor(void) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur > 1024)
        limit.rlim_cur = 1024;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    begin();
    enum { COUNT = 10000 };
    static pictory_cancel_token *tokens[COUNT];
    pictory_wait_options *options = options_every(NEVER_MS);
    for (unsigned i = 0; i < COUNT; i++) {
        tokens[i] = pictory_cancel_token_new();
        CHECK_CODE(pictory_wait_options_set_cancel_token(options, tokens[i]), PICTORY_OK);
        add(i, options);
    }
    pictory_wait_options_free(options);
    CHECK(descriptors() < 400);
    for (int i = 0; i < COUNT; i += 2)
        pictory_cancel_token_cancel(tokens[i]);
    for (int i = 0; i < COUNT; i += 2) {
        pictory_result *result = pictory_watcher_next(watcher, 60000);
        CHECK(result != NULL && pictory_result_tag(result) % 2 == 0);
        CHECK_RESULT(result, PICTORY_ERROR_CANCELLED);
    }
    CHECK(pictory_watcher_pending(watcher) == COUNT / 2);
    CHECK(descriptors() < 400);
    end();
    for (int i = 0; i < COUNT; i++)
        pictory_cancel_token_free(tokens[i]);
}

static atomic_int calls;
static atomic_int tid;

static bool free_watcher(const pictory_result *update, void *user_data) {
    CHECK(user_data == &calls && pictory_result_polls(update) == 1);
    atomic_fetch_add(&calls, 1);
    pictory_watcher_free(watcher);
    watcher = NULL;
    atomic_store(&tid, (int)own_tid());
    return true;
}

static void within_its_callback_the_watcher_can_be_freed(void) {
    begin();
    pictory_wait_options *options = options_every(10);
    CHECK_CODE(pictory_wait_options_set_on_poll(options, free_watcher, &calls), PICTORY_OK);
    add(1, options);
    pictory_wait_options_free(options);
    AWAIT(atomic_load(&tid) != 0);
    AWAIT(own_threads() == 0);
    CHECK(atomic_load(&calls) == 1);
    pictory_client_free(client);
}

static bool look_at_stack(const pictory_result *update, void *user_data) {
    (void)update;
    check_callback_thread();
    atomic_fetch_add((atomic_int *)user_data, 1);
    return false;
}

static void callbacks_have_a_thread_with_a_usual_stack(void) {
    begin();
    pictory_wait_options *options = options_every(10);
    CHECK_CODE(pictory_wait_options_set_on_poll(options, look_at_stack, &calls), PICTORY_OK);
    add(1, options);
    pictory_wait_options_free(options);
    CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_ERROR_CANCELLED);
    CHECK(atomic_load(&calls) == 1);
    end();
}

static bool count(const pictory_result *update, void *user_data) {
    (void)update;
    atomic_int *is_alive = user_data;
    CHECK(atomic_load(is_alive) == 1);
    atomic_fetch_add(&calls, 1);
    return true;
}

/* The user data is gone as soon as free has returned: a callback that came later would see it. */
static void no_callback_comes_after_free(void) {
    client = new_client();
    for (int round = 0; round < 30; round++) {
        CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
        atomic_int is_alive;
        atomic_init(&is_alive, 1);
        pictory_wait_options *options = options_every(10);
        CHECK_CODE(pictory_wait_options_set_on_poll(options, count, &is_alive), PICTORY_OK);
        int before = atomic_load(&calls);
        for (unsigned i = 0; i < 20; i++)
            add(i, options);
        AWAIT(atomic_load(&calls) > before + round);
        pictory_wait_options_free(options);
        pictory_watcher_free(watcher);
        atomic_store(&is_alive, 0);
    }
    pictory_client_free(client);
}

/* Edge cases of epoll are poll's in watching/telling.rs; this is the loop that a host would write. */
static void an_event_loop_gets_every_result(void) {
    begin();
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event wanted = {.events = EPOLLIN}, event;
    CHECK(epoll_ctl(loop, EPOLL_CTL_ADD, pictory_watcher_fd(watcher), &wanted) == 0);
    CHECK(fcntl(pictory_watcher_fd(watcher), F_GETFD) == FD_CLOEXEC);
    for (unsigned i = 0; i < 50; i++)
        add(i, NULL);
    for (int settled = 0; settled < 50;) {
        CHECK(epoll_wait(loop, &event, 1, 60000) == 1);
        pictory_result *result = pictory_watcher_next(watcher, 0);
        CHECK(result != NULL);
        CHECK_RESULT(result, PICTORY_OK);
        settled++;
    }
    CHECK(epoll_wait(loop, &event, 1, 0) == 0);
    close(loop);
    end();
}

static void *wait_for_ever(void *result) {
    *(pictory_result **)result = pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER);
    return NULL;
}

static void next_ends_when_time_is_up_or_somebody_wakes_it(void) {
    begin();
    pictory_wait_options *options = options_every(NEVER_MS);
    add(1, options);
    CHECK(pictory_watcher_next(watcher, 20) == NULL);
    pictory_watcher_wake(watcher);
    CHECK(pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER) == NULL);
    pictory_result *result = NULL;
    pthread_t waiting = start_thread(wait_for_ever, &result);
    pictory_watcher_wake(watcher);
    join_thread(waiting);
    CHECK(result == NULL);
    waiting = start_thread(wait_for_ever, &result);
    CHECK_CODE(pictory_watcher_remove(watcher, job(1), 1), PICTORY_OK);
    join_thread(waiting);
    CHECK(result == NULL);
    pictory_wait_options_free(options);
    end();
}

/* One request in a quarter of an hour: the second watch is over before its turn comes. */
static void a_watch_whose_turn_does_not_come_is_over_in_time(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_rate_limit(config, 0.001), PICTORY_OK);
    client = new_client_of(config);
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    pictory_wait_options *options = options_every(NEVER_MS);
    add(1, options);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, 100), PICTORY_OK);
    add(2, options);
    pictory_result *result = pictory_watcher_next(watcher, 60000);
    CHECK(pictory_result_tag(result) == 2 && pictory_result_polls(result) == 0);
    CHECK_RESULT(result, PICTORY_ERROR_WAIT_TIMEOUT);
    pictory_wait_options_free(options);
    end();
}

/* The server never answers: both watches are in flight. */
static void a_token_cancels_watches_of_several_watchers(void) {
    begin();
    pictory_watcher *second = NULL;
    CHECK_CODE(pictory_watcher_new(client, &second), PICTORY_OK);
    pictory_cancel_token *token = pictory_cancel_token_new();
    pictory_wait_options *options = options_every(NEVER_MS);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    add(1, options);
    add(2, options);
    CHECK_CODE(pictory_watcher_add(second, job(1), options, 3), PICTORY_OK);
    for (int i = 0; i < 3; i++)
        await_request();
    pictory_cancel_token_cancel(token);
    CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_ERROR_CANCELLED);
    CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_ERROR_CANCELLED);
    CHECK_RESULT(pictory_watcher_next(second, 60000), PICTORY_ERROR_CANCELLED);
    pictory_wait_options_free(options);
    pictory_cancel_token_free(token);
    pictory_watcher_free(second);
    end();
}

static atomic_bool may_return;

static bool hold(const pictory_result *update, void *user_data) {
    (void)update, (void)user_data;
    atomic_fetch_add(&calls, 1);
    while (!atomic_load(&may_return))
        pause_briefly();
    return true;
}

static void *remove_first(void *unused) {
    (void)unused;
    CHECK_CODE(pictory_watcher_remove(watcher, JOB, 1), PICTORY_OK);
    CHECK(atomic_load(&may_return));
    return NULL;
}

static void remove_waits_for_the_callback(void) {
    begin();
    pictory_wait_options *options = options_every(10);
    CHECK_CODE(pictory_wait_options_set_on_poll(options, hold, NULL), PICTORY_OK);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 1), PICTORY_OK);
    AWAIT(atomic_load(&calls) == 1);
    pthread_t removing = start_thread(remove_first, NULL);
    AWAIT(pictory_watcher_pending(watcher) == 0);
    atomic_store(&may_return, true);
    join_thread(removing);
    CHECK(atomic_load(&calls) == 1);
    pictory_wait_options_free(options);
    end();
}

/* While the parent's threads are in the middle of everything. */
static void a_child_cannot_use_the_watcher_but_may_free_it(void) {
    begin();
    pictory_wait_options *options = options_every(10);
    for (unsigned i = 0; i < 100; i++)
        add(i, options);
    CHECK(pictory_watcher_fd(watcher) >= 0);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            alarm(30);
            CHECK_CODE(pictory_watcher_add(watcher, job(200), NULL, 0),
                       PICTORY_ERROR_INVALID_ARGUMENT);
            CHECK_CODE(pictory_watcher_remove(watcher, job(1), 1), PICTORY_ERROR_INVALID_ARGUMENT);
            CHECK_CODE(pictory_watcher_poke(watcher, job(1)), PICTORY_ERROR_INVALID_ARGUMENT);
            CHECK(pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER) == NULL);
            pictory_watcher_wake(watcher);
            CHECK(pictory_watcher_pending(watcher) == 0);
            CHECK(pictory_watcher_fd(watcher) == -1);
            pictory_watcher_free(watcher);
            /* One of its own works. */
            CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
            if (i % 10 == 0) {
                pictory_wait_options_set_max_wait_ms(options, 50);
                add(1, options);
                CHECK_RESULT(pictory_watcher_next(watcher, 60000), PICTORY_ERROR_WAIT_TIMEOUT);
            }
            pictory_watcher_free(watcher);
            pictory_client_free(client);
            _exit(0);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    pictory_wait_options_free(options);
    CHECK(pictory_watcher_pending(watcher) == 100);
    CHECK_CODE(pictory_watcher_poke(watcher, job(1)), PICTORY_OK);
    end();
}

CASES(CASE(null_and_garbage_are_refused), CASE(threads_come_with_the_work_and_go_with_it),
      CASE(ten_thousand_tokens_take_no_descriptor),
      CASE(within_its_callback_the_watcher_can_be_freed),
      CASE(callbacks_have_a_thread_with_a_usual_stack), CASE(no_callback_comes_after_free),
      CASE(an_event_loop_gets_every_result),
      CASE(next_ends_when_time_is_up_or_somebody_wakes_it),
      CASE(a_watch_whose_turn_does_not_come_is_over_in_time),
      CASE(a_token_cancels_watches_of_several_watchers), CASE(remove_waits_for_the_callback),
      CASE(a_child_cannot_use_the_watcher_but_may_free_it))
