/* libuv's loop. */
#include "loop.h"

#include <uv.h>

static void on_readable(uv_poll_t *poll, int status, int events) {
    CHECK(status == 0 && events == UV_READABLE);
    if (take_all())
        uv_close((uv_handle_t *)poll, NULL);
}

static void on_timer(uv_timer_t *timer) {
    disturb();
    uv_close((uv_handle_t *)timer, NULL);
}

int main(void) {
    uv_loop_t loop;
    uv_poll_t poll;
    uv_timer_t timer;
    /* libuv keeps a pipe for signals. */
    CHECK(uv_loop_init(&loop) == 0 && uv_loop_close(&loop) == 0);
    begin();
    CHECK(uv_loop_init(&loop) == 0);
    CHECK(uv_poll_init(&loop, &poll, pictory_watcher_fd(watcher)) == 0);
    CHECK(uv_poll_start(&poll, UV_READABLE, on_readable) == 0);
    CHECK(uv_timer_init(&loop, &timer) == 0);
    CHECK(uv_timer_start(&timer, on_timer, DISTURB_AFTER_MS, 0) == 0);
    CHECK(uv_run(&loop, UV_RUN_DEFAULT) == 0 && uv_loop_close(&loop) == 0);
    end();
    return 0;
}
