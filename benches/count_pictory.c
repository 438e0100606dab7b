/* Counts that do not depend on the machine: COUNT_PICTORY BASE_URL BODY_FILE */
#include "allocations.h"
#include "parse.h"
#include "pictory_bench.h"

enum { MANY = 100 };

static pictory_result *results[MANY];

static struct heap since(struct heap before) {
    return (struct heap){.calls = heap.calls - before.calls,
                         .blocks = heap.blocks - before.blocks,
                         .bytes = heap.bytes - before.bytes};
}

/* What one of the held results takes beyond its body, and prints it under this name. */
static void report(const char *name, struct heap held) {
    size_t body = 0;
    pictory_result_body(results[0], &body);
    printf("%s_calls=%.2f\n%s_allocations=%.2f\n%s_bytes=%.1f\n", name, (double)held.calls / MANY,
           name, (double)held.blocks / MANY, name, (double)held.bytes / MANY - (double)body);
}

static void free_results(void) {
    for (int i = 0; i < MANY; i++) {
        check_read(results[i]);
        pictory_result_free(results[i]);
    }
}

static void count_gets(const pictory_client *client) {
    struct heap before = heap;
    for (int i = 0; i < MANY; i++)
        results[i] = pictory_get_job(client, JOB, NULL);
    report("get", since(before));
    free_results();
}

int main(int argc, char **argv) {
    if (argc < 3)
        fail("usage: %s BASE_URL BODY_FILE", argv[0]);
    static struct text text;
    read_file(&text, argv[2]);
    struct heap before = heap;
    pictory_client *client = new_client(argv[1], NULL);
    printf("client_bytes=%ld\n", since(before).bytes);
    for (int i = 0; i < 21; i++)
        pictory_result_free(pictory_get_job(client, JOB, NULL));
    printf("connected_client_bytes=%ld\n", since(before).bytes);
    count_gets(client);
    before = heap;
    for (int i = 0; i < MANY; i++)
        results[i] = pictory_parse_job(text.bytes, text.length);
    report("parse", since(before));
    free_results();
    printf("threads=%ld\n", own_status("Threads"));
    pictory_client_free(client);
    return 0;
}
