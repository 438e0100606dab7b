/*
 * Gets a job once: get_job JOB_ID
 *
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#include <pictory.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: get_job JOB_ID\n");
        return 2;
    }
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_code code = pictory_client_new(config, &client);
    if (code != PICTORY_OK) {
        fprintf(stderr, "get_job: %s\n", pictory_config_message(config));
        pictory_config_free(config);
        return 2;
    }
    pictory_config_free(config);
    pictory_result *result = pictory_get_job(client, argv[1], NULL);
    code = pictory_result_code(result);
    if (code == PICTORY_OK) {
        const pictory_job *job = pictory_result_job(result);
        const char *url = pictory_job_url(job); /* NULL until the job has completed */
        printf("%s %s\n", pictory_status_name(pictory_job_status(job)), url != NULL ? url : "-");
    } else {
        fprintf(stderr, "get_job: %s\n", pictory_result_message(result));
    }
    pictory_result_free(result);
    pictory_client_free(client);
    return code == PICTORY_OK ? 0 : 1;
}
