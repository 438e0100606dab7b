/*
 * How far a download is: a bar on a terminal, a line now and then elsewhere.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_progress.h"
#include "pictory_screen.h"
#include <stdio.h>
#include <string.h>

enum { BAR = 18, EVERY_MS = 10000 /* between two plain lines */ };

static const char *unit_of(double bytes) {
    return bytes < 1e6 ? "kB" : bytes < 1e9 ? "MB" : "GB";
}

static double in_units(double bytes, const char *unit) {
    return bytes / (*unit == 'k' ? 1e3 : *unit == 'M' ? 1e6 : 1e9);
}

/* "1.2 of 4.0 MB" or, where the length is not known, "1.2 MB". */
static void write_amount(char *text, size_t size, double done, double total) {
    const char *unit = unit_of(total > done ? total : done);
    if (total > 0.0)
        snprintf(text, size, "%.1f of %.1f %s", in_units(done, unit), in_units(total, unit), unit);
    else
        snprintf(text, size, "%.1f %s", in_units(done, unit), unit);
}

/* "3.2 MB/s, 0:05 left", as far as it is known. */
static void write_pace(char *text, size_t size, double rate, double left) {
    const char *unit = unit_of(rate);
    double seconds = rate > 0.0 ? left / rate : 0.0;
    *text = '\0';
    if (rate > 0.0 && left > 0.0 && seconds < 360000.0)
        snprintf(text, size, ", %.1f %s/s, %d:%02d left", in_units(rate, unit), unit,
                 (int)seconds / 60, (int)seconds % 60);
    else if (rate > 0.0)
        snprintf(text, size, ", %.1f %s/s", in_units(rate, unit), unit);
}

static void write_bar(char *text, double part) {
    int full = (int)(part * BAR);
    memset(text, '-', BAR);
    memset(text, '#', (size_t)full);
    text[BAR] = '\0';
}

/* Takes the rate over the last second or so; what came earlier counts less and less. */
static void take_rate(struct progress *progress, int64_t now) {
    int64_t passed = now - progress->rated_ms;
    if (passed < 500)
        return;
    double rate = (double)(progress->done - progress->rated) * 1000.0 / (double)passed;
    progress->rate = progress->rate > 0.0 ? 0.7 * progress->rate + 0.3 * rate : rate;
    progress->rated_ms = now;
    progress->rated = progress->done;
}

static void begin(struct progress *progress, uint64_t done, int64_t now) {
    progress->begun_ms = progress->said_ms = progress->rated_ms = now;
    progress->first = progress->rated = done;
    progress->rate = 0.0;
}

bool on_progress(uint64_t bytes_done, uint64_t bytes_total, void *user_data) {
    struct progress *progress = user_data;
    int64_t now = now_ms();
    if (progress->begun_ms == 0 || bytes_done < progress->done) /* begun, or begun anew */
        begin(progress, bytes_done, now);
    progress->done = bytes_done;
    take_rate(progress, now);

    char bar[BAR + 1], amount[48], pace[48];
    double done = (double)bytes_done, total = (double)bytes_total;
    double part = total > 0.0 && done < total ? done / total : 1.0;
    write_bar(bar, part);
    write_amount(amount, sizeof amount, done, total);
    write_pace(pace, sizeof pace, progress->rate, total - done);
    if (is_live() && bytes_total > 0) {
        show("%s [%s] %3d %%  %s%s", progress->what, bar, (int)(part * 100.0), amount, pace);
    } else if (is_live()) {
        show("%s  %s%s", progress->what, amount, pace);
    } else if (now - progress->said_ms >= EVERY_MS) {
        progress->said_ms = now;
        say("%s: %s: %s%s", progress->job_id, progress->what, amount, pace);
    }
    return true; /* the token stops it */
}

void say_done(const struct progress *progress) {
    char amount[48], came[48], earlier[80] = "";
    double first = (double)progress->first, done = (double)progress->done;
    write_amount(amount, sizeof amount, done, 0.0);
    write_amount(came, sizeof came, first, 0.0);
    if (progress->first > 0 && progress->first < progress->done)
        snprintf(earlier, sizeof earlier, ", of which %s had come earlier", came);
    int64_t took = progress->begun_ms > 0 ? now_ms() - progress->begun_ms : 0;
    say("%s: %s: %s in %.1f s%s", progress->job_id, progress->what, amount, (double)took / 1000.0,
        earlier);
}
