/* What the parsers' programs share: PARSE_x BODY_FILE TIMES */

#ifndef PARSE_H
#define PARSE_H

#include "bench.h"

struct text {
    char bytes[1 << 20];
    size_t length;
};

static inline void read_file(struct text *text, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("cannot read %s", path);
    text->length = fread(text->bytes, 1, sizeof text->bytes - 1, file);
    fclose(file);
}

static inline int parse_measure(int argc, char **argv, void (*once)(const struct text *)) {
    if (argc < 3)
        fail("usage: %s BODY_FILE TIMES", argv[0]);
    static struct text text;
    read_file(&text, argv[1]);
    long times = count_argument(argv[2]);
    for (int i = 0; i < 100; i++)
        once(&text);
    double cpu = cpu_ms();
    for (long i = 0; i < times; i++)
        once(&text);
    printf("ns=%.2f\n", (cpu_ms() - cpu) * 1e6 / (double)times);
    return 0;
}

#endif
