/*
 * Many jobs at once: watched until they have settled, and their outputs downloaded. One loop takes all that
 * comes out of one watcher: jobs, files, and how far these are.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_jobs.h"
#include "pictory_files.h"
#include "pictory_report.h"
#include "pictory_screen.h"
#include <stdlib.h>
#include <string.h>

enum {
    TAGS = OUTPUTS + 1, /* of a job: its watch has the first, its files have the others */
    TICK_MS = 1000,     /* of the clock in the live lines */
    DRAW_MS = 100       /* between two times that they are drawn */
};

struct job {
    const char *id;
    pictory_result *settled;
    struct file files[OUTPUTS];
    int left; /* files that have not ended */
};

struct run {
    const pictory_client *client;
    const struct options *options;
    const pictory_cancel_token *token;
    pictory_watcher *watcher;
    struct job *jobs;
    size_t count, running, interrupted;
    int files, ended; /* that are known of, and that have ended */
    int64_t begun_ms, drawn_ms;
    int status;
};

static void report(struct run *run, const struct report *report) {
    print_report(run->options, report, run->count == 1);
    run->status = highest(run->status, exit_status(report->code));
    run->interrupted += report->code == PICTORY_ERROR_CANCELLED;
}

/* The worst of what became of a job and its files is what became of the whole. */
static void report_job(struct run *run, const struct job *job) {
    struct report whole = report_of(job->settled);
    if (run->options->command == DOWNLOAD) {
        whole.files = job->files;
        whole.elapsed_ms = now_ms() - run->begun_ms;
    }
    for (unsigned i = 0; i < OUTPUTS; i++) {
        pictory_code code = pictory_result_code(job->files[i].result);
        if (job->files[i].result != NULL && exit_status(code) > exit_status(whole.code)) {
            whole.code = code;
            whole.message = pictory_result_message(job->files[i].result);
            whole.is_told = true; /* when the file had ended */
        }
    }
    report(run, &whole);
}

static void end(struct run *run, struct job *job, unsigned output, pictory_result *result) {
    end_file(&job->files[output], result, run->options);
    run->ended++;
    job->left--;
}

/* Has a file downloaded, as soon as its turn comes. */
static void begin(struct run *run, struct job *job, unsigned output) {
    struct file *file = &job->files[output];
    uint64_t tag = (uint64_t)(job - run->jobs) * TAGS + 1 + output;
    const pictory_job *state = pictory_result_job(job->settled);
    pictory_download_options *options = pictory_download_options_new();
    pictory_download_options_set_cancel_token(options, run->token);
    pictory_download_options_set_updates(options, true);
    pictory_code code = pictory_watcher_download(run->watcher, state, (pictory_output)output,
                                                 file->path, options, tag);
    if (code != PICTORY_OK) /* refused, which the call that waits has a sentence about */
        end(run, job, output,
            pictory_download(run->client, state, (pictory_output)output, file->path, options));
    pictory_download_options_free(options);
}

/* A job has settled, or its watch has ended in another way. */
static bool settle(struct run *run, struct job *job, pictory_result *settled) {
    job->settled = settled;
    run->running--;
    if (run->options->command != DOWNLOAD || pictory_result_code(settled) != PICTORY_OK) {
        report_job(run, job);
        return true;
    }
    job->left = plan_files(settled, run->options, job->files);
    if (job->left < 0) {
        say("no memory left");
        run->status = EXIT_TROUBLE;
        return false;
    }
    run->files += job->left;
    for (unsigned i = 0; i < OUTPUTS; i++)
        if (job->files[i].path != NULL)
            begin(run, job, i);
    if (job->left == 0)
        report_job(run, job);
    return true;
}

/* Takes what came out of the watcher. Returns false if there is no going on. */
static bool take(struct run *run, pictory_result *result) {
    uint64_t tag = pictory_result_tag(result);
    struct job *job = &run->jobs[tag / TAGS];
    unsigned output = (unsigned)(tag % TAGS) - 1;
    if (tag % TAGS == 0)
        return settle(run, job, result);
    if (!pictory_result_is_update(result)) {
        end(run, job, output, result);
        if (job->left == 0)
            report_job(run, job);
        return true;
    }
    job->files[output].is_under_way = true;
    note_progress(&job->files[output].progress, pictory_result_bytes_done(result),
                  pictory_result_bytes_total(result));
    pictory_result_free(result);
    return true;
}

/* How far the whole is: one line, and one for each file that is under way. */
static void draw(struct run *run) {
    int64_t now = now_ms();
    if (!is_live() || now - run->drawn_ms < DRAW_MS)
        return;
    run->drawn_ms = now;
    struct live live = {.count = 0};
    char bar[11], jobs[64] = "";
    int seconds = (int)((now - run->begun_ms) / 1000);
    double part = run->ended;
    if (run->running > 0)
        snprintf(jobs, sizeof jobs, "%zu of %zu jobs still running, ", run->running, run->count);
    for (size_t i = 0; i < run->count; i++)
        for (unsigned output = 0; output < OUTPUTS && run->jobs[i].left > 0; output++)
            if (run->jobs[i].files[output].is_under_way)
                part += part_of(&run->jobs[i].files[output].progress);
    write_bar(bar, sizeof bar, run->files > 0 ? part / run->files : 0.0);
    if (run->files > 1)
        add_live(&live, "%d of %d files [%s] %s%d:%02d", run->ended, run->files, bar, jobs,
                 seconds / 60, seconds % 60);
    else if (run->running > 0)
        add_live(&live, "%s%d:%02d", jobs, seconds / 60, seconds % 60);
    for (size_t i = 0; i < run->count; i++)
        for (unsigned output = 0; output < OUTPUTS && run->jobs[i].left > 0; output++)
            if (run->jobs[i].files[output].is_under_way)
                add_progress(&live, &run->jobs[i].files[output].progress);
    show(&live);
}

/* What cannot be watched is reported at once. */
static void add_all(struct run *run, const struct ids *ids) {
    pictory_wait_options *wait = pictory_wait_options_new();
    pictory_wait_options_set_cancel_token(wait, run->token);
    if (run->options->max_wait_ms != 0)
        pictory_wait_options_set_max_wait_ms(wait, run->options->max_wait_ms);
    if (run->options->poll_interval_ms != 0)
        pictory_wait_options_set_poll_interval_ms(wait, run->options->poll_interval_ms);
    for (size_t i = 0; i < ids->count; i++) {
        run->jobs[i].id = ids->list[i];
        pictory_code code = pictory_watcher_add(run->watcher, ids->list[i], wait, i * TAGS);
        if (code == PICTORY_OK) {
            run->running++;
            continue;
        }
        struct report refused = {.id = ids->list[i], .code = code, .elapsed_ms = -1};
        refused.message = pictory_code_description(code);
        report(run, &refused);
    }
    pictory_wait_options_free(wait);
}

static void loop(struct run *run) {
    bool is_good = flush_stdout();
    while (is_good && pictory_watcher_pending(run->watcher) > 0) {
        draw(run);
        pictory_result *result =
            pictory_watcher_next(run->watcher, is_live() ? TICK_MS : PICTORY_WAIT_FOREVER);
        if (result != NULL) /* else a second has passed */
            is_good = take(run, result) && flush_stdout();
    }
    clear();
    if (!is_good)
        run->status = EXIT_TROUBLE;
}

int run_jobs(const pictory_client *client, const struct options *options, const struct ids *ids,
             const pictory_cancel_token *token) {
    struct run run = {.client = client, .options = options, .token = token, .count = ids->count};
    run.begun_ms = now_ms();
    run.jobs = calloc(ids->count, sizeof *run.jobs);
    pictory_code code = pictory_watcher_new(client, &run.watcher);
    if (run.jobs == NULL || code != PICTORY_OK) {
        say("%s", run.jobs == NULL ? "no memory left" : pictory_code_description(code));
        run.status = EXIT_TROUBLE;
    } else {
        add_all(&run, ids);
        loop(&run);
        if (run.interrupted > 0)
            say("interrupted: %zu of %zu jobs are left; the same command goes on with them when it is run "
                "again",
                run.interrupted, run.count);
    }
    pictory_watcher_free(run.watcher);
    for (size_t i = 0; run.jobs != NULL && i < run.count; i++) {
        free_files(run.jobs[i].files);
        pictory_result_free(run.jobs[i].settled);
    }
    free(run.jobs);
    return run.status;
}
