/* What the watchers' programs share: WATCH_x BASE_URL JOBS INTERVAL_MS SECONDS [CA_FILE [DUES_FILE]].
 *
 * The jobs are added evenly over the first interval, so that all programs have the same spread. The
 * window that is measured begins a fifth of an interval later and lasts SECONDS. DUES_FILE gets a
 * line for each poll: the job's number, and when the poll is due in ms of the wall clock, to be
 * compared with the server's log. */

#ifndef WATCH_H
#define WATCH_H

#include "bench.h"

struct watch {
    const char *base_url, *ca, *dues_path;
    unsigned jobs;
    double interval_ms, seconds;
    double begin, from, until; /* monotonic */
    double cpu_at_start, switches_at_start, wall_at_start;
    long threads_max;
    bool is_measuring;
    struct due {
        unsigned job;
        double at;
    } *dues;
    size_t dues_count, dues_room;
};

static inline void watch_init(struct watch *watch, int argc, char **argv) {
    if (argc < 5)
        fail("usage: %s BASE_URL JOBS INTERVAL_MS SECONDS [CA_FILE [DUES_FILE]]", argv[0]);
    memset(watch, 0, sizeof *watch);
    watch->base_url = argv[1];
    watch->jobs = (unsigned)count_argument(argv[2]);
    watch->interval_ms = (double)count_argument(argv[3]);
    watch->seconds = (double)count_argument(argv[4]);
    if (argc > 5 && argv[5][0] != '\0')
        watch->ca = argv[5];
    if (argc > 6)
        watch->dues_path = argv[6];
    if (watch->dues_path != NULL) {
        double polls = watch->jobs * (watch->seconds * 1e3 / watch->interval_ms + 4) * 1.2;
        watch->dues_room = (size_t)polls + 100;
        /* Written through, so that the pages are there before the measurement. */
        watch->dues = some(malloc(watch->dues_room * sizeof *watch->dues));
        memset(watch->dues, 1, watch->dues_room * sizeof *watch->dues);
    }
    watch->begin = now_ms();
    watch->from = watch->begin + watch->interval_ms * 1.2;
    watch->until = watch->from + watch->seconds * 1e3;
}

/* When the first poll of a job is due. */
static inline double watch_first(const struct watch *watch, unsigned job) {
    return watch->begin + watch->interval_ms * (double)job / (double)watch->jobs;
}

static inline void watch_due(struct watch *watch, unsigned job, double in_ms) {
    if (watch->dues_count < watch->dues_room)
        watch->dues[watch->dues_count++] =
            (struct due){.job = job, .at = clock_ms(CLOCK_REALTIME) + in_ms};
}

/* Called now and then; false when the window is over. */
static inline bool watch_goes_on(struct watch *watch, double now) {
    if (!watch->is_measuring && now >= watch->from) {
        watch->is_measuring = true;
        watch->cpu_at_start = cpu_ms();
        watch->switches_at_start = switches();
        watch->wall_at_start = clock_ms(CLOCK_REALTIME);
    }
    return now < watch->until;
}

static inline void watch_sample(struct watch *watch) {
    long threads = own_status("Threads");
    if (threads > watch->threads_max)
        watch->threads_max = threads;
}

/* Prints what the window has cost; `from` and `until` delimit it in the server's log. */
static inline void watch_report(const struct watch *watch, unsigned long failed) {
    double cpu = cpu_ms() - watch->cpu_at_start;
    double switched = switches() - watch->switches_at_start, until = clock_ms(CLOCK_REALTIME);
    printf("from=%.3f\nuntil=%.3f\ncpu_ms=%.3f\nswitches=%.0f\n", watch->wall_at_start, until, cpu,
           switched);
    printf("peak_kb=%ld\nthreads=%ld\nfailed=%lu\n", own_status("VmHWM"), watch->threads_max, failed);
    fflush(stdout);
    if (watch->dues_path == NULL)
        return;
    FILE *file = fopen(watch->dues_path, "w");
    if (file == NULL)
        fail("cannot write %s", watch->dues_path);
    for (size_t i = 0; i < watch->dues_count; i++)
        fprintf(file, "%u %.3f\n", watch->dues[i].job, watch->dues[i].at);
    fclose(file);
}

#endif
