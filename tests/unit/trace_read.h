/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads traces for tests: from texts as from files, and keeps all spans with their texts.
 */
#ifndef TEST_TRACE_READ_H
#define TEST_TRACE_READ_H

#include "fit/trace/symbols.h"
#include "loadcast/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct seen { /* a span */
    uint64_t high, low;
    struct lc_span span;
    struct lc_attribute *attributes;
    struct lc_event *events;
    struct lc_link *links;
};

struct seen_all {
    struct lc_symbols *symbols;
    struct lc_reading reading;
    struct lc_diag diag;
    int status;
    struct seen *spans;
    size_t count, capacity, traces, incomplete, stop_after; /* stop_after: traces, 0: never */
};

static inline void *copy_of(const void *all, size_t first, size_t count, size_t size)
{
    void *copy = lc_alloc(count * size);
    if (count > 0)
        memcpy(copy, (const char *)all + first * size, count * size);
    return copy;
}

static inline int see(void *context, const struct lc_trace *trace)
{
    struct seen_all *all = context;
    all->traces++;
    all->incomplete += trace->incomplete;
    for (size_t i = 0; i < trace->span_count; i++) {
        const struct lc_span *s = &trace->spans[i];
        LC_GROW(all->spans, all->count, all->capacity);
        all->spans[all->count++] = (struct seen){
            trace->high,
            trace->low,
            *s,
            copy_of(trace->attributes, s->first_attribute, s->attribute_count, sizeof(struct lc_attribute)),
            copy_of(trace->events, s->first_event, s->event_count, sizeof(struct lc_event)),
            copy_of(trace->links, s->first_link, s->link_count, sizeof(struct lc_link))};
    }
    return all->stop_after != 0 && all->traces >= all->stop_after;
}

static inline void read_inputs(struct seen_all *all, const char *const *inputs, size_t count,
                               const struct lc_reader_options *options)
{
    all->symbols = lci_symbols_new();
    all->status = lc_traces_read(inputs, count, options, all->symbols, see, all, &all->reading, &all->diag);
    const struct lc_reading *r = &all->reading;
    const uint64_t left_out = r->repairs.count[LC_REPAIR_DUPLICATE] + r->repairs.count[LC_REPAIR_NO_ID] +
                              r->repairs.count[LC_REPAIR_ABSURD_TIME] + r->repairs.count[LC_REPAIR_DAMAGED] +
                              r->repairs.count[LC_REPAIR_NETWORK_POINT] + r->repairs.count[LC_REPAIR_ONE_WAY];
    if (all->stop_after == 0 && r->read != r->spans + left_out)
        abort(); /* every span that was read is handed on, or left out and counted */
}

static inline void read_file(struct seen_all *all, const char *name)
{
    read_inputs(all, &name, 1, NULL);
}

/* A file in memory with a path of its own. Close the descriptor when done. */
static inline int memory_file(const void *bytes, size_t length, char path[40])
{
    const int fd = memfd_create("traces", 0);
    for (size_t at = 0; at < length;) {
        const ssize_t put = write(fd, (const char *)bytes + at, length - at);
        if (put <= 0)
            abort();
        at += (size_t)put;
    }
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

static inline void read_bytes(struct seen_all *all, const void *bytes, size_t length,
                              const struct lc_reader_options *options)
{
    char path[40];
    const int fd = memory_file(bytes, length, path);
    const char *const input = path;
    read_inputs(all, &input, 1, options);
    close(fd);
}

static inline void read_text(struct seen_all *all, const char *text)
{
    read_bytes(all, text, strlen(text), NULL);
}

static inline void forget(struct seen_all *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->spans[i].attributes);
        free(all->spans[i].events);
        free(all->spans[i].links);
    }
    free(all->spans);
    free(all->reading.renamed);
    free(all->reading.times);
    lci_symbols_free(all->symbols);
    lc_diag_free(&all->diag);
    *all = (struct seen_all){0};
}

/* The span with an id, or NULL. */
static inline const struct seen *span_of(const struct seen_all *all, uint64_t id)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->spans[i].span.id == id)
            return &all->spans[i];
    return NULL;
}

static inline const char *attribute_of(const struct seen_all *all, const struct seen *seen, uint32_t key)
{
    for (uint32_t i = 0; i < seen->span.attribute_count; i++)
        if (seen->attributes[i].key == key)
            return lci_symbol_text(all->symbols, seen->attributes[i].value);
    return "";
}

static inline uint64_t repaired(const struct seen_all *all)
{
    uint64_t sum = 0;
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        sum += all->reading.repairs.count[i];
    return sum;
}

#endif
