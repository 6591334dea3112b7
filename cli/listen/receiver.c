/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "receiver.h"

#ifdef HAS_LOADCAST_MICROHTTPD
#include "base/library.h"
#include "fit/trace/request.h"
#include "otlp.h"
#include "trace_log.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#define FUNCTIONS(X)                                                                                                   \
    X(MHD_add_response_header)                                                                                         \
    X(MHD_create_response_from_buffer)                                                                                 \
    X(MHD_destroy_response)                                                                                            \
    X(MHD_get_connection_info)                                                                                         \
    X(MHD_lookup_connection_value)                                                                                     \
    X(MHD_queue_response)                                                                                              \
    X(MHD_quiesce_daemon)                                                                                              \
    X(MHD_start_daemon)                                                                                                \
    X(MHD_stop_daemon)
FUNCTIONS(LCI_POINTER)
static const struct lci_function functions[] = {FUNCTIONS(LCI_FUNCTION){NULL, NULL}};
#define MHD_add_response_header         lci_MHD_add_response_header
#define MHD_create_response_from_buffer lci_MHD_create_response_from_buffer
#define MHD_destroy_response            lci_MHD_destroy_response
#define MHD_get_connection_info         lci_MHD_get_connection_info
#define MHD_lookup_connection_value     lci_MHD_lookup_connection_value
#define MHD_queue_response              lci_MHD_queue_response
#define MHD_quiesce_daemon              lci_MHD_quiesce_daemon
#define MHD_start_daemon                lci_MHD_start_daemon
#define MHD_stop_daemon                 lci_MHD_stop_daemon

#define CONNECTIONS 256
#define SPARE       32                /* places of these that are given to who waits, from 224 connections on */
#define IDLE        60                /* s after which a connection that says nothing is closed */
#define STACK       ((size_t)1 << 20) /* bytes of a connection's thread */
#define LAST        5                 /* s for the requests that are there at the end */
#define DRAINED     4                 /* times the longest request: of a longer one no answer is read */

enum { TRACES, METRICS, LOGS };
static const char *const paths[] = {"/v1/traces", "/v1/metrics", "/v1/logs"};

struct place { /* of a connection */
    int socket;
    bool taken, closing;
    int64_t since; /* when its last request ended, ns */
};

struct receiver {
    struct receiver_options options;
    pthread_mutex_t door; /* of the places */
    struct place places[CONNECTIONS];
    struct MHD_Daemon *daemon;
    struct trace_log *json, *protobuf;
    sem_t checking; /* as many at a time as there are processors */
    atomic_size_t held;
    atomic_uint active; /* requests */
    atomic_bool full;   /* the last write failed */
    atomic_uint_fast64_t requests, spans, rejected, refused, busy, metrics, logs, bytes, displaced;
};

struct incoming { /* a request */
    struct receiver *receiver;
    unsigned signal; /* TRACES … */
    bool protobuf, gzip;
    unsigned status; /* 0: nothing is wrong yet */
    const char *why;
    char *body;
    size_t length, capacity, reserved, passed; /* reserved: of the receiver's memory; passed: bytes that are not kept */
};

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static bool reserve(void *context, size_t bytes)
{
    struct incoming *in = context;
    struct receiver *r = in->receiver;
    const size_t before = atomic_fetch_add(&r->held, bytes);
    if (before + bytes > r->options.most_memory) {
        atomic_fetch_sub(&r->held, bytes);
        return false;
    }
    in->reserved += bytes;
    return true;
}

static void refuse(struct incoming *in, unsigned status, const char *why)
{
    if (in->status == 0) {
        in->status = status;
        in->why = why;
    }
}

static void take_body(struct incoming *in, const char *bytes, size_t length)
{
    const size_t most = in->receiver->options.most_request;
    if (in->status == 0 && in->length + length > most)
        refuse(in, MHD_HTTP_CONTENT_TOO_LARGE, "the request is too long (--max-request)");
    if (in->status == 0 && in->length + length > in->capacity) {
        size_t wanted = in->capacity == 0 ? 16384 : 2 * in->capacity;
        while (wanted < in->length + length)
            wanted *= 2;
        if (reserve(in, wanted - in->capacity)) {
            in->body = lc_realloc(in->body, wanted, 1);
            in->capacity = wanted;
        } else {
            refuse(in, MHD_HTTP_TOO_MANY_REQUESTS, "too many requests are being received (--memory)");
        }
    }
    if (in->status != 0 || in->signal != TRACES) {
        in->passed += length;
        return;
    }
    memcpy(in->body + in->length, bytes, length);
    in->length += length;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, const struct incoming *in, unsigned status,
                              struct otlp_bytes body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(body.length, body.bytes, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, "Content-Type", in->protobuf ? "application/x-protobuf" : "application/json");
    if (status == MHD_HTTP_TOO_MANY_REQUESTS || status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, "Retry-After", "1");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "POST");
    const enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_refused(struct MHD_Connection *connection, struct incoming *in)
{
    struct receiver *r = in->receiver;
    const bool later = in->status == MHD_HTTP_TOO_MANY_REQUESTS || in->status == MHD_HTTP_SERVICE_UNAVAILABLE;
    atomic_fetch_add(later ? &r->busy : &r->refused, 1);
    return answer(connection, in, in->status, otlp_failure(in->protobuf, in->status, in->why));
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static void unpack(struct incoming *in)
{
    struct otlp_bytes unpacked;
    size_t capacity;
    switch (otlp_unpack(in->body, in->length, in->receiver->options.most_request, reserve, in, &unpacked, &capacity)) {
    case OTLP_WHOLE: break;
    case OTLP_DAMAGED: refuse(in, MHD_HTTP_BAD_REQUEST, "the body is no whole gzip stream"); break;
    case OTLP_TOO_LARGE:
        refuse(in, MHD_HTTP_CONTENT_TOO_LARGE, "the request is too long, unpacked (--max-request)");
        break;
    case OTLP_NO_ROOM: refuse(in, MHD_HTTP_TOO_MANY_REQUESTS, "too many requests are being received (--memory)"); break;
    }
    free(in->body);
    in->body = unpacked.bytes;
    in->length = unpacked.length;
    in->capacity = capacity;
}

/* JSON becomes a line, a message one with its length before it. */
static int write_record(struct incoming *in)
{
    struct receiver *r = in->receiver;
    char *record = lc_alloc(in->length + 4);
    if (in->protobuf) {
        const uint32_t length = (uint32_t)in->length;
        for (int i = 0; i < 4; i++)
            record[i] = (char)(length >> (24 - 8 * i));
        memcpy(record + 4, in->body, in->length);
    } else {
        for (size_t i = 0; i < in->length; i++)
            record[i] = in->body[i] == '\n' || in->body[i] == '\r' ? ' ' : in->body[i]; /* none is within a text */
        record[in->length] = '\n';
    }
    const int status = trace_log_add(in->protobuf ? r->protobuf : r->json, record, in->length + (in->protobuf ? 4 : 1));
    free(record);
    if (status != 0 && !atomic_exchange(&r->full, true)) {
        char *text = lc_format("%s: cannot be written: %s; requests are refused (503) until that is mended",
                               r->options.folder, strerror(status));
        r->options.say(text);
        free(text);
    } else if (status == 0) {
        atomic_store(&r->full, false);
    }
    return status;
}

static int check(struct incoming *in, struct lci_export_request *request, char **wrong)
{
    struct receiver *r = in->receiver;
    struct lc_diag diag = {.limit = 1};
    while (sem_wait(&r->checking) != 0)
        continue;
    const int status = lci_request_check(in->protobuf, in->body, in->length, request, &diag);
    sem_post(&r->checking);
    for (size_t i = 0; i < diag.count && *wrong == NULL; i++)
        if (diag.messages[i].severity == LC_ERROR)
            *wrong = lc_strdup(diag.messages[i].text);
    lc_diag_free(&diag);
    return status;
}

static enum MHD_Result take_traces(struct MHD_Connection *connection, struct incoming *in)
{
    struct receiver *r = in->receiver;
    struct lci_export_request request = {0};
    char *wrong = NULL;
    if (in->gzip)
        unpack(in);
    if (in->status == 0 && !reserve(in, in->length)) /* for the record */
        refuse(in, MHD_HTTP_TOO_MANY_REQUESTS, "too many requests are being received (--memory)");
    if (in->status == 0 && check(in, &request, &wrong) != 0)
        refuse(in, MHD_HTTP_BAD_REQUEST, wrong != NULL ? wrong : "the request is no ExportTraceServiceRequest");
    if (in->status == 0 && request.spans > 0 && write_record(in) != 0)
        refuse(in, MHD_HTTP_SERVICE_UNAVAILABLE, "the spans cannot be written");
    enum MHD_Result result;
    if (in->status != 0) {
        result = answer_refused(connection, in);
    } else {
        atomic_fetch_add(&r->requests, 1);
        atomic_fetch_add(&r->spans, request.spans - request.left_out);
        atomic_fetch_add(&r->rejected, request.left_out);
        atomic_fetch_add(&r->bytes, in->length);
        result = answer(connection, in, MHD_HTTP_OK,
                        otlp_success(in->protobuf, request.left_out,
                                     "spans without a trace id or a span id, or of impossible times, are not read"));
    }
    free(wrong);
    return result;
}

static enum MHD_Result finish(struct MHD_Connection *connection, struct incoming *in)
{
    if (in->status != 0)
        return answer_refused(connection, in);
    if (in->signal == TRACES)
        return take_traces(connection, in);
    atomic_fetch_add(in->signal == METRICS ? &in->receiver->metrics : &in->receiver->logs, 1);
    return answer(connection, in, MHD_HTTP_OK, otlp_success(in->protobuf, 0, NULL));
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* When few places are left, the connection whose last request ended (or that came) longest ago makes room: a client
 * that sends slowly, or one that has nothing to say and comes again when it has. */
static void make_room(struct receiver *r)
{
    struct place *oldest = NULL;
    unsigned taken = 0;
    for (struct place *p = r->places; p < r->places + CONNECTIONS; p++) {
        taken += p->taken && !p->closing;
        if (p->taken && !p->closing && (oldest == NULL || p->since < oldest->since))
            oldest = p;
    }
    if (taken <= CONNECTIONS - SPARE)
        return;
    oldest->closing = true;
    shutdown(oldest->socket, SHUT_RDWR); /* its thread ends it */
    atomic_fetch_add(&r->displaced, 1);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **place,
                          enum MHD_ConnectionNotificationCode code)
{
    struct receiver *r = context;
    struct place *p = *place;
    pthread_mutex_lock(&r->door);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        for (p = r->places; p < r->places + CONNECTIONS && p->taken;)
            p++;
        if (p < r->places + CONNECTIONS) {
            const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
            *p = (struct place){.socket = info->connect_fd, .taken = true, .since = now()};
            *place = p;
        }
        make_room(r);
    } else if (p != NULL) {
        p->taken = false;
    }
    pthread_mutex_unlock(&r->door);
}

static void note_end(struct receiver *r, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct place *p = info != NULL ? info->socket_context : NULL;
    if (p == NULL)
        return;
    pthread_mutex_lock(&r->door);
    p->since = now();
    pthread_mutex_unlock(&r->door);
}

/* ---- the beginning of a request ---------------------------------------------------------------------------------- */

static const char *header(struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value != NULL ? value : "";
}

/* A media type, whatever its parameters. */
static bool is_type(const char *value, const char *type)
{
    const size_t length = strlen(type);
    return strncasecmp(value, type, length) == 0 && strchr("; \t", value[length]) != NULL;
}

static void look_at_head(struct MHD_Connection *connection, struct incoming *in, const char *url, const char *method)
{
    const char *type = header(connection, "Content-Type"), *encoding = header(connection, "Content-Encoding");
    const char *length = header(connection, "Content-Length");
    in->protobuf = is_type(type, "application/x-protobuf");
    in->gzip = strcasecmp(encoding, "gzip") == 0;
    unsigned signal = TRACES;
    while (signal <= LOGS && strcmp(url, paths[signal]) != 0)
        signal++;
    in->signal = signal;
    if (signal > LOGS)
        refuse(in, MHD_HTTP_NOT_FOUND, "expected /v1/traces, /v1/metrics or /v1/logs");
    else if (strcmp(method, "POST") != 0)
        refuse(in, MHD_HTTP_METHOD_NOT_ALLOWED, "expected POST");
    else if (!in->protobuf && !is_type(type, "application/json"))
        refuse(in, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "expected Content-Type application/json or application/x-protobuf");
    else if (!in->gzip && *encoding != 0 && strcasecmp(encoding, "identity") != 0)
        refuse(in, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "expected Content-Encoding gzip, or none");
    else if (signal == TRACES && strtoull(length, NULL, 10) > in->receiver->options.most_request)
        refuse(in, MHD_HTTP_CONTENT_TOO_LARGE, "the request is too long (--max-request)");
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *length, void **state)
{
    (void)version;
    struct receiver *r = context;
    struct incoming *in = *state;
    if (in == NULL) {
        *state = in = lc_calloc(1, sizeof *in);
        in->receiver = r;
        atomic_fetch_add(&r->active, 1);
        look_at_head(connection, in, url, method);
        /* Who asks before it sends is answered at once; others read no answer before they have sent all. */
        return in->status != 0 && *header(connection, "Expect") != 0 ? answer_refused(connection, in) : MHD_YES;
    }
    if (*length == 0)
        return finish(connection, in);
    take_body(in, bytes, *length);
    *length = 0;
    return in->passed > DRAINED * r->options.most_request ? MHD_NO : MHD_YES;
}

static void on_end(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
    struct receiver *r = context;
    struct incoming *in = *state;
    if (in == NULL)
        return;
    if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        note_end(r, connection);
    atomic_fetch_sub(&r->held, in->reserved);
    free(in->body);
    free(in);
    *state = NULL;
    atomic_fetch_sub(&r->active, 1);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* libmicrohttpd says what is no news: connections that clients have closed. */
static void say_nothing(void *context, const char *format, va_list arguments)
{
    (void)context, (void)format, (void)arguments;
}

struct receiver *receiver_start(int socket, const struct receiver_options *options, struct lc_diag *diag)
{
    if (lci_library_load(SONAME_libmicrohttpd, "libmicrohttpd12", functions, "listen", diag) != 0) {
        close(socket);
        return NULL;
    }
    struct receiver *r = lc_calloc(1, sizeof *r);
    r->options = *options;
    r->json = trace_log_new(options->folder, ".jsonl", NULL, 0, options->longest);
    /* An empty message: readers tell the format by the first one, whatever the order of its fields. */
    r->protobuf = trace_log_new(options->folder, ".pb", "\0\0\0\2\x0A\0", 6, options->longest);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_mutex_init(&r->door, NULL);
    sem_init(&r->checking, 0, processors > 0 ? (unsigned)processors : 1);
    r->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                                     MHD_USE_ITC | MHD_USE_ERROR_LOG,
                                 0, NULL, NULL, on_request, r, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
                                 MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_NOTIFY_COMPLETED, on_end, r,
                                 MHD_OPTION_NOTIFY_CONNECTION, on_connection, r, MHD_OPTION_CONNECTION_LIMIT,
                                 (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE,
                                 MHD_OPTION_THREAD_STACK_SIZE, STACK, MHD_OPTION_END);
    if (r->daemon != NULL)
        return r;
    lc_error(diag, LC_MACHINE, NULL, "the server does not start: libmicrohttpd gives no reason");
    close(socket);
    trace_log_free(r->json);
    trace_log_free(r->protobuf);
    sem_destroy(&r->checking);
    pthread_mutex_destroy(&r->door);
    free(r);
    return NULL;
}

void receiver_count(const struct receiver *r, struct receiver_counts *c)
{
    *c = (struct receiver_counts){.requests = atomic_load(&r->requests),
                                  .spans = atomic_load(&r->spans),
                                  .rejected = atomic_load(&r->rejected),
                                  .refused = atomic_load(&r->refused),
                                  .busy = atomic_load(&r->busy),
                                  .metrics = atomic_load(&r->metrics),
                                  .logs = atomic_load(&r->logs),
                                  .displaced = atomic_load(&r->displaced),
                                  .bytes = atomic_load(&r->bytes),
                                  .files = trace_log_files(r->json) + trace_log_files(r->protobuf)};
}

void receiver_stop(struct receiver *r, struct receiver_counts *counts)
{
    const int socket = MHD_quiesce_daemon(r->daemon);
    for (int i = 0; i < LAST * 100 && atomic_load(&r->active) > 0; i++)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    MHD_stop_daemon(r->daemon);
    if (socket >= 0)
        close(socket);
    receiver_count(r, counts);
    trace_log_free(r->json);
    trace_log_free(r->protobuf);
    sem_destroy(&r->checking);
    pthread_mutex_destroy(&r->door);
    free(r);
}

#else
#include <unistd.h>

struct receiver *receiver_start(int socket, const struct receiver_options *options, struct lc_diag *diag)
{
    (void)options;
    close(socket);
    lc_error(
        diag, LC_MACHINE, NULL,
        "this loadcast was built without libmicrohttpd, which listens; expected a build where libmicrohttpd-dev is "
        "installed");
    return NULL;
}

void receiver_count(const struct receiver *receiver, struct receiver_counts *counts)
{
    (void)receiver;
    *counts = (struct receiver_counts){0};
}

void receiver_stop(struct receiver *receiver, struct receiver_counts *counts)
{
    receiver_count(receiver, counts);
}

#endif
