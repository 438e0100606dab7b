/*
 * Watches jobs of all kinds for a while, many at a time, from many threads that add, remove, poke and
 * take: each watch must come out once, as its kind ends, or have been removed. At the end the watcher
 * is freed in the middle of all that is left.
 *
 * watching SECONDS JOBS [CA-FILE]. PICTORY_API_BASE_URL names an emulator with the script of script.sh.
 */
#define _POSIX_C_SOURCE 200809L

#include "kinds.h"

enum { MOST = 4000000, ADDERS = 3, POKERS = 2, TAKERS = 3, OUT_AT_ONCE = 400 };

static pictory_client *client;
static pictory_watcher *watcher;
static unsigned jobs;
static time_t end_at;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned added, wrong, settled, removed;
/* How often each watch has come out or was removed, by its tag. */
static unsigned char seen[MOST];

static bool stop_after_two(const pictory_result *update, void *user_data) {
    (void)user_data;
    return pictory_result_polls(update) < 2;
}

static void note_wrong(void) {
    pthread_mutex_lock(&lock);
    wrong++;
    pthread_mutex_unlock(&lock);
}

static void count(uint64_t tag, bool is_settled) {
    pthread_mutex_lock(&lock);
    if (++seen[tag] != 1) {
        wrong++;
        fprintf(stderr, "watch %llu came out twice\n", (unsigned long long)tag);
    }
    *(is_settled ? &settled : &removed) += 1;
    pthread_mutex_unlock(&lock);
}

static void *add(void *unused) {
    (void)unused;
    pictory_wait_options *options[KINDS];
    for (unsigned kind = 0; kind < KINDS; kind++) {
        options[kind] = pictory_wait_options_new();
        pictory_wait_options_set_poll_interval_ms(options[kind], 10);
        pictory_wait_options_set_max_wait_ms(options[kind], kind == STALLS ? 200 : 60000);
        if (kind == RUNS_ON)
            pictory_wait_options_set_on_poll(options[kind], stop_after_two, NULL);
    }
    while (now() < end_at) {
        if (pictory_watcher_pending(watcher) >= OUT_AT_ONCE) {
            pause_us(500);
            continue;
        }
        pthread_mutex_lock(&lock);
        const unsigned tag = added < MOST ? added++ : MOST;
        pthread_mutex_unlock(&lock);
        if (tag == MOST)
            break;
        char id[ID_SIZE];
        make_id(id, tag % jobs);
        if (pictory_watcher_add(watcher, id, options[tag % jobs % KINDS], tag) != PICTORY_OK)
            note_wrong();
    }
    for (unsigned kind = 0; kind < KINDS; kind++)
        pictory_wait_options_free(options[kind]);
    return NULL;
}

static void *poke_and_remove(void *unused) {
    (void)unused;
    for (unsigned turn = 0; now() < end_at; turn++) {
        pthread_mutex_lock(&lock);
        const unsigned newest = added;
        pthread_mutex_unlock(&lock);
        const unsigned tag = newest - (newest > 100 ? turn * 7919 % 100 : 0);
        char id[ID_SIZE];
        make_id(id, tag % jobs);
        if (turn % 4 != 0)
            pictory_watcher_poke(watcher, id);
        else if (pictory_watcher_remove(watcher, id, tag) == PICTORY_OK)
            count(tag, false);
        pause_us(300);
    }
    return NULL;
}

static void take(int64_t timeout_ms) {
    pictory_result *result = pictory_watcher_next(watcher, timeout_ms);
    if (result == NULL)
        return;
    const uint64_t tag = pictory_result_tag(result);
    count(tag, true);
    if (pictory_result_code(result) != ends[tag % jobs % KINDS]) {
        note_wrong();
        fprintf(stderr, "kind %u: %s\n", (unsigned)(tag % jobs % KINDS),
                pictory_result_message(result));
    }
    pictory_result_free(result);
}

static void *take_all(void *unused) {
    (void)unused;
    while (now() < end_at)
        take(20);
    return NULL;
}

static void drain(void) {
    const time_t until = now() + 120;
    while (pictory_watcher_pending(watcher) > 0 && now() < until)
        take(1000);
    for (unsigned tag = 0; tag < added; tag++)
        wrong += seen[tag] != 1;
}

int main(int argc, char **argv) {
    const time_t seconds = argc > 2 ? (time_t)strtol(argv[1], NULL, 10) : 0;
    jobs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    const int at_start = entries("/proc/self/fd");
    client = new_client(argc > 3 ? argv[3] : NULL);
    if (seconds < 10 || jobs == 0 || pictory_watcher_new(client, &watcher) != PICTORY_OK)
        return 2;
    end_at = now() + seconds;
    pthread_t threads[ADDERS + POKERS + TAKERS];
    for (int i = 0; i < ADDERS + POKERS + TAKERS; i++) {
        void *(*const run)(void *) = i < ADDERS ? add : i < ADDERS + POKERS ? poke_and_remove : take_all;
        if (pthread_create(&threads[i], NULL, run, NULL) != 0)
            return 2;
    }
    sleep((unsigned)(seconds / 10));
    const struct held early = look();
    sleep((unsigned)(seconds - seconds / 10 - 1));
    const struct held late = look();
    for (int i = 0; i < ADDERS + POKERS + TAKERS; i++)
        pthread_join(threads[i], NULL);
    drain();
    for (unsigned tag = 0; tag < OUT_AT_ONCE; tag++) {
        char id[ID_SIZE];
        make_id(id, tag);
        if (pictory_watcher_add(watcher, id, NULL, tag) != PICTORY_OK)
            wrong++;
    }
    pictory_watcher_free(watcher);
    pictory_client_free(client);
    printf("%u watches settled, %u removed, %u wrong; ", settled, removed, wrong);
    /* Idle connections are closed together after a lost one, and come back: up to 256 of them, more or
     * less at any moment. So what leaks is looked for where all is freed, to the last descriptor. */
    const bool grew = has_grown(early, late, 256);
    const int left = entries("/proc/self/fd") - at_start;
    if (left != 0)
        printf("%d descriptors are left\n", left);
    return wrong > 0 || settled < 100 || removed == 0 || grew || left != 0;
}
