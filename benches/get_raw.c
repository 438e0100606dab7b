/* The floor: a blocking socket, OpenSSL for HTTPS, and a reader that knows this one reply. It has no
 * time-out, cannot be cancelled, retries nothing, and believes what the server says. */
#include "get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

struct caller {
    int socket;
    SSL *ssl;
    char request[512], reply[1 << 20];
    size_t request_length;
};

struct job {
    char job_id[64], status[32], *texts[5];
    double numbers[3];
};

static void connect_to(struct caller *caller, const struct get *get) {
    char scheme[8], host[64];
    unsigned port;
    if (sscanf(get->base_url, "%7[a-z]://%63[0-9.]:%u", scheme, host, &port) != 3)
        fail("not an address: %s", get->base_url);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    int on = 1;
    caller->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(caller->socket, (struct sockaddr *)&address, sizeof address) != 0)
        fail("cannot connect");
    setsockopt(caller->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const char *path = strchr(get->base_url + strlen(scheme) + 3, '/');
    caller->request_length = (size_t)snprintf(
        caller->request, sizeof caller->request,
        "GET %s/v1/jobs/%s HTTP/1.1\r\nHost: %s:%u\r\nAuthorization: %s\r\n"
        "Accept: application/json\r\nUser-Agent: %s\r\n\r\n",
        path != NULL ? path : "", JOB, host, port, KEY, AGENT);
    if (strcmp(scheme, "https") != 0)
        return;
    SSL_CTX *context = some(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (get->ca == NULL || SSL_CTX_load_verify_locations(context, get->ca, NULL) != 1)
        fail("no certificates");
    caller->ssl = some(SSL_new(context));
    SSL_CTX_free(context);
    SSL_set_fd(caller->ssl, caller->socket);
    if (SSL_connect(caller->ssl) != 1)
        fail("no TLS");
}

static size_t receive(struct caller *caller, size_t had) {
    size_t room = sizeof caller->reply - 1 - had;
    ssize_t got = caller->ssl != NULL ? SSL_read(caller->ssl, caller->reply + had, (int)room)
                                      : recv(caller->socket, caller->reply + had, room, 0);
    if (got <= 0)
        fail("the connection broke");
    caller->reply[had + (size_t)got] = '\0';
    return had + (size_t)got;
}

/* Sends the request; gives back the body, and what it is long. */
static const char *exchange(struct caller *caller, size_t *length) {
    ssize_t sent = caller->ssl != NULL
                       ? SSL_write(caller->ssl, caller->request, (int)caller->request_length)
                       : send(caller->socket, caller->request, caller->request_length, MSG_NOSIGNAL);
    if (sent != (ssize_t)caller->request_length)
        fail("cannot send");
    size_t had = 0;
    char *end = NULL;
    while (end == NULL) {
        had = receive(caller, had);
        end = strstr(caller->reply, "\r\n\r\n");
    }
    char *field = strcasestr(caller->reply, "\r\nContent-Length:");
    if (strncmp(caller->reply, "HTTP/1.1 200 ", 13) != 0 || field == NULL || field > end)
        fail("not a reply: %s", caller->reply);
    *length = strtoul(field + 17, NULL, 10);
    size_t head = (size_t)(end - caller->reply) + 4;
    while (had < head + *length)
        had = receive(caller, had);
    return caller->reply + head;
}

/* What stands between the quotes at `at`; `after` is behind them. */
static size_t quoted(const char *at, const char **after) {
    const char *end = at + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    *after = end + 1;
    return (size_t)(end - at) - 1;
}

static void take_text(struct job *job, const char *name, size_t name_length, const char *text,
                      size_t length) {
    static const char *const names[] = {"url", "thumbnailImageUrl", "lastFrameImageUrl",
                                        "previewImageUrl", "duration"};
    if (name_length == 6 && memcmp(name, "job_id", 6) == 0 && length < sizeof job->job_id)
        memcpy(job->job_id, text, length);
    if (name_length == 6 && memcmp(name, "status", 6) == 0 && length < sizeof job->status)
        memcpy(job->status, text, length);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (job->texts[i] == NULL && strlen(names[i]) == name_length &&
            memcmp(name, names[i], name_length) == 0)
            job->texts[i] = some(strndup(text, length));
}

static const char *take_number(struct job *job, const char *name, size_t length, const char *at) {
    static const char *const names[] = {"width", "height", "aiCreditsUsed"};
    char *after;
    double number = strtod(at, &after);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && memcmp(name, names[i], length) == 0)
            job->numbers[i] = number;
    return after == at ? at + 1 : after;
}

static void read_job(struct job *job, const char *body, size_t length) {
    memset(job, 0, sizeof *job);
    for (const char *at = body, *end = body + length; at < end;) {
        if (*at != '"') {
            at++;
            continue;
        }
        const char *name = at + 1;
        size_t name_length = quoted(at, &at);
        for (; *at == ' ' || *at == ':' || *at == '\n'; at++)
            ;
        if (*at == '"') {
            const char *text = at + 1;
            size_t text_length = quoted(at, &at);
            take_text(job, name, name_length, text, text_length);
        } else if (*at == '-' || (*at >= '0' && *at <= '9')) {
            at = take_number(job, name, name_length, at);
        }
    }
}

static void once(void *context) {
    struct caller *caller = context;
    size_t length;
    const char *body = exchange(caller, &length);
    struct job job;
    read_job(&job, body, length);
    if (strcmp(job.job_id, JOB) != 0 || job.status[0] == '\0')
        fail("not a job: %s", body);
    for (size_t i = 0; i < sizeof job.texts / sizeof *job.texts; i++)
        free(job.texts[i]);
}

int main(int argc, char **argv) {
    struct get get = get_arguments(argc, argv);
    struct caller *caller = some(calloc(1, sizeof *caller));
    connect_to(caller, &get);
    get_measure(&get, once, caller);
    SSL_free(caller->ssl);
    close(caller->socket);
    free(caller);
    return 0;
}
