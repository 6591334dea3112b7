/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/job_joins.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

/* What a chain of jobs may grow to: beyond, jobs stay trees of their own. */
#define MOST_SPANS ((uint64_t)1 << 20)
#define MOST_JOBS  ((size_t)1 << 19)

struct job {
    uint64_t offset;                   /* of its record */
    uint64_t high, low, target;        /* linked span, target 0: none */
    lc_symbol queue;                   /* id of the queue's entry, 0: none */
    uint32_t root, spans;              /* of its record */
    uint64_t sender;                   /* offset of the record that sent it, NOWHERE: not found */
    uint32_t sender_span;              /* in that record */
    int64_t time;                      /* of the dispatch, -1: that of the sending span */
    uint32_t next_key, next_of_sender; /* lists of jobs that wait for one key, that were sent by one record */
};
#define NOWHERE UINT64_MAX

/* Jobs of jobs of jobs …: deeper chains are cut. */
#define MOST_LEVELS 1000

/* From numbers to jobs or sizes. */
struct map {
    struct {
        uint64_t key, value;
    } * items;
    size_t count, capacity;
    struct lci_table table;
};

struct lci_joins {
    struct job *jobs;
    size_t count, capacity;
    uint64_t left_out;
    struct map by_span, by_queue; /* first job that waits for it */
    struct map delivered;         /* spans whose messages a job took with the one that it is joined by */
    struct map by_offset;         /* job by its record */
    struct map by_sender;         /* first job by its sender's record */
    struct map sizes;             /* spans of a record with the jobs below it, by the record's offset */
    /* The merged record. */
    struct lci_tree_record merged;
    struct lci_job_join *joins;
    size_t spans, span_capacity, attribute_capacity, event_capacity, link_capacity, join_capacity;
};

static uint32_t map_find(const struct map *m, uint64_t key)
{
    uint32_t at;
    LCI_TABLE_FIND(&m->table, lci_hash_word(key), at, m->items[at].key == key);
    return at;
}

static uint64_t map_get(const struct map *m, uint64_t key, uint64_t otherwise)
{
    const uint32_t at = map_find(m, key);
    return at != LCI_ABSENT ? m->items[at].value : otherwise;
}

static void map_set(struct map *m, uint64_t key, uint64_t value)
{
    uint32_t at = map_find(m, key);
    if (at == LCI_ABSENT) {
        at = (uint32_t)m->count;
        lci_table_add(&m->table, lci_hash_word(key), at);
        LC_GROW(m->items, m->count, m->capacity);
        m->items[m->count++].key = key;
    }
    m->items[at].value = value;
}

static void map_free(struct map *m)
{
    free(m->items);
    lci_table_free(&m->table);
}

struct lci_joins *lci_joins_new(void)
{
    return lc_calloc(1, sizeof(struct lci_joins));
}

void lci_joins_free(struct lci_joins *j)
{
    if (j == NULL)
        return;
    map_free(&j->by_span);
    map_free(&j->by_queue);
    map_free(&j->delivered);
    map_free(&j->by_offset);
    map_free(&j->by_sender);
    map_free(&j->sizes);
    free(j->jobs);
    free(j->joins);
    free(j->merged.parents);
    free(j->merged.types);
    free(j->merged.trace.spans);
    free(j->merged.trace.attributes);
    free(j->merged.trace.events);
    free(j->merged.trace.links);
    free(j);
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

static uint64_t span_key(uint64_t trace_low, uint64_t span)
{
    return trace_low * 0xC4CEB9FE1A85EC53u ^ span;
}

void lci_joins_note(struct lci_joins *j, const struct lci_tree_record *record, uint64_t offset)
{
    const struct lc_trace *t = &record->trace;
    uint32_t root = LCI_NONE;
    for (uint32_t i = 0; i < t->span_count; i++) {
        if (record->parents[i] != LCI_NONE)
            continue;
        if (root != LCI_NONE) /* parts of several requests */
            return;
        root = i;
    }
    if (root == LCI_NONE)
        return;
    const struct lc_span *r = &t->spans[root];
    struct job job = {.offset = offset, .root = root, .spans = (uint32_t)t->span_count, .sender = NOWHERE, .time = -1};
    if (r->kind == LC_KIND_CONSUMER || r->kind == LC_KIND_UNKNOWN || r->kind == LC_KIND_INTERNAL)
        job.queue = lc_span_attribute(t, r, LC_ATTR_QUEUE_ID);
    for (uint32_t i = 0; i < r->link_count; i++) {
        const struct lc_link *link = &t->links[r->first_link + i];
        if (link->span == 0 || (link->trace_low == t->low && link->trace_high == t->high))
            continue;
        if (job.target != 0) { /* a batch: one of its messages stands for all */
            if (j->delivered.count < MOST_SPANS)
                map_set(&j->delivered, span_key(link->trace_low, link->span), 1);
            else
                j->left_out++;
            continue;
        }
        job.high = link->trace_high;
        job.low = link->trace_low;
        job.target = link->span;
    }
    if (job.queue == 0 && job.target == 0)
        return;
    if (j->count == MOST_JOBS) {
        j->left_out++;
        return;
    }
    LC_GROW(j->jobs, j->count, j->capacity);
    j->jobs[j->count++] = job;
}

/* The record at the top of the chain of senders above the one at `offset`; NOWHERE when the chain is too long. */
static uint64_t top_of(const struct lci_joins *j, uint64_t offset)
{
    for (int level = 0; level < MOST_LEVELS; level++) {
        const uint64_t job = map_get(&j->by_offset, offset, NOWHERE);
        if (job == NOWHERE || j->jobs[job].sender == NOWHERE)
            return offset;
        offset = j->jobs[job].sender;
    }
    return NOWHERE;
}

/* Traces of 64 and 128 bits are the same when they agree in what they have. */
static bool is_target(const struct job *job, const struct lc_trace *t, uint64_t span)
{
    return job->target == span && job->low == t->low && (job->high == t->high || job->high == 0 || t->high == 0);
}

/* Gives a job to the record at `offset` unless it has a sender already, would be its own sender, or the whole would
 * grow too large. */
static void claim(struct lci_joins *j, struct job *job, uint64_t offset, size_t spans, uint32_t span, int64_t time)
{
    if (job->sender != NOWHERE)
        return;
    const uint64_t top = top_of(j, offset);
    if (top == job->offset)
        return;
    if (top == NOWHERE) {
        j->left_out++;
        return;
    }
    const uint64_t total = map_get(&j->sizes, top, spans) + map_get(&j->sizes, job->offset, job->spans);
    if (total > MOST_SPANS) {
        j->left_out++;
        return;
    }
    map_set(&j->sizes, top, total);
    job->sender = offset;
    job->sender_span = span;
    job->time = time;
}

/* All jobs that wait for the key go to the span, in this order; nobody waits for it any more. */
static void claim_all(struct lci_joins *j, struct map *by, uint64_t key, const struct lci_tree_record *record,
                      uint32_t span, int64_t time)
{
    const struct lc_trace *t = &record->trace;
    uint32_t i = (uint32_t)map_get(by, key, LCI_NONE);
    if (i == LCI_NONE)
        return;
    for (; i != LCI_NONE; i = j->jobs[i].next_key)
        if (by == &j->by_queue || is_target(&j->jobs[i], t, t->spans[span].id))
            claim(j, &j->jobs[i], record->offset, t->span_count, span, time);
    map_set(by, key, LCI_NONE);
}

static void find_in(struct lci_joins *j, const struct lci_tree_record *record)
{
    const struct lc_trace *t = &record->trace;
    for (uint32_t s = 0; s < t->span_count; s++) {
        const struct lc_span *span = &t->spans[s];
        claim_all(j, &j->by_span, span_key(t->low, span->id), record, s, -1);
        for (uint32_t e = 0; e < span->event_count && j->by_queue.count > 0; e++) {
            const struct lc_event *event = &t->events[span->first_event + e];
            if (event->id != 0)
                claim_all(j, &j->by_queue, event->id, record, s, event->time);
        }
    }
}

int lci_joins_find(struct lci_joins *j, struct lci_spool *spool, struct lc_diag *diag)
{
    if (j->count == 0)
        return 0;
    for (size_t i = j->count; i-- > 0;) { /* backwards, so that lists come in the order of the input */
        struct job *job = &j->jobs[i];
        struct map *by = job->target != 0 ? &j->by_span : &j->by_queue;
        const uint64_t key = job->target != 0 ? span_key(job->low, job->target) : job->queue;
        job->next_key = (uint32_t)map_get(by, key, LCI_NONE);
        map_set(by, key, i);
        map_set(&j->by_offset, job->offset, i);
    }
    struct lci_tree_record record;
    int status = lci_spool_rewind(spool, diag);
    while (status == 0 && (status = lci_spool_next(spool, &record, diag)) == 1) {
        find_in(j, &record);
        status = 0;
    }
    for (size_t i = j->count; i-- > 0;) {
        struct job *job = &j->jobs[i];
        if (job->sender == NOWHERE)
            continue;
        job->next_of_sender = (uint32_t)map_get(&j->by_sender, job->sender, LCI_NONE);
        map_set(&j->by_sender, job->sender, i);
    }
    if (j->left_out > 0)
        lc_warn(diag, NULL, "%llu jobs with traces of their own are not joined with their senders: there are too many",
                (unsigned long long)j->left_out);
    return status;
}

uint64_t lci_joins_unjoined(const struct lci_joins *j)
{
    uint64_t count = 0;
    for (size_t i = 0; i < j->count; i++)
        count += j->jobs[i].sender == NOWHERE;
    return count;
}

/* ---- merging ----------------------------------------------------------------------------------------------------- */

/* Room for `count + more` elements. */
static void *grown(void *array, size_t count, size_t more, size_t *capacity, size_t size)
{
    if (count + more <= *capacity)
        return array;
    *capacity = count + more > 2 * *capacity ? count + more : 2 * *capacity;
    return lc_realloc(array, *capacity, size);
}

static void append(struct lci_joins *j, const struct lci_tree_record *record)
{
    struct lci_tree_record *m = &j->merged;
    struct lc_trace *to = &m->trace;
    const struct lc_trace *t = &record->trace;
    const size_t n = to->span_count, old = j->span_capacity;
    to->spans = grown(to->spans, n, t->span_count, &j->span_capacity, sizeof *to->spans);
    if (j->span_capacity != old) {
        m->parents = lc_realloc(m->parents, j->span_capacity, sizeof *m->parents);
        m->types = lc_realloc(m->types, j->span_capacity, sizeof *m->types);
    }
    to->attributes =
        grown(to->attributes, to->attribute_count, t->attribute_count, &j->attribute_capacity, sizeof *to->attributes);
    to->events = grown(to->events, to->event_count, t->event_count, &j->event_capacity, sizeof *to->events);
    to->links = grown(to->links, to->link_count, t->link_count, &j->link_capacity, sizeof *to->links);
    for (size_t i = 0; i < t->span_count; i++) {
        struct lc_span *s = &to->spans[n + i];
        *s = t->spans[i];
        s->first_attribute += (uint32_t)to->attribute_count;
        s->first_event += (uint32_t)to->event_count;
        s->first_link += (uint32_t)to->link_count;
        m->parents[n + i] = record->parents[i] != LCI_NONE ? record->parents[i] + (uint32_t)n : LCI_NONE;
        m->types[n + i] = record->types[i];
    }
    for (size_t i = 0; i < t->attribute_count; i++)
        to->attributes[to->attribute_count + i] = t->attributes[i];
    for (size_t i = 0; i < t->event_count; i++)
        to->events[to->event_count + i] = t->events[i];
    for (size_t i = 0; i < t->link_count; i++)
        to->links[to->link_count + i] = t->links[i];
    to->span_count += t->span_count;
    to->attribute_count += t->attribute_count;
    to->event_count += t->event_count;
    to->link_count += t->link_count;
}

static void mark_delivered(const struct lci_joins *j, struct lci_tree_record *record)
{
    struct lc_trace *t = &record->trace;
    for (size_t i = 0; i < t->span_count && j->delivered.count > 0; i++)
        if (t->spans[i].kind == LC_KIND_PRODUCER && map_get(&j->delivered, span_key(t->low, t->spans[i].id), 0) != 0)
            t->spans[i].flags |= LC_SPAN_DELIVERED;
}

/* Appends the jobs that the record at `offset`, whose spans begin at `base`, sent. */
static int append_jobs(struct lci_joins *j, struct lci_spool *spool, uint64_t offset, size_t base, struct lc_diag *diag)
{
    uint64_t i = map_get(&j->by_sender, offset, NOWHERE);
    for (; i != NOWHERE; i = j->jobs[i].next_of_sender == LCI_NONE ? NOWHERE : j->jobs[i].next_of_sender) {
        const struct job *job = &j->jobs[i];
        struct lci_tree_record record;
        if (lci_spool_at(spool, job->offset, &record, diag) != 0)
            return -1;
        const size_t n = j->merged.trace.span_count;
        mark_delivered(j, &record);
        append(j, &record);
        j->merged.parents[n + job->root] = (uint32_t)base + job->sender_span;
        LC_GROW(j->joins, j->merged.join_count, j->join_capacity);
        j->joins[j->merged.join_count++] = (struct lci_job_join){
            .span = (uint32_t)n + job->root, .base = (uint32_t)n, .job = (uint32_t)i, .time = job->time};
    }
    return 0;
}

int lci_joins_merge(struct lci_joins *j, struct lci_spool *spool, struct lci_tree_record *record, struct lc_diag *diag)
{
    if (j->count == 0)
        return 1;
    mark_delivered(j, record);
    const uint64_t job = map_get(&j->by_offset, record->offset, NOWHERE);
    if (job != NOWHERE && j->jobs[job].sender != NOWHERE)
        return 0;
    if (map_get(&j->by_sender, record->offset, NOWHERE) == NOWHERE)
        return 1;
    struct lci_tree_record *m = &j->merged;
    const struct lc_trace *t = &m->trace;
    *m = (struct lci_tree_record){
        .trace = {record->trace.high, record->trace.low, t->spans, 0, t->attributes, 0, t->events, 0, t->links, 0},
        .parents = m->parents,
        .types = m->types,
        .offset = record->offset};
    append(j, record);
    if (append_jobs(j, spool, record->offset, 0, diag) != 0)
        return -1;
    for (size_t i = 0; i < m->join_count; i++) { /* and the jobs of jobs */
        const struct lci_job_join join = j->joins[i];
        if (append_jobs(j, spool, j->jobs[join.job].offset, join.base, diag) != 0)
            return -1;
    }
    m->joins = j->joins;
    *record = *m;
    return 1;
}
