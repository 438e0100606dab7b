/*
 * The job ids that the tool was given.
 */
#ifndef PICTORY_IDS_H
#define PICTORY_IDS_H

#include <stdbool.h>
#include <stddef.h>

struct ids {
    char **list;
    size_t count, room;
};

/* Copies words, with the lines of stdin in the place of "-". Returns false after having said why. */
bool read_ids(struct ids *ids, char **words, size_t count);

void free_ids(struct ids *ids);

#endif
