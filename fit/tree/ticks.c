/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/ticks.h"
#include "fit/trace/symbols.h"

#include <stdlib.h>
#include <string.h>

#define FEW 8 /* starts: all whole milliseconds by chance in one service of 10^24 */

void lci_ticks_free(struct lci_ticks *t)
{
    free(t->services);
    *t = (struct lci_ticks){0};
}

static struct lci_tick_counts *counts_of(struct lci_ticks *t, lc_symbol service)
{
    if (service >= t->capacity) {
        const size_t old = t->capacity;
        t->capacity = 2 * (size_t)service + 64;
        t->services = lc_realloc(t->services, t->capacity, sizeof *t->services);
        memset(t->services + old, 0, (t->capacity - old) * sizeof *t->services);
    }
    return &t->services[service];
}

void lci_ticks_span(struct lci_ticks *t, const struct lc_span *span)
{
    struct lci_tick_counts *counts = counts_of(t, span->service);
    const bool micro = span->start % 1000 == 0, milli = micro && span->start % 1000000 == 0;
    counts->all++;
    counts->microseconds += micro;
    counts->milliseconds += milli;
    t->total.all++;
    t->total.microseconds += micro;
    t->total.milliseconds += milli;
}

static unsigned majority(const struct lci_tick_counts *counts)
{
    return 2 * counts->milliseconds > counts->all   ? LCI_TICK_MILLISECOND
           : 2 * counts->microseconds > counts->all ? LCI_TICK_MICROSECOND
                                                    : LCI_TICK_FINER;
}

static unsigned by_evidence(const struct lci_ticks *t, lc_symbol service)
{
    const struct lci_tick_counts *counts = &t->services[service];
    return counts->all == 0 ? LCI_TICK_UNKNOWN : majority(counts->all < FEW ? &t->total : counts);
}

unsigned lci_tick(const struct lci_ticks *t, lc_symbol service)
{
    if (service >= t->capacity)
        return LCI_TICK_UNKNOWN;
    const unsigned decided = t->services[service].decided;
    return decided != LCI_TICK_UNKNOWN ? decided : by_evidence(t, service);
}

void lci_ticks_decide(struct lci_ticks *t, const struct lci_ticks *given)
{
    for (size_t i = 0; i < t->capacity; i++) {
        if (t->services[i].all == 0)
            continue;
        const unsigned known = given != NULL ? lci_tick(given, (lc_symbol)i) : LCI_TICK_UNKNOWN;
        t->services[i].decided = (uint8_t)(known != LCI_TICK_UNKNOWN ? known : by_evidence(t, (lc_symbol)i));
        t->services[i].used = (uint8_t)(1u << t->services[i].decided);
    }
}

/* ---- parts of the traces ----------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b, void *symbols)
{
    return strcmp(lci_symbol_text(symbols, *(const lc_symbol *)a), lci_symbol_text(symbols, *(const lc_symbol *)b));
}

void lci_ticks_write(const struct lci_ticks *t, const struct lc_symbols *symbols, lci_put_line put, void *sink)
{
    lc_symbol *services = lc_calloc(t->capacity + 1, sizeof *services);
    size_t count = 0;
    for (size_t i = 0; i < t->capacity; i++)
        if (t->services[i].all != 0)
            services[count++] = (lc_symbol)i;
    qsort_r(services, count, sizeof *services, by_name, (void *)symbols);
    for (size_t i = 0; i < count; i++) {
        const struct lci_tick_counts *c = &t->services[services[i]];
        put(sink,
            json_pack("{s:[s, I, I, I, i]}", "clock", lci_symbol_text(symbols, services[i]),
                      (json_int_t)c->milliseconds, (json_int_t)c->microseconds, (json_int_t)c->all, (int)c->used));
    }
    free(services);
}

bool lci_ticks_read(struct lci_ticks *t, struct lc_symbols *symbols, const json_t *line)
{
    const char *service;
    json_int_t milli, micro, all;
    int used;
    if (json_unpack((json_t *)line, "[s, I, I, I, i!]", &service, &milli, &micro, &all, &used) != 0 || milli < 0 ||
        micro < milli || all < micro || all < 1 || used < 0 || used > 14)
        return false;
    struct lci_tick_counts *counts = counts_of(t, *service != 0 ? lci_symbol_of(symbols, service, strlen(service)) : 0);
    struct lci_tick_counts *const sums[] = {counts, &t->total};
    for (int i = 0; i < 2; i++) {
        sums[i]->milliseconds += (uint64_t)milli;
        sums[i]->microseconds += (uint64_t)micro;
        sums[i]->all += (uint64_t)all;
    }
    counts->used |= (uint8_t)used;
    return true;
}

size_t lci_ticks_differ(const struct lci_ticks *t, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    static const char *const units[] = {"", "a millisecond", "a microsecond", "less than a microsecond"};
    size_t differ = 0;
    for (size_t i = 0; i < t->capacity; i++) {
        const unsigned tick = lci_tick(t, (lc_symbol)i);
        if (t->services[i].all != 0 && t->services[i].used != 1u << tick && differ++ < LCI_MOST_TOLD)
            lc_error(diag, LC_INPUT, NULL,
                     "the clock of '%s' ticks every %s by all traces together, but not by those of every part",
                     lci_symbol_text(symbols, (lc_symbol)i), units[tick]);
    }
    return differ;
}
