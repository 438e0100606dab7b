/*
 * The tool's words to a person: lines on stderr, and on a terminal a live line below them.
 */
#ifndef PICTORY_SCREEN_H
#define PICTORY_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define LIKE_PRINTF(format, arguments) __attribute__((__format__(__printf__, format, arguments)))
#else
#define LIKE_PRINTF(format, arguments)
#endif

/* Whether stderr is a terminal that can rewrite a line. */
bool is_live(void);

/* A line that stays. May be called on any thread. */
void say(const char *format, ...) LIKE_PRINTF(1, 2);

/* The line that is rewritten; nothing where there is no terminal. */
void show(const char *format, ...) LIKE_PRINTF(1, 2);

/* Takes the live line away. */
void clear(void);

/* Writes text that came from elsewhere: nothing in it can steer a terminal. */
void put(FILE *file, const char *text);

/* The escape sequence that turns colour on, such as "32" for green, or off again (NULL): "" unless `file` is a
 * terminal that should have colours. */
const char *colour(FILE *file, const char *number);

/* Milliseconds on a clock that is never set. */
int64_t now_ms(void);

#endif
