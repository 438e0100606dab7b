/* Gets through one client by many threads at once: THREADS_PICTORY BODY_FILE GETS THREADS [own]
 * With "own" each thread has a client to itself: what the machine would give. */
#include "answering.h"
#include "parse.h"
#include "pictory_bench.h"

struct work {
    const pictory_client *client; /* NULL: each its own */
    const char *url;
    pthread_barrier_t *start;
    long gets;
};

static void one_get(const pictory_client *client) {
    pictory_result *result = pictory_get_job(client, JOB, NULL);
    if (pictory_result_code(result) != PICTORY_OK)
        fail("%s", pictory_result_message(result));
    check_read(result);
    pictory_result_free(result);
}

static void *run(void *argument) {
    struct work *work = argument;
    pictory_client *own = work->client == NULL ? new_client(work->url, NULL) : NULL;
    const pictory_client *client = own != NULL ? own : work->client;
    one_get(client);
    pthread_barrier_wait(work->start);
    while (__atomic_sub_fetch(&work->gets, 1, __ATOMIC_RELAXED) >= 0)
        one_get(client);
    pictory_client_free(own);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 4)
        fail("usage: %s BODY_FILE GETS THREADS [own]", argv[0]);
    long gets = count_argument(argv[2]);
    unsigned threads = (unsigned)count_argument(argv[3]);
    static struct text text;
    read_file(&text, argv[1]);
    char url[64];
    answer_with(text.bytes, text.length, url, sizeof url);
    pictory_client *client = argc > 4 ? NULL : new_client(url, NULL);
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, threads + 1);
    pthread_t *ids = some(malloc(threads * sizeof *ids));
    struct work shared = {.client = client, .url = url, .start = &start, .gets = gets};
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, run, &shared) != 0)
            fail("no thread");
    pthread_barrier_wait(&start);
    double begin = now_ms(), cpu = cpu_ms();
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    double wall = now_ms() - begin;
    printf("per_second=%.1f\ncpu_us=%.3f\npeak_kb=%ld\n", (double)gets / wall * 1e3,
           (cpu_ms() - cpu) * 1e3 / (double)gets, own_status("VmHWM"));
    free(ids);
    pthread_barrier_destroy(&start);
    pictory_client_free(client);
    return 0;
}
