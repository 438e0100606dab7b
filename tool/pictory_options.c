/*
 * The command line of the tool.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_options.h"
#include "pictory_files.h"
#include "pictory_screen.h"
#include <pictory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: pictory get ID...            how jobs stand\n"
    "       pictory wait ID...           wait until jobs have settled\n"
    "       pictory download ID...       wait, and put what they made into files\n"
    "       pictory parse FILE           read a reply or a webhook's body; - is stdin\n"
    "\n"
    "An ID of - stands for the ids on stdin. Many jobs are watched together, and up\n"
    "to four files downloaded at once.\n"
    "\n"
    "  --output DIR           where files go; made if need be (default: here)\n"
    "  --only OUTPUT,...      video, thumbnail, last-frame, preview (default: all)\n"
    "  --max-wait TIME        give up after so long (default: 10m), or forever\n"
    "  --poll-interval TIME   between two polls of a job (default: 15s)\n"
    "  --rate NUMBER          at most so many requests to the API in a second\n"
    "  --json                 a JSON object for each job, on a line\n"
    "  --base-url URL         another server than Pictory's\n"
    "  --ca-file FILE         certificates to trust, in place of the system's\n"
    "  --verbose              every request, on stderr\n"
    "  --trace FILE           every request, with its time, into a file\n"
    "  --help, --version\n"
    "\n"
    "A TIME is 90 or 90s, 10m, 2h. The API key comes from PICTORY_API_KEY alone: an\n"
    "option would be seen in the list of processes. PICTORY_API_BASE_URL is the\n"
    "default of --base-url.\n"
    "\n"
    "Exit status: 0 completed (get, parse: not failed), 1 job failed, 2 usage or key,\n"
    "3 network, API or file, 4 time is up, 130 interrupted; of several, the highest.\n"
    "\n"
    "Files are named JOB_ID-OUTPUT.EXTENSION; one that is there is replaced once the\n"
    "new one is whole. What has come of an unfinished one stays in FILE.part: run the\n"
    "same command again.\n";

enum key { OUTPUT, ONLY, MAX_WAIT, POLL_INTERVAL, RATE, JSON, BASE_URL, CA_FILE, VERBOSE, TRACE, KEYS };

static const struct rule {
    const char *name;
    bool has_value;
    unsigned commands; /* for which it means something */
} rules[KEYS] = {
    [OUTPUT] = {"--output", true, DOWNLOAD},
    [ONLY] = {"--only", true, DOWNLOAD},
    [MAX_WAIT] = {"--max-wait", true, WAIT | DOWNLOAD},
    [POLL_INTERVAL] = {"--poll-interval", true, WAIT | DOWNLOAD},
    [RATE] = {"--rate", true, GET | WAIT | DOWNLOAD},
    [JSON] = {"--json", false, GET | WAIT | DOWNLOAD | PARSE},
    [BASE_URL] = {"--base-url", true, GET | WAIT | DOWNLOAD},
    [CA_FILE] = {"--ca-file", true, GET | WAIT | DOWNLOAD},
    [VERBOSE] = {"--verbose", false, GET | WAIT | DOWNLOAD},
    [TRACE] = {"--trace", true, GET | WAIT | DOWNLOAD},
};

static const struct {
    const char *name;
    enum command command;
} commands[] = {{"get", GET}, {"wait", WAIT}, {"download", DOWNLOAD}, {"parse", PARSE}};

/* A number above 0 in plain digits, and where it ends; else 0. */
static double number(const char *text, const char **rest) {
    size_t length = strspn(text, "0123456789.");
    char *end = NULL;
    double value = strtod(text, &end);
    *rest = text + length;
    return length > 0 && end == *rest && value > 0.0 && value < 1e9 ? value : 0.0;
}

static bool read_time(const char *text, int64_t *ms) {
    const char *unit = NULL;
    double seconds = number(text, &unit);
    if (strcmp(unit, "m") == 0)
        seconds *= 60.0;
    else if (strcmp(unit, "h") == 0)
        seconds *= 3600.0;
    else if (*unit != '\0' && strcmp(unit, "s") != 0)
        return false;
    *ms = (int64_t)(seconds * 1000.0 + 0.5);
    return *ms > 0;
}

static bool read_rate(const char *text, double *rate) {
    const char *rest = NULL;
    *rate = number(text, &rest);
    return *rate > 0.0 && *rest == '\0';
}

static bool is_word(const char *text, size_t length, const char *word) {
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

/* Reads a list of outputs into bits. */
static bool read_only(const char *text, unsigned *only) {
    for (;;) {
        size_t length = strcspn(text, ",");
        unsigned found = 0;
        for (unsigned i = 0; i < OUTPUTS; i++)
            if (is_word(text, length, pictory_output_name((pictory_output)i)))
                found = 1U << i;
        if (found == 0)
            return false;
        *only |= found;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

/* Takes an option. Returns NULL, or what its value should have been. */
static const char *take(struct options *options, enum key key, const char *value) {
    switch (key) {
    case OUTPUT:
        options->folder = value;
        return *value != '\0' ? NULL : "a folder";
    case ONLY:
        return read_only(value, &options->only)
                   ? NULL
                   : "some of video, thumbnail, last-frame and preview, with commas between";
    case MAX_WAIT:
        options->max_wait_ms = PICTORY_WAIT_FOREVER;
        return strcmp(value, "forever") == 0 || read_time(value, &options->max_wait_ms)
                   ? NULL
                   : "a time such as 90, 90s, 10m, 2h or forever";
    case POLL_INTERVAL:
        return read_time(value, &options->poll_interval_ms) && options->poll_interval_ms >= 10
                   ? NULL
                   : "a time of at least 0.01s, such as 15, 15s or 1m";
    case RATE:
        return read_rate(value, &options->rate) ? NULL : "requests in a second, such as 5 or 0.5";
    case JSON:
        options->is_json = true;
        return NULL;
    case BASE_URL:
        options->base_url = value;
        return NULL;
    case CA_FILE:
        options->ca_file = value;
        return NULL;
    case VERBOSE:
        options->is_verbose = true;
        return NULL;
    case TRACE:
        options->trace = value;
        return *value != '\0' ? NULL : "a file";
    default:
        return "something else";
    }
}

/* Reads the option at argv[*i], written --name VALUE or --name=VALUE. */
static bool read_option(char **argv, int *i, struct options *options, unsigned *given) {
    const char *word = argv[*i], *value = strchr(word, '=');
    size_t length = value != NULL ? (size_t)(value - word) : strlen(word);
    unsigned key = 0;
    while (key < KEYS && !is_word(word, length, rules[key].name))
        key++;
    if (key == KEYS) {
        say("unknown option %s; see pictory --help", word);
        return false;
    }
    if (value != NULL)
        value++;
    else if (rules[key].has_value)
        value = argv[++*i]; /* NULL at the end */
    if (rules[key].has_value != (value != NULL)) {
        say("%s %s", rules[key].name, value != NULL ? "takes no value" : "needs a value");
        return false;
    }
    const char *wanted = take(options, (enum key)key, value);
    if (wanted != NULL)
        say("%s %s: must be %s", rules[key].name, value, wanted);
    *given |= 1U << key;
    return wanted == NULL;
}

/* Checks options and words together. */
static bool is_complete(const struct options *options, const char *command, unsigned given) {
    if (command == NULL) {
        say("say what to do: get, wait, download or parse; see pictory --help");
        return false;
    }
    if (options->command == 0) {
        say("unknown command %s; there are get, wait, download and parse", command);
        return false;
    }
    for (unsigned key = 0; key < KEYS; key++) {
        if ((given & 1U << key) != 0 && (rules[key].commands & options->command) == 0) {
            say("%s means nothing to pictory %s", rules[key].name, command);
            return false;
        }
    }
    if (options->command == PARSE ? options->count != 1 : options->count == 0) {
        say("pictory %s needs %s", command,
            options->command == PARSE ? "one file, or - for stdin" : "a job id, or - for stdin");
        return false;
    }
    return true;
}

int read_options(int argc, char **argv, struct options *options) {
    const char *command = NULL;
    unsigned given = 0;
    bool has_ended = false; /* by -- */
    *options = (struct options){.folder = "."};
    options->words = calloc((size_t)argc + 1, sizeof *options->words);
    if (options->words == NULL) {
        say("no memory left");
        return EXIT_TROUBLE;
    }
    for (int i = 1; i < argc; i++) {
        if (has_ended || argv[i][0] != '-' || argv[i][1] == '\0') {
            if (command != NULL) {
                options->words[options->count++] = argv[i];
                continue;
            }
            command = argv[i];
            if (strcmp(command, "help") == 0) {
                fputs(help, stdout);
                return EXIT_COMPLETED;
            }
            for (size_t c = 0; c < sizeof commands / sizeof *commands; c++)
                if (strcmp(command, commands[c].name) == 0)
                    options->command = commands[c].command;
        } else if (strcmp(argv[i], "--") == 0) {
            has_ended = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return EXIT_COMPLETED;
        } else if (strcmp(argv[i], "--version") == 0) {
            printf("pictory %s\n", pictory_version());
            return EXIT_COMPLETED;
        } else if (!read_option(argv, &i, options, &given)) {
            return EXIT_USAGE;
        }
    }
    return is_complete(options, command, given) ? GO_ON : EXIT_USAGE;
}

void free_options(struct options *options) {
    free(options->words);
}
