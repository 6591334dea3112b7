/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests and answers that were logged apart, joined: an answer goes to the latest request before it of the same
 * connection, stream and point. What the kernel saw says by its numbering whether two messages follow each other.
 */
#include "assembly/flow.h"

#include <stdlib.h>
#include <string.h>

#define DNS          120
#define WEBSPHERE_MQ 108
#define ISO_8583     48

/* The request `i` has the answer `k`. */
static void merge(struct lci_rows *r, uint32_t i, uint32_t k, bool all)
{
    struct lci_flow *a = &r->flows[i], *b = &r->flows[k];
    struct lci_flow_tree *t = &r->trees[i];
    r->trees[k].into = i;
    lci_union_join(r->root, i, k);
    t->end = b->end > t->end ? b->end : t->end;
    for (int s = 0; s < 2; s++) {
        a->traces[s] = a->traces[s] != 0 ? a->traces[s] : b->traces[s];
        a->x_request[s] = a->x_request[s] != 0 ? a->x_request[s] : b->x_request[s];
    }
    a->span_id = a->span_id != 0 ? a->span_id : b->span_id;
    a->parent_span_id = a->parent_span_id != 0 ? a->parent_span_id : b->parent_span_id;
    if (!all)
        return;
    a->type = LCI_FLOW_SESSION;
    a->syscall[0] = a->syscall[0] != 0 ? a->syscall[0] : b->syscall[0];
    a->syscall[1] = b->syscall[1] != 0 ? b->syscall[1] : a->syscall[1];
    a->capture[1] = b->capture[1];
    a->seq[0] = a->seq[0] != 0 ? a->seq[0] : b->seq[0];
    a->seq[1] = b->seq[1] != 0 ? b->seq[1] : a->seq[1];
    for (int s = 0; s < LCI_SAID; s++)
        a->said[s] = a->said[s] != 0 ? a->said[s] : b->said[s];
}

static bool is_stream_frame(const struct lci_rows *r, uint32_t i)
{
    const struct lci_flow *f = &r->flows[i];
    return (f->l7 == 21 || f->l7 == 41) && f->request != 0 && r->trees[i].end == r->trees[i].start &&
           f->type == LCI_FLOW_SESSION;
}

static bool speaks_asynchronously(const struct lci_flow *f)
{
    return f->l7 == WEBSPHERE_MQ || (f->l7 == ISO_8583 && f->async);
}

/* Rows of one connection, stream and point have one key; where answers come by other connections, those of one
 * transaction. 0: the row stands for itself. */
static uint64_t key_of(const struct lci_rows *r, uint32_t i)
{
    const struct lci_flow *f = &r->flows[i];
    if (speaks_asynchronously(f))
        return f->traces[0] != 0 ? lci_key(lci_key(f->traces[0], f->span_id), lci_key(f->agent, 1000u + f->point)) : 0;
    return f->connection != 0 ? lci_key(lci_key(f->connection, f->request), lci_key(f->agent, f->point)) : 0;
}

/* Whether the answer belongs to the request before it. */
static bool follow(const struct lci_flow *request, const struct lci_flow *answer)
{
    if (request->l7 != answer->l7)
        return false;
    if (request->source != LCI_SOURCE_EBPF || speaks_asynchronously(request))
        return true;
    /* DNS sends several answers to one question: each follows the one before. */
    const uint64_t before = request->l7 == DNS && request->capture[1] != 0 ? request->capture[1] : request->capture[0];
    return (before == 0 && answer->capture[1] == 0) || before + 1 == answer->capture[1];
}

/* Requests of one key that are not answered yet, and what else may take another half; the latest of them. */
struct waiting {
    uint32_t rows[LCI_LOOK];
    size_t count;
};

static void wait_for(struct waiting *w, uint32_t row)
{
    if (w->count == LCI_LOOK)
        memmove(w->rows, w->rows + 1, --w->count * sizeof *w->rows);
    w->rows[w->count++] = row;
}

/* The latest request goes first; where messages are numbered, an earlier one may be asked for. */
static void take_answer(struct lci_rows *r, struct waiting *w, uint32_t answer)
{
    for (size_t i = w->count; i-- > 0;) {
        const uint32_t row = w->rows[i];
        const struct lci_flow *o = &r->flows[row];
        const bool several = o->l7 == DNS && o->source == LCI_SOURCE_EBPF;
        if ((o->type != LCI_FLOW_REQUEST && !several) || o->l7 != r->flows[answer].l7)
            break;
        if (!follow(o, &r->flows[answer]))
            continue;
        merge(r, row, answer, true);
        if (!several && --w->count > i) /* those after it still wait */
            memmove(w->rows + i, w->rows + i + 1, (w->count - i) * sizeof *w->rows);
        return;
    }
}

/* Whether the row may be joined with one before it. */
static bool is_further(const struct lci_rows *r, uint32_t i)
{
    return !r->flows[i].given && (r->flows[i].type == LCI_FLOW_RESPONSE || is_stream_frame(r, i));
}

/* The rows that have a key of one that may be joined, and few others: such keys leave a bit in `marks`. */
static void gather(const struct lci_rows *r, struct lci_index *index)
{
    unsigned bits = 6;
    while (bits < 32 && (uint64_t)1 << bits < 8 * (uint64_t)r->count)
        bits++;
    const unsigned shift = 64 - bits;
    uint64_t *marks = NULL;
    for (uint32_t i = 0; i < r->count; i++) {
        if (!is_further(r, i))
            continue;
        if (marks == NULL)
            marks = lc_calloc((size_t)1 << (bits - 6), sizeof *marks);
        const uint64_t place = key_of(r, i) >> shift;
        marks[place / 64] |= UINT64_C(1) << place % 64;
    }
    for (uint32_t i = 0; i < r->count && marks != NULL; i++) {
        const uint64_t key = r->flows[i].given ? 0 : key_of(r, i), place = key >> shift;
        if (key != 0 && marks[place / 64] >> place % 64 & 1)
            lci_index_add(index, key, r->trees[i].start, i);
    }
    free(marks);
}

void lci_merge_halves(struct lci_rows *r)
{
    struct lci_index index = {0};
    gather(r, &index);
    lci_index_sort(&index);
    struct waiting w = {.count = 0};
    for (size_t k = 0; k < index.count; k++) {
        const uint32_t i = index.items[k].row, last = w.count > 0 ? w.rows[w.count - 1] : LCI_NO_FLOW;
        if (k > 0 && index.items[k - 1].key != index.items[k].key)
            w.count = 0;
        if (r->flows[i].type == LCI_FLOW_RESPONSE)
            take_answer(r, &w, i);
        else if (w.count > 0 && is_stream_frame(r, i) && r->flows[last].l7 == r->flows[i].l7 &&
                 r->trees[last].end > r->trees[last].start)
            merge(r, last, i, false);
        else
            wait_for(&w, i);
    }
    lci_index_free(&index);
}
