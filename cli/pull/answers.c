/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sources.h"

#include "base/buffer.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SMALL ((size_t)64 << 20) /* bytes of an answer that is held as a whole */

int pull_unexpected(struct pull *p, const char *url, const char *found, const char *expected)
{
    char *where = pull_shown_url(url);
    lc_error(p->diag, LC_INPUT, NULL, "%s: %s: found %s; expected %s", p->shown, where, found, expected);
    free(where);
    return -1;
}

/* ---- traces ------------------------------------------------------------------------------------------------------ */

static int on_bytes(void *context, const char *bytes, size_t length)
{
    struct pull_traces *t = context;
    t->disk = pulled_bytes(&t->pull->pulled, bytes, length) != 0;
    return t->disk;
}

static int on_element(void *context)
{
    struct pull_traces *t = context;
    static const char head[] = "{\"resourceSpans\":[";
    t->has_id = false;
    t->keep = !t->spread;
    t->elements += !t->spread;
    if (t->spread)
        return on_bytes(t, head, sizeof head - 1);
    return t->rows && t->pull->pulled.traces > 0 ? on_bytes(t, ",", 1) : 0;
}

/* More traces than are wanted are passed over. */
static int on_end(void *context)
{
    struct pull_traces *t = context;
    struct pull *p = t->pull;
    if (t->spread) {
        t->disk = on_bytes(t, "]}", 2) != 0 || pulled_end_element(&p->pulled, t->keep) != 0;
        return t->disk;
    }
    if (t->parts) {
        t->disk = pulled_end_element(&p->pulled, true) != 0;
        return t->disk;
    }
    if (t->keep && p->pulled.traces == p->most) {
        p->full = true;
        t->keep = false;
    }
    p->pulled.traces += t->keep;
    t->disk = pulled_end_element(&p->pulled, t->keep) != 0;
    return t->disk;
}

/* A span of an element names its trace. What earlier answers brought is left out; a resource's spans of several traces
 * stay together. */
static void take_id(struct pull_traces *t, const char *text, size_t length)
{
    struct pull *p = t->pull;
    const bool room = p->pulled.traces < p->most;
    const enum pulled_news news = pulled_news_of(&p->pulled, text, length, room);
    const bool is_new = news == PULLED_NEW;
    t->keep |= news == PULLED_OF_ANSWER || (is_new && room);
    t->elements += is_new;
    p->full |= is_new && !room;
    p->pulled.traces += is_new && room;
}

static int on_value(void *context, size_t wanted, const char *text, size_t length, bool quoted)
{
    struct pull_traces *t = context;
    if (wanted > 0)
        return t->value != NULL ? t->value(t->context, wanted, text, length, quoted) : 0;
    if (t->spread)
        take_id(t, text, length);
    else if (!t->has_id)
        t->keep = pulled_is_new(&t->pull->pulled, text, length);
    t->has_id = true;
    return 0;
}

static void begin_again(void *context)
{
    struct pull_traces *t = context;
    struct pull *p = t->pull;
    pulled_undo_answer(&p->pulled);
    p->pulled.traces = t->before;
    p->full = t->was_full;
    t->elements = 0;
    t->form = PULL_NOTHING_YET;
    pull_elements_restart(t->reader);
}

/* Protobuf begins with field 1, a message, whose length follows; JSON may begin with a line break. */
static bool is_protobuf(const char *bytes, size_t length)
{
    return length > 1 && bytes[0] == 0x0A && (bytes[1] == 0 || strchr(" \t\r\n{[", bytes[1]) == NULL);
}

static int take(void *context, const char *bytes, size_t length)
{
    struct pull_traces *t = context;
    struct pull *p = t->pull;
    p->progress(p->context, pull_http_bytes(p->http));
    if (t->form == PULL_NOTHING_YET)
        t->form = t->binary && is_protobuf(bytes, length) ? PULL_PROTOBUF : PULL_JSON;
    return t->form == PULL_PROTOBUF ? on_bytes(t, bytes, length) : pull_elements_feed(t->reader, bytes, length);
}

/* The answer is whole. 0, or −1: it is wrong, or the disk is full. */
static int finish(struct pull_traces *t)
{
    if (t->form != PULL_PROTOBUF)
        return pull_elements_finish(t->reader);
    t->pull->pulled.traces++;
    pulled_end_bytes(&t->pull->pulled);
    return 0;
}

static int tell_wrong(struct pull_traces *t, const char *url)
{
    struct pull *p = t->pull;
    const char *wrong = pull_elements_wrong(t->reader);
    char *where = pull_shown_url(url);
    if (t->disk)
        pulled_flush(&p->pulled, p->pulled.file.path, p->diag);
    else if (wrong != NULL)
        lc_error(p->diag, LC_INPUT, NULL, "%s: %s: %s", p->shown, where, wrong);
    free(where);
    return -1;
}

enum pull_answer pull_traces_ask(struct pull_traces *t, struct pull *p, const char *url, const char *body,
                                 const char *content_type)
{
    const struct pull_sink sink = {on_element, on_bytes, on_end, on_value, t};
    t->pull = p;
    t->disk = false;
    t->form = PULL_NOTHING_YET;
    t->before = p->pulled.traces;
    t->was_full = p->full;
    t->reader = pull_elements_new(t->grammar, &sink);
    pulled_begin_answer(&p->pulled);
    const struct pull_request request = {url, body, content_type, begin_again, take, t};
    enum pull_answer answer = pull_http_ask(p->http, &request, p->diag);
    if (answer == PULL_ENOUGH || (answer == PULL_DONE && finish(t) != 0)) {
        tell_wrong(t, url);
        answer = PULL_FAILED;
    }
    if (answer != PULL_DONE)
        pull_traces_undo(t);
    pull_elements_free(t->reader);
    t->reader = NULL;
    return answer;
}

void pull_traces_undo(struct pull_traces *t)
{
    pulled_undo_answer(&t->pull->pulled);
    t->pull->pulled.traces = t->before;
    t->pull->full = t->was_full;
}

/* ---- documents --------------------------------------------------------------------------------------------------- */

static void forget(void *context)
{
    ((struct lci_buffer *)context)->length = 0;
}

static int keep(void *context, const char *bytes, size_t length)
{
    struct lci_buffer *buffer = context;
    if (buffer->length + length > SMALL)
        return 1;
    lci_buffer_put(buffer, bytes, length);
    return 0;
}

json_t *pull_document(struct pull *p, const char *url, const char *body, const char *expected, bool *missing)
{
    struct lci_buffer text = {0};
    const struct pull_request request = {url, body, "application/json", forget, keep, &text};
    const enum pull_answer answer = pull_http_ask(p->http, &request, p->diag);
    json_t *document = NULL;
    if (missing != NULL)
        *missing = answer == PULL_NOT_FOUND;
    if (answer == PULL_NOT_FOUND && missing == NULL)
        pull_http_not_found(p->http, url, p->diag);
    if (answer == PULL_ENOUGH)
        pull_unexpected(p, url, "more than 64 MiB", expected);
    if (answer == PULL_DONE) {
        json_error_t error;
        document = json_loadb(text.text != NULL ? text.text : "", text.length, JSON_ALLOW_NUL, &error);
        if (document == NULL) {
            char *begin = lc_strndup(text.text != NULL ? text.text : "", text.length < 60 ? text.length : 60);
            char *found = lc_format("no JSON, in an answer that begins with '%s'", begin);
            pull_unexpected(p, url, text.length == 0 ? "an empty answer" : found, expected);
            free(found);
            free(begin);
        }
    }
    free(text.text);
    return document;
}

const char **pull_services(struct pull *p, const json_t *names, size_t *count)
{
    const char **all = lc_calloc(json_array_size(names) + 1, sizeof *all);
    size_t known = 0;
    for (size_t i = 0; i < json_array_size(names); i++)
        if (json_is_string(json_array_get(names, i)))
            all[known++] = json_string_value(json_array_get(names, i));
    *count = known;
    for (size_t i = 0; i < p->service_count; i++) {
        bool there = false;
        for (size_t k = 0; k < known; k++)
            there |= strcmp(all[k], p->services[i]) == 0;
        if (there)
            continue;
        struct lci_buffer list = {0};
        lci_buffer_names(&list, all, known, 20);
        char *text = lci_buffer_take(&list);
        const char *nearest = lci_nearest(p->services[i], all);
        if (nearest != NULL)
            lc_error(p->diag, LC_INPUT, NULL, "%s: there is no service '%s'; did you mean '%s'?", p->shown,
                     p->services[i], nearest);
        else
            lc_error(p->diag, LC_INPUT, NULL, "%s: there is no service '%s'; expected one of: %s", p->shown,
                     p->services[i], known > 0 ? text : "none, the server has seen no spans");
        free(text);
        free(all);
        return NULL;
    }
    return all;
}
