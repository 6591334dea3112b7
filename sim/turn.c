/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stations where a turn can be cut short, by a quantum or by who comes, or whose queue has an order of its own: what a
 * discipline says of that stands in its file (discipline.h).
 *
 * A thread in service has one event at the end of its turn. Cutting the turn short forgets the event's sequence number
 * and schedules another; the old event is ignored when it comes up. Round robin turns are limited only while somebody
 * waits, so that an uncontended processor costs one event a slice, however small the quantum. Stations with quanta keep
 * their pace.
 */
#include "discipline.h"
#include "loadcast/base.h"

#include <math.h>

static inline void run_add(struct lci_station *st, uint32_t thread)
{
    if (st->running_count == st->running_capacity) {
        st->running_capacity = st->running_capacity ? 2 * st->running_capacity : 4;
        st->running = lc_realloc(st->running, st->running_capacity, sizeof *st->running);
    }
    st->running[st->running_count++] = thread;
}

static inline void run_remove(struct lci_station *st, uint32_t thread)
{
    uint32_t i = 0;
    while (st->running[i] != thread) {
        i++;
        assert(i < st->running_count);
    }
    for (st->running_count--; i < st->running_count; i++)
        st->running[i] = st->running[i + 1];
}

/* The end of the present quantum, which is later than now. */
static inline double quantum_end(const struct lci_engine *e, const struct lci_station *st, const struct lci_thread *t)
{
    const double first = t->work.granted + st->quantum;
    if (e->now < first)
        return first;
    const double passed = floor((e->now - t->work.granted) / st->quantum + 1e-9);
    return t->work.granted + (passed + 1) * st->quantum;
}

/* What is left of the slice goes on. */
static void begin_turn(struct lci_engine *e, struct lci_station *st, uint32_t thread)
{
    struct lci_thread *t = &e->threads[thread];
    double end = e->now + t->work.demand * st->pace;
    t->work.last = true;
    if (st->quantum > 0 && st->queue.count > 0) {
        const double due = quantum_end(e, st, t);
        t->work.last = end <= due;
        end = t->work.last ? end : due;
    }
    t->work.turn = e->now;
    t->event = lci_schedule(&e->calendar, end, lci_what(LCI_TURN, thread));
}

/* Gives a server to `thread` from now on. */
static inline void grant(struct lci_engine *e, struct lci_station *st, uint32_t thread)
{
    e->threads[thread].work.granted = e->now;
    run_add(st, thread);
    begin_turn(e, st, thread);
}

/* A server is free: it takes the first one of the queue. */
static inline void grant_next(struct lci_engine *e, struct lci_station *st)
{
    if (st->queue.count > 0) {
        grant(e, st, lci_queue_pop(e, &st->queue, 0));
        return;
    }
    LCI_HOLDS(e, LCI_NIL, st->busy.n >= 1);
    st->idle++;
    lci_load_shrink(&st->busy, e->now);
}

/* Somebody begins to wait: whoever runs is due at the end of the present quantum. */
static void limit_turns(struct lci_engine *e, struct lci_station *st)
{
    for (uint32_t i = 0; i < st->running_count; i++) {
        struct lci_thread *t = &e->threads[st->running[i]];
        const double due = quantum_end(e, st, t);
        if (t->work.holding || !t->work.last || due >= t->work.turn + t->work.demand)
            continue;
        t->work.last = false;
        t->event = lci_schedule(&e->calendar, due, lci_what(LCI_TURN, st->running[i]));
    }
}

static void preempt(struct lci_engine *e, struct lci_station *st, uint32_t thread)
{
    struct lci_thread *t = &e->threads[thread];
    run_remove(st, thread);
    if (t->work.holding) { /* between two slices: it asks anew */
        t->work.holding = false;
        return;
    }
    t->work.demand = fmax(t->work.demand - (e->now - t->work.turn) / st->pace, 0);
    t->event = 0;
    st->discipline->wait(e, st, thread, true);
}

void lci_turn_arrive(struct lci_engine *e, uint32_t station, uint32_t thread)
{
    struct lci_station *st = &e->stations[station];
    if (st->idle > 0) {
        st->idle--;
        lci_load_grow(&st->busy, e->now);
        grant(e, st, thread);
        return;
    }
    const struct lci_discipline *d = st->discipline;
    const uint32_t loser = d->victim != NULL && st->running_count > 0 ? d->victim(e, st, thread) : LCI_NIL;
    if (loser != LCI_NIL) {
        preempt(e, st, loser);
        grant(e, st, thread);
        return;
    }
    const bool first = st->queue.count == 0;
    d->wait(e, st, thread, false);
    if (first && st->quantum > 0)
        limit_turns(e, st);
}

void lci_turn_stop(struct lci_engine *e, uint32_t station)
{
    struct lci_station *st = &e->stations[station];
    st->idle = 0;
    while (st->running_count > 0) { /* the latest first, so that the earliest stands in front */
        preempt(e, st, st->running[st->running_count - 1]);
        lci_load_shrink(&st->busy, e->now);
    }
}

void lci_turn_go_on(struct lci_engine *e, uint32_t station, uint32_t servers)
{
    struct lci_station *st = &e->stations[station];
    for (st->idle = servers; st->idle > 0 && st->queue.count > 0; st->idle--) {
        const uint32_t next = lci_queue_pop(e, &st->queue, 0);
        lci_load_grow(&st->busy, e->now);
        grant(e, st, next);
    }
}

void lci_turn_continue(struct lci_engine *e, uint32_t station, uint32_t thread)
{
    begin_turn(e, &e->stations[station], thread);
}

void lci_turn_release(struct lci_engine *e, uint32_t station, uint32_t thread)
{
    run_remove(&e->stations[station], thread);
    grant_next(e, &e->stations[station]);
}

void lci_turn_hand_over(struct lci_engine *e, uint32_t station, uint32_t from, uint32_t to)
{
    struct lci_station *st = &e->stations[station];
    e->threads[to].work.granted = e->threads[from].work.granted;
    for (uint32_t i = 0; i < st->running_count; i++)
        if (st->running[i] == from)
            st->running[i] = to;
}

/* The end of a quantum while others wait: the thread goes to the end of the line, the first of which gets the server.
 */
static inline void pass_turn(struct lci_engine *e, struct lci_station *st, uint32_t thread)
{
    LCI_HOLDS(e, thread,
              st->quantum > 0 && st->queue.levels == 1 && !st->queue.random); /* only round robin has quanta */
    e->threads[thread].next = LCI_NIL;
    lci_queue_append(e, &st->queue, thread);
    const uint32_t next = lci_queue_first(e, &st->queue);
    uint32_t i = 0;
    while (st->running[i] != thread)
        i++;
    for (; i + 1 < st->running_count; i++)
        st->running[i] = st->running[i + 1];
    st->running[i] = next;
    struct lci_thread *t = &e->threads[next];
    const double due = e->now + st->quantum, end = e->now + t->work.demand * st->pace;
    t->work.granted = t->work.turn = e->now;
    t->work.last = end <= due;
    t->event = lci_schedule(&e->calendar, t->work.last ? end : due, lci_what(LCI_TURN, next));
}

bool lci_turn_ends(struct lci_engine *e, uint32_t thread, uint32_t sequence)
{
    struct lci_thread *t = &e->threads[thread];
    if (t->event != sequence)
        return false;
    t->event = 0;
    struct lci_station *st = &e->stations[e->instances[t->instance].station];
    if (t->work.last && e->code[t->pc].code == LCI_SLICE_HELD) {
        t->work.holding = true;
        return true;
    }
    if (!t->work.last) {
        t->work.demand -= e->now - t->work.turn;
        if (st->queue.count == 0)
            begin_turn(e, st, thread);
        else
            pass_turn(e, st, thread);
        return false;
    }
    run_remove(st, thread);
    grant_next(e, st);
    return true;
}
