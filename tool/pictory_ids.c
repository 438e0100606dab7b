/*
 * The job ids that the tool was given. Whether they are ids is the library's to say; what copy and paste
 * leave around them is taken away here.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_ids.h"
#include "pictory_screen.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The length of the blank that the text begins with: ASCII's, and of Unicode's those that are copied along
 * unseen (no-break and zero-width spaces, the mark at the beginning of a file). */
static size_t blank(const char *text) {
    static const char *const unseen[] = {"\xC2\xA0", "\xE2\x80\x8B", "\xE2\x80\xAF", "\xEF\xBB\xBF"};
    if (*text != '\0' && strchr(" \t\r\n\v\f", *text) != NULL)
        return 1;
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (strncmp(text, unseen[i], strlen(unseen[i])) == 0)
            return strlen(unseen[i]);
    return 0;
}

static bool add(struct ids *ids, const char *id, size_t length) {
    if (ids->count == ids->room) {
        size_t room = ids->room > 0 ? ids->room * 2 : 16;
        char **list = realloc(ids->list, room * sizeof *list);
        if (list == NULL)
            return false;
        ids->list = list;
        ids->room = room;
    }
    ids->list[ids->count] = strndup(id, length);
    return ids->list[ids->count] != NULL && ++ids->count > 0;
}

/* Adds all words of a text, which blanks stand between. */
static bool add_words(struct ids *ids, const char *text) {
    while (*text != '\0') {
        size_t length = 0;
        while (text[length] != '\0' && blank(text + length) == 0)
            length++;
        if (length > 0 && !add(ids, text, length))
            return false;
        text += length + blank(text + length);
    }
    return true;
}

static bool add_lines(struct ids *ids) {
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    bool is_good = true, is_text = true;
    errno = 0;
    while (is_good && is_text && (length = getline(&line, &size, stdin)) >= 0) {
        is_text = strlen(line) == (size_t)length;
        is_good = is_text && add_words(ids, line);
    }
    if (!is_text)
        say("stdin: it holds a NUL, as UTF-16 does: save it as UTF-8");
    else if (!is_good || ferror(stdin))
        say("stdin: %s", strerror(errno));
    free(line);
    return is_good && !ferror(stdin);
}

static int compare(const void *a, const void *b) {
    const char *const *first = *(const char *const *const *)a, *const *second = *(const char *const *const *)b;
    int order = strcasecmp(*first, *second);
    return order != 0 ? order : (first > second) - (first < second);
}

/* Leaves the first of each id, in whatever case. */
static bool drop_doubles(struct ids *ids) {
    char ***sorted = malloc((ids->count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < ids->count; i++)
        sorted[i] = &ids->list[i];
    qsort(sorted, ids->count, sizeof *sorted, compare);
    for (size_t i = ids->count; i-- > 1;) {
        if (strcasecmp(*sorted[i - 1], *sorted[i]) == 0) {
            free(*sorted[i]);
            *sorted[i] = NULL;
        }
    }
    free(sorted);
    size_t kept = 0;
    for (size_t i = 0; i < ids->count; i++)
        if (ids->list[i] != NULL)
            ids->list[kept++] = ids->list[i];
    ids->count = kept;
    return true;
}

bool read_ids(struct ids *ids, char **words, size_t count, bool are_unique) {
    *ids = (struct ids){.list = NULL};
    for (size_t i = 0; i < count; i++) {
        bool is_stdin = strcmp(words[i], "-") == 0;
        size_t before = ids->count;
        if (is_stdin && !add_lines(ids))
            return false;
        if (!is_stdin && !add_words(ids, words[i])) {
            say("job ids: %s", strerror(errno));
            return false;
        }
        if (!is_stdin && ids->count == before) {
            say("a job id is empty");
            return false;
        }
    }
    if (ids->count == 0)
        say("no job id came from stdin");
    if (are_unique && !drop_doubles(ids)) {
        say("job ids: %s", strerror(errno));
        return false;
    }
    return ids->count > 0;
}

void free_ids(struct ids *ids) {
    for (size_t i = 0; i < ids->count; i++)
        free(ids->list[i]);
    free(ids->list);
}
