/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Grafana Tempo: /api/search finds the ids of traces in a window, /api/v2/traces/ID (where it is there, else
 * /api/traces/ID) gives each, in JSON, which it is asked for, or in protobuf. */
#include "many.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 500 /* ids of an answer */

static const char *const nothing[] = {NULL};
static const struct pull_grammar grammar = {NULL, nothing, "an object with a trace"};
static const char expected[] = "an object with 'traces'";

struct state {
    bool known;                /* what follows is */
    bool version_1;            /* the server has no /api/v2/traces */
    const char **ids;          /* of an answer to a search; borrowed from it */
    size_t count, first;       /* of them those that are fetched; the first that is not */
    atomic_uint_fast64_t gone; /* traces that were found, and are not there any more */
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
    struct pull_traces traces = {.grammar = &grammar, .binary = true};
    return pull_traces_ask(&traces, p, *url, NULL, NULL);
}

/* Until one was found the version is not known, and nobody else fetches. */
static int fetch(struct pull *p, void *shared, size_t index)
{
    struct state *s = shared;
    char *escaped = pull_escaped(s->ids[s->first + index]), *url = NULL;
    enum pull_answer answer = PULL_NOT_FOUND;
    if (!s->known || !s->version_1)
        answer = fetch_version(p, "v2/", escaped, &url);
    if (!s->known && answer == PULL_DONE)
        s->known = true;
    if (answer == PULL_NOT_FOUND && (!s->known || s->version_1)) {
        answer = fetch_version(p, "", escaped, &url);
        if (!s->known && answer == PULL_DONE)
            s->known = s->version_1 = true;
    }
    if (answer == PULL_NOT_FOUND)
        atomic_fetch_add(&s->gone, 1);
    free(url);
    free(escaped);
    return answer == PULL_FAILED || answer == PULL_ENOUGH ? -1 : 0;
}

static int fetch_all(struct pull *p, const json_t *found)
{
    struct state *s = p->state;
    size_t i;
    json_t *trace;
    s->ids = lc_calloc(json_array_size(found) + 1, sizeof *s->ids);
    s->count = s->first = 0;
    json_array_foreach(found, i, trace)
    {
        const char *id = json_string_value(json_object_get(trace, "traceID"));
        if (id == NULL || !pulled_is_new(&p->pulled, id, strlen(id)))
            continue;
        p->full |= p->pulled.traces + s->count == p->most;
        if (!p->full)
            s->ids[s->count++] = id;
    }
    int status = 0;
    for (; !s->known && s->first < s->count && status == 0; s->first++)
        status = fetch(p, s, 0);
    if (status == 0)
        status = pull_many(p, s->count - s->first, fetch, s);
    free(s->ids);
    s->ids = NULL;
    return status;
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
    const int status = pull_windows(p, 1000000000, PAGE, ask);
    if (atomic_load(&s->gone) > 0)
        lc_warn(p->diag, NULL, "%s: %" PRIu64 " traces were found and are not there any more (status 404)", p->shown,
                atomic_load(&s->gone));
    free(s);
    p->state = NULL;
    return status;
}

const struct pull_source pull_tempo = {"tempo", pull};
