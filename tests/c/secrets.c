/* Looks for secrets in the memory of this very process, once the library has no more use for them. */

#include "check.h"

#define LENGTH 24

/* A text that is nowhere unless it is put somewhere: each is computed, byte by byte. */
static char letter(unsigned which, unsigned place) {
    return (char)('A' + (which * 7 + place * (which + 11)) % 26);
}

static void put(char *to, unsigned which) {
    for (unsigned i = 0; i < LENGTH; i++)
        to[i] = letter(which, i);
    to[LENGTH] = '\0';
}

/* Half of it is as bad. */
static bool is_at(const volatile char *place, unsigned which) {
    for (unsigned i = 0; i < LENGTH / 2; i++)
        if (place[i] != letter(which, i))
            return false;
    return true;
}

/* How often it stands in memory that can be written. */
static unsigned copies(unsigned which) {
    unsigned found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    char line[512], rights[8];
    unsigned long start, end;
    while (fgets(line, sizeof line, maps) != NULL) {
        CHECK(sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3);
        if (rights[0] != 'r' || rights[1] != 'w')
            continue;
        const volatile char *last = (const volatile char *)end - LENGTH;
        for (const volatile char *place = (const volatile char *)start; place <= last; place++)
            found += is_at(place, which);
    }
    fclose(maps);
    return found;
}

enum { KEY, NEW_KEY, VALUE, PASSWORD };

static void no_secret_outlives_its_use(void) {
    char text[LENGTH + 1];
    pictory_config *config = pictory_config_new();
    put(text, KEY);
    CHECK_CODE(pictory_config_set_api_key(config, text), PICTORY_OK);
    put(text, VALUE);
    CHECK_CODE(pictory_config_set_header(config, "X-Extra", text), PICTORY_OK);
    char proxy[200] = "http://user:";
    put(proxy + strlen(proxy), PASSWORD);
    strcat(strcat(proxy, "@"), setting("PICTORY_TEST_PROXY"));
    CHECK_CODE(pictory_config_set_proxy(config, proxy), PICTORY_OK);
    explicit_bzero(proxy, sizeof proxy);
    explicit_bzero(text, sizeof text);

    pictory_client *client = new_client_of(config);
    for (int i = 0; i < 3; i++)
        CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    /* So that they can be found at all. */
    CHECK(copies(KEY) > 0 && copies(VALUE) > 0 && copies(PASSWORD) > 0);
    put(text, NEW_KEY);
    CHECK_CODE(pictory_client_set_api_key(client, text), PICTORY_OK);
    explicit_bzero(text, sizeof text);
    CHECK(copies(KEY) == 0 && copies(NEW_KEY) > 0);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    pictory_client_free(client);
    CHECK(copies(NEW_KEY) == 0);
    CHECK(copies(VALUE) == 0);
    CHECK(copies(PASSWORD) == 0);
}

CASES(CASE(no_secret_outlives_its_use))
