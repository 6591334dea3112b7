/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "series.h"

#include <math.h>
#include <stdlib.h>

#define WHOLE "1"
#define TIME  "s"
#define BYTES "B"
#define ONCE  LCI_ONCE
#define EACH  LCI_EACH
#define OWN   LCI_OWN
const struct lci_measured_kind lci_measured_kinds[LCI_MEASURED_COUNT] = {
#define X(name, text, what, of) [LCI_##name] = {text, what, of},
    LCI_MEASURED(X)
#undef X
};

uint32_t lci_series_of(struct lci_series_list *list, const struct lci_series_key *key)
{
    const uint32_t hash = lci_hash_bytes(key, sizeof *key);
    uint32_t at;
    LCI_TABLE_FIND(&list->table, hash, at, memcmp(&list->items[at].key, key, sizeof *key) == 0);
    if (at != LCI_ABSENT)
        return at;
    at = (uint32_t)list->count;
    lci_table_add(&list->table, hash, at);
    LC_GROW(list->items, list->count, list->room);
    list->items[list->count++] = (struct lci_series){.key = *key};
    return at;
}

void lci_series_push(struct lci_series *s, double value)
{
    LC_GROW(s->values, s->count, s->room);
    s->values[s->count++] = value;
    s->sum += value;
    s->trace_sum += value;
    s->trace_count++;
}

void lci_series_end_trace(struct lci_series *s, uint64_t executions)
{
    const double n = (double)executions;
    s->squares += s->trace_sum * s->trace_sum;
    s->products += s->trace_sum * n;
    s->count_squares += n * n;
    s->traces++;
    s->trace_sum = 0;
    s->trace_count = 0;
    s->in_trace = false;
}

double lci_series_sd(const struct lci_series *s, uint64_t count, uint64_t traces, double count_squares)
{
    if (traces < 2)
        return NAN;
    const double n = (double)count, mean = s->sum / n, k = (double)traces;
    const double left = s->squares - 2 * mean * s->products + mean * mean * count_squares;
    /* What rounding leaves of equal values is no spread. */
    return left <= 1e-12 * s->squares ? 0 : sqrt(k / (k - 1) * left / n);
}

void lci_series_free(struct lci_series_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].values);
        free(list->items[i].by_trace);
    }
    free(list->items);
    lci_table_free(&list->table);
    *list = (struct lci_series_list){0};
}
