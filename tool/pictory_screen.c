/*
 * The tool's words to a person: lines on stderr, and on a terminal live lines below them.
 */
#define _DEFAULT_SOURCE /* for the size of the window, which POSIX does not have */
#define _POSIX_C_SOURCE 200809L

#include "pictory_screen.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096, USUAL_WIDTH = 80, USUAL_HEIGHT = 24 };

/* The lengths of the live lines on the screen. Only read and written with stderr locked. */
static size_t shown[MOST_LIVE];
static size_t shown_count;

static bool is_terminal(FILE *file) {
    const char *terminal = getenv("TERM");
    return isatty(fileno(file)) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

bool is_live(void) {
    return is_terminal(stderr);
}

/* Asked each time: the window may have another size by now. */
static void measure(size_t *width, size_t *height) {
    *width = USUAL_WIDTH;
    *height = USUAL_HEIGHT;
#ifdef TIOCGWINSZ
    struct winsize size;
    if (ioctl(fileno(stderr), TIOCGWINSZ, &size) == 0) {
        *width = size.ws_col > 0 ? size.ws_col : *width;
        *height = size.ws_row > 0 ? size.ws_row : *height;
    }
#endif
}

void put(FILE *file, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];
        bool is_c1 = byte == 0xC2 && next >= 0x80 && next < 0xA0; /* a control of two bytes */
        text += is_c1;
        fputc(byte < 0x20 || byte == 0x7F || is_c1 ? '?' : byte, file);
    }
}

/* In a window that has become narrower, a line takes several rows. */
static void erase(void) {
    size_t width, height, rows = 0;
    measure(&width, &height);
    for (size_t i = 0; i < shown_count; i++)
        rows += shown[i] > width ? (shown[i] + width - 1) / width : 1;
    for (size_t row = 0; row < rows; row++)
        fputs(row == 0 ? "\r\033[K" : "\033[A\033[K", stderr);
    shown_count = 0;
}

void clear(void) {
    if (!is_live())
        return;
    flockfile(stderr);
    erase();
    fflush(stderr);
    funlockfile(stderr);
}

/* One lock around the line: the log's lines come from other threads. */
void say(const char *format, ...) {
    char line[LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    flockfile(stderr);
    if (is_live())
        erase();
    fputs("pictory: ", stderr);
    put(stderr, line);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void add_live(struct live *live, const char *format, ...) {
    if (live->count == MOST_LIVE)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(live->lines[live->count++], WIDEST_LIVE, format, arguments);
    va_end(arguments);
}

void show(const struct live *live) {
    if (!is_live())
        return;
    size_t width, height;
    measure(&width, &height);
    flockfile(stderr);
    erase();
    for (size_t i = 0; i < live->count && i + 1 < height; i++) {
        char line[WIDEST_LIVE];
        /* The last column stays free: what fills it would wrap on some terminals. */
        snprintf(line, width < sizeof line ? width : sizeof line, "%s", live->lines[i]);
        if (i > 0)
            fputc('\n', stderr);
        put(stderr, line);
        shown[shown_count++] = strlen(line);
    }
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
