/*
 * The outputs of a job, put into files.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_files.h"
#include "pictory_screen.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The endings that the API's page gives, for a URL that has none. */
static const char *const usual_extensions[OUTPUTS] = {
    [PICTORY_OUTPUT_VIDEO] = "mp4",
    [PICTORY_OUTPUT_THUMBNAIL] = "jpg",
    [PICTORY_OUTPUT_LAST_FRAME] = "png",
    [PICTORY_OUTPUT_PREVIEW] = "jpg",
};

/* With those above it, as mkdir -p. */
static bool make_folders(const char *path) {
    size_t size = strlen(path) + 1;
    char *part = malloc(size);
    bool is_made = part != NULL;
    for (size_t i = 1; is_made && i < size; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        is_made = mkdir(part, 0777) == 0 || errno == EEXIST;
    }
    free(part);
    return is_made;
}

bool make_folder(const char *path) {
    struct stat folder;
    if (stat(path, &folder) != 0 && !make_folders(path)) {
        say("cannot make the folder %s: %s; choose another by --output", path, strerror(errno));
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
    snprintf(name, sizeof name, "%.36s-%s.%s", job_id,
             pictory_output_name((pictory_output)output), extension);
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

int plan_files(const pictory_result *settled, const struct options *options,
               struct file files[OUTPUTS]) {
    const pictory_job *job = pictory_result_job(settled);
    const char *job_id = pictory_result_job_id(settled);
    unsigned wanted = options->only;
    int count = 0;
    for (unsigned i = 0; options->only == 0 && i < OUTPUTS; i++)
        wanted |= pictory_job_output_url(job, (pictory_output)i) != NULL ? 1U << i : 0;
    if (wanted == 0)
        wanted = 1U << PICTORY_OUTPUT_VIDEO; /* whose download says that there is none */
    for (unsigned i = 0; i < OUTPUTS; i++) {
        if ((wanted & 1U << i) == 0)
            continue;
        const char *url = pictory_job_output_url(job, (pictory_output)i);
        files[i].path = path_of(options->folder, job_id, i, url);
        files[i].progress.job_id = job_id;
        files[i].progress.what = pictory_output_name((pictory_output)i);
        if (files[i].path == NULL)
            return -1;
        count++;
    }
    return count;
}

void end_file(struct file *file, pictory_result *result, const struct options *options) {
    file->result = result;
    file->is_under_way = false;
    pictory_code code = pictory_result_code(result);
    if (code == PICTORY_OK) {
        say_done(&file->progress, result);
        clear(); /* stdout may be the same terminal */
        if (!options->is_json)
            puts(file->path);
        return;
    }
    if (code != PICTORY_ERROR_CANCELLED)
        say("%s: %s: %s", file->progress.job_id, file->progress.what, pictory_result_message(result));
    say_what_is_kept(file->path);
}

void free_files(struct file files[OUTPUTS]) {
    for (unsigned i = 0; i < OUTPUTS; i++) {
        pictory_result_free(files[i].result);
        free(files[i].path);
    }
}
