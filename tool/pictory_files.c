/*
 * The outputs of a job, put into files.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_files.h"
#include "pictory_progress.h"
#include "pictory_report.h"
#include "pictory_screen.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const output_names[OUTPUTS] = {
    [PICTORY_OUTPUT_VIDEO] = "video",
    [PICTORY_OUTPUT_THUMBNAIL] = "thumbnail",
    [PICTORY_OUTPUT_LAST_FRAME] = "last-frame",
    [PICTORY_OUTPUT_PREVIEW] = "preview",
};

/* The endings that the API's page gives, for a URL that has none. */
static const char *const usual_extensions[OUTPUTS] = {
    [PICTORY_OUTPUT_VIDEO] = "mp4",
    [PICTORY_OUTPUT_THUMBNAIL] = "jpg",
    [PICTORY_OUTPUT_LAST_FRAME] = "png",
    [PICTORY_OUTPUT_PREVIEW] = "jpg",
};

static const char *url_of(const pictory_job *job, unsigned output) {
    switch (output) {
    case PICTORY_OUTPUT_VIDEO:
        return pictory_job_url(job);
    case PICTORY_OUTPUT_THUMBNAIL:
        return pictory_job_thumbnail_image_url(job);
    case PICTORY_OUTPUT_LAST_FRAME:
        return pictory_job_last_frame_image_url(job);
    default:
        return pictory_job_preview_image_url(job);
    }
}

bool make_folder(const char *path) {
    struct stat folder;
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        say("cannot make the folder %s: %s", path, strerror(errno));
        return false;
    }
    if (stat(path, &folder) == 0 && !S_ISDIR(folder.st_mode))
        errno = ENOTDIR;
    else if (access(path, W_OK | X_OK) == 0)
        return true;
    say("cannot write to the folder %s: %s; choose another by --output", path, strerror(errno));
    return false;
}

/* Letters and digits after the last dot of the URL's last part, but not too many. */
static void find_extension(const char *url, char *extension, size_t size, const char *usual) {
    const char *end = url + strcspn(url, "?#"), *start = end;
    while (start > url && isalnum((unsigned char)start[-1]))
        start--;
    size_t length = (size_t)(end - start);
    /* "https://host/name" has no dot there, and "https://host.example" no path. */
    const char *host = strstr(url, "://");
    bool has_path = host != NULL && strcspn(host + 3, "/?#") < (size_t)(end - (host + 3));
    if (start == url || start[-1] != '.' || length == 0 || length >= size || !has_path)
        snprintf(extension, size, "%s", usual);
    else
        snprintf(extension, size, "%.*s", (int)length, start);
}

/* FOLDER/JOB_ID-OUTPUT.EXTENSION: nothing in it comes from the server but a few letters. */
static char *path_of(const char *folder, const char *job_id, unsigned output, const char *url) {
    char extension[9], name[80];
    find_extension(url != NULL ? url : "", extension, sizeof extension, usual_extensions[output]);
    snprintf(name, sizeof name, "%.36s-%s.%s", job_id, output_names[output], extension);
    for (char *letter = name; *letter != '\0'; letter++)
        *letter = (char)tolower((unsigned char)*letter); /* ids are the same in either case */
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = malloc(size);
    if (path != NULL && strcmp(folder, ".") == 0)
        snprintf(path, size, "%s", name);
    else if (path != NULL)
        snprintf(path, size, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return path;
}

/* An unfinished download leaves a part, which is worth a word. */
static void say_what_is_kept(const char *path) {
    size_t size = strlen(path) + sizeof ".part";
    char *part = malloc(size);
    if (part == NULL)
        return;
    snprintf(part, size, "%s.part", path);
    if (access(part, F_OK) == 0)
        say("what has come is kept in %s: run the same command again to go on", part);
    free(part);
}

static void download_file(const pictory_client *client, const pictory_result *result,
                          unsigned output, const pictory_cancel_token *token, struct file *file) {
    const char *job_id = pictory_result_job_id(result);
    struct progress progress = {.job_id = job_id, .what = output_names[output]};
    pictory_download_options *options = pictory_download_options_new();
    pictory_download_options_set_cancel_token(options, token);
    pictory_download_options_set_on_progress(options, on_progress, &progress);
    file->result = pictory_download(client, pictory_result_job(result), (pictory_output)output,
                                    file->path, options);
    pictory_download_options_free(options);
    file->bytes = progress.done;
    if (pictory_result_code(file->result) == PICTORY_OK) {
        say_done(&progress);
        return;
    }
    say("%s: %s: %s", job_id, output_names[output], pictory_result_message(file->result));
    say_what_is_kept(file->path);
}

int download_files(const pictory_client *client, const pictory_result *result,
                   const struct options *options, const pictory_cancel_token *token,
                   struct file files[OUTPUTS]) {
    const pictory_job *job = pictory_result_job(result);
    int status = EXIT_COMPLETED;
    unsigned wanted = options->only;
    for (unsigned i = 0; options->only == 0 && i < OUTPUTS; i++)
        wanted |= url_of(job, i) != NULL ? 1U << i : 0;
    if (wanted == 0)
        wanted = 1U << PICTORY_OUTPUT_VIDEO; /* whose download says that there is none */
    for (unsigned i = 0; i < OUTPUTS && status != EXIT_INTERRUPTED; i++) {
        if ((wanted & 1U << i) == 0)
            continue;
        files[i].path =
            path_of(options->folder, pictory_result_job_id(result), i, url_of(job, i));
        if (files[i].path == NULL) {
            say("no memory left");
            return EXIT_TROUBLE;
        }
        download_file(client, result, i, token, &files[i]);
        pictory_code code = pictory_result_code(files[i].result);
        status = highest(status, exit_status(code));
        if (code == PICTORY_OK && !options->is_json && puts(files[i].path) >= 0)
            clear();
        if (!flush_stdout())
            return EXIT_TROUBLE;
    }
    return status;
}

void free_files(struct file files[OUTPUTS]) {
    for (unsigned i = 0; i < OUTPUTS; i++) {
        pictory_result_free(files[i].result);
        free(files[i].path);
    }
}
