/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/pack.h"

#include <assert.h>
#include <stdlib.h>

/* The blocks of memory that estimates lie in, in the order of packing: what points to one is told by its block and its
 * place there. */
struct blocks {
    struct {
        char *begin;
        size_t size;
    } * items;
    size_t count, capacity;
};

static void add_block(struct blocks *b, void *begin, size_t size)
{
    LC_GROW(b->items, b->count, b->capacity);
    b->items[b->count].begin = begin;
    b->items[b->count++].size = begin != NULL ? size : 0;
}

#define PACK_BLOCK(p, b, array, count)                                                                                 \
    do {                                                                                                               \
        LCI_PACK_ARRAY(p, array, count);                                                                               \
        add_block(b, array, (count) * sizeof *(array));                                                                \
    } while (0)

static void pack_pointer(struct lci_pack *p, const struct blocks *b, struct lc_estimate **to)
{
    struct {
        uint64_t block, offset;
    } at = {UINT64_MAX, 0};
    if (!lci_pack_reads(p) && *to != NULL) {
        for (at.block = 0; at.block < b->count; at.block++)
            if (b->items[at.block].size > 0 && (char *)*to >= b->items[at.block].begin &&
                (char *)*to < b->items[at.block].begin + b->items[at.block].size)
                break;
        assert(at.block < b->count);
        at.offset = (uint64_t)((char *)*to - b->items[at.block].begin);
    }
    LCI_PACK(p, at);
    if (lci_pack_reads(p))
        *to = at.block == UINT64_MAX ? NULL : (struct lc_estimate *)(void *)(b->items[at.block].begin + at.offset);
}

static void pack_activity(struct lci_pack *p, struct blocks *b, struct lc_activity_result *r,
                          const struct lc_activity *a)
{
    PACK_BLOCK(p, b, r->histogram.bins, (size_t)a->histogram.bins + 2);
    PACK_BLOCK(p, b, r->calls, a->call_count);
    PACK_BLOCK(p, b, r->call_variance, a->call_count);
    PACK_BLOCK(p, b, r->call_loss, a->call_count);
}

static void pack_elements(struct lci_pack *p, struct blocks *b, struct lc_result *r, const struct lc_model *m)
{
    PACK_BLOCK(p, b, r->processors, m->processor_count);
    PACK_BLOCK(p, b, r->tasks, m->task_count);
    PACK_BLOCK(p, b, r->activities, m->task_count);
    for (size_t i = 0; i < m->task_count; i++) {
        PACK_BLOCK(p, b, r->activities[i], m->tasks[i].activity_count);
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            pack_activity(p, b, &r->activities[i][k], &m->tasks[i].activities[k]);
    }
    PACK_BLOCK(p, b, r->entries, m->entry_count);
    for (size_t i = 0; i < m->entry_count; i++) {
        for (int k = 0; k < LC_PHASES; k++)
            pack_activity(p, b, &r->entries[i].phases[k], &m->entries[i].phases[k]);
        PACK_BLOCK(p, b, r->entries[i].forwards, m->entries[i].forward_count);
        PACK_BLOCK(p, b, r->entries[i].forward_variance, m->entries[i].forward_count);
    }
    PACK_BLOCK(p, b, r->joins, r->join_count);
    PACK_BLOCK(p, b, r->workloads, r->workload_count);
    PACK_BLOCK(p, b, r->policies, r->policy_count);
    PACK_BLOCK(p, b, r->bottlenecks, r->bottleneck_count);
    for (size_t i = 0; i < r->bottleneck_count; i++)
        lci_pack_text(p, &r->bottlenecks[i].reason);
}

void lci_pack_result(struct lci_pack *p, struct lc_result **result, const struct lc_model *model)
{
    struct blocks blocks = {0};
    struct lc_result *r = lci_pack_reads(p) ? lc_alloc(sizeof *r) : *result;
    *result = r;
    LCI_PACK(p, *r);
    char *solver = lci_pack_reads(p) ? NULL : lc_strdup(r->solver);
    lci_pack_text(p, &solver);
    if (lci_pack_reads(p)) {
        r->model = model;
        r->solver = solver[0] == 's' ? "simulation" : ""; /* the analytic answer is nobody's work but this process's */
    }
    free(solver);
    pack_elements(p, &blocks, r, model);
    lci_pack_text(p, &r->overload.why);
    LCI_PACK_ARRAY(p, r->samples.of, r->samples.count);
    for (size_t i = 0; r->samples.of != NULL && i < r->samples.count; i++)
        pack_pointer(p, &blocks, &r->samples.of[i]);
    LCI_PACK_ARRAY(p, r->samples.values, r->samples.count * r->samples.replications);
    free(blocks.items);
}
