/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server behind 'loadcast listen': takes requests of OTLP/HTTP, by libmicrohttpd, and answers when what they hold
 * is on disk.
 */
#ifndef CLI_LISTEN_RECEIVER_H
#define CLI_LISTEN_RECEIVER_H

#include "loadcast/base.h"

struct receiver_options {
    const char *folder;
    size_t most_request;           /* bytes of a request, unpacked */
    size_t most_memory;            /* bytes of all requests that are held at a time */
    uint64_t longest;              /* bytes of a file before the next one begins */
    void (*say)(const char *text); /* of what goes wrong; called by any thread */
};

struct receiver_counts {
    uint64_t requests, spans; /* accepted and on disk; spans without those that were rejected */
    uint64_t rejected;        /* spans of them without ids or of impossible times */
    uint64_t refused, busy;   /* requests: that are wrong; for which there was no room */
    uint64_t metrics, logs;   /* requests that were dropped */
    uint64_t displaced;       /* connections that made room for others */
    uint64_t bytes, files;
};

struct receiver;
/* Serves on a socket that listens, which is the receiver's from now on. NULL with an error appended. */
struct receiver *receiver_start(int socket, const struct receiver_options *options, struct lc_diag *diag);
/* So far. */
void receiver_count(const struct receiver *receiver, struct receiver_counts *counts);
/* Takes no more connections, answers the requests that are there, for a few seconds at the most, and ends. */
void receiver_stop(struct receiver *receiver, struct receiver_counts *counts);

#endif
