/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jaeger's query service: /api/services, and /api/traces of each service in a window; where these are not there (recent
 * versions 2), /api/v3/services and /api/v3/traces, whose traces are spans of OpenTelemetry by resource. */
#include "base/utc.h"
#include "sources.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 500 /* traces of an answer: the server holds them all at once */

static const char *const wanted[] = {"data.traceID", "errors.msg", NULL};
static const struct pull_grammar grammar = {"data", wanted, "an object with 'data'", false};
static const char *const wanted_3[] = {"result.resourceSpans.scopeSpans.spans.traceId", "error.message", NULL};
static const struct pull_grammar grammar_3 = {"result.resourceSpans", wanted_3, "objects with 'result.resourceSpans'",
                                              true};

static int on_error(void *context, size_t which, const char *text, size_t length, bool quoted)
{
    (void)which, (void)quoted;
    char **error = context;
    if (*error == NULL)
        *error = lc_strndup(text, length < 300 ? length : 300);
    return 0;
}

/* The names of parameters that all versions of /api/v3 understand. */
static char *url_of(const struct pull *p, const char *name, const struct pull_window *window, unsigned limit)
{
    if (p->state == NULL)
        return lc_format("%s/api/traces?service=%s&start=%" PRId64 "&end=%" PRId64 "&limit=%u&raw=true", p->base, name,
                         window->from, window->until, limit);
    char *from = lci_utc_text(window->from * 1000, LCI_UTC_ISO),
         *until = lci_utc_text(window->until * 1000, LCI_UTC_ISO);
    char *url =
        lc_format("%s/api/v3/traces?query.service_name=%s&query.start_time_min=%s.%06dZ"
                  "&query.start_time_max=%s.%06dZ&query.num_traces=%u&query.raw_traces=true",
                  p->base, name, from, (int)(window->from % 1000000), until, (int)(window->until % 1000000), limit);
    free(from);
    free(until);
    return url;
}

static int ask_service(struct pull *p, const char *service, const struct pull_window *window, unsigned limit, bool last)
{
    const bool version_3 = p->state != NULL;
    char *name = pull_escaped(service), *error = NULL, *url = url_of(p, name, window, limit);
    struct pull_traces traces = {
        .grammar = version_3 ? &grammar_3 : &grammar, .spread = version_3, .value = on_error, .context = &error};
    const enum pull_answer answer = pull_traces_ask(&traces, p, url, NULL, NULL);
    int status = answer == PULL_DONE || (answer == PULL_NOT_FOUND && version_3) ? 0 : -1; /* version 3: no traces */
    if (answer == PULL_NOT_FOUND && !version_3)
        pull_http_not_found(p->http, url, p->diag);
    if (status == 0 && error != NULL)
        lc_warn(p->diag, NULL, "%s: service '%s': the server says '%s': traces may be missing", p->shown, service,
                error);
    if (status == 0 && pull_is_cut(p, traces.elements, limit)) {
        status = 1;
        if (!last)
            pull_traces_undo(&traces);
    }
    free(error);
    free(url);
    free(name);
    return status;
}

static int ask(struct pull *p, const struct pull_window *window, unsigned limit, bool last)
{
    return pull_each_service(p, ask_service, window, limit, last);
}

/* Jaeger traces itself. */
static bool is_own(const char *service)
{
    static const char *const own[] = {"jaeger", "jaeger-query", "jaeger-all-in-one"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(service, own[i]) == 0)
            return true;
    return false;
}

static size_t leave_out_own(struct pull *p, const char **names, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (is_own(names[i]))
            lc_note(p->diag, NULL, "%s: service '%s' is Jaeger itself and left out; --service %s pulls it", p->shown,
                    names[i], names[i]);
        else
            names[left++] = names[i];
    return left;
}

static int pull(struct pull *p)
{
    static bool version_3;
    bool missing = false;
    char *url = lc_format("%s/api/services", p->base), *url_3 = lc_format("%s/api/v3/services", p->base);
    json_t *answer = pull_document(p, url, NULL, "an object with 'data', the names of services", &missing);
    const char *names_of = "data";
    p->state = NULL;
    if (missing) {
        answer = pull_document(p, url_3, NULL, "an object with 'services', their names", &missing);
        if (missing)
            pull_http_not_found(p->http, url, p->diag);
        p->state = &version_3;
        names_of = "services";
    }
    const json_t *data = json_object_get(answer, names_of);
    size_t count = 0;
    const char **names = NULL;
    int status = -1;
    const char *said = json_string_value(
        json_object_get(json_array_get(json_object_get(answer, "errors"), 0), "msg")); /* beside no data */
    char *found = said != NULL && !json_is_array(data) ? lc_format("the server's error '%.200s'", said) : NULL;
    if (found != NULL)
        pull_unexpected(p, p->state != NULL ? url_3 : url, found, "the names of services");
    else if (answer != NULL && !json_is_array(data) && !json_is_null(data) && !(p->state != NULL && data == NULL))
        pull_unexpected(p, p->state != NULL ? url_3 : url, "something else",
                        p->state != NULL ? "an object with 'services', their names"
                                         : "an object with 'data', the names of services");
    else if (answer != NULL && (names = pull_services(p, data, &count)) != NULL)
        status = 0;
    if (status == 0 && p->service_count == 0) {
        p->services = names;
        p->service_count = leave_out_own(p, names, count);
    }
    if (status == 0)
        status = pull_windows(p, 1000, PAGE, ask);
    free(names);
    free(found);
    json_decref(answer);
    free(url);
    free(url_3);
    p->state = NULL;
    return status;
}

const struct pull_source pull_jaeger = {"jaeger", pull};
