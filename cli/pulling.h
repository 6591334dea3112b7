/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --from: traces of a running server take the place of files, or stand beside them, wherever a command names traces.
 */
#ifndef CLI_PULLING_H
#define CLI_PULLING_H

#include "cli.h"

struct pulling {
    struct cli_texts from, services;
    const char *since, *until, *save, *ca_file;
    unsigned most;
    double timeout, most_mb;
    /* Filled in. */
    char **names; /* operands and what was pulled; ends with NULL */
    int count;
    struct pulled *pulled; /* temporary files: kept until the end */
};

/* Rows of a command's table of options; `p` is a struct pulling. */
#define PULL_OPTIONS(p)                                                                                                \
    {"from",   0, CLI_TEXTS, "KIND:URL", "traces of a server: jaeger:, tempo:, zipkin:, elasticsearch:, deepflow:",    \
     &(p).from},                                                                                                       \
        {"service",    0, CLI_TEXTS, "NAME", "of --from: traces with spans of this service; may be repeated (all)",    \
         &(p).services},                                                                                               \
        {"since",   0, CLI_TEXT, "TIME", "of --from: 2026-11-29T10:00:00Z, or how long ago, such as 90min (1h)",       \
         &(p).since},                                                                                                  \
        {"until", 0, CLI_TEXT, "TIME", "likewise (now)", &(p).until},                                                  \
        {"max-traces", 0, CLI_COUNT, "N", "of --from: the newest N of the time (10000)", &(p).most},                   \
        {"save", 0, CLI_TEXT, "DIR", "of --from: keep there what was pulled, for the next time", &(p).save},           \
        {"pull-timeout", 0, CLI_TIME, "TIME", "of --from: give up a server that is silent for this long (30 s)",       \
         &(p).timeout},                                                                                                \
        {"max-size", 0, CLI_NUMBER, "MB", "of --from: more than this is refused (1024)", &(p).most_mb},                \
    {                                                                                                                  \
        "ca-file", 0, CLI_TEXT, "FILE", "of --from: trust these certificates (SSL_CERT_FILE, or the system's)",        \
            &(p).ca_file                                                                                               \
    }

/* Ends with LC_USAGE when the options are wrong. */
void pull_check(const struct cli_command *command, const struct pulling *pulling);
/* Fetches; `names` then has the operands, and behind them the files with what was pulled. Prints what there is to say;
 * the status to end with, or LC_OK. */
enum lc_status pull_all(struct pulling *pulling, int operands, char **argv, const struct cli_common *common);
void pulling_free(struct pulling *pulling);

#endif
