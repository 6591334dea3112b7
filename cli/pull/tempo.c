/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Grafana Tempo: /api/search finds the ids of traces in a window, /api/v2/traces/ID (where it is there, else
 * /api/traces/ID) gives each. */
#include "sources.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 500 /* ids of an answer */

static const char *const nothing[] = {NULL};
static const struct pull_grammar grammar = {NULL, nothing, "an object with a trace"};
static const char expected[] = "an object with 'traces'";

struct state {
    bool first;     /* the version of the server is not known */
    bool version_1; /* it has no /api/v2/traces */
    uint64_t gone;  /* traces that were found, and are not there any more */
};

/* {resource.service.name="a" || resource.service.name="b"} as a part of a URL. */
static char *query_of(const struct pull *p)
{
    struct lci_buffer text = {0};
    for (size_t i = 0; i < p->service_count; i++) {
        struct lci_buffer name = {0};
        for (const char *c = p->services[i]; *c != 0; c++)
            lci_buffer_add(&name, strchr("\"\\", *c) != NULL ? "\\%c" : "%c", *c);
        char *quoted = lci_buffer_take(&name);
        lci_buffer_join(&text, " || ", "resource.service.name=\"%s\"", quoted);
        free(quoted);
    }
    char *inner = lci_buffer_take(&text), *whole = lc_format("{%s}", inner), *escaped = pull_escaped(whole);
    free(inner);
    free(whole);
    return escaped;
}

static enum pull_answer fetch_version(struct pull *p, const char *version, const char *id, char **url)
{
    free(*url);
    *url = lc_format("%s/api/%straces/%s", p->base, version, id);
    struct pull_traces traces = {.grammar = &grammar};
    return pull_traces_ask(&traces, p, *url, NULL, NULL);
}

static int fetch(struct pull *p, struct state *s, const char *id)
{
    char *escaped = pull_escaped(id), *url = NULL;
    enum pull_answer answer = s->version_1 ? PULL_NOT_FOUND : fetch_version(p, "v2/", escaped, &url);
    if (answer == PULL_NOT_FOUND && (s->version_1 || s->first)) {
        answer = fetch_version(p, "", escaped, &url);
        s->version_1 |= answer == PULL_DONE;
    }
    s->first &= answer != PULL_DONE;
    s->gone += answer == PULL_NOT_FOUND;
    free(url);
    free(escaped);
    return answer == PULL_FAILED || answer == PULL_ENOUGH ? -1 : 0;
}

static int fetch_all(struct pull *p, const json_t *found)
{
    struct state *s = p->state;
    size_t i;
    json_t *trace;
    json_array_foreach(found, i, trace)
    {
        const char *id = json_string_value(json_object_get(trace, "traceID"));
        if (id == NULL || !pulled_is_new(&p->pulled, id, strlen(id)))
            continue;
        if (p->pulled.traces == p->most) {
            p->full = true;
            return 0;
        }
        if (fetch(p, s, id) != 0)
            return -1;
    }
    return 0;
}

static int ask(struct pull *p, const struct pull_window *window, unsigned limit, bool last)
{
    char *query = query_of(p);
    char *url = lc_format("%s/api/search?q=%s&start=%" PRId64 "&end=%" PRId64 "&limit=%u", p->base, query, window->from,
                          window->until + 1, limit); /* the end does not belong to it */
    json_t *answer = pull_document(p, url, NULL, expected, NULL);
    const json_t *found = json_object_get(answer, "traces");
    int status = -1;
    if (answer != NULL && !json_is_object(answer))
        pull_unexpected(p, url, "something else", expected);
    else if (answer != NULL && pull_is_cut(p, json_array_size(found), limit) && !last)
        status = 1;
    else if (answer != NULL && (status = fetch_all(p, found)) == 0)
        status = pull_is_cut(p, json_array_size(found), limit);
    json_decref(answer);
    free(url);
    free(query);
    return status;
}

static int pull(struct pull *p)
{
    struct state *s = p->state = lc_calloc(1, sizeof *s);
    s->first = true;
    const int status = pull_windows(p, 1000000000, PAGE, ask);
    if (s->gone > 0)
        lc_warn(p->diag, NULL, "%s: %" PRIu64 " traces were found and are not there any more (status 404)", p->shown,
                s->gone);
    free(s);
    p->state = NULL;
    return status;
}

const struct pull_source pull_tempo = {"tempo", pull};
