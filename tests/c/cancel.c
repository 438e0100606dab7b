/* Cancelling, wherever a call may be: from another thread, and from a signal handler. The thread
 * that cancels first makes sure that the call is where the case wants it. */

#include "peer.h"
#include "resolver.h"

#include <signal.h>

/* The call under way. */
static pictory_client *client;
static pictory_cancel_token *token;
static pid_t caller;
/* Whether the call has come as far as the case wants, but for the wait itself. */
static atomic_bool has_come;
static atomic_llong cancelled_at;
static atomic_int peer = -1;
static bool by_signal;

/* Takes the system's place for the library too, and leaves errno as a call that failed would. */
ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t written = syscall(SYS_write, fd, bytes, count);
    errno = EAGAIN;
    return written;
}

static void on_signal(int number) {
    (void)number;
    atomic_store(&cancelled_at, now_ms());
    errno = 4711;
    pictory_cancel_token_cancel(token);
    CHECK(errno == 4711);
}

static void *cancel_once_there(void *data) {
    (void)data;
    AWAIT(atomic_load(&has_come));
    AWAIT(atomic_load(&peer) < 0 || peer_was_read(atomic_load(&peer)));
    AWAIT(is_blocked(caller));
    if (by_signal)
        CHECK(kill(getpid(), SIGUSR1) == 0);
    else
        on_signal(0);
    return NULL;
}

/* Every other thread of the program leaves the signal to the one that is in the call. */
static pthread_t start_helper(void *(*run)(void *), void *data) {
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &ours, &before) == 0);
    pthread_t thread = start_thread(run, data);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return thread;
}

/* Makes a call that must end as cancelled, soon after it was. */
static void is_cut(pictory_result *(*call)(void)) {
    caller = own_tid();
    token = pictory_cancel_token_new();
    pthread_t canceller = start_helper(cancel_once_there, NULL);
    pictory_result *result = call();
    int64_t took = now_ms() - atomic_load(&cancelled_at);
    join_thread(canceller);
    CHECK_CODE(pictory_result_code(result), PICTORY_ERROR_CANCELLED);
    CHECK(atomic_load(&cancelled_at) > 0 && took < lateness_ms());
    CHECK(pictory_result_is_retryable(result));
    CHECK(pictory_cancel_token_is_cancelled(token));
    pictory_result_free(result);
    pictory_cancel_token_free(token);
    atomic_store(&has_come, false);
    atomic_store(&cancelled_at, 0);
}

static pictory_result *get(void) {
    return pictory_get_job(client, JOB, token);
}

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)update, (void)user_data;
    atomic_store(&has_come, true);
    return true;
}

static pictory_result *wait_for_ever(void) {
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, PICTORY_WAIT_FOREVER), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 3600000), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_cancel_token(options, token), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_on_poll(options, on_poll, NULL), PICTORY_OK);
    pictory_result *result = pictory_wait_job(client, JOB, options);
    pictory_wait_options_free(options);
    return result;
}


static void use_environment(void) {
    client = new_client();
}

static void use_peer(const struct sockaddr_in *address, const char *scheme) {
    char url[64];
    snprintf(url, sizeof url, "%s://127.0.0.1:%d", scheme, ntohs(address->sin_port));
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_base_url(config, url), PICTORY_OK);
    if (strcmp(scheme, "https") == 0)
        CHECK_CODE(pictory_config_set_ca_file(config, setting("PICTORY_TEST_CA")), PICTORY_OK);
    CHECK_CODE(pictory_config_set_connect_timeout_ms(config, 3600000), PICTORY_OK);
    CHECK_CODE(pictory_config_set_request_timeout_ms(config, 3600000), PICTORY_OK);
    client = new_client_of(config);
}

static void sleeping(void) {
    use_environment();
    is_cut(wait_for_ever);
}

static void on_log(pictory_log_level level, const char *message, void *user_data) {
    (void)level, (void)user_data;
    if (strstr(message, "trying again") != NULL)
        atomic_store(&has_come, true);
}

static void pausing_before_a_retry(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_log(config, PICTORY_LOG_LEVEL_WARN, on_log, NULL), PICTORY_OK);
    client = new_client_of(config);
    is_cut(get);
}

static void awaiting_its_turn(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_rate_limit(config, 0.0001), PICTORY_OK);
    client = new_client_of(config);
    CHECK_RESULT(get(), PICTORY_OK);
    atomic_store(&has_come, true);
    is_cut(get);
    atomic_store(&has_come, true);
    is_cut(wait_for_ever);
}

static void connecting(void) {
    struct sockaddr_in address;
    int listening = peer_listen(0, &address);
    peer_fill(&address);
    use_peer(&address, "http");
    atomic_store(&has_come, true);
    is_cut(get);
    atomic_store(&has_come, true);
    is_cut(wait_for_ever);
    close(listening);
}

/* Takes one connection for each call, and says no more than the case wants. */
static void *serve(void *data) {
    const int *listening = data;
    int fd = peer_accept(*listening);
    atomic_store(&peer, fd);
    atomic_store(&has_come, true);
    return NULL;
}

static void *serve_dribbling(void *data) {
    const int *listening = data;
    int fd = peer_accept(*listening);
    const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{";
    ssize_t sent = send(fd, head, sizeof head - 1, MSG_NOSIGNAL);
    CHECK(sent == sizeof head - 1);
    atomic_store(&peer, fd);
    /* The client has the head by now, and goes on reading: until it leaves. */
    AWAIT(peer_was_read(fd));
    atomic_store(&has_come, true);
    while (send(fd, " ", 1, MSG_NOSIGNAL) == 1)
        pause_briefly();
    return NULL;
}

static void against_peer(const char *scheme, void *(*server)(void *)) {
    pictory_result *(*const calls[])(void) = {get, wait_for_ever};
    struct sockaddr_in address;
    int listening = peer_listen(8, &address);
    use_peer(&address, scheme);
    for (int i = 0; i < 2; i++) {
        pthread_t thread = start_helper(server, &listening);
        is_cut(calls[i]);
        join_thread(thread);
        close(atomic_exchange(&peer, -1));
        CHECK(peer_is_alone(listening));
    }
    close(listening);
}

static void shaking_hands(void) {
    against_peer("https", serve);
}

static void awaiting_the_headers(void) {
    against_peer("http", serve);
}

static void reading_a_dribbling_body(void) {
    against_peer("http", serve_dribbling);
}

static void *tell_of_lookup(void *data) {
    (void)data;
    AWAIT(atomic_load(&lookups) == 1);
    atomic_store(&has_come, true);
    return NULL;
}

static void looking_up(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_base_url(config, "http://api.example:9"), PICTORY_OK);
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    client = new_client_of(config);
    hang_lookups();
    pthread_t thread = start_helper(tell_of_lookup, NULL);
    is_cut(get);
    join_thread(thread);
    /* The next call joins the lookup that hangs. */
    thread = start_helper(tell_of_lookup, NULL);
    is_cut(wait_for_ever);
    join_thread(thread);
    release_lookups();
    AWAIT(threads() == 1);
}

static void cancelled_beforehand(void) {
    use_environment();
    int before = descriptors();
    token = pictory_cancel_token_new();
    errno = 4711;
    pictory_cancel_token_cancel(token);
    CHECK(errno == 4711);
    CHECK_RESULT(get(), PICTORY_ERROR_CANCELLED);
    pictory_result *result = wait_for_ever();
    CHECK(pictory_result_polls(result) == 0 && pictory_result_http_status(result) == 0);
    CHECK_RESULT(result, PICTORY_ERROR_CANCELLED);
    CHECK(!atomic_load(&has_come));
    pictory_cancel_token_free(token);
    CHECK(descriptors() == before);
}

static void a_cancel_is_for_good(void) {
    use_environment();
    token = pictory_cancel_token_new();
    CHECK(!pictory_cancel_token_is_cancelled(token));
    CHECK_RESULT(get(), PICTORY_OK);
    for (int i = 0; i < 100000; i++)
        pictory_cancel_token_cancel(token);
    for (int i = 0; i < 3; i++)
        CHECK_RESULT(get(), PICTORY_ERROR_CANCELLED);
    pictory_cancel_token_free(token);
}

static void a_token_takes_a_descriptor_only_for_a_blocking_call(void) {
    use_environment();
    token = NULL;
    CHECK_RESULT(get(), PICTORY_OK);
    int before = descriptors();
    pictory_cancel_token *unused[100];
    for (int i = 0; i < 100; i++) {
        unused[i] = pictory_cancel_token_new();
        if (i % 2 == 0)
            pictory_cancel_token_cancel(unused[i]);
    }
    CHECK(descriptors() == before);
    for (int i = 0; i < 100; i++)
        pictory_cancel_token_free(unused[i]);
    token = pictory_cancel_token_new();
    CHECK_RESULT(get(), PICTORY_OK);
    CHECK_RESULT(get(), PICTORY_OK);
    CHECK(descriptors() == before + 1);
    pictory_cancel_token_free(token);
    CHECK(descriptors() == before);
}

static const struct check_case cases[] = {
    CASE(sleeping), CASE(pausing_before_a_retry), CASE(awaiting_its_turn), CASE(connecting),
    CASE(shaking_hands), CASE(awaiting_the_headers), CASE(reading_a_dribbling_body),
    CASE(looking_up), CASE(cancelled_beforehand), CASE(a_cancel_is_for_good),
    CASE(a_token_takes_a_descriptor_only_for_a_blocking_call),
};

int main(int argc, char **argv) {
    struct sigaction action = {.sa_handler = on_signal};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    by_signal = strcmp(setting("PICTORY_TEST_CANCEL_BY"), "signal") == 0;
    int status = check_run(argc > 1 ? argv[1] : NULL, cases, sizeof cases / sizeof cases[0]);
    AWAIT(threads() == 1);
    pictory_client_free(client);
    return status;
}
