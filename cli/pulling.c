/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pulling.h"
#include "base/utc.h"

#include "base/output.h"
#include "base/shown.h"
#include "base/text.h"
#include "fit/tables/times.h"
#include "loadcast/format.h"
#include "pull/sources.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_TRACES 10000
#define TIMEOUT     30.0
#define MOST_MB     1024.0

/* ---- the command line -------------------------------------------------------------------------------------------- */

static const struct pull_source *source_of(const char *from, const char **url)
{
    for (const struct pull_source *const *s = pull_sources; *s != NULL; s++) {
        const size_t length = strlen((*s)->name);
        if (strncmp(from, (*s)->name, length) == 0 && from[length] == ':') {
            *url = from + length + 1;
            return *s;
        }
    }
    return NULL;
}

static _Noreturn void unknown_kind(const struct cli_command *command, const char *from)
{
    const size_t length = strcspn(from, ":");
    char *kind = lc_strndup(from, length);
    if (strchr(from, '@') == NULL) /* else it may hold a password */
        cli_usage_error(command,
                        "--from: found '%s'; expected jaeger:, tempo:, zipkin:, elasticsearch: or deepflow: and a URL, "
                        "such as jaeger:http://localhost:16686",
                        strcmp(kind, "http") == 0 || strcmp(kind, "https") == 0 ? from : kind);
    cli_usage_error(command,
                    "--from: expected jaeger:, tempo:, zipkin:, elasticsearch: or deepflow: and a URL, such as "
                    "jaeger:http://localhost:16686");
}

static void check_source(const struct cli_command *command, const char *from)
{
    const char *url;
    const struct pull_source *s = source_of(from, &url);
    if (s == NULL)
        unknown_kind(command, from);
    const size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    const char *host = url + scheme;
    const size_t length = strcspn(host, "/?#");
    if (memchr(host, '@', length) != NULL)
        cli_usage_error(command,
                        "--from %s: a user or password in the URL would be seen by others; expected them in the "
                        "environment: LOADCAST_USER and LOADCAST_PASSWORD, or LOADCAST_TOKEN",
                        s->name);
    if (scheme == 0 || length == 0)
        cli_usage_error(command, "--from %s: expected a URL such as http://localhost:16686 behind the colon", s->name);
    if (strpbrk(host, "?#") != NULL)
        cli_usage_error(command,
                        "--from %s: expected a URL without '?' and '#': the query is made from the options, and "
                        "credentials are taken from the environment",
                        s->name);
    if (!lci_is_shown(url, strlen(url), false))
        cli_usage_error(command, "--from %s: expected a URL of plain characters", s->name);
}

/* A time, or how long ago; ns since 1970. */
static bool time_of(const char *text, int64_t now, int64_t *time)
{
    double ago;
    if (strcmp(text, "now") == 0) {
        *time = now;
        return true;
    }
    if (lci_quantity(text, LC_TIME, &ago, NULL, NULL) == 0 && ago >= 0 && ago < 3e9) {
        *time = now - (int64_t)llround(ago * 1e9);
        return *time >= 0;
    }
    char whole[32]; /* a day alone begins at midnight */
    if (strlen(text) == 10 && snprintf(whole, sizeof whole, "%sT00:00:00Z", text) > 0 && lci_time_read(whole, time))
        return true;
    return lci_time_read(text, time) && *time >= (int64_t)1e17; /* since 1973: a small number lacks its unit */
}

struct window {
    int64_t from, until;
};

static void window_of(const struct cli_command *command, const struct pulling *p, struct window *w)
{
    const int64_t now = lci_utc_now();
    const char *since = p->since != NULL ? p->since : "1h", *until = p->until != NULL ? p->until : "now";
    const bool good = time_of(since, now, &w->from) && time_of(until, now, &w->until);
    if (!good && command != NULL)
        cli_usage_error(command,
                        "--since, --until: found '%s' and '%s'; expected times such as 2026-11-29T10:00:00Z, or how "
                        "long ago, such as 90min or 2h",
                        since, until);
    if (w->from >= w->until && command != NULL)
        cli_usage_error(command, "--since '%s' is not before --until '%s'", since, until);
}

void pull_check(const struct cli_command *command, const struct pulling *p)
{
    if (p->from.count == 0) {
        if (p->services.count > 0 || p->since != NULL || p->until != NULL || p->most > 0 || p->save != NULL ||
            p->ca_file != NULL || p->timeout > 0 || p->most_mb > 0)
            cli_usage_error(command,
                            "--service, --since, --until, --max-traces, --save, --pull-timeout, --max-size and "
                            "--ca-file go with --from");
        return;
    }
    struct window w;
    for (size_t i = 0; i < p->from.count; i++)
        check_source(command, p->from.items[i]);
    window_of(command, p, &w);
    if (!(p->timeout >= 0 && p->timeout <= 86400))
        cli_usage_error(command, "--pull-timeout: expected a time of at most a day");
    if (!(p->most_mb >= 0 && p->most_mb <= 1e9))
        cli_usage_error(command, "--max-size: expected a number of megabytes above 0");
}

/* ---- the work ---------------------------------------------------------------------------------------------------- */

/* Where it is kept, with --save; else a file beside which the temporary one is made. Owned by the caller. */
static char *target_of(const struct pulling *p, const struct pull *pull, const char *kind)
{
    const char *folder = getenv("TMPDIR");
    if (p->save == NULL)
        return lc_format("%s/loadcast-pulled", folder != NULL && *folder != 0 ? folder : "/tmp");
    char *from = lci_utc_text(pull->from, LCI_UTC_FILE), *until = lci_utc_text(pull->until, LCI_UTC_FILE);
    char *host = lc_strdup(strstr(pull->base, "://") + 3);
    for (char *c = host; *c != 0; c++)
        if (strchr("/:*[]?", *c) != NULL)
            *c = '-';
    char *name = lc_format("%s/%s-%s-%sZ-%sZ.jsonl", p->save, kind, host, from, until);
    for (unsigned i = 2; access(name, F_OK) == 0; i++) {
        free(name);
        name = lc_format("%s/%s-%s-%sZ-%sZ-%u.jsonl", p->save, kind, host, from, until, i);
    }
    free(host);
    free(from);
    free(until);
    return name;
}

static int make_folder(const char *folder, struct lc_diag *diag)
{
    char *what = lc_format("--save %s", folder);
    const int made = lci_folder_make(folder, what, diag);
    free(what);
    return made;
}

static int judge(struct pull *p, const char *target)
{
    if (pulled_flush(&p->pulled, target, p->diag) != 0)
        return -1;
    if (p->pulled.traces > 0)
        return 0;
    char *from = lci_utc_text(p->from, LCI_UTC_FILE), *until = lci_utc_text(p->until, LCI_UTC_FILE);
    lc_error(p->diag, LC_INPUT, NULL, "%s: found no traces%s%s from %sZ to %sZ; expected some (--since, --until)",
             p->shown, p->service_count == 1 ? " of service " : "", p->service_count == 1 ? p->services[0] : "", from,
             until);
    free(from);
    free(until);
    return -1;
}

/* Whole and in place: what was pulled is an operand. */
static int keep(struct pulling *p, struct pull *pull, char *target, struct pulled *to)
{
    lc_note(pull->diag, NULL, "%s: %" PRIu64 " %s, %.3g MB%s%s", pull->shown, pull->pulled.traces,
            strncmp(pull->shown, "deepflow:", 9) == 0 ? "rows"
            : pull->pulled.traces == 1                ? "trace"
                                                      : "traces",
            (double)pull->pulled.length / 1e6, p->save != NULL ? ", kept in " : "", p->save != NULL ? target : "");
    if (p->save == NULL) {
        p->names[p->count++] = lc_strdup(pull->pulled.file.path);
        *to = pull->pulled;
        pull->pulled = (struct pulled){0};
        return 0;
    }
    if (fsync(fileno(pull->pulled.out)) != 0 || lci_temporary_become(&pull->pulled.file, target) != 0) {
        lc_error(pull->diag, LC_MACHINE, NULL, "%s: cannot be written: %s", target, strerror(errno));
        return -1;
    }
    p->names[p->count++] = lc_strdup(target);
    return 0;
}

static void warn_plain(struct pull *p)
{
    const char *host = strstr(p->base, "://") + 3;
    const bool near =
        strncmp(host, "localhost", 9) == 0 || strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0;
    if (strncmp(p->base, "http:", 5) == 0 && !near &&
        (getenv("LOADCAST_TOKEN") != NULL || getenv("LOADCAST_USER") != NULL))
        lc_warn(p->diag, NULL, "%s: credentials are sent unencrypted; https: would hide them", p->shown);
}

static void show_progress(void *context, uint64_t bytes)
{
    cli_progress_show(context, (double)bytes * 1e-6, 0);
}

static int pull_one(struct pulling *p, size_t index, const struct window *w, const struct cli_common *common,
                    struct lc_diag *diag)
{
    const char *url = NULL;
    const struct pull_source *source = source_of(p->from.items[index], &url);
    if (source == NULL)
        return -1; /* pull_check() has ended it */
    struct pull pull = {.shown = p->from.items[index],
                        .services = p->services.items,
                        .service_count = p->services.count,
                        .from = w->from,
                        .until = w->until,
                        .most = p->most > 0 ? p->most : MOST_TRACES,
                        .diag = diag};
    const struct pull_http_options options = {p->timeout > 0 ? p->timeout : TIMEOUT, p->ca_file,
                                              (uint64_t)((p->most_mb > 0 ? p->most_mb : MOST_MB) * 1e6)};
    size_t length = strlen(url);
    while (url[length - 1] == '/')
        length--;
    pull.base = lc_strndup(url, length);
    char *target = target_of(p, &pull, source->name);
    int status = -1;
    if ((pull.http = pull_http_new(pull.shown, &options, diag)) != NULL &&
        pulled_open(&pull.pulled, target, diag) == 0) {
        warn_plain(&pull);
        struct cli_progress progress;
        cli_progress_start(&progress, pull.shown, "MB", common);
        pull.progress = show_progress;
        pull.context = &progress;
        status = source->pull(&pull);
        cli_progress_end(&progress);
        if (status == 0 && (status = judge(&pull, target)) == 0)
            status = keep(p, &pull, target, &p->pulled[index]);
    }
    pull_http_free(pull.http);
    pulled_close(&pull.pulled);
    free(target);
    free(pull.base);
    return status;
}

enum lc_status pull_all(struct pulling *p, int operands, char **argv, const struct cli_common *common)
{
    struct lc_diag diag = {0};
    struct window w = {0};
    p->names = lc_calloc((size_t)operands + p->from.count + 1, sizeof *p->names);
    p->pulled = lc_calloc(p->from.count + 1, sizeof *p->pulled);
    for (p->count = 0; p->count < operands; p->count++)
        p->names[p->count] = lc_strdup(argv[p->count]);
    if (p->from.count > 0)
        window_of(NULL, p, &w);
    if (p->save == NULL || make_folder(p->save, &diag) == 0)
        for (size_t i = 0; i < p->from.count && diag.errors == 0; i++)
            pull_one(p, i, &w, common, &diag);
    return cli_report(&diag, common);
}

void pulling_free(struct pulling *p)
{
    for (size_t i = 0; p->pulled != NULL && i < p->from.count; i++)
        pulled_close(&p->pulled[i]);
    for (int i = 0; i < p->count; i++)
        free(p->names[i]);
    free(p->names);
    free(p->pulled);
    free(p->from.items);
    free(p->services.items);
}
