/*
 * Writes JSON that is always valid, whatever the strings hold.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* How many bytes the character at `text` has; 0 if they are not UTF-8 (RFC 3629). */
static inline size_t json_character(const char *text) {
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char lead = bytes[0], low = 0x80, high = 0xBF;
    size_t length = 0;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2;
    else if (lead >= 0xE0 && lead <= 0xEF)
        length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4;
    /* No longer forms than needed, no surrogates, nothing above U+10FFFF. */
    if (lead == 0xE0)
        low = 0xA0;
    if (lead == 0xED)
        high = 0x9F;
    if (lead == 0xF0)
        low = 0x90;
    if (lead == 0xF4)
        high = 0x8F;
    for (size_t i = 1; i < length; i++, low = 0x80, high = 0xBF)
        if (bytes[i] < low || bytes[i] > high) /* a NUL at the end, too */
            return 0;
    return length;
}

static inline bool json_is_utf8(const char *text) {
    while (*text != '\0') {
        size_t length = json_character(text);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

/* A string, or null for NULL. What is not UTF-8 in it becomes U+FFFD. */
static inline void json_string(FILE *file, const char *text) {
    if (text == NULL) {
        fputs("null", file);
        return;
    }
    fputc('"', file);
    while (*text != '\0') {
        size_t length = json_character(text);
        if (length == 0)
            fputs("\\ufffd", file);
        else if (*text == '"' || *text == '\\')
            fprintf(file, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(file, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            fwrite(text, 1, length, file);
        text += length > 0 ? length : 1;
    }
    fputc('"', file);
}

/* A finite number with as few digits as tell it from its neighbours. */
static inline void json_number(FILE *file, double number) {
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (!(strtod(text, NULL) < number) && !(strtod(text, NULL) > number))
            break;
    }
    fputs(text, file);
}

#endif
