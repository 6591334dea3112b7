/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who can still go on? A thread that waits for a reply can, when somebody who works for the reply can; a message in a
 * queue can, when a thread of the queue's task is idle or can go on; a message at a lock, and a branch that waits for a
 * branch of another entry, when somebody is being served there or can go on (or will arrive) who calls that task.
 * Everything else goes on by itself. Nothing is called a deadlock that is not one: where it is not clear who will bring
 * a lock back, any caller of it counts.
 */
#include "deadlock.h"

#include "base/buffer.h"
#include "loadcast/base.h"

#include <stdlib.h>

enum state {
    RUNS,
    FREE,   /* a record that is not in use */
    CALLS,  /* waits for a reply */
    QUEUED, /* waits for a thread of a task, or for a lock */
    PARKED, /* waits for a branch of another entry */
};

struct arc {
    uint32_t from, to;
};

struct search {
    const struct lci_engine *engine;
    const struct lci_program *program;
    unsigned char *state; /* of each thread */
    bool *goes_on;        /* of each thread */
    uint32_t *at;         /* QUEUED: the instance whose queue it stands in */
    bool *serves;         /* of each instance: it is idle, or one of its threads goes on */
    bool *frees;          /* of each instance: one of its threads goes on */
    bool *called;         /* of each task: somebody who goes on may call it */
    bool *followed;       /* of each task: what it calls is marked as called */
    struct arc *arcs;     /* which task calls which; in the end in the order of the callers */
    size_t arc_count, arc_capacity;
    size_t *first; /* [task + 1] into `arcs` */
    bool changed;
};

/* Stands between a caller and its request: no customer. */
static bool is_watch(const struct lci_engine *e, uint32_t i)
{
    const uint8_t code = e->code[e->threads[i].pc].code;
    return code == LCI_ANSWERED || code == LCI_SETTLED;
}

static bool is_job(const struct search *s, uint32_t i)
{
    return s->engine->threads[i].job == i;
}

static void mark_one(struct search *s, uint32_t i, enum state state, uint32_t instance)
{
    s->state[i] = (unsigned char)state;
    s->at[i] = instance;
}

static void mark_list(struct search *s, uint32_t first, enum state state, uint32_t instance)
{
    for (uint32_t i = first; i != LCI_NIL; i = s->engine->threads[i].next)
        mark_one(s, i, state, instance);
}

static void mark_queue(struct search *s, const struct lci_queue *q, uint32_t instance)
{
    for (uint32_t i = 0; q->random && i < q->count; i++)
        mark_one(s, q->bag[i], QUEUED, instance);
    if (q->random || q->count == 0)
        return;
    mark_list(s, q->first.head, QUEUED, instance);
    for (uint32_t level = 1; level < q->levels; level++)
        mark_list(s, q->more[level - 1].head, QUEUED, instance);
}

/* Requests wait for a thread and callers for a request; the rest runs. */
static void mark(struct search *s)
{
    const struct lci_engine *e = s->engine;
    for (uint32_t i = e->free_thread; i != LCI_NIL; i = e->threads[i].next)
        s->state[i] = FREE;
    for (uint32_t i = 0; i < s->program->instance_count; i++) {
        const struct lci_instance *instance = &e->instances[i];
        mark_queue(s, &instance->queue, i);
        if (instance->lock == NULL)
            continue;
        for (uint32_t k = 0; k < lci_lock_queues(instance->lock); k++)
            mark_queue(s, lci_lock_queue(instance->lock, k), i);
        for (uint32_t k = 0; k < s->program->tasks[s->program->instance_task[i]].joins; k++)
            mark_list(s, lci_lock_parked(instance->lock, k), PARKED, i);
    }
    for (uint32_t i = 0; i < e->thread_count; i++)
        if (s->state[i] != FREE && is_job(s, i) && e->threads[i].caller != LCI_NIL &&
            s->state[e->threads[i].caller] == RUNS)
            s->state[e->threads[i].caller] = CALLS;
    for (uint32_t i = 0; i < e->thread_count; i++) /* a watch wakes up by itself */
        s->goes_on[i] = s->state[i] == RUNS || (s->state[i] == CALLS && is_watch(e, i));
}

static void add_arc(struct search *s, size_t from, int entry)
{
    const struct lci_program *p = s->program;
    LC_GROW(s->arcs, s->arc_count, s->arc_capacity);
    s->arcs[s->arc_count++] = (struct arc){(uint32_t)from, (uint32_t)p->model_task[p->model->entries[entry].task]};
}

static void find_arcs(struct search *s)
{
    const struct lci_program *p = s->program;
    const struct lc_model *m = p->model;
    for (size_t i = 0; i < m->entry_count; i++) {
        const struct lc_entry *entry = &m->entries[i];
        const size_t from = p->model_task[entry->task];
        for (int k = 0; k < LC_PHASES; k++)
            for (size_t c = 0; c < entry->phases[k].call_count; c++)
                add_arc(s, from, entry->phases[k].calls[c].entry);
        for (size_t f = 0; f < entry->forward_count; f++)
            add_arc(s, from, entry->forwards[f].entry);
    }
    for (size_t i = 0; i < p->task_count; i++) {
        const struct lc_task *task = &m->tasks[p->tasks[i].model];
        for (size_t k = 0; k < task->activity_count; k++)
            for (size_t c = 0; c < task->activities[k].call_count; c++)
                add_arc(s, i, task->activities[k].calls[c].entry);
        for (size_t k = 0; k < task->decision_count; k++)
            if (task->decisions[k].to != LC_NONE)
                add_arc(s, i, task->decisions[k].to);
    }
}

static void sort_arcs(struct search *s)
{
    const size_t count = s->program->task_count;
    struct arc *sorted = lc_calloc(s->arc_count + 1, sizeof *sorted);
    size_t *next = lc_calloc(count + 1, sizeof *next);
    for (size_t i = 0; i < s->arc_count; i++)
        s->first[s->arcs[i].from + 1]++;
    for (size_t i = 0; i < count; i++)
        next[i + 1] = s->first[i + 1] += s->first[i];
    for (size_t i = 0; i < s->arc_count; i++)
        sorted[next[s->arcs[i].from]++] = s->arcs[i];
    free(next);
    free(s->arcs);
    s->arcs = sorted;
}

/* Somebody of `task` goes on: what it calls, and what that calls, may be called. */
static void may_call(struct search *s, uint32_t task)
{
    if (s->followed[task])
        return;
    uint32_t *stack = lc_calloc(s->program->task_count + 1, sizeof *stack), depth = 0;
    s->followed[task] = true;
    stack[depth++] = task;
    while (depth > 0) {
        const uint32_t from = stack[--depth];
        for (size_t i = s->first[from]; i < s->first[from + 1]; i++) {
            const uint32_t to = s->arcs[i].to;
            s->changed |= !s->called[to];
            s->called[to] = true;
            if (!s->followed[to])
                stack[depth++] = to;
            s->followed[to] = true;
        }
    }
    free(stack);
}

static bool thread_goes_on(const struct search *s, uint32_t i)
{
    const struct lci_instance *instance = &s->engine->instances[s->at[i]];
    const uint32_t task = s->program->instance_task[s->at[i]];
    if (s->state[i] == PARKED || (s->state[i] == QUEUED && instance->lock != NULL))
        return s->called[task] || s->frees[s->at[i]];
    return s->state[i] == QUEUED && s->serves[s->at[i]];
}

static void set_free(struct search *s, uint32_t i)
{
    const struct lci_thread *t = &s->engine->threads[i];
    const uint32_t caller = s->engine->threads[t->job].caller;
    if (!s->goes_on[i]) {
        s->goes_on[i] = s->changed = true;
    }
    if (caller != LCI_NIL && !s->goes_on[caller] && s->state[caller] == CALLS)
        s->goes_on[caller] = s->changed = true;
    const uint32_t at = s->engine->instances[t->instance].queue_at;
    if (s->state[i] != QUEUED && !s->serves[at])
        s->serves[at] = s->changed = true;
    if ((s->state[i] == RUNS || s->state[i] == CALLS) && !s->frees[t->instance])
        s->frees[t->instance] = s->changed = true;
    may_call(s, s->program->instance_task[t->instance]);
}

static void settle(struct search *s)
{
    const struct lci_engine *e = s->engine;
    for (uint32_t i = 0; i < s->program->instance_count; i++)
        if (e->instances[i].idle > 0)
            s->serves[e->instances[i].queue_at] = true;
    for (uint32_t i = 0; i < s->program->source_count; i++) {
        const struct lci_source *source = &s->program->sources[i];
        if (source->call == LCI_NIL) {
            may_call(s, source->task);
            continue;
        }
        const uint32_t task = s->program->entries[e->arcs[source->call].entry].task;
        s->called[task] = true;
        may_call(s, task);
    }
    for (uint32_t i = 0; i < s->program->task_count; i++) /* replicas come back by themselves */
        if (s->program->tasks[i].elastic != LCI_NIL) {
            s->called[i] = true;
            may_call(s, i);
        }
    do {
        s->changed = false;
        for (uint32_t i = 0; i < e->thread_count; i++)
            if (s->state[i] != FREE && (s->goes_on[i] || thread_goes_on(s, i)))
                set_free(s, i);
    } while (s->changed);
}

/* "17 at 'get', 3 at 'wlk'": the entries in whose queues stand those who are stuck. */
static char *waiting_for(const struct search *s)
{
    uint32_t *count = lc_calloc(s->program->entry_count, sizeof *count);
    for (uint32_t i = 0; i < s->engine->thread_count; i++)
        if ((s->state[i] == QUEUED || s->state[i] == PARKED) && !s->goes_on[i])
            count[s->engine->threads[i].entry]++;
    struct lci_buffer parts = {0};
    for (uint32_t i = 0; i < s->program->entry_count; i++) {
        if (count[i] == 0)
            continue;
        const struct lc_entry *entry = &s->program->model->entries[s->program->entries[i].model];
        lci_buffer_join(&parts, ", ", "%u at '%s' of task '%s'", count[i], entry->name,
                        s->program->model->tasks[entry->task].name);
    }
    char *text = lci_buffer_take(&parts);
    free(count);
    return text;
}

static char *stuck_customers(const struct search *s)
{
    const struct lci_engine *e = s->engine;
    const struct lci_program *p = s->program;
    bool *free_one = lc_calloc(p->task_count, sizeof *free_one), *any = lc_calloc(p->task_count, sizeof *any);
    for (uint32_t i = 0; i < e->thread_count; i++) {
        const uint32_t task = p->instance_task[e->threads[i].instance];
        if (s->state[i] == FREE || is_watch(e, i))
            continue;
        any[task] = true;
        free_one[task] |= s->goes_on[i];
    }
    char *text = NULL;
    for (uint32_t i = 0; i < p->task_count && text == NULL; i++) {
        if (p->tasks[i].workload == LCI_NIL || p->tasks[i].scheduling == LC_OPEN || free_one[i] || !any[i])
            continue;
        char *places = waiting_for(s);
        text = lc_format("every customer of '%s' waits for ever (%s)", p->model->tasks[p->tasks[i].model].name, places);
        free(places);
    }
    free(free_one);
    free(any);
    return text;
}

char *lci_find_deadlock(const struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    struct search s = {.engine = e,
                       .program = p,
                       .state = lc_calloc(e->thread_count, 1),
                       .goes_on = lc_calloc(e->thread_count, sizeof(bool)),
                       .at = lc_calloc(e->thread_count, sizeof(uint32_t)),
                       .serves = lc_calloc(p->instance_count, sizeof(bool)),
                       .frees = lc_calloc(p->instance_count, sizeof(bool)),
                       .called = lc_calloc(p->task_count, sizeof(bool)),
                       .followed = lc_calloc(p->task_count, sizeof(bool)),
                       .first = lc_calloc(p->task_count + 1, sizeof(size_t))};
    mark(&s);
    find_arcs(&s);
    sort_arcs(&s);
    settle(&s);
    char *text = stuck_customers(&s);
    void *const arrays[] = {s.state, s.goes_on, s.at, s.serves, s.frees, s.called, s.followed, s.arcs, s.first};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    return text;
}
