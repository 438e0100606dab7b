/* What an accessor costs: ACCESSOR BODY_FILE TIMES */
#include "parse.h"
#include "pictory_bench.h"

/* The compiler must not think that it knows the job, or drop a call. */
#define OPAQUE(pointer) __asm__ volatile("" : "+r"(pointer) : : "memory")
#define TIMED(name, call)                                                                          \
    do {                                                                                           \
        double begin = now_ms();                                                                   \
        for (long i = 0; i < times; i++) {                                                         \
            OPAQUE(job);                                                                           \
            (void)call;                                                                            \
        }                                                                                          \
        double ns = (now_ms() - begin) * 1e6 / (double)times;                                      \
        total += ns;                                                                               \
        count++;                                                                                   \
        printf(name "_ns=%.3f\n", ns);                                                             \
    } while (0)

int main(int argc, char **argv) {
    if (argc < 3)
        fail("usage: %s BODY_FILE TIMES", argv[0]);
    static struct text text;
    read_file(&text, argv[1]);
    long times = count_argument(argv[2]);
    pictory_result *result = pictory_parse_job(text.bytes, text.length);
    const pictory_job *job = pictory_result_job(result);
    double total = 0;
    int count = 0;
    for (long i = 0; i < times / 10; i++) /* resolves the symbols, warms the CPU up */
        check_read(result);
    TIMED("url", pictory_job_url(job));
    TIMED("status", pictory_job_status(job));
    TIMED("width", pictory_job_width(job));
    TIMED("credits", pictory_job_ai_credits_used(job));
    printf("accessor_ns=%.3f\n", total / count);
    TIMED("field", pictory_job_field(job, "previewImageUrl"));
    pictory_result_free(result);
    return 0;
}
