/* What the programs of this folder share: a hundred jobs in somebody else's event loop, which waits for the
 * watcher's descriptor. Some are cancelled while they run, some poked; at the end a watcher is freed in the
 * middle of its work. Each job comes once, and the loop is never woken for nothing. */

#ifndef LOOP_H
#define LOOP_H

#include "../c/process.h"

enum { JOBS = 100, NEVER_MS = 3600000, DISTURB_AFTER_MS = 300 };

static pictory_client *client;
static pictory_watcher *watcher, *other;
static pictory_cancel_token *token;
static int before, taken;
static bool is_seen[JOBS];

static inline const char *job_id(unsigned number) {
    static char id[37];
    snprintf(id, sizeof id, "4a09edf9-d071-4847-bda5-%012x", number);
    return id;
}

/* Every job is in progress at its first poll, and done at its second. */
static inline void begin(void) {
    before = descriptors();
    client = new_client();
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
    CHECK_CODE(pictory_watcher_new(client, &other), PICTORY_OK);
    token = pictory_cancel_token_new();
    for (unsigned i = 0; i < JOBS; i++) {
        pictory_wait_options *options = pictory_wait_options_new();
        pictory_wait_options_set_poll_interval_ms(options, i % 5 < 3 ? 50 : NEVER_MS);
        pictory_wait_options_set_max_wait_ms(options, PICTORY_WAIT_FOREVER);
        pictory_wait_options_set_cancel_token(options, i % 5 == 3 ? token : NULL);
        CHECK_CODE(pictory_watcher_add(watcher, job_id(i), options, i), PICTORY_OK);
        CHECK_CODE(pictory_watcher_add(other, job_id(1000 + i), options, i), PICTORY_OK);
        pictory_wait_options_free(options);
    }
}

/* By a timer of the loop, when all have been polled once. */
static inline void disturb(void) {
    pictory_cancel_token_cancel(token);
    for (unsigned i = 4; i < JOBS; i += 5)
        CHECK_CODE(pictory_watcher_poke(watcher, job_id(i)), PICTORY_OK);
}

/* Called by the loop when the descriptor is readable. Returns whether that was all. */
static inline bool take_all(void) {
    int at_once = 0;
    pictory_result *result;
    while ((result = pictory_watcher_next(watcher, 0)) != NULL) {
        uint64_t tag = pictory_result_tag(result);
        CHECK(tag < JOBS && !is_seen[tag]);
        is_seen[tag] = true;
        CHECK_RESULT(result, tag % 5 == 3 ? PICTORY_ERROR_CANCELLED : PICTORY_OK);
        at_once++;
    }
    CHECK(at_once > 0);
    taken += at_once;
    return taken == JOBS;
}

/* Once the loop, and what it has opened, is gone. */
static inline void end(void) {
    CHECK(taken == JOBS && pictory_watcher_pending(watcher) == 0);
    pictory_watcher_free(other);
    pictory_watcher_free(watcher);
    pictory_cancel_token_free(token);
    pictory_client_free(client);
    CHECK(descriptors() == before);
}

#endif
