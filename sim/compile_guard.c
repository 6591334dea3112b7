/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Guards: what policies (policy.h) hold for the calls from one task to another. A pair of tasks has one guard, and
 * another one for calls that nobody waits for.
 */
#include "compile.h"

#include <math.h>
#include <stdlib.h>

/* The task whose policies the guard's are. */
static int target_of(const struct lci_program *p, const struct lci_guard *guard)
{
    return lci_policy_target(p->model, p->tasks[guard->from].model, p->tasks[guard->to].model);
}

static uint32_t bucket_of(struct lci_program *p, const struct lci_guard *guard)
{
    for (size_t i = 0; i < p->guard_count; i++) {
        const struct lci_guard *other = &p->guards[i];
        if (other->bucket != LCI_NIL && target_of(p, other) == target_of(p, guard) &&
            (guard->own_bucket ? other->from == guard->from : !other->own_bucket))
            return other->bucket;
    }
    return p->buckets++;
}

/* Of calls that nobody waits for only admission counts. */
static void keep_admission(struct lc_policy *rules)
{
    const struct lc_policy all = *rules;
    *rules = lci_policy_none(all.from);
    rules->limit_rate = all.limit_rate;
    rules->limit_burst = all.limit_burst;
    rules->limit_overflow = all.limit_overflow;
    rules->shed_length = all.shed_length;
    rules->shed_age = all.shed_age;
}

static uint32_t add_guard(struct lci_compiler *c, uint32_t from, uint32_t to, bool asynchronous,
                          const struct lc_policy *rules)
{
    struct lci_program *p = c->program;
    struct lci_guard guard = {.from = from, .to = to, .asynchronous = asynchronous, .rules = *rules, .bucket = LCI_NIL};
    const struct lc_model *m = c->model;
    guard.own_bucket = lci_policy_limits(m, target_of(p, &guard), p->tasks[from].model);
    if (!isnan(rules->limit_rate))
        guard.bucket = bucket_of(p, &guard);
    guard.states = p->guard_states;
    p->guard_states += p->tasks[from].replicas;
    char *name = lc_format("%s>%s", m->tasks[p->tasks[from].model].name, m->tasks[p->tasks[to].model].name);
    guard.jitter = lci_add_stream(p, name, "pause");
    guard.chance = lci_add_stream(p, name, "cache");
    free(name);
    LC_GROW(p->guards, p->guard_count, p->guard_capacity);
    p->guards[p->guard_count] = guard;
    return (uint32_t)p->guard_count++;
}

uint32_t lci_guard_of(struct lci_compiler *c, uint32_t from, uint32_t entry, bool asynchronous)
{
    struct lci_program *p = c->program;
    const uint32_t to = p->entries[entry].task;
    struct lc_policy rules;
    if (!lci_policy_between(c->model, p->tasks[from].model, p->tasks[to].model, &rules))
        return LCI_NIL;
    for (size_t i = 0; i < p->guard_count; i++)
        if (p->guards[i].from == from && p->guards[i].to == to && p->guards[i].asynchronous == asynchronous)
            return (uint32_t)i;
    if (asynchronous)
        keep_admission(&rules);
    const struct lci_program_task *called = &p->tasks[to];
    if (asynchronous && !lci_policy_admits(&rules))
        return LCI_NIL;
    if (asynchronous && called->queue_length != LCI_NIL && called->overflow == LC_OVERFLOW_BLOCK)
        lc_error(c->diag, LC_INPUT, &rules.place,
                 "task '%s' both makes senders wait for room and limits or sheds what they send; take one away",
                 c->model->tasks[called->model].name);
    return add_guard(c, from, to, asynchronous, &rules);
}

void lci_guard_calls(struct lci_program *p, uint32_t first, uint32_t count, uint32_t guard)
{
    p->call_guards = lc_realloc(p->call_guards, (size_t)first + count, sizeof *p->call_guards);
    for (uint32_t i = first; i < first + count; i++)
        p->call_guards[i] = guard;
}

void lci_compile_guards(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    if (p->guard_count == 0)
        return;
    const uint32_t settled = lci_add_instruction(p, (struct lci_instruction){.code = LCI_SETTLED});
    for (size_t i = 0; i < p->guard_count; i++)
        p->guards[i].settled = settled;
}

void lci_add_outcome(struct lci_program *p, enum lci_outcome what, uint32_t entry)
{
    if (!p->fails)
        return;
    if (what == LCI_OUTCOME_ANSWER)
        lci_add_record(p, LCI_RECORD_OUTCOME, false, entry);
    lci_add_instruction(p, (struct lci_instruction){.code = LCI_OUTCOME, .a = what, .b = entry});
}
