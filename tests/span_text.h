/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces written down as text, for tests. A line is a span:
 *
 *     ID PARENT SERVICE KIND START END OPERATION [key=value …]
 *
 * with ids and times as plain numbers (parent 0: none), KIND one of - i s c p q (unknown, internal, server, client,
 * producer, consumer), words separated by blanks, "~" in texts standing for a blank. Keys: host, follows, orphan, error
 * and the attributes listed below; event=TIME:ID adds an event, link=TRACE:SPAN a link.
 */
#ifndef SPAN_TEXT_H
#define SPAN_TEXT_H

#include "fit/trace/symbols.h"
#include "loadcast/trace.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum lc_attribute_key key;
} span_text_keys[] = {
    {"db", LC_ATTR_DB_SYSTEM},
    {"query", LC_ATTR_DB_QUERY},
    {"dbop", LC_ATTR_DB_OPERATION},
    {"dbname", LC_ATTR_DB_NAMESPACE},
    {"method", LC_ATTR_HTTP_METHOD},
    {"route", LC_ATTR_HTTP_ROUTE},
    {"url", LC_ATTR_URL_FULL},
    {"rpc", LC_ATTR_RPC_SYSTEM},
    {"peer", LC_ATTR_PEER_SERVICE},
    {"address", LC_ATTR_SERVER_ADDRESS},
    {"port", LC_ATTR_SERVER_PORT},
    {"topic", LC_ATTR_MESSAGING_DESTINATION},
    {"does", LC_ATTR_MESSAGING_OPERATION},
    {"waited", LC_ATTR_MESSAGING_QUEUE_MS},
    {"queue_id", LC_ATTR_QUEUE_ID},
};

struct span_text {
    struct lc_symbols *symbols;
    struct lc_trace trace;
    size_t span_capacity, attribute_capacity, event_capacity, link_capacity;
};

static lc_symbol span_text_symbol(struct span_text *t, const char *text)
{
    char copy[512];
    size_t n = 0;
    for (; text[n] != 0 && n + 1 < sizeof copy; n++)
        copy[n] = text[n] == '~' ? ' ' : text[n];
    return lci_symbol_of(t->symbols, copy, n);
}

static void span_text_option(struct span_text *t, struct lc_span *s, char *word)
{
    struct lc_trace *trace = &t->trace;
    char *value = strchr(word, '=');
    if (strcmp(word, "follows") == 0)
        s->flags |= LC_SPAN_FOLLOWS;
    else if (strcmp(word, "orphan") == 0)
        s->flags |= LC_SPAN_ORPHAN;
    else if (strcmp(word, "error") == 0)
        s->flags |= LC_SPAN_ERROR;
    else if (strcmp(word, "partial") == 0)
        trace->incomplete = true;
    if (value == NULL)
        return;
    *value++ = 0;
    char *colon = strchr(value, ':');
    if (strcmp(word, "host") == 0) {
        s->host = span_text_symbol(t, value);
    } else if (strcmp(word, "event") == 0) {
        LC_GROW(trace->events, trace->event_count, t->event_capacity);
        trace->events[trace->event_count++] =
            (struct lc_event){.time = strtoll(value, NULL, 10), .id = span_text_symbol(t, colon + 1)};
        s->event_count++;
    } else if (strcmp(word, "link") == 0) {
        LC_GROW(trace->links, trace->link_count, t->link_capacity);
        trace->links[trace->link_count++] =
            (struct lc_link){.trace_low = strtoull(value, NULL, 10), .span = strtoull(colon + 1, NULL, 10)};
        s->link_count++;
    }
    for (size_t i = 0; i < sizeof span_text_keys / sizeof *span_text_keys; i++) {
        if (strcmp(word, span_text_keys[i].name) != 0)
            continue;
        LC_GROW(trace->attributes, trace->attribute_count, t->attribute_capacity);
        trace->attributes[trace->attribute_count++] =
            (struct lc_attribute){span_text_keys[i].key, span_text_symbol(t, value)};
        s->attribute_count++;
    }
}

/* Replaces the trace by the one that `lines` tells. */
static struct lc_trace *span_text_read(struct span_text *t, uint64_t id, const char *lines)
{
    struct lc_trace *trace = &t->trace;
    char *text = lc_strdup(lines), *at_line = NULL;
    trace->low = id;
    trace->incomplete = false;
    trace->span_count = trace->attribute_count = trace->event_count = trace->link_count = 0;
    for (char *line = strtok_r(text, "\n", &at_line); line != NULL; line = strtok_r(NULL, "\n", &at_line)) {
        char *at = NULL, *words[7];
        size_t n = 0;
        for (char *w = strtok_r(line, " ", &at); w != NULL && n < 7; w = n < 7 ? strtok_r(NULL, " ", &at) : w)
            words[n++] = w;
        if (n < 7)
            continue;
        LC_GROW(trace->spans, trace->span_count, t->span_capacity);
        struct lc_span *s = &trace->spans[trace->span_count++];
        *s = (struct lc_span){.id = strtoull(words[0], NULL, 10),
                              .parent = strtoull(words[1], NULL, 10),
                              .service = span_text_symbol(t, words[2]),
                              .kind = (uint8_t)(strchr("-iscpq", words[3][0]) - "-iscpq"),
                              .start = strtoll(words[4], NULL, 10),
                              .end = strtoll(words[5], NULL, 10),
                              .operation = span_text_symbol(t, words[6]),
                              .first_attribute = (uint32_t)trace->attribute_count,
                              .first_event = (uint32_t)trace->event_count,
                              .first_link = (uint32_t)trace->link_count};
        for (char *w = strtok_r(NULL, " ", &at); w != NULL; w = strtok_r(NULL, " ", &at))
            span_text_option(t, s, w);
    }
    free(text);
    return trace;
}

static void span_text_free(struct span_text *t)
{
    free(t->trace.spans);
    free(t->trace.attributes);
    free(t->trace.events);
    free(t->trace.links);
    lci_symbols_free(t->symbols);
}

#endif
