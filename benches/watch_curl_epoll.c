/* The watcher made of libcurl in one thread, driven by epoll and a timerfd: curl_multi_socket_action.
 * It is the most that can be had of libcurl, and about the most work to write. */
#include "watch_curl.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

struct driver {
    struct loop loop;
    int epoll, timer;
    double curl_due; /* when libcurl wants to be called; 0: not at all */
    double timer_due;
};

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user_data, void *known) {
    (void)easy;
    struct driver *driver = user_data;
    struct epoll_event event = {.data = {.fd = socket}};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(driver->epoll, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    epoll_ctl(driver->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (known == NULL)
        curl_multi_assign(driver->loop.multi, socket, driver);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *user_data) {
    (void)multi;
    struct driver *driver = user_data;
    driver->curl_due = ms < 0 ? 0 : now_ms() + (double)ms;
    return 0;
}

/* The timer is set only where the time differs from the one it has. */
static void set_timer(struct driver *driver, double due) {
    if (due == driver->timer_due)
        return;
    driver->timer_due = due;
    time_t seconds = (time_t)(due / 1e3);
    struct itimerspec at = {.it_value = {.tv_sec = seconds}};
    at.it_value.tv_nsec = (long)((due - (double)seconds * 1e3) * 1e6);
    timerfd_settime(driver->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void wait_and_act(struct driver *driver) {
    struct epoll_event events[64];
    int running, count = epoll_wait(driver->epoll, events, 64, 1000);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == driver->timer) {
            uint64_t times;
            if (read(driver->timer, &times, sizeof times) > 0)
                driver->timer_due = 0;
            continue;
        }
        int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(driver->loop.multi, events[i].data.fd, what, &running);
    }
}

static void run(struct driver *driver) {
    struct loop *loop = &driver->loop;
    loop_start_due(loop);
    int running;
    while (driver->curl_due > 0 && driver->curl_due <= now_ms()) {
        driver->curl_due = 0;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    loop_finish_done(loop);
    double due = loop->waiting > 0 ? loop->heap[0].due : now_ms() + 1000;
    if (driver->curl_due > 0 && driver->curl_due < due)
        due = driver->curl_due;
    set_timer(driver, due);
    wait_and_act(driver);
    loop_finish_done(loop);
}

int main(int argc, char **argv) {
    struct driver driver = {.timer_due = 0};
    loop_init(&driver.loop, argc, argv);
    driver.epoll = epoll_create1(EPOLL_CLOEXEC);
    driver.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (driver.epoll < 0 || driver.timer < 0)
        fail("no epoll");
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = driver.timer}};
    epoll_ctl(driver.epoll, EPOLL_CTL_ADD, driver.timer, &event);
    curl_multi_setopt(driver.loop.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(driver.loop.multi, CURLMOPT_SOCKETDATA, &driver);
    curl_multi_setopt(driver.loop.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(driver.loop.multi, CURLMOPT_TIMERDATA, &driver);
    while (watch_goes_on(&driver.loop.watch, now_ms()))
        run(&driver);
    return loop_report(&driver.loop);
}
