/* pictory_parse_job, and reading all of a completed job. */
#include "parse.h"
#include "pictory_bench.h"

static void once(const struct text *text) {
    pictory_result *result = pictory_parse_job(text->bytes, text->length);
    check_read(result);
    pictory_result_free(result);
}

int main(int argc, char **argv) {
    return parse_measure(argc, argv, once);
}
