/*
 * The outputs of a job, put into files.
 */
#ifndef PICTORY_FILES_H
#define PICTORY_FILES_H

#include "pictory_options.h"
#include <pictory.h>

enum { OUTPUTS = 4 };

/* Names of outputs by the number of their pictory_output, in options, files and JSON. */
extern const char *const output_names[OUTPUTS];

struct file {
    char *path;
    pictory_result *result; /* of the download; NULL: there was none */
    uint64_t bytes;         /* that the file has, or what there is of it */
};

/* Makes the folder if need be. Returns false, after having said why, if it cannot be used. */
bool make_folder(const char *path);

/* Downloads the outputs that are wanted, one after the other. Returns the exit status. */
int download_files(const pictory_client *client, const pictory_result *result,
                   const struct options *options, const pictory_cancel_token *token,
                   struct file files[OUTPUTS]);

void free_files(struct file files[OUTPUTS]);

#endif
