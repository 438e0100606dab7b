/* The watcher made of libcurl in one thread, driven by curl_multi_poll. */
#include "watch_curl.h"

int main(int argc, char **argv) {
    struct loop loop;
    loop_init(&loop, argc, argv);
    while (watch_goes_on(&loop.watch, now_ms())) {
        int pause = loop_start_due(&loop), running;
        curl_multi_perform(loop.multi, &running);
        loop_finish_done(&loop);
        curl_multi_poll(loop.multi, NULL, 0, pause, NULL);
    }
    return loop_report(&loop);
}
