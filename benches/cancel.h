/* What the programs share that measure how long a cancelled call takes to return: CANCEL_x TIMES
 *
 * The server takes the connection and says nothing: a socket of this process that nobody reads. */

#ifndef CANCEL_H
#define CANCEL_H

#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

struct canceller {
    void (*cancel)(void *);
    void *context;
    double at;
};

static inline void mute_server(char *url, size_t room) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, 4096) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("no server");
    snprintf(url, room, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
}

static inline void *cancel_later(void *argument) {
    struct canceller *canceller = argument;
    sleep_ms(20);
    canceller->at = now_ms();
    canceller->cancel(canceller->context);
    return NULL;
}

/* Runs `call` on this thread while another one cancels it; returns the us between the two. */
static inline double cancelled_after(void (*call)(void *), void (*cancel)(void *), void *context) {
    struct canceller canceller = {.cancel = cancel, .context = context};
    pthread_t thread;
    if (pthread_create(&thread, NULL, cancel_later, &canceller) != 0)
        fail("no thread");
    call(context);
    double returned = now_ms();
    pthread_join(thread, NULL);
    return (returned - canceller.at) * 1e3;
}

static inline int ascending(const void *a, const void *b) {
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static inline void report_times(const char *name, double *times, long count) {
    qsort(times, (size_t)count, sizeof *times, ascending);
    printf("%s_us=%.1f\n%s_max_us=%.1f\n", name, times[count / 2], name, times[count - 1]);
}

#endif
