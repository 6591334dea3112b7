/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/passes.h"

#include "base/table.h"
#include "tree/account.h"
#include "tree/decisions.h"
#include "tree/job_joins.h"
#include "tree/polling.h"
#include "tree/tree_build.h"

#include <stdlib.h>
#include <string.h>

#define SPOOL_MEMORY ((size_t)32 << 20)

struct lci_passes {
    const struct lc_tree_options *options;
    struct lc_symbols *symbols;
    struct lc_diag *diag;
    struct lci_types *types;
    struct lc_decisions *decisions;
    struct lci_spool *spool;
    struct lci_joins *joins;
    struct lci_polling *polling;
    struct lci_span_slots *held; /* NULL: there are none */
    struct lci_assembly assembly;
    struct lci_tree_builder builder;
    struct lci_account account;
    uint32_t *parents, *span_types; /* scratch of the first pass */
    size_t span_capacity;
    struct lci_table ids; /* of the spans of a trace */
    lc_symbol *names;     /* of services that are renamed, by their symbols so far; 0: not renamed */
    size_t name_count;
};

/* What gathers the first pass's evidence, by the names of services. */
static void begin(struct lci_passes *p)
{
    const struct lc_tree_options *o = p->options;
    p->decisions = lci_decisions_new(p->symbols);
    p->types = lci_types_new(p->symbols, p->decisions->paths);
    p->spool = lci_spool_new(SPOOL_MEMORY);
    p->joins = lci_joins_new();
    p->held = o->slot_count > 0 ? lci_span_slots_new(o->slots, o->slot_count, p->symbols) : NULL;
}

struct lci_passes *lci_passes_new(const struct lc_tree_options *options, struct lc_symbols *symbols,
                                  struct lc_diag *diag)
{
    struct lci_passes *p = lc_calloc(1, sizeof *p);
    p->options = options;
    p->symbols = symbols;
    p->diag = diag;
    p->polling = lci_polling_new(symbols);
    begin(p);
    return p;
}

static void end(struct lci_passes *p)
{
    lci_types_free(p->types);
    lc_decisions_free(p->decisions);
    lci_spool_free(p->spool);
    lci_joins_free(p->joins);
    lci_span_slots_free(p->held);
}

void lci_passes_free(struct lci_passes *p)
{
    if (p == NULL)
        return;
    end(p);
    lci_polling_free(p->polling);
    lci_assembly_free(&p->assembly);
    lci_builder_free(&p->builder);
    lci_account_free(&p->account);
    free(p->parents);
    free(p->span_types);
    lci_table_free(&p->ids);
    free(p->names);
    free(p);
}

static void reserve(struct lci_passes *p, size_t spans)
{
    if (spans > p->span_capacity) {
        p->span_capacity = spans > 2 * p->span_capacity ? spans : 2 * p->span_capacity;
        p->parents = lc_realloc(p->parents, p->span_capacity, sizeof *p->parents);
        p->span_types = lc_realloc(p->span_types, p->span_capacity, sizeof *p->span_types);
    }
}

/* Turns the parents' ids into indices. Ids are unique and parents are present: the reader saw to it. */
static void find_parents(struct lci_passes *p, const struct lc_trace *trace)
{
    lci_table_clear(&p->ids, trace->span_count);
    for (size_t i = 0; i < trace->span_count; i++)
        lci_table_add(&p->ids, lci_hash_word(trace->spans[i].id), i);
    for (size_t i = 0; i < trace->span_count; i++) {
        const uint64_t parent = trace->spans[i].parent;
        p->parents[i] = LCI_NONE;
        if (parent != 0)
            LCI_TABLE_FIND(&p->ids, lci_hash_word(parent), p->parents[i], trace->spans[p->parents[i]].id == parent);
    }
}

/* What two spans on different clocks tell about them. */
static void compare_clocks(struct lci_passes *p, const struct lc_span *parent, const struct lc_span *child)
{
    const uint8_t useless = LC_SPAN_NO_DURATION | LC_SPAN_FOLLOWS | LC_SPAN_SKEW_ADJUSTED;
    if (lci_clock_of(parent) == lci_clock_of(child) || ((parent->flags | child->flags) & useless) != 0 ||
        child->kind == LC_KIND_CONSUMER || parent->kind == LC_KIND_PRODUCER)
        return;
    lci_clocks_pair(p->decisions->clocks, parent, child, parent->kind == LC_KIND_CLIENT);
}

static int keep_record(struct lci_passes *p, const struct lc_trace *trace, uint64_t *offset)
{
    find_parents(p, trace);
    for (size_t i = 0; i < trace->span_count; i++) {
        const struct lc_span *span = &trace->spans[i];
        p->span_types[i] = lci_type_of(p->types, trace, span);
        lci_clocks_span(p->decisions->clocks, span);
        if (p->parents[i] != LCI_NONE)
            compare_clocks(p, &trace->spans[p->parents[i]], span);
        if (p->held != NULL)
            lci_span_slots_see(p->held, span);
    }
    struct lci_tree_record record = {.trace = *trace, .parents = p->parents, .types = p->span_types};
    if (lci_spool_add(p->spool, &record, p->diag) != 0)
        return -1;
    *offset = record.offset;
    lci_joins_note(p->joins, &record, record.offset);
    return 0;
}

static int add_record(void *passes, const struct lc_trace *trace)
{
    struct lci_passes *p = passes;
    uint64_t offset;
    if (keep_record(p, trace, &offset) != 0)
        return -1;
    lci_lost_record(p->decisions->lost, offset);
    return 0;
}

static lc_symbol renamed_of(const struct lci_passes *p, lc_symbol service)
{
    return service < p->name_count && p->names[service] != 0 ? p->names[service] : service;
}

int lci_passes_rename(struct lci_passes *p, const struct lc_renamed *renamed, size_t count)
{
    if (count == 0)
        return 0;
    struct lci_passes old = *p; /* its records come in the same order, so that their offsets are the same */
    struct lci_tree_record record;
    uint64_t offset;
    for (size_t i = 0; i < count; i++)
        p->name_count = renamed[i].from >= p->name_count ? (size_t)renamed[i].from + 1 : p->name_count;
    p->names = lc_calloc(p->name_count, sizeof *p->names);
    for (size_t i = 0; i < count; i++)
        p->names[renamed[i].from] = renamed[i].to;
    begin(p);
    lci_lost_move(p->decisions->lost, old.decisions->lost, p->names, p->name_count);
    int status = lci_spool_rewind(old.spool, p->diag);
    while (status == 0 && (status = lci_spool_next(old.spool, &record, p->diag)) == 1) {
        for (size_t i = 0; i < record.trace.span_count; i++)
            record.trace.spans[i].service = renamed_of(p, record.trace.spans[i].service);
        reserve(p, record.trace.span_count);
        status = keep_record(p, &record.trace, &offset);
    }
    end(&old);
    return status;
}

int lci_passes_add(void *passes, const struct lc_trace *trace)
{
    struct lci_passes *p = passes;
    reserve(p, trace->span_count);
    find_parents(p, trace);
    lci_lost_see(p->decisions->lost, p->types, trace, p->parents);
    return lci_polling_split(p->polling, trace, p->parents, add_record, p);
}

/* The next trace with the jobs it sent. 1, 0 at the end, -1. */
static int next_record(struct lci_passes *p, struct lci_tree_record *record)
{
    for (;;) {
        int status = lci_spool_next(p->spool, record, p->diag);
        if (status != 1)
            return status;
        status = lci_joins_merge(p->joins, p->spool, record, p->diag);
        if (status != 0)
            return status;
    }
}

static int gather_edges(struct lci_passes *p, const struct lci_tree_assembler *by)
{
    struct lci_tree_record record;
    int status = lci_spool_rewind(p->spool, p->diag);
    while (status == 0 && (status = next_record(p, &record)) == 1) {
        lci_assembly_begin(&p->assembly, &record);
        for (size_t i = 0; i < record.trace.span_count; i++)
            if (record.parents[i] == LCI_NONE) {
                lci_assembly_root(&p->assembly, by, (uint32_t)i);
                lci_assembly_observe(&p->assembly, by, p->decisions->edges);
            }
        status = 0;
    }
    return status;
}

static int make_trees(struct lci_passes *p, const struct lci_tree_assembler *by, lc_tree_sink sink, void *context,
                      struct lc_extraction *extraction)
{
    struct lci_tree_record record;
    int status = lci_spool_rewind(p->spool, p->diag);
    while (status == 0 && (status = next_record(p, &record)) == 1) {
        status = 0;
        const bool incomplete = lci_lost_is_incomplete(p->decisions->lost, record.offset);
        lci_assembly_begin(&p->assembly, &record);
        lci_account_begin(&p->account, &record);
        for (size_t i = 0; i < record.trace.span_count && status == 0; i++) {
            if (record.parents[i] != LCI_NONE)
                continue;
            lci_assembly_root(&p->assembly, by, (uint32_t)i);
            lci_account_tree(&p->account, &p->assembly);
            struct lc_tree tree = lci_build(&p->builder, &p->assembly, by);
            tree.incomplete = incomplete;
            extraction->trees++;
            extraction->nodes += tree.node_count;
            status = sink(context, &tree);
        }
        if (status == 0)
            lci_account_end(&p->account, &record);
    }
    extraction->fates = p->account.fates;
    extraction->fates.polling = lci_polling_gone(p->polling);
    return status;
}

int lci_passes_finish(struct lci_passes *p, lc_tree_sink sink, void *context, struct lc_extraction *extraction)
{
    struct lc_decisions *d = p->decisions;
    const struct lc_decisions *given = p->options->given;
    struct lci_tree_assembler by = {p->symbols, p->types, d->clocks, NULL, p->options->keep_internal,
                                    p->held,    &d->polls};
    const struct lci_polls *polls = lci_polling_polls(p->polling);
    for (size_t i = 0; i < polls->count; i++)
        lci_polls_add(&d->polls, renamed_of(p, polls->items[i].service), polls->items[i].operation,
                      polls->items[i].count);
    lci_clocks_finish(d->clocks, given != NULL ? given->clocks : NULL, p->diag);
    lci_paths_decide(d->paths, given != NULL ? given->paths : NULL, p->symbols);
    lci_types_settle(p->types);
    lci_lost_decide(d->lost, given != NULL ? given->lost : NULL);
    lci_lost_tell(d->lost, p->symbols, p->diag);
    int status = lci_joins_find(p->joins, p->spool, p->diag);
    d->unjoined = lci_joins_unjoined(p->joins);
    if (status == 0)
        status = gather_edges(p, &by);
    if (status == 0 && p->held != NULL)
        status = lci_span_slots_check(p->held, p->diag);
    if (status == 0) {
        lci_edges_decide(d->edges, given != NULL ? given->edges : NULL, p->options->assume_async,
                         p->options->assume_sync, p->symbols, p->diag);
        by.edges = d->edges;
        status = make_trees(p, &by, sink, context, extraction);
    }
    lc_decisions_list(d, extraction);
    extraction->decisions = d;
    p->decisions = NULL;
    return status;
}
