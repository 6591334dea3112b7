/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pools of connections: a task `COMPONENT>TARGET` whose threads are the connections. A call takes one of them and keeps
 * it until the target has replied. Every replica of the component has a pool of its own. */
#include "base/text.h"
#include "edit/edit.h"
#include "model/lqn.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

static char *pool_name(const struct lc_model *m, int task, int target)
{
    return lc_format("%s>%s", m->tasks[task].name, m->tasks[target].name);
}

/* Does something for every synchronous call of a task. */
typedef void each_call(struct lc_model *m, struct lc_call *call, void *context);

static void calls_of(struct lc_model *m, struct lc_activity *a, each_call *each, void *context)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_SYNC)
            each(m, &a->calls[i], context);
}

static void for_each_call(struct lc_model *m, int task, each_call *each, void *context)
{
    for (size_t i = 0; i < m->tasks[task].entry_count; i++)
        for (int j = 0; j < LC_PHASES; j++)
            calls_of(m, &m->entries[m->tasks[task].entries[i]].phases[j], each, context);
    for (size_t i = 0; i < m->tasks[task].activity_count; i++)
        calls_of(m, &m->tasks[task].activities[i], each, context);
}

/* Which entries of the target are called. */
struct called {
    int target;
    char *entries; /* per entry */
    size_t count;
    int *pool; /* per entry: the entry of the pool that stands for it */
};

static void note_call(struct lc_model *m, struct lc_call *call, void *context)
{
    struct called *called = context;
    if (m->entries[call->entry].task == called->target && !called->entries[call->entry]) {
        called->entries[call->entry] = 1;
        called->count++;
    }
}

static void redirect(struct lc_model *m, struct lc_call *call, void *context)
{
    struct called *called = context;
    if (m->entries[call->entry].task == called->target)
        call->entry = called->pool[call->entry];
}

/* What the component calls, for a message. */
static void list_target(struct lc_model *m, struct lc_call *call, void *context)
{
    struct lci_buffer *list = context;
    const char *name = m->tasks[m->entries[call->entry].task].name;
    char *quoted = lc_format("'%s'", name);
    if (list->text == NULL || strstr(list->text, quoted) == NULL)
        lci_buffer_join(list, ", ", "%s", quoted);
    free(quoted);
}

static void nothing_called(struct lci_edit *e, int task, const char *target)
{
    struct lci_buffer list = {0};
    for_each_call(e->model, task, list_target, &list);
    LCI_BAD(e, "'%s' makes no synchronous calls to '%s', so there is no place for connections; it calls %s",
            e->model->tasks[task].name, target, list.text != NULL ? list.text : "nothing");
    free(list.text);
}

/* Fan-out and fan-in between the two tasks are those between pool and target now. */
static void move_fans(struct lc_model *m, int task, int target, int pool)
{
    struct lc_task *t = &m->tasks[task];
    for (size_t i = 0; i < t->fan_out_count; i++)
        if (t->fan_out[i].task == target) {
            m->tasks[pool].fan_out = lc_alloc(sizeof(struct lc_fan));
            m->tasks[pool].fan_out[0] = t->fan_out[i];
            m->tasks[pool].fan_out_count = 1;
            t->fan_out[i] = t->fan_out[--t->fan_out_count];
            break;
        }
    for (size_t i = 0; i < m->tasks[target].fan_in_count; i++)
        if (m->tasks[target].fan_in[i].task == task)
            m->tasks[target].fan_in[i].task = pool;
}

static int add_pool(struct lc_model *m, int task, int target, struct called *called)
{
    char *name = pool_name(m, task, target);
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = LC_INF;
    m->processors[processor].multiplicity = LC_INFINITE;
    const int pool = lc_add_task(m, name, processor);
    free(name);
    m->tasks[pool].replicas = m->tasks[task].replicas;
    m->tasks[pool].balance = LC_BALANCE_FAN;
    m->tasks[pool].service = true;
    const size_t entries = m->entry_count;
    called->pool = lc_calloc(entries, sizeof *called->pool);
    for (size_t i = 0; i < entries; i++) {
        if (!called->entries[i])
            continue;
        char *entry = lc_format("%s>%s", m->tasks[task].name, m->entries[i].name);
        const int made = lc_add_entry(m, entry, pool);
        free(entry);
        m->entries[made].phases[0].deterministic = true;
        lc_add_call(&m->entries[made].phases[0], LC_CALL_SYNC, (int)i, 1);
        called->pool[i] = made;
    }
    for_each_call(m, task, redirect, called);
    move_fans(m, task, target, pool);
    free(called->pool);
    return pool;
}

/* Would the names of the pool or of its entries be taken? */
static bool names_free(struct lci_edit *e, int task, int target, const struct called *called)
{
    struct lc_model *m = e->model;
    bool good = true;
    char *name = pool_name(m, task, target);
    if (lc_find_processor(m, name) != LC_NONE || lc_find_task(m, name) != LC_NONE) {
        LCI_BAD(e, "there is something else called '%s', the name of the pool", name);
        good = false;
    }
    free(name);
    for (size_t i = 0; i < m->entry_count && good; i++) {
        if (!called->entries[i])
            continue;
        name = lc_format("%s>%s", m->tasks[task].name, m->entries[i].name);
        if (lc_find_entry(m, name) != LC_NONE) {
            LCI_BAD(e, "there is an entry '%s' already, the name of one of the pool", name);
            good = false;
        }
        free(name);
    }
    return good;
}

/* A number of connections that makes sense, tried on a task that is not of the model. */
static int new_size(struct lci_edit *e, uint32_t *size)
{
    struct lc_task probe = {.multiplicity = 1, .scheduling = LC_FCFS};
    struct lci_slots slots = {0};
    lci_add_slot(&slots, LCI_THREADS, &probe, LC_NUMBER, 1);
    const int status = lci_change_slots(e, &slots);
    free(slots.list);
    *size = probe.multiplicity;
    return status;
}

enum lci_found lci_connections(struct lci_edit *e, int task, const char *target_name, bool get, struct lci_slots *slots)
{
    struct lc_model *m = e->model;
    const int target = lc_find_task(m, target_name);
    if (target == LC_NONE) {
        nothing_called(e, task, target_name);
        return LCI_FAILED;
    }
    char *name = pool_name(m, task, target);
    const int pool = lc_find_task(m, name);
    free(name);
    if (pool != LC_NONE && lci_is_pool_of(m, pool, task)) {
        lci_add_slot(slots, LCI_THREADS, &m->tasks[pool], LC_NUMBER, 1);
        return LCI_SLOTS;
    }
    struct called called = {.target = target, .entries = lc_calloc(m->entry_count, 1)};
    uint32_t size;
    bool good = true;
    for_each_call(m, task, note_call, &called);
    if (get || called.count == 0) {
        nothing_called(e, task, target_name);
        good = false;
    }
    good = good && names_free(e, task, target, &called) && new_size(e, &size) == 0;
    if (good) {
        const int made = add_pool(m, task, target, &called);
        m->tasks[made].multiplicity = size;
        m->tasks[made].scheduling = size == LC_INFINITE ? LC_INF : LC_FCFS;
    }
    free(called.entries);
    return good ? LCI_DONE : LCI_FAILED;
}
