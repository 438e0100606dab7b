/*
 * The calls whose other half differs by system: sockets, waiting, waking, threads and files.
 * CALLS DONE_JOB ENDLESS_JOB FOLDER [CA_FILE]; the server comes from the environment.
 */
#include <pictory.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);        \
            ExitProcess(1);                                                                \
        }                                                                                  \
    } while (0)

static const char *done, *endless, *folder;

static pictory_code code_of(pictory_result *result) {
    pictory_code code = pictory_result_code(result);
    if (code != PICTORY_OK)
        fprintf(stderr, "(%s)\n", pictory_result_message(result));
    pictory_result_free(result);
    return code;
}

/* Once somebody is told of a first poll, the call is about to sleep. */
static bool polled(const pictory_result *update, void *event) {
    (void)update;
    SetEvent(event);
    return true;
}

struct canceller {
    pictory_cancel_token *token;
    HANDLE event;
};

static DWORD WINAPI cancel(void *data) {
    struct canceller *canceller = data;
    CHECK(WaitForSingleObject(canceller->event, 60000) == WAIT_OBJECT_0);
    SetLastError(12345);
    pictory_cancel_token_cancel(canceller->token);
    CHECK(GetLastError() == 12345);
    return 0;
}

static void a_wait_is_cancelled_from_another_thread(const pictory_client *client) {
    struct canceller canceller = {pictory_cancel_token_new(), CreateEvent(NULL, TRUE, FALSE, NULL)};
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_cancel_token(options, canceller.token);
    pictory_wait_options_set_on_poll(options, polled, canceller.event);
    HANDLE thread = CreateThread(NULL, 0, cancel, &canceller, 0, NULL);
    CHECK(code_of(pictory_wait_job(client, endless, options)) == PICTORY_ERROR_CANCELLED);
    CHECK(WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
    CHECK(code_of(pictory_get_job(client, done, canceller.token)) == PICTORY_ERROR_CANCELLED);
    CloseHandle(thread);
    CloseHandle(canceller.event);
    pictory_wait_options_free(options);
    pictory_cancel_token_free(canceller.token);
}

static void a_wait_ends_when_its_time_is_up(const pictory_client *client) {
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_max_wait_ms(options, 300);
    pictory_wait_options_set_poll_interval_ms(options, 100);
    pictory_result *result = pictory_wait_job(client, endless, options);
    CHECK(pictory_result_elapsed_ms(result) >= 200 && pictory_result_polls(result) >= 2);
    CHECK(code_of(result) == PICTORY_ERROR_WAIT_TIMEOUT);
    pictory_wait_options_free(options);
}

static void many_jobs_are_watched(const pictory_client *client) {
    pictory_watcher *watcher = NULL;
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_poll_interval_ms(options, 50);
    CHECK(pictory_watcher_new(client, &watcher) == PICTORY_OK);
    CHECK(pictory_watcher_fd(watcher) == -1);
    CHECK(pictory_watcher_add(watcher, endless, options, 7) == PICTORY_OK);
    uint64_t seen = 0;
    for (uint64_t tag = 0; tag < 100; tag++)
        CHECK(pictory_watcher_add(watcher, done, options, tag) == PICTORY_OK);
    for (int i = 0; i < 100; i++) {
        pictory_result *settled = pictory_watcher_next(watcher, 60000);
        CHECK(settled != NULL);
        seen += pictory_result_tag(settled);
        CHECK(code_of(settled) == PICTORY_OK);
    }
    CHECK(seen == 99 * 100 / 2);
    CHECK(pictory_watcher_next(watcher, 0) == NULL && pictory_watcher_pending(watcher) == 1);
    pictory_watcher_wake(watcher);
    CHECK(pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER) == NULL);
    CHECK(pictory_watcher_poke(watcher, endless) == PICTORY_OK);
    CHECK(pictory_watcher_remove(watcher, endless, 7) == PICTORY_OK);
    pictory_watcher_free(watcher);
    pictory_wait_options_free(options);
}

static void post(void *thread_id) {
    CHECK(PostThreadMessage(*(DWORD *)thread_id, WM_APP, 0, 0));
}

/* As a program with windows has it: the ready callback posts, and this thread takes all there is. */
static void a_message_loop_gets_every_result(const pictory_client *client) {
    DWORD here = GetCurrentThreadId();
    MSG message;
    PeekMessage(&message, NULL, 0, 0, PM_NOREMOVE); /* makes the queue */
    pictory_watcher *watcher = NULL;
    CHECK(pictory_watcher_new(client, &watcher) == PICTORY_OK);
    CHECK(pictory_watcher_set_on_ready(watcher, post, &here) == PICTORY_OK);
    for (uint64_t tag = 1; tag <= 50; tag++)
        CHECK(pictory_watcher_add(watcher, done, NULL, tag) == PICTORY_OK);
    uint64_t seen = 0;
    while (pictory_watcher_pending(watcher) > 0) {
        CHECK(GetMessage(&message, NULL, 0, 0) > 0 && message.message == WM_APP);
        pictory_result *settled;
        while ((settled = pictory_watcher_next(watcher, 0)) != NULL) {
            seen += pictory_result_tag(settled);
            CHECK(code_of(settled) == PICTORY_OK);
        }
    }
    CHECK(seen == 50 * 51 / 2);
    pictory_watcher_free(watcher);
}

/* Asks, in the middle of a download, for another one to the same path. */
struct again {
    const pictory_client *client;
    const pictory_job *job;
    const char *path;
    pictory_code code;
};

static bool once_more(uint64_t bytes, uint64_t all, void *data) {
    struct again *again = data;
    (void)bytes;
    (void)all;
    if (again->code == PICTORY_OK)
        again->code = code_of(
            pictory_download(again->client, again->job, PICTORY_OUTPUT_VIDEO, again->path, NULL));
    return true;
}

static void outputs_are_downloaded(const pictory_client *client) {
    char path[MAX_PATH];
    snprintf(path, sizeof path, "%s\\vid\xc3\xa9o.mp4", folder);
    pictory_result *result = pictory_get_job(client, done, NULL);
    const pictory_job *job = pictory_result_job(result);
    struct again again = {client, job, path, PICTORY_OK};
    pictory_download_options *options = pictory_download_options_new();
    pictory_download_options_set_on_progress(options, once_more, &again);
    /* The second time there is a file to replace. */
    for (int i = 0; i < 2; i++) {
        pictory_result *file = pictory_download(client, job, PICTORY_OUTPUT_VIDEO, path, options);
        CHECK(pictory_result_bytes_written(file) == 4000000);
        CHECK(code_of(file) == PICTORY_OK);
    }
    CHECK(again.code == PICTORY_ERROR_FILE);
    wchar_t wide[MAX_PATH];
    CHECK(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, MAX_PATH) > 0);
    WIN32_FILE_ATTRIBUTE_DATA found;
    CHECK(GetFileAttributesExW(wide, GetFileExInfoStandard, &found));
    CHECK(found.nFileSizeLow == 4000000);
    wcscat(wide, L".part");
    CHECK(GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES);
    pictory_download_options_free(options);
    pictory_result_free(result);
}

int main(int argc, char **argv) {
    CHECK(argc >= 4);
    done = argv[1], endless = argv[2], folder = argv[3];
    pictory_config *config = pictory_config_new();
    if (argc > 4)
        CHECK(pictory_config_set_ca_file(config, argv[4]) == PICTORY_OK);
    pictory_client *client = NULL;
    CHECK(pictory_client_new(config, &client) == PICTORY_OK);
    pictory_config_free(config);
    CHECK(code_of(pictory_get_job(client, done, NULL)) == PICTORY_OK);
    a_wait_is_cancelled_from_another_thread(client);
    a_wait_ends_when_its_time_is_up(client);
    many_jobs_are_watched(client);
    a_message_loop_gets_every_result(client);
    outputs_are_downloaded(client);
    pictory_client_free(client);
    return 0;
}
