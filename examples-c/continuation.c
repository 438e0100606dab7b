/*
 * Continues a video: continuation JOB_ID PROMPT [NAME=VALUE...]
 *
 * Waits for the job, and prints the body of the generate-video request whose video goes on where
 * that of the job ends, such as for
 *
 *     continuation JOB_ID 'The drone lands.' aspectRatio=9:16 |
 *         curl --json @- -H "Authorization: $PICTORY_API_KEY" \
 *             https://api.pictory.ai/pictoryapis/v1/aistudio/videos
 *
 * NAME=VALUE adds another string to the body. Pictory takes its own default for the aspect ratio,
 * not that of the image.
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#include "json.h"
#include <pictory.h>
#include <string.h>

static bool is_usable(int argc, char **argv) {
    if (argc < 3 || argv[1][0] == '-') {
        fprintf(stderr, "usage: continuation JOB_ID PROMPT [NAME=VALUE...]\n");
        return false;
    }
    for (int i = 2; i < argc; i++) {
        if (!json_is_utf8(argv[i])) {
            fprintf(stderr, "continuation: not UTF-8: %s\n", argv[i]);
            return false;
        }
        if (i > 2 && (strchr(argv[i], '=') == NULL || argv[i][0] == '=')) {
            fprintf(stderr, "continuation: not NAME=VALUE: %s (is the prompt quoted?)\n", argv[i]);
            return false;
        }
    }
    return true;
}

static void print_body(const char *last_frame, const char *prompt, int extra, char **extras) {
    fputs("{\"prompt\":", stdout);
    json_string(stdout, prompt);
    fputs(",\"firstFrameImageUrl\":", stdout);
    json_string(stdout, last_frame);
    for (int i = 0; i < extra; i++) {
        char *value = strchr(extras[i], '=');
        *value++ = '\0'; /* arguments may be written to */
        fputc(',', stdout);
        json_string(stdout, extras[i]);
        fputc(':', stdout);
        json_string(stdout, value);
    }
    fputs("}\n", stdout);
}

int main(int argc, char **argv) {
    if (!is_usable(argc, argv))
        return 2;
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_code code = pictory_client_new(config, &client);
    if (code != PICTORY_OK) {
        fprintf(stderr, "continuation: %s\n", pictory_config_message(config));
        pictory_config_free(config);
        return 2;
    }
    pictory_config_free(config);
    pictory_result *result = pictory_wait_job(client, argv[1], NULL);
    const char *last_frame = pictory_job_last_frame_image_url(pictory_result_job(result));
    bool is_ready = pictory_result_code(result) == PICTORY_OK && last_frame != NULL;
    if (is_ready)
        print_body(last_frame, argv[2], argc - 3, argv + 3);
    else if (pictory_result_code(result) == PICTORY_OK)
        fprintf(stderr, "continuation: %s: the job has no last frame\n", argv[1]);
    else
        fprintf(stderr, "continuation: %s\n", pictory_result_message(result));
    pictory_result_free(result);
    pictory_client_free(client);
    if (fclose(stdout) != 0) {
        perror("continuation: stdout");
        return 1;
    }
    return is_ready ? 0 : 1;
}
