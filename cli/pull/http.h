/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What servers of traces answer, by libcurl: in bounded time and memory, asked again where that may help. Certificates
 * are checked; credentials come from the environment, go to the host that was named alone, and stand in no message.
 */
#ifndef CLI_PULL_HTTP_H
#define CLI_PULL_HTTP_H

#include "loadcast/base.h"

struct pull_http;

struct pull_http_options {
    double timeout;      /* s without a byte after which a server is given up; 10 times that for a whole answer */
    const char *ca_file; /* certificates that are trusted; NULL: those of SSL_CERT_FILE, else of the system */
    uint64_t most_bytes; /* of all answers together, unpacked */
};

/* `source` stands in front of messages; borrowed. NULL with an error appended: credentials that go not together, or a
 * program without libcurl. */
struct pull_http *pull_http_new(const char *source, const struct pull_http_options *options, struct lc_diag *diag);
/* Of the same server, for another thread; counts the bytes of both together, and is freed before the other one. NULL
 * when memory is out. */
struct pull_http *pull_http_copy(struct pull_http *http);
void pull_http_free(struct pull_http *http);
uint64_t pull_http_bytes(const struct pull_http *http); /* so far */

struct pull_request {
    const char *url;
    const char *body, *content_type; /* NULL: GET */
    void (*begin)(void *context);    /* before each attempt: what earlier ones gave does not count; may be NULL */
    int (*take)(void *context, const char *bytes, size_t length); /* not 0: is enough, for good or bad */
    void *context;
};
enum pull_answer { PULL_FAILED = -1, PULL_DONE, PULL_ENOUGH, PULL_NOT_FOUND };
/* PULL_DONE: the whole body of an answer with status 200 was taken; PULL_ENOUGH: `take` wanted no more; PULL_NOT_FOUND:
 * status 404, nothing appended; PULL_FAILED: one error appended. */
enum pull_answer pull_http_ask(struct pull_http *http, const struct pull_request *request, struct lc_diag *diag);
/* Appends the error for PULL_NOT_FOUND. */
void pull_http_not_found(const struct pull_http *http, const char *url, struct lc_diag *diag);
/* A text as part of a URL; owned by the caller. */
char *pull_escaped(const char *text);
/* Scheme, host and path of a URL, which alone are shown; owned by the caller. */
char *pull_shown_url(const char *url);

#endif
