/* libevent's loop. */
#include "loop.h"

#include <event2/event.h>

static void on_readable(evutil_socket_t fd, short events, void *base) {
    (void)fd, (void)events;
    if (take_all())
        event_base_loopbreak(base);
}

static void on_timer(evutil_socket_t fd, short events, void *data) {
    (void)fd, (void)events, (void)data;
    disturb();
}

int main(void) {
    begin();
    struct event_base *base = event_base_new();
    struct event *readable =
        event_new(base, pictory_watcher_fd(watcher), EV_READ | EV_PERSIST, on_readable, base);
    struct event *timer = event_new(base, -1, 0, on_timer, NULL);
    const struct timeval after = {0, DISTURB_AFTER_MS * 1000};
    CHECK(event_add(readable, NULL) == 0 && event_add(timer, &after) == 0);
    event_base_dispatch(base);
    event_free(readable);
    event_free(timer);
    event_base_free(base);
    end();
    return 0;
}
