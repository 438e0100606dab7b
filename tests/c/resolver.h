/* This program's own lookup of names, which takes the place of the system's for the library too:
 * every name is 127.0.0.1, or has no answer, and an answer may be held back. */

#ifndef RESOLVER_H
#define RESOLVER_H

#include "check.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

/* How many lookups have begun. */
static atomic_int lookups;

/* While it is set, lookups hang: each waits for a byte in this pipe. */
static atomic_bool lookups_hang;
static int lookup_pipe[2] = {-1, -1};

static atomic_bool lookups_fail;

struct answer {
    struct addrinfo info;
    struct sockaddr_in address;
};

int getaddrinfo(const char *restrict host, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found) {
    (void)host, (void)service, (void)hints;
    atomic_fetch_add(&lookups, 1);
    if (atomic_load(&lookups_hang)) {
        char byte;
        CHECK(read(lookup_pipe[0], &byte, 1) == 1);
    }
    if (atomic_load(&lookups_fail))
        return EAI_NONAME;
    struct answer *answer = calloc(1, sizeof *answer);
    CHECK(answer != NULL);
    answer->address.sin_family = AF_INET;
    answer->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    answer->info.ai_family = AF_INET;
    answer->info.ai_socktype = SOCK_STREAM;
    answer->info.ai_addrlen = sizeof answer->address;
    answer->info.ai_addr = (struct sockaddr *)&answer->address;
    *found = &answer->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *found) {
    free(found);
}

static inline void hang_lookups(void) {
    CHECK(pipe(lookup_pipe) == 0);
    atomic_store(&lookups_hang, true);
}

/* Lets the lookups go that hang now, and none hang any more. */
static inline void release_lookups(void) {
    atomic_store(&lookups_hang, false);
    for (int left = atomic_load(&lookups); left > 0; left--)
        CHECK(write(lookup_pipe[1], "", 1) == 1);
}

#endif
