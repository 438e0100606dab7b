/*
 * The tool's words to a person: lines on stderr, and on a terminal a live line below them.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_screen.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WIDEST = 79 }; /* columns of a live line: longer ones would wrap, and stay */

static bool is_terminal(FILE *file) {
    const char *terminal = getenv("TERM");
    return isatty(fileno(file)) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

bool is_live(void) {
    return is_terminal(stderr);
}

void put(FILE *file, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];
        bool is_c1 = byte == 0xC2 && next >= 0x80 && next < 0xA0; /* a control of two bytes */
        text += is_c1;
        fputc(byte < 0x20 || byte == 0x7F || is_c1 ? '?' : byte, file);
    }
}

void clear(void) {
    if (is_live())
        fputs("\r\033[K", stderr);
}

/* One lock around the line: the log's lines come from other threads. */
void say(const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    flockfile(stderr);
    clear();
    fputs("pictory: ", stderr);
    put(stderr, line);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void show(const char *format, ...) {
    char line[WIDEST + 1];
    if (!is_live())
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    flockfile(stderr);
    clear();
    put(stderr, line);
    fflush(stderr);
    funlockfile(stderr);
}

const char *colour(FILE *file, const char *number) {
    static char code[16];
    const char *no_color = getenv("NO_COLOR");
    if (!is_terminal(file) || (no_color != NULL && *no_color != '\0'))
        return "";
    snprintf(code, sizeof code, "\033[%sm", number != NULL ? number : "0");
    return code;
}

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
