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

/* Copies the ids in the words, with those of stdin in the place of "-"; `are_unique`: each once. Returns false
 * after having said why. */
bool read_ids(struct ids *ids, char **words, size_t count, bool are_unique);

void free_ids(struct ids *ids);

#endif
