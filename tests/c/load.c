/* A program that loads the library at run time, uses it and closes it, again and again. It calls
 * nothing of it by name, so that it is not linked with it. */

#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <pictory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL_IF(condition)                                                                         \
    do {                                                                                           \
        if (condition) {                                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* A function of the library: C has no conversion from dlsym's pointer to one of these. */
static void find(void *library, const char *name, void *function, size_t size) {
    void *found = dlsym(library, name);
    FAIL_IF(found == NULL || size != sizeof found);
    memcpy(function, &found, size);
}

#define FIND(name) find(library, #name, &name##_, sizeof name##_)

static int count(const char *path) {
    DIR *folder = opendir(path);
    FAIL_IF(folder == NULL);
    int entries = 0;
    while (readdir(folder) != NULL)
        entries++;
    closedir(folder);
    return entries;
}

static void use_and_close(const char *path) {
    uint32_t (*pictory_abi_version_)(void);
    pictory_code (*pictory_client_new_)(const pictory_config *, pictory_client **);
    void (*pictory_client_free_)(pictory_client *);
    pictory_result *(*pictory_get_job_)(const pictory_client *, const char *,
                                        const pictory_cancel_token *);
    pictory_code (*pictory_result_code_)(const pictory_result *);
    void (*pictory_result_free_)(pictory_result *);
    pictory_cancel_token *(*pictory_cancel_token_new_)(void);
    void (*pictory_cancel_token_free_)(pictory_cancel_token *);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        fprintf(stderr, "%s\n", dlerror());
    FAIL_IF(library == NULL);
    FIND(pictory_abi_version);
    FIND(pictory_client_new);
    FIND(pictory_client_free);
    FIND(pictory_get_job);
    FIND(pictory_result_code);
    FIND(pictory_result_free);
    FIND(pictory_cancel_token_new);
    FIND(pictory_cancel_token_free);
    FAIL_IF(pictory_abi_version_() != PICTORY_ABI_VERSION);
    pictory_client *client = NULL;
    FAIL_IF(pictory_client_new_(NULL, &client) != PICTORY_OK);
    pictory_cancel_token *token = pictory_cancel_token_new_();
    pictory_result *result = pictory_get_job_(client, "4a09edf9-d071-4847-bda5-8dea913d80fe",
                                              token);
    FAIL_IF(pictory_result_code_(result) != PICTORY_OK);
    pictory_result_free_(result);
    pictory_cancel_token_free_(token);
    pictory_client_free_(client);
    FAIL_IF(dlclose(library) != 0);
}

/* The second library is another file with the same content, or the same one. */
int main(void) {
    static const char first[] = "libpictory.so.1";
    const char *second = getenv("PICTORY_TEST_SECOND_LIBRARY");
    if (second == NULL)
        second = first;
    use_and_close(first);
    use_and_close(second);
    int descriptors = count("/proc/self/fd"), threads = count("/proc/self/task");
    for (int i = 1; i < 50; i++) {
        use_and_close(first);
        use_and_close(second);
    }
    FAIL_IF(count("/proc/self/fd") != descriptors || count("/proc/self/task") != threads);
    return 0;
}
