/*
 * The tool's report on stdout: how a job stands, for a person or as JSON.
 */
#ifndef PICTORY_REPORT_H
#define PICTORY_REPORT_H

#include "pictory_files.h"
#include "pictory_options.h"
#include <pictory.h>

/* How one job came out. `result` may be NULL; the strings live as long as it, or longer. */
struct report {
    const char *id;
    pictory_code code;
    const char *message;
    const pictory_result *result;
    const struct file *files; /* of a download, else NULL */
    int64_t elapsed_ms;       /* negative: that of the result */
    bool is_told;             /* why it went wrong was said already */
};

/* The report of a result, which it borrows. */
struct report report_of(const pictory_result *result);

/* Writes it. `is_single`: no other job was asked for. */
void print_report(const struct options *options, const struct report *report, bool is_single);

/* Flushes stdout. Returns false, after having said why, if something did not get through. */
bool flush_stdout(void);

/* The exit status that a code stands for. */
int exit_status(pictory_code code);

int highest(int a, int b);

#endif
