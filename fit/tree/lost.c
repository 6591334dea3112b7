/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/lost.h"
#include "fit/trace/symbols.h"

#include "base/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NONE   UINT32_MAX
#define ENOUGH 10 /* whole traces of a kind, to do without the others */

struct kind {
    lc_symbol service, operation;
    uint64_t traces, lost, learned; /* learned: of the lost ones, how many were learned from all the same */
};

struct record {
    uint64_t offset;
    uint32_t kind;
};

struct lci_lost {
    struct kind *kinds;
    size_t count, capacity;
    struct lci_table table; /* of kinds */
    struct record *records; /* of traces that lost spans, by offset */
    size_t record_count, record_capacity;
    uint32_t current; /* kind of the trace seen last, if that lost spans, else NONE */
};

struct lci_lost *lci_lost_new(void)
{
    struct lci_lost *l = lc_calloc(1, sizeof *l);
    l->current = NONE;
    return l;
}

void lci_lost_free(struct lci_lost *l)
{
    if (l == NULL)
        return;
    free(l->kinds);
    lci_table_free(&l->table);
    free(l->records);
    free(l);
}

static uint32_t find(const struct lci_lost *l, lc_symbol service, lc_symbol operation)
{
    uint32_t at;
    LCI_TABLE_FIND(&l->table, lci_hash_pair(service, operation), at,
                   l->kinds[at].service == service && l->kinds[at].operation == operation);
    return at;
}

static uint32_t kind_of(struct lci_lost *l, lc_symbol service, lc_symbol operation)
{
    const uint32_t known = find(l, service, operation);
    if (known != LCI_ABSENT)
        return known;
    LC_GROW(l->kinds, l->count, l->capacity);
    l->kinds[l->count] = (struct kind){.service = service, .operation = operation};
    lci_table_add(&l->table, lci_hash_pair(service, operation), l->count);
    return (uint32_t)l->count++;
}

/* ---- seeing ------------------------------------------------------------------------------------------------------ */

/* The longest of the trace's roots; those that were recorded as such come first. */
static const struct lc_span *root_of(const struct lc_trace *t, const uint32_t *parents)
{
    const struct lc_span *root = NULL;
    for (size_t i = 0; i < t->span_count; i++) {
        const struct lc_span *s = &t->spans[i];
        if (parents[i] != NONE)
            continue;
        const int orphan = s->flags & LC_SPAN_ORPHAN, other = root != NULL ? root->flags & LC_SPAN_ORPHAN : 0;
        if (root == NULL || orphan < other || (orphan == other && s->end - s->start > root->end - root->start))
            root = s;
    }
    return root;
}

/* Below a root that is an orphan itself there is nothing to tell by: its callers may have no spans at all. */
static bool is_lost(const struct lc_trace *t, const uint32_t *parents, const struct lc_span *root)
{
    if (t->incomplete)
        return true;
    for (size_t i = 0; i < t->span_count && (root->flags & LC_SPAN_ORPHAN) == 0; i++) {
        const struct lc_span *s = &t->spans[i];
        if (parents[i] == NONE && (s->flags & LC_SPAN_ORPHAN) != 0 && s->start >= root->start && s->end <= root->end)
            return true;
    }
    return false;
}

void lci_lost_see(struct lci_lost *l, struct lci_types *types, const struct lc_trace *t, const uint32_t *parents)
{
    const struct lc_span *root = root_of(t, parents);
    l->current = NONE;
    if (root == NULL)
        return;
    const uint32_t kind = kind_of(l, root->service, lci_type(types, lci_type_of(types, t, root))->label);
    l->kinds[kind].traces++;
    if (is_lost(t, parents, root)) {
        l->kinds[kind].lost++;
        l->current = kind;
    }
}

void lci_lost_record(struct lci_lost *l, uint64_t offset)
{
    if (l->current == NONE)
        return;
    LC_GROW(l->records, l->record_count, l->record_capacity);
    l->records[l->record_count++] = (struct record){offset, l->current};
}

/* ---- deciding ---------------------------------------------------------------------------------------------------- */

static bool is_enough(const struct kind *kind)
{
    return kind->traces - kind->lost >= ENOUGH;
}

void lci_lost_move(struct lci_lost *to, struct lci_lost *from, const lc_symbol *names, size_t count)
{
    const struct lci_lost nothing = *to;
    *to = *from;
    *from = nothing;
    for (size_t i = 0; i < to->count; i++) {
        lc_symbol *service = &to->kinds[i].service;
        if (*service < count && names[*service] != 0)
            *service = names[*service];
    }
    lci_table_clear(&to->table, to->count);
    for (size_t i = 0; i < to->count; i++)
        lci_table_add(&to->table, lci_hash_pair(to->kinds[i].service, to->kinds[i].operation), i);
}

void lci_lost_decide(struct lci_lost *l, const struct lci_lost *given)
{
    for (size_t i = 0; i < l->count; i++) {
        struct kind *k = &l->kinds[i];
        const uint32_t known = given != NULL ? find(given, k->service, k->operation) : LCI_ABSENT;
        k->learned = is_enough(known != LCI_ABSENT ? &given->kinds[known] : k) ? 0 : k->lost;
    }
}

bool lci_lost_is_incomplete(const struct lci_lost *l, uint64_t offset)
{
    size_t low = 0, high = l->record_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (l->records[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->record_count && l->records[low].offset == offset && l->kinds[l->records[low].kind].learned == 0;
}

void lci_lost_tell(const struct lci_lost *l, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct kind *k = &l->kinds[i];
        if (k->lost == 0)
            continue;
        lc_warn(diag, NULL, "%" PRIu64 " of %" PRIu64 " traces of '%s/%s' lost spans: %s", k->lost, k->traces,
                lci_symbol_text(symbols, k->service), lci_symbol_text(symbols, k->operation),
                k->learned == 0 ? "only their arrivals count, nothing else is learned from them"
                                : "too few others are left, so all are learned from, and self times and calls of "
                                  "services whose spans are missing are wrong");
    }
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static int by_names(const void *a, const void *b, void *symbols)
{
    const struct kind *x = a, *y = b;
    const int order = strcmp(lci_symbol_text(symbols, x->service), lci_symbol_text(symbols, y->service));
    return order != 0 ? order : strcmp(lci_symbol_text(symbols, x->operation), lci_symbol_text(symbols, y->operation));
}

void lci_lost_write(const struct lci_lost *l, const struct lc_symbols *symbols, lci_put_line put, void *sink)
{
    struct kind *sorted = lc_calloc(l->count + 1, sizeof *sorted);
    if (l->count > 0)
        memcpy(sorted, l->kinds, l->count * sizeof *sorted);
    qsort_r(sorted, l->count, sizeof *sorted, by_names, (void *)symbols);
    for (size_t i = 0; i < l->count; i++)
        put(sink, json_pack("{s:[s, s, I, I, I]}", "lost", lci_symbol_text(symbols, sorted[i].service),
                            lci_symbol_text(symbols, sorted[i].operation), (json_int_t)sorted[i].traces,
                            (json_int_t)sorted[i].lost, (json_int_t)sorted[i].learned));
    free(sorted);
}

bool lci_lost_read(struct lci_lost *l, struct lc_symbols *symbols, const json_t *line)
{
    const char *service, *operation;
    json_int_t traces, lost, learned;
    if (json_unpack((json_t *)line, "[s, s, I, I, I!]", &service, &operation, &traces, &lost, &learned) != 0 ||
        learned < 0 || learned > lost || lost > traces)
        return false;
    const uint32_t kind = kind_of(l, lci_symbol_of(symbols, service, strlen(service)),
                                  lci_symbol_of(symbols, operation, strlen(operation)));
    struct kind *k = &l->kinds[kind];
    k->traces += (uint64_t)traces;
    k->lost += (uint64_t)lost;
    k->learned += (uint64_t)learned;
    return true;
}

void lci_lost_agree(const struct lci_lost *l, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct kind *k = &l->kinds[i];
        if (k->learned == (is_enough(k) ? 0 : k->lost))
            continue;
        lc_error(diag, LC_INPUT, NULL,
                 "%" PRIu64 " of %" PRIu64 " traces of '%s/%s' that lost spans were learned from; expected %s, because "
                 "%" PRIu64 " whole ones are %s",
                 k->learned, k->lost, lci_symbol_text(symbols, k->service), lci_symbol_text(symbols, k->operation),
                 is_enough(k) ? "none" : "all", k->traces - k->lost, is_enough(k) ? "enough" : "too few");
    }
}
