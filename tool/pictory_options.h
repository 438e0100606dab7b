/*
 * The command line of the tool.
 */
#ifndef PICTORY_OPTIONS_H
#define PICTORY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; of several jobs, the highest counts. */
enum {
    EXIT_COMPLETED = 0,
    EXIT_JOB_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_TROUBLE = 3, /* the network, the API, a file or stdout */
    EXIT_TIME_IS_UP = 4,
    EXIT_INTERRUPTED = 130,
    GO_ON = -1 /* from read_options: there is something to do */
};

/* Bits, so that an option can belong to several. */
enum command { GET = 1, WAIT = 2, DOWNLOAD = 4, PARSE = 8 };

struct options {
    enum command command;
    char **words; /* job ids, or the file to parse: those of argv */
    size_t count;
    bool is_json, is_verbose;
    const char *folder;       /* where downloads go */
    unsigned only;            /* a bit for each pictory_output; 0: all that there are */
    int64_t max_wait_ms;      /* 0: the library's default */
    int64_t poll_interval_ms; /* 0: the library's default */
    double rate;              /* 0: no limit */
    const char *base_url, *ca_file, *trace;
};

/* Reads the arguments. Returns GO_ON, or the exit status after having said why. */
int read_options(int argc, char **argv, struct options *options);

void free_options(struct options *options);

#endif
