/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of simultaneous events at a processor that several tasks share (docs/engine.md, "At one instant").
 *
 * A thread keeps the processor between two slices until it waits for something else. Whoever it sets free on the same
 * processor meanwhile stands in line first; only then is the processor passed on. Before the next phase or activity,
 * and before the next message, it yields to those who wait, unless it is more urgent than they are.
 *
 * Instructions for this are compiled for such tasks, and for tasks with tokens, alone: where a processor serves one
 * other task, the order does not matter, and a slice gives its processor away when it ends.
 */
#include "discipline.h"
#include "model/random/generator.h"

static uint32_t station_of(const struct lci_engine *e, uint32_t thread)
{
    return e->instances[e->threads[thread].instance].station;
}

static const struct lci_program_task *task_of(const struct lci_engine *e, uint32_t thread)
{
    return &e->program->tasks[e->program->instance_task[e->threads[thread].instance]];
}

static bool has_turns(const struct lci_station *st)
{
    return st->discipline->serving == LCI_BY_TURNS;
}

/* Asks for the processor of `thread` at this instant: a message does so when its task's only thread takes it; where a
 * task has more, one of them is woken first. */
static bool asks_at_once(const struct lci_engine *e, uint32_t thread, uint32_t woken)
{
    if (woken == LCI_NIL || station_of(e, woken) != station_of(e, thread))
        return false;
    const uint8_t code = e->code[e->threads[woken].pc].code;
    if (code == LCI_ANSWERED || code == LCI_SETTLED) /* stands between a caller and its request */
        return false;
    return e->threads[woken].pc != e->kinds[e->threads[woken].entry].start || task_of(e, woken)->threads == 1;
}

void lci_pass_on(struct lci_engine *e, uint32_t thread)
{
    const uint32_t station = station_of(e, thread);
    LCI_HOLDS(e, thread, e->threads[thread].work.holding);
    e->threads[thread].work.holding = false;
    if (has_turns(&e->stations[station]))
        lci_turn_release(e, station, thread);
    else
        lci_release(e, station);
}

/* Another thread holds the processor instead. */
static void hand_over(struct lci_engine *e, uint32_t from, uint32_t to)
{
    const uint32_t station = station_of(e, from);
    LCI_HOLDS(e, from, e->threads[from].work.holding && !e->threads[to].work.holding && station_of(e, to) == station);
    e->threads[from].work.holding = false;
    e->threads[to].work.holding = true;
    if (has_turns(&e->stations[station]))
        lci_turn_hand_over(e, station, from, to);
}

void lci_pass_on_after(struct lci_engine *e, uint32_t thread, uint32_t woken)
{
    if (!asks_at_once(e, thread, woken)) {
        lci_pass_on(e, thread);
        return;
    }
    const uint32_t keeper = lci_thread_new(e);
    e->threads[keeper] = (struct lci_thread){.pc = e->program->pass_on,
                                             .job = keeper,
                                             .caller = LCI_NIL,
                                             .call = LCI_NIL,
                                             .entry = e->threads[thread].entry,
                                             .instance = e->threads[thread].instance,
                                             .work.fork = LCI_NIL,
                                             .work.partner = LCI_NIL};
    hand_over(e, thread, keeper);
    lci_ready(e, keeper);
}

uint32_t lci_yield(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in, uint32_t next)
{
    struct lci_thread *t = &e->threads[thread];
    if (!t->work.holding)
        return next;
    if (in->flag) {
        lci_pass_on(e, thread);
        return next;
    }
    const bool keeps = t->work.keeps;
    t->work.keeps = false;
    const struct lci_station *st = &e->stations[station_of(e, thread)];
    if (keeps || st->queue.count == 0 ||
        (st->discipline->urgent && e->instances[t->instance].level < lci_queue_first_level(&st->queue)))
        return next;
    t->pc = next;
    lci_pass_on(e, thread);
    lci_ready(e, thread);
    return LCI_NIL;
}

/* A server that has a phase after the reply keeps the processor for it every other time that its client waits for the
 * same processor: which of the two comes first is not determined, and both are random in a real system. */
uint32_t lci_stand_behind(struct lci_engine *e, uint32_t thread, uint32_t woken, uint32_t stream, uint32_t next)
{
    struct lci_thread *t = &e->threads[thread];
    if (!asks_at_once(e, thread, woken))
        return next;
    t->work.keeps = t->work.holding && stream != LCI_NIL && lci_random_uniform(&e->streams[stream]) < 0.5;
    t->pc = next;
    lci_ready(e, thread);
    return LCI_NIL;
}

/* A token that has got its signal or unlock goes on with it at once; it yields to nobody before. */
static uint32_t finish_at_lock(struct lci_engine *e, uint32_t thread, uint32_t answered)
{
    const uint32_t next = lci_lock_next(e, thread);
    if (next == LCI_NIL) {
        lci_pass_on_after(e, thread, answered);
        return lci_lock_finish(e, thread);
    }
    hand_over(e, thread, next);
    const uint32_t other = lci_lock_finish(e, thread);
    e->threads[next].work.keeps = true;
    return other;
}

uint32_t lci_finish_held(struct lci_engine *e, uint32_t thread, uint32_t answered)
{
    const uint32_t instance = e->threads[thread].instance;
    if (e->instances[instance].lock != NULL)
        return finish_at_lock(e, thread, answered);
    if (task_of(e, thread)->threads != 1) {
        lci_pass_on_after(e, thread, answered);
        return lci_take_next(e, instance);
    }
    const uint32_t next = lci_take_next(e, instance);
    if (next == LCI_NIL)
        lci_pass_on_after(e, thread, answered);
    else
        hand_over(e, thread, next);
    return next;
}
