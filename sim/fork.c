/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forks and joins of activity graphs. Each run of a fork has a record that counts the arrivals at its joins, so that
 * stragglers of a quorum, loops around a fork and forks within forks keep apart. The record lives until the last thread
 * that is part of it has left.
 */
#include "engine.h"
#include "loadcast/base.h"
#include "model/random/generator.h"

static struct lci_fork_run *run_at(const struct lci_engine *e, uint32_t run)
{
    return (struct lci_fork_run *)(void *)(e->fork_runs + run * e->fork_size);
}

static uint32_t run_new(struct lci_engine *e)
{
    if (e->free_fork != LCI_NIL) {
        const uint32_t run = e->free_fork;
        e->free_fork = run_at(e, run)->outer;
        return run;
    }
    if (e->fork_count == e->fork_capacity) {
        e->fork_capacity = e->fork_capacity ? 2 * e->fork_capacity : 16;
        e->fork_runs = lc_realloc(e->fork_runs, e->fork_capacity, e->fork_size);
    }
    return e->fork_count++;
}

void lci_fork_leave_rest(struct lci_engine *e, uint32_t run)
{
    while (run != LCI_NIL) {
        struct lci_fork_run *r = run_at(e, run);
        LCI_HOLDS(e, LCI_NIL, run < e->fork_count && r->references > 0);
        if (--r->references > 0)
            return;
        const uint32_t outer = r->outer;
        r->outer = e->free_fork;
        e->free_fork = run;
        run = outer;
    }
}

static void shuffle(struct lc_random *stream, uint32_t *items, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        const uint64_t k = lci_random_below(stream, i);
        const uint32_t other = items[i - 1];
        items[i - 1] = items[k];
        items[k] = other;
    }
}

uint32_t lci_fork(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    const struct lci_fork *fork = &e->program->forks[in->a];
    for (uint32_t i = 0; i < fork->count; i++)
        e->branches[i] = e->program->options[fork->first + i].target;
    shuffle(&e->streams[in->b], e->branches, fork->count);
    const uint32_t run = run_new(e);
    struct lci_fork_run *r = run_at(e, run);
    r->outer = e->threads[thread].work.fork;
    r->references = fork->count;
    r->begun = e->now;
    for (uint32_t i = 0; i < fork->joins; i++)
        r->counters[i] = 0;
    e->threads[thread].work.fork = run;
    e->threads[e->threads[thread].job].work.live += fork->count - 1;
    for (uint32_t i = 1; i < fork->count; i++) {
        const uint32_t branch = lci_thread_new(e);
        const struct lci_thread *t = &e->threads[thread];
        e->threads[branch] = (struct lci_thread){.pc = e->branches[i],
                                                 .job = t->job,
                                                 .caller = LCI_NIL,
                                                 .call = t->call,
                                                 .entry = t->entry,
                                                 .instance = t->instance,
                                                 .size = t->size,
                                                 .work.fork = run,
                                                 .work.partner = LCI_NIL};
        lci_ready(e, branch);
    }
    if (e->threads[thread].work.holding)
        lci_pass_on_after(e, thread, thread); /* all branches stand in line first */
    return e->branches[0];
}

bool lci_join_passes(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    const struct lci_join *join = &e->program->joins[in->a];
    struct lci_thread *t = &e->threads[thread];
    uint32_t owner = t->work.fork;
    for (uint32_t i = 0; i < in->b; i++)
        owner = run_at(e, owner)->outer;
    struct lci_fork_run *r = run_at(e, owner);
    LCI_HOLDS(e, thread, r->references > 0 && r->counters[join->counter] < join->total);
    if (++r->counters[join->counter] != join->needed)
        return false;
    struct lci_join_tally *tally = &e->joins[join->statistic];
    const double delay = e->now - r->begun;
    tally->count++;
    tally->sum += delay;
    tally->squares += delay * delay;
    const uint32_t after = join->inside ? owner : r->outer;
    if (after != LCI_NIL)
        run_at(e, after)->references++;
    lci_fork_leave(e, t->work.fork);
    t->work.fork = after;
    return true;
}
