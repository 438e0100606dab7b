/* The same fields by yyjson, where there is one. They live in its tree: nothing is copied. */
#include "parse.h"

#include <yyjson.h>

static void once(const struct text *text) {
    static const char *const texts[] = {"url", "thumbnailImageUrl", "lastFrameImageUrl",
                                        "previewImageUrl", "duration"};
    static const char *const numbers[] = {"width", "height", "aiCreditsUsed"};
    yyjson_doc *json = yyjson_read(text->bytes, text->length, 0);
    yyjson_val *root = yyjson_doc_get_root(json), *data = yyjson_obj_get(root, "data");
    bool good = yyjson_get_str(yyjson_obj_get(root, "job_id")) != NULL &&
                yyjson_get_str(yyjson_obj_get(data, "status")) != NULL;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        good = good && yyjson_get_str(yyjson_obj_get(data, texts[i])) != NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        good = good && yyjson_get_num(yyjson_obj_get(data, numbers[i])) > 0;
    if (!good)
        fail("not a job");
    yyjson_doc_free(json);
}

int main(int argc, char **argv) {
    return parse_measure(argc, argv, once);
}
