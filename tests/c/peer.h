/* A server within the program, for moments that it must know to the byte: it says nothing of its
 * own accord. */

#ifndef PEER_H
#define PEER_H

#include "process.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* A listening socket on a free port of 127.0.0.1. */
static inline int peer_listen(int backlog, struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(fd, (struct sockaddr *)address, sizeof *address) == 0);
    socklen_t length = sizeof *address;
    CHECK(getsockname(fd, (struct sockaddr *)address, &length) == 0);
    CHECK(listen(fd, backlog) == 0);
    return fd;
}

/* Connects until no more connections fit into the backlog, so that the next one hangs. */
static inline void peer_fill(const struct sockaddr_in *address) {
    for (int count = 0; count < 64; count++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        CHECK(fd >= 0);
        if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
            continue;
        CHECK(errno == EINPROGRESS);
        struct pollfd connected = {fd, POLLOUT, 0};
        if (poll(&connected, 1, 300) == 0)
            return;
    }
    CHECK(!"the backlog can be filled");
}

/* Accepts a connection and waits until the first bytes of the client have come. */
static inline int peer_accept(int listening) {
    int fd = accept(listening, NULL, NULL);
    CHECK(fd >= 0);
    char bytes[4096];
    CHECK(recv(fd, bytes, sizeof bytes, 0) > 0);
    return fd;
}

/* Whether nobody else asks to be accepted. */
static inline bool peer_is_alone(int listening) {
    struct pollfd waiting = {listening, POLLIN, 0};
    return poll(&waiting, 1, 0) == 0;
}

struct search {
    in_port_t port;
    int found;
};

static inline void peer_look(int fd, void *data) {
    struct search *search = data;
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
        length == sizeof address && address.sin_port == search->port)
        search->found = fd;
}

/* Whether the client at the other end, in this process too, has read all that it was sent. */
static inline bool peer_was_read(int fd) {
    struct sockaddr_in client;
    socklen_t length = sizeof client;
    CHECK(getpeername(fd, (struct sockaddr *)&client, &length) == 0);
    struct search search = {client.sin_port, -1};
    each_descriptor(peer_look, &search);
    int unread = -1;
    return search.found >= 0 && ioctl(search.found, FIONREAD, &unread) == 0 && unread == 0;
}

#endif
