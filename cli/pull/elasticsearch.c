/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jaeger's spans in Elasticsearch or OpenSearch. As Jaeger does it: first the ids of the traces that have a span in the
 * window, page by page, then all spans of some of these traces at a time, likewise. */
#include "sources.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define IDS   500  /* of a page */
#define SPANS 5000 /* of a page */
#define AROUND                                                                                                         \
    (INT64_C(3600) * 1000) /* ms before and after the window in which a trace's other spans are looked for             \
                            */

/* [0] tells of no trace: every span is taken. */
static const char *const wanted[] = {"", "hits.hits.sort", "timed_out", "_shards.failed", NULL};
static const struct pull_grammar grammar = {"hits.hits", wanted, "an object with 'hits'"};

struct page {               /* what an answer tells besides spans */
    struct lci_buffer sort; /* of the last span: where the next page begins */
    unsigned values;        /* of it, 3 a span */
    bool failed;            /* some shards gave nothing */
};

static int on_value(void *context, size_t which, const char *text, size_t length, bool quoted)
{
    struct page *page = context;
    if (which == 1) {
        if (page->values++ % 3 == 0)
            page->sort.length = 0;
        json_t *value = quoted ? json_stringn(text, length) : NULL;
        char *dumped = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : lc_strndup(text, length);
        lci_buffer_join(&page->sort, ",", "%s", dumped != NULL ? dumped : "null");
        json_decref(value);
        free(dumped);
    } else {
        page->failed |= !(length == 5 && memcmp(text, "false", 5) == 0) && !(length == 1 && *text == '0');
    }
    return 0;
}

static char *index_url(const struct pull *p)
{
    const char *host = strstr(p->base, "://");
    const char *path = host != NULL ? strchr(host + 3, '/') : NULL; /* the base names an index, or none */
    return lc_format("%s%s/_search?ignore_unavailable=true", p->base, path != NULL ? "" : "/jaeger-span-*");
}

static int warn_failed(struct pull *p)
{
    lc_warn(p->diag, NULL, "%s: some shards gave nothing, or the search took too long: spans are missing", p->shown);
    return 0;
}

/* All spans of these traces. */
static int pull_spans(struct pull *p, const char *url, const char *ids, unsigned count)
{
    struct page page = {0};
    int status = 0;
    bool failed = false;
    for (uint64_t got = 1; status == 0 && got > 0;) { /* servers may give less than a page though there is more */
        char *after = page.sort.length > 0 ? lc_format(",\"search_after\":[%s]", page.sort.text) : lc_strdup("");
        char *body = lc_format("{\"size\":%d,\"query\":{\"bool\":{\"filter\":[{\"terms\":{\"traceID\":[%s]}},"
                               "{\"range\":{\"startTimeMillis\":{\"gte\":%" PRId64 ",\"lte\":%" PRId64 "}}}]}},"
                               "\"sort\":[{\"startTime\":\"asc\"},{\"traceID\":\"asc\"},{\"spanID\":\"asc\"}]%s}",
                               SPANS, ids, p->from / 1000000 - AROUND, p->until / 1000000 + AROUND, after);
        struct pull_traces traces = {.grammar = &grammar, .value = on_value, .context = &page, .parts = true};
        const enum pull_answer answer = pull_traces_ask(&traces, p, url, body, "application/json");
        if (answer == PULL_NOT_FOUND)
            pull_http_not_found(p->http, url, p->diag);
        status = answer == PULL_DONE ? 0 : -1;
        got = traces.elements;
        failed |= page.failed;
        free(after);
        free(body);
    }
    if (status == 0 && failed)
        warn_failed(p);
    free(page.sort.text);
    p->pulled.traces += count;
    return status;
}

/* "a","b" of the page's ids, as many as are wanted. */
static char *ids_of(struct pull *p, const json_t *buckets, unsigned *count)
{
    struct lci_buffer list = {0};
    *count = 0;
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        json_t *id = json_object_get(json_object_get(json_array_get(buckets, i), "key"), "id");
        char *text = json_is_string(id) ? json_dumps(id, JSON_ENCODE_ANY) : NULL;
        if (text != NULL && p->pulled.traces + *count == p->most)
            p->full = true;
        else if (text != NULL && pulled_is_new(&p->pulled, json_string_value(id), json_string_length(id))) {
            lci_buffer_join(&list, ",", "%s", text);
            ++*count;
        }
        free(text);
    }
    return lci_buffer_take(&list);
}

static char *ids_body(const struct pull *p, const json_t *after)
{
    struct lci_buffer services = {0};
    for (size_t i = 0; i < p->service_count; i++) {
        json_t *name = json_string(p->services[i]);
        char *text = json_dumps(name, JSON_ENCODE_ANY);
        lci_buffer_join(&services, ",", "%s", text);
        free(text);
        json_decref(name);
    }
    char *names = lci_buffer_take(&services);
    char *filter =
        p->service_count > 0 ? lc_format(",{\"terms\":{\"process.serviceName\":[%s]}}", names) : lc_strdup("");
    char *place = after != NULL ? json_dumps(after, JSON_COMPACT) : NULL;
    char *from = place != NULL ? lc_format(",\"after\":%s", place) : lc_strdup("");
    char *body = lc_format(
        "{\"size\":0,\"query\":{\"bool\":{\"filter\":[{\"range\":{\"startTimeMillis\":{\"gte\":%" PRId64
        ",\"lte\":%" PRId64
        "}}}%s]}},\"aggs\":{\"traces\":{\"composite\":{\"size\":%d,\"sources\":[{\"id\":{\"terms\":{\"field\":"
        "\"traceID\"}}}]%s}}}}",
        p->from / 1000000, p->until / 1000000, filter, IDS, from);
    free(names);
    free(filter);
    free(place);
    free(from);
    return body;
}

/* One page of ids and their spans. Returns where the next one begins, NULL at the end or with an error appended. */
static json_t *pull_page(struct pull *p, const char *url, const json_t *after, int *status)
{
    static const char expected[] = "an object with 'aggregations'";
    char *body = ids_body(p, after);
    json_t *answer = pull_document(p, url, body, expected, NULL), *next = NULL;
    const json_t *found = json_object_get(json_object_get(answer, "aggregations"), "traces");
    const json_t *buckets = json_object_get(found, "buckets");
    *status = answer != NULL ? 0 : -1;
    if (answer != NULL && !json_is_array(buckets) && json_object_get(answer, "hits") == NULL)
        *status = pull_unexpected(p, url, "something else", expected);
    if (*status == 0 && json_array_size(buckets) > 0) {
        unsigned count;
        char *ids = ids_of(p, buckets, &count);
        *status = count > 0 ? pull_spans(p, url, ids, count) : 0;
        free(ids);
        next = p->full || *status != 0 ? NULL : json_incref(json_object_get(found, "after_key"));
    }
    json_decref(answer);
    free(body);
    return next;
}

static int pull(struct pull *p)
{
    char *url = index_url(p);
    int status = 0;
    json_t *after = NULL;
    do {
        json_t *next = pull_page(p, url, after, &status);
        json_decref(after);
        after = next;
    } while (after != NULL);
    if (status == 0 && p->full)
        lc_warn(p->diag, NULL,
                "%s: more than --max-traces %u in the window: those with the smallest ids are read, the others are not",
                p->shown, p->most);
    free(url);
    return status;
}

const struct pull_source pull_elasticsearch = {"elasticsearch", pull};
