/* A program that is linked with this library and with another one in Rust. */
#include <pictory.h>
#include <string.h>

int other_sum(int count);

int main(void) {
    const char body[] = "{\"job_id\":\"a\",\"data\":{\"status\":\"completed\",\"url\":\"https://b/c.mp4\"}}";
    pictory_result *result = pictory_parse_job(body, sizeof body - 1);
    const char *url = pictory_job_url(pictory_result_job(result));
    int is_read = url != NULL && strcmp(url, "https://b/c.mp4") == 0;
    pictory_result_free(result);
    return is_read && other_sum(5) == 10 && other_sum(0) == -1 ? 0 : 1;
}
