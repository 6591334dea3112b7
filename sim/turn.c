/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stations where a turn can be cut short: preemptive priorities, and round robin by a quantum.
 *
 * A thread in service has one event at the end of its turn. Cutting the turn short forgets the event's sequence number
 * and schedules another; the old event is ignored when it comes up. Round robin turns are limited only while somebody
 * waits, so that an uncontended processor costs one event a slice, however small the quantum. Stations with quanta keep
 * their pace.
 */
#include "engine.h"
#include "loadcast/base.h"

#include <math.h>

static uint32_t level_of(const struct lci_engine *e, uint32_t thread)
{
    return e->program->tasks[e->program->instance_task[e->threads[thread].instance]].level;
}

static void run_add(struct lci_station *st, uint32_t thread)
{
    if (st->running_count == st->running_capacity) {
        st->running_capacity = st->running_capacity ? 2 * st->running_capacity : 4;
        st->running = lc_realloc(st->running, st->running_capacity, sizeof *st->running);
    }
    st->running[st->running_count++] = thread;
}

static void run_remove(struct lci_station *st, uint32_t thread)
{
    uint32_t i = 0;
    while (st->running[i] != thread)
        i++;
    for (st->running_count--; i < st->running_count; i++)
        st->running[i] = st->running[i + 1];
}

/* Gives a server to `thread` from now on. */
static void begin_turn(struct lci_engine *e, struct lci_station *st, uint32_t thread)
{
    struct lci_thread *t = &e->threads[thread];
    double length = t->demand * st->pace;
    t->last = true;
    if (st->quantum > 0 && st->queue.count > 0 && length > st->quantum) {
        length = st->quantum;
        t->last = false;
    }
    t->turn = e->now;
    t->event = lci_schedule(&e->calendar, e->now + length, lci_what(LCI_TURN, thread));
}

/* Somebody begins to wait: whoever runs is due at the end of the present quantum. */
static void limit_turns(struct lci_engine *e, struct lci_station *st)
{
    for (uint32_t i = 0; i < st->running_count; i++) {
        struct lci_thread *t = &e->threads[st->running[i]];
        const double length = st->quantum * ceil((e->now - t->turn) / st->quantum);
        if (!t->last || length >= t->demand)
            continue;
        t->last = false;
        t->event = lci_schedule(&e->calendar, fmax(t->turn + length, e->now), lci_what(LCI_TURN, st->running[i]));
    }
}

/* The least urgent one in service, the latest among equals, when it is less urgent than `level`. */
static uint32_t victim(const struct lci_engine *e, const struct lci_station *st, uint32_t level)
{
    uint32_t found = LCI_NIL, worst = level;
    for (uint32_t i = 0; i < st->running_count; i++)
        if (level_of(e, st->running[i]) >= (found == LCI_NIL ? worst + 1 : worst)) {
            found = st->running[i];
            worst = level_of(e, found);
        }
    return found;
}

static void preempt(struct lci_engine *e, struct lci_station *st, uint32_t thread)
{
    struct lci_thread *t = &e->threads[thread];
    t->demand = fmax(t->demand - (e->now - t->turn) / st->pace, 0);
    t->event = 0;
    run_remove(st, thread);
    lci_queue_push_front(&st->queue, e->threads, thread, level_of(e, thread));
}

void lci_turn_arrive(struct lci_engine *e, uint32_t station, uint32_t thread)
{
    struct lci_station *st = &e->stations[station];
    if (st->idle > 0) {
        st->idle--;
        st->busy++;
        st->busy_area -= e->now;
        run_add(st, thread);
        begin_turn(e, st, thread);
        return;
    }
    const uint32_t level = level_of(e, thread);
    const uint32_t loser = st->scheduling == LC_PP ? victim(e, st, level) : LCI_NIL;
    if (loser != LCI_NIL) {
        preempt(e, st, loser);
        run_add(st, thread);
        begin_turn(e, st, thread);
        return;
    }
    const bool first = st->queue.count == 0;
    lci_queue_push(e, &st->queue, thread, st->scheduling == LC_PP ? level : 0);
    if (first && st->quantum > 0)
        limit_turns(e, st);
}

void lci_turn_stop(struct lci_engine *e, uint32_t station)
{
    struct lci_station *st = &e->stations[station];
    st->idle = 0;
    while (st->running_count > 0) { /* the latest first, so that the earliest stands in front */
        preempt(e, st, st->running[st->running_count - 1]);
        st->busy--;
        st->busy_area += e->now;
    }
}

void lci_turn_go_on(struct lci_engine *e, uint32_t station, uint32_t servers)
{
    struct lci_station *st = &e->stations[station];
    for (st->idle = servers; st->idle > 0 && st->queue.count > 0; st->idle--) {
        const uint32_t next = lci_queue_pop(e, &st->queue, 0);
        st->busy++;
        st->busy_area -= e->now;
        run_add(st, next);
        begin_turn(e, st, next);
    }
}

bool lci_turn_ends(struct lci_engine *e, uint32_t thread, uint32_t sequence)
{
    struct lci_thread *t = &e->threads[thread];
    if (t->event != sequence)
        return false;
    t->event = 0;
    struct lci_station *st = &e->stations[e->instances[t->instance].station];
    if (!t->last) {
        t->demand -= e->now - t->turn;
        if (st->queue.count == 0) {
            begin_turn(e, st, thread);
            return false;
        }
        run_remove(st, thread);
        lci_queue_push(e, &st->queue, thread, 0);
    } else {
        run_remove(st, thread);
    }
    const bool done = t->last;
    if (st->queue.count > 0) {
        const uint32_t next = lci_queue_pop(e, &st->queue, 0);
        run_add(st, next);
        begin_turn(e, st, next);
    } else {
        st->idle++;
        st->busy--;
        st->busy_area += e->now;
    }
    return done;
}
