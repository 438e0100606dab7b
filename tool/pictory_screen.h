/*
 * The tool's words to a person: lines on stderr, and on a terminal live lines below them.
 */
#ifndef PICTORY_SCREEN_H
#define PICTORY_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define LIKE_PRINTF(format, arguments) __attribute__((__format__(__printf__, format, arguments)))
#else
#define LIKE_PRINTF(format, arguments)
#endif

enum { MOST_LIVE = 5, WIDEST_LIVE = 256 };

/* Live lines: as many as fit the window are shown, each as far as it fits. */
struct live {
    char lines[MOST_LIVE][WIDEST_LIVE];
    size_t count;
};

/* Whether stderr is a terminal that can rewrite lines. */
bool is_live(void);

/* A line that stays. May be called on any thread. */
void say(const char *format, ...) LIKE_PRINTF(1, 2);

/* Adds a live line to those that will be shown. */
void add_live(struct live *live, const char *format, ...) LIKE_PRINTF(2, 3);

/* Shows these in place of the live lines before; nothing where there is no terminal. */
void show(const struct live *live);

/* Takes the live lines away. */
void clear(void);

/* Writes text that came from elsewhere: nothing in it can steer a terminal. */
void put(FILE *file, const char *text);

/* The escape sequence that turns colour on, such as "32" for green, or off again (NULL): "" unless `file` is a
 * terminal that should have colours. */
const char *colour(FILE *file, const char *number);

/* Milliseconds on a clock that is never set. */
int64_t now_ms(void);

#endif
