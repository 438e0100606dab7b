/*
 * Many jobs at once: watched until they have settled, and their outputs downloaded.
 */
#ifndef PICTORY_JOBS_H
#define PICTORY_JOBS_H

#include "pictory_ids.h"
#include "pictory_options.h"
#include <pictory.h>

/* Watches all of them, reports each, and downloads what it made where the command is that. Returns the
 * exit status. */
int run_jobs(const pictory_client *client, const struct options *options, const struct ids *ids,
             const pictory_cancel_token *token);

#endif
