/*
 * The outputs of a job, put into files.
 */
#ifndef PICTORY_FILES_H
#define PICTORY_FILES_H

#include "pictory_options.h"
#include "pictory_progress.h"
#include <pictory.h>

enum { OUTPUTS = 4 };

struct file {
    char *path; /* NULL: not wanted */
    bool is_under_way;
    struct progress progress;
    pictory_result *result; /* of the download, once it has ended */
};

/* Makes the folder if need be. Returns false, after having said why, if it cannot be used. */
bool make_folder(const char *path);

/* Names the files of the outputs that are wanted of a job. Returns how many, or -1 without memory. */
int plan_files(const pictory_result *settled, const struct options *options,
               struct file files[OUTPUTS]);

/* Says how a download has ended, which `file` then owns, and writes its path to stdout. */
void end_file(struct file *file, pictory_result *result, const struct options *options);

void free_files(struct file files[OUTPUTS]);

#endif
