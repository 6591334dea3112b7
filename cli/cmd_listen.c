/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast listen: traces come by OTLP/HTTP and lie in files. */
#include "base/output.h"
#include "base/temporary.h"
#include "base/text.h"
#include "commands.h"
#include "listen/receiver.h"
#include "loadcast/format.h"
#include "render/json.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 256

struct listen {
    struct cli_common common;
    const char *http, *folder;
    double most_request, memory, rotate; /* MB */
};

static void say(const char *text)
{
    fprintf(stderr, "loadcast: %s\n", text);
}

/* ---- the address ------------------------------------------------------------------------------------------------- */

/* HOST:PORT, [HOST]:PORT, or :PORT for all addresses; the caller frees both. False: it is none. */
static bool split(const char *address, char **host, char **port)
{
    const char *colon = strrchr(address, ':');
    const bool bracket = address[0] == '[';
    const char *end = bracket ? strchr(address, ']') : colon;
    *host = *port = NULL;
    if (colon == NULL || end == NULL || (bracket && end + 1 != colon) || (!bracket && strchr(address, ':') != colon))
        return false;
    char *rest;
    const unsigned long number = strtoul(colon + 1, &rest, 10);
    if (colon[1] < '0' || colon[1] > '9' || *rest != 0 || number > 65535)
        return false;
    *host = end > address + bracket ? lc_strndup(address + bracket, (size_t)(end - address) - bracket) : NULL;
    *port = lc_strdup(colon + 1);
    return true;
}

static int open_socket(const char *address, struct lc_diag *diag)
{
    char *host, *port;
    split(address, &host, &port);
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    const int unknown = getaddrinfo(host, port, &hints, &found);
    int fd = -1, why = 0;
    for (const struct addrinfo *a = found; unknown == 0 && a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        const int on = 1;
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
                        bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)) {
            why = errno;
            close(fd);
            fd = -1;
        }
    }
    if (unknown != 0)
        lc_error(diag, LC_INPUT, NULL, "--http %s: the host is not known: %s", address, gai_strerror(unknown));
    else if (fd < 0)
        lc_error(diag, LC_MACHINE, NULL,
                 "--http %s: cannot listen there: %s; expected an address of this machine and "
                 "a port that is free",
                 address, strerror(why));
    else
        freeaddrinfo(found);
    if (unknown == 0 && fd < 0)
        freeaddrinfo(found);
    free(host);
    free(port);
    return fd;
}

/* What it got: the port may have been 0. Owned by the caller. */
static char *address_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return lc_strdup("?");
    return lc_format(strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

/* ---- the work ---------------------------------------------------------------------------------------------------- */

static int make_folder(const char *folder, struct lc_diag *diag)
{
    char *what = lc_format("--output %s", folder);
    if (lci_folder_make(folder, what, diag) == 0 && access(folder, W_OK | X_OK) != 0)
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written into: %s", what, strerror(errno));
    free(what);
    char *any = lc_format("%s/file", folder);
    lci_temporary_sweep(any); /* what a listener left that was killed */
    free(any);
    return diag->errors == 0 ? 0 : -1;
}

static void show_counts(const struct receiver_counts *c, FILE *out)
{
    fprintf(out, "%" PRIu64 " spans in %" PRIu64 " requests received, %.3g MB in %" PRIu64 " files\n", c->spans,
            c->requests, (double)c->bytes / 1e6, c->files);
    if (c->rejected > 0)
        fprintf(out, "%" PRIu64 " spans rejected: without ids, or of impossible times\n", c->rejected);
    if (c->refused > 0)
        fprintf(out, "%" PRIu64 " requests refused: they are wrong\n", c->refused);
    if (c->busy > 0)
        fprintf(out, "%" PRIu64 " requests put off (429, 503): there was no room\n", c->busy);
    if (c->displaced > 0)
        fprintf(out, "%" PRIu64 " idle or slow connections closed for others: there were more than 224\n",
                c->displaced);
    if (c->metrics > 0 || c->logs > 0)
        fprintf(out, "%" PRIu64 " requests with metrics and %" PRIu64 " with logs dropped\n", c->metrics, c->logs);
}

static int write_json(const struct receiver_counts *c, const char *file, struct lc_diag *diag)
{
    json_t *document =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "schema", "loadcast.listen/1", "requests",
                  (json_int_t)c->requests, "spans", (json_int_t)c->spans, "rejected_spans", (json_int_t)c->rejected,
                  "refused_requests", (json_int_t)c->refused, "busy_requests", (json_int_t)c->busy,
                  "closed_connections", (json_int_t)c->displaced, "metrics_requests", (json_int_t)c->metrics,
                  "logs_requests", (json_int_t)c->logs, "bytes", (json_int_t)c->bytes, "files", (json_int_t)c->files);
    return cli_json_write(document, CLI_JSON_ALL, file, diag);
}

static void serve(const struct listen *l, struct receiver *receiver, struct lc_diag *diag)
{
    struct receiver_counts counts;
    struct cli_progress progress;
    const atomic_int *stop = cli_stop();
    cli_progress_start(&progress, "receiving", "spans", &l->common);
    while (atomic_load(stop) == 0) {
        nanosleep(&(struct timespec){0, 50000000}, NULL); /* a signal ends it earlier */
        receiver_count(receiver, &counts);
        cli_progress_show(&progress, (double)counts.spans, 0);
    }
    cli_progress_end(&progress);
    receiver_stop(receiver, &counts);
    if (!cli_is_stdout(l->common.json))
        show_counts(&counts, stdout);
    if (l->common.json != NULL)
        write_json(&counts, l->common.json, diag);
}

static void start(const struct listen *l, struct lc_diag *diag)
{
    const struct cli_output output = {"--json", l->common.json};
    if (make_folder(l->folder, diag) != 0 || cli_check_outputs(&(struct cli_outputs){&output, 1, NULL, 0}, diag) != 0)
        return;
    const int fd = open_socket(l->http, diag);
    if (fd < 0)
        return;
    char *address = address_of(fd);
    const struct receiver_options options = {.folder = l->folder,
                                             .most_request = (size_t)(l->most_request * 1e6),
                                             .most_memory = (size_t)(l->memory * 1e6),
                                             .longest = (uint64_t)(l->rotate * 1e6),
                                             .say = say};
    struct receiver *receiver = receiver_start(fd, &options, diag);
    if (receiver != NULL) {
        if (!l->common.quiet)
            fprintf(stderr, "loadcast: listening on http://%s, writing into %s; ^C ends it\n", address, l->folder);
        serve(l, receiver, diag);
    }
    free(address);
}

static int run(int argc, char **argv)
{
    struct listen l = {.most_request = 20, .memory = 256, .rotate = 64};
    struct cli_option options[] = {
        {"http", 0, CLI_TEXT, "HOST:PORT", "where to listen, e.g. 127.0.0.1:4318; port 0: any that is free", &l.http},
        {"output", 'o', CLI_TEXT, "DIR", "the folder that traces are written into", &l.folder},
        {"rotate", 0, CLI_NUMBER, "MB", "begin another file at this length (64)", &l.rotate},
        {"max-request", 0, CLI_NUMBER, "MB", "refuse a request that is longer, unpacked (20)", &l.most_request},
        {"memory", 0, CLI_NUMBER, "MB", "memory for requests that are being read; further ones have to retry (256)",
         &l.memory},
        {0},
    };
    const int operands = cli_parse(&cmd_listen, argc, argv, options, &l.common);
    if (operands > 0)
        cli_usage_error(&cmd_listen, "expected options only, found '%s'", argv[0]);
    if (l.http == NULL || l.folder == NULL || *l.folder == 0)
        cli_usage_error(&cmd_listen, "expected --http HOST:PORT and -o DIR");
    char *host, *port;
    const bool good = split(l.http, &host, &port);
    free(host);
    free(port);
    if (!good)
        cli_usage_error(&cmd_listen, "--http: expected HOST:PORT such as 127.0.0.1:4318, found '%s'", l.http);
    if (!(l.rotate > 0 && l.rotate <= 1e6 && l.most_request > 0 && l.most_request <= 64 && l.memory > 0 &&
          l.memory <= 1e6))
        cli_usage_error(&cmd_listen,
                        "--rotate and --memory: expected 1 MB or so to 1 TB; --max-request: at most 64 MB");
    struct lc_diag diag = {0};
    start(&l, &diag);
    return (int)cli_report(&diag, &l.common);
}

const struct cli_command cmd_listen = {
    .name = "listen",
    .usage = "--http HOST:PORT -o DIR [options]",
    .summary = "Receives traces by OTLP/HTTP, so that a test run needs no collector",
    .details =
        "Takes what OpenTelemetry SDKs and collectors export: POST /v1/traces as JSON or protobuf, plain or gzip. An\n"
        "answer says that the spans are on disk. DIR can be read at any time, by any command that takes traces.\n"
        "Metrics and logs are answered and dropped. Ends by ^C or SIGTERM and says what came.\n\n"
        "  loadcast listen --http 127.0.0.1:4318 -o traces/ &\n"
        "  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 npm test; kill %1\n"
        "  loadcast run traces/",
    .endless = true,
    .run = run,
};
