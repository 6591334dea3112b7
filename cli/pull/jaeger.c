/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jaeger's query service: /api/services, and /api/traces of each service in a window. */
#include "sources.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 500 /* traces of an answer: the server holds them all at once */

static const char *const wanted[] = {"data.traceID", "errors.msg", NULL};
static const struct pull_grammar grammar = {"data", wanted, "an object with 'data'"};

static int on_error(void *context, size_t which, const char *text, size_t length, bool quoted)
{
    (void)which, (void)quoted;
    char **error = context;
    if (*error == NULL)
        *error = lc_strndup(text, length < 300 ? length : 300);
    return 0;
}

static int ask_service(struct pull *p, const char *service, const struct pull_window *window, unsigned limit, bool last)
{
    char *name = pull_escaped(service), *error = NULL;
    char *url = lc_format("%s/api/traces?service=%s&start=%" PRId64 "&end=%" PRId64 "&limit=%u&raw=true", p->base, name,
                          window->from, window->until, limit);
    struct pull_traces traces = {.grammar = &grammar, .value = on_error, .context = &error};
    const enum pull_answer answer = pull_traces_ask(&traces, p, url, NULL, NULL);
    int status = answer == PULL_DONE ? 0 : -1;
    if (answer == PULL_NOT_FOUND)
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
    int worst = 0;
    for (size_t i = 0; i < p->service_count && worst >= 0 && (worst == 0 || last); i++) {
        const int status = ask_service(p, p->services[i], window, limit, last);
        worst = status < 0 || worst == 0 ? status : worst;
    }
    return worst;
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
    char *url = lc_format("%s/api/services", p->base);
    json_t *answer = pull_document(p, url, NULL, "an object with 'data', the names of services", NULL);
    const json_t *data = json_object_get(answer, "data");
    size_t count = 0;
    const char **names = NULL;
    int status = -1;
    if (answer != NULL && !json_is_array(data) && !json_is_null(data))
        pull_unexpected(p, url, "something else", "an object with 'data', the names of services");
    else if (answer != NULL && (names = pull_services(p, data, &count)) != NULL)
        status = 0;
    if (status == 0 && p->service_count == 0) {
        p->services = names;
        p->service_count = leave_out_own(p, names, count);
    }
    if (status == 0)
        status = pull_windows(p, 1000, PAGE, ask);
    free(names);
    json_decref(answer);
    free(url);
    return status;
}

const struct pull_source pull_jaeger = {"jaeger", pull};
