/* Gets through one client by many threads at once: THREADS_PICTORY BASE_URL GETS THREADS */
#include "pictory_bench.h"

#include <pthread.h>

struct work {
    const pictory_client *client;
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

static void *work(void *argument) {
    struct work *mine = argument;
    one_get(mine->client);
    pthread_barrier_wait(mine->start);
    while (__atomic_sub_fetch(&mine->gets, 1, __ATOMIC_RELAXED) >= 0)
        one_get(mine->client);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 4)
        fail("usage: %s BASE_URL GETS THREADS", argv[0]);
    long gets = count_argument(argv[2]);
    unsigned threads = (unsigned)count_argument(argv[3]);
    pictory_client *client = new_client(argv[1], NULL);
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, threads + 1);
    pthread_t *ids = some(malloc(threads * sizeof *ids));
    struct work shared = {.client = client, .start = &start, .gets = gets};
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, work, &shared) != 0)
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
