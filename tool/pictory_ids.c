/*
 * The job ids that the tool was given. Whether they are ids is the library's to say.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_ids.h"
#include "pictory_screen.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add(struct ids *ids, const char *id) {
    if (ids->count == ids->room) {
        size_t room = ids->room > 0 ? ids->room * 2 : 16;
        char **list = realloc(ids->list, room * sizeof *list);
        if (list == NULL)
            return false;
        ids->list = list;
        ids->room = room;
    }
    ids->list[ids->count] = strdup(id);
    return ids->list[ids->count] != NULL && ++ids->count > 0;
}

static bool add_lines(struct ids *ids) {
    static const char blanks[] = " \t\r\n";
    char *line = NULL;
    size_t size = 0;
    bool is_good = true;
    errno = 0;
    while (is_good && getline(&line, &size, stdin) >= 0) {
        char *id = line + strspn(line, blanks);
        id[strcspn(id, blanks)] = '\0';
        is_good = *id == '\0' || add(ids, id);
    }
    if (ferror(stdin))
        is_good = false;
    free(line);
    return is_good;
}

bool read_ids(struct ids *ids, char **words, size_t count) {
    *ids = (struct ids){.list = NULL};
    for (size_t i = 0; i < count; i++) {
        bool is_stdin = strcmp(words[i], "-") == 0;
        if (!(is_stdin ? add_lines(ids) : add(ids, words[i]))) {
            say("%s: %s", is_stdin ? "stdin" : "job ids", strerror(errno));
            return false;
        }
    }
    if (ids->count == 0)
        say("no job id came from stdin, which has them one on a line");
    return ids->count > 0;
}

void free_ids(struct ids *ids) {
    for (size_t i = 0; i < ids->count; i++)
        free(ids->list[i]);
    free(ids->list);
}
