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

void write_amount(char *text, size_t size, double done, double total) {
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

void write_bar(char *text, size_t size, double part) {
    memset(text, '-', size - 1);
    memset(text, '#', (size_t)(part * (double)(size - 1)));
    text[size - 1] = '\0';
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
    progress->rated = done;
    progress->rate = 0.0;
}

void note_progress(struct progress *progress, uint64_t bytes_done, uint64_t bytes_total) {
    int64_t now = now_ms();
    if (progress->begun_ms == 0 || bytes_done < progress->done) /* begun, or begun anew */
        begin(progress, bytes_done, now);
    progress->done = bytes_done;
    progress->total = bytes_total;
    take_rate(progress, now);
    if (is_live() || now - progress->said_ms < EVERY_MS)
        return;
    char amount[48], pace[48];
    progress->said_ms = now;
    write_amount(amount, sizeof amount, (double)bytes_done, (double)bytes_total);
    write_pace(pace, sizeof pace, progress->rate, (double)bytes_total - (double)bytes_done);
    say("%s: %s: %s%s", progress->job_id, progress->what, amount, pace);
}

double part_of(const struct progress *progress) {
    double done = (double)progress->done, total = (double)progress->total;
    return total <= 0.0 ? 0.0 : done < total ? done / total : 1.0;
}

void add_progress(struct live *live, const struct progress *progress) {
    char bar[BAR + 1], amount[48], pace[48];
    double done = (double)progress->done, total = (double)progress->total;
    write_bar(bar, sizeof bar, part_of(progress));
    write_amount(amount, sizeof amount, done, total);
    write_pace(pace, sizeof pace, progress->rate, total - done);
    if (progress->total > 0)
        add_live(live, "%.8s %s [%s] %3d %%  %s%s", progress->job_id, progress->what, bar,
                 (int)(part_of(progress) * 100.0), amount, pace);
    else
        add_live(live, "%.8s %s  %s%s", progress->job_id, progress->what, amount, pace);
}

void say_done(const struct progress *progress, const pictory_result *result) {
    char amount[48], came[48], earlier[80] = "";
    uint64_t done = pictory_result_bytes_done(result), written = pictory_result_bytes_written(result);
    write_amount(amount, sizeof amount, (double)done, 0.0);
    write_amount(came, sizeof came, (double)(done - written), 0.0);
    if (written < done) /* more is written where a file was begun anew */
        snprintf(earlier, sizeof earlier, ", of which %s had come earlier", came);
    say("%s: %s: %s in %.1f s%s", progress->job_id, progress->what, amount,
        (double)pictory_result_elapsed_ms(result) / 1000.0, earlier);
}
