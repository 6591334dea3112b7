/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers that are shared by all that is present, as a fluid: egalitarian processor sharing, and fair shares of groups.
 *
 * Each group g with n_g slices present gets servers r_g, the slices of a group equal parts of them, none more than one
 * server. Shares follow the weights; what a group cannot use (fewer slices than servers, a cap) is divided among the
 * others (water filling). Plain processor sharing is one group: r = min(n, m).
 *
 * Exact by virtual time: v_g grows by r_g / n_g per unit of time, and a slice that arrives at v with demand d ends when
 * v_g reaches v + d, whoever comes and goes. The ends of a group are in a binary heap. A station has one event, at the
 * earliest end; arrivals only make it later, so that it may come up too early and is then scheduled again.
 */
#include "engine.h"
#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

struct end {
    double at; /* virtual time */
    uint32_t order, thread;
};

struct share {
    double weight, limit; /* servers at the most */
    double clock;         /* virtual time */
    double rate;          /* servers that it has now */
    struct end *heap;     /* from 1 */
    uint32_t count, capacity;
};

struct lci_fluid {
    double servers, last, wake;
    uint32_t sequence; /* of the event that counts, 0: none */
    uint32_t order;
    bool stopped;   /* nothing is served */
    double speed;   /* of a server */
    uint32_t count; /* of groups */
    struct share shares[];
};

struct lci_fluid *lci_fluid_new(const struct lci_program *program, const struct lci_processor *processor)
{
    const uint32_t count = processor->group_count > 0 ? processor->group_count : 1;
    struct lci_fluid *f = lc_calloc(1, sizeof *f + count * sizeof *f->shares);
    f->servers = processor->servers;
    f->count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct share *s = &f->shares[i];
        s->weight = 1;
        s->limit = f->servers;
        if (processor->group_count > 0) {
            const struct lci_group *group = &program->groups[processor->first_group + i];
            s->weight = group->share;
            s->limit = group->cap ? group->share * f->servers : f->servers;
        }
    }
    lci_fluid_clear(f);
    return f;
}

void lci_fluid_free(struct lci_fluid *f)
{
    if (f == NULL)
        return;
    for (uint32_t i = 0; i < f->count; i++)
        free(f->shares[i].heap);
    free(f);
}

void lci_fluid_clear(struct lci_fluid *f)
{
    f->stopped = false;
    f->speed = 1;
    f->last = 0;
    f->wake = INFINITY;
    f->sequence = f->order = 0;
    for (uint32_t i = 0; i < f->count; i++)
        f->shares[i].clock = f->shares[i].rate = f->shares[i].count = 0;
}

static bool before(const struct end *a, const struct end *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void push(struct share *s, struct end end)
{
    if (s->count + 1 >= s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 16;
        s->heap = lc_realloc(s->heap, s->capacity, sizeof *s->heap);
    }
    uint32_t at = ++s->count;
    for (; at > 1 && before(&end, &s->heap[at / 2]); at /= 2)
        s->heap[at] = s->heap[at / 2];
    s->heap[at] = end;
}

static void pop(struct share *s)
{
    assert(s->count > 0);
    const struct end last = s->heap[s->count--];
    uint32_t at = 1, child;
    while ((child = 2 * at) <= s->count) {
        if (child < s->count && before(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (!before(&s->heap[child], &last))
            break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    s->heap[at] = last;
}

static void advance(struct lci_fluid *f, double now)
{
    const double passed = now - f->last;
    assert(passed >= 0);
    f->last = now;
    if (passed > 0)
        for (uint32_t i = 0; i < f->count; i++)
            if (f->shares[i].count > 0)
                f->shares[i].clock += passed * f->speed * f->shares[i].rate / f->shares[i].count;
}

/* Water filling: groups that cannot use their part get what they can use, and the rest is divided anew. */
static double divide_groups(struct lci_fluid *f)
{
    double left = f->servers, used = 0;
    for (uint32_t i = 0; i < f->count; i++)
        f->shares[i].rate = -1;
    for (bool again = true; again;) {
        double weights = 0;
        for (uint32_t i = 0; i < f->count; i++)
            if (f->shares[i].count > 0 && f->shares[i].rate < 0)
                weights += f->shares[i].weight;
        again = false;
        const double per_weight = weights > 0 ? left / weights : 0;
        for (uint32_t i = 0; i < f->count; i++) {
            struct share *s = &f->shares[i];
            const double most = fmin(s->limit, s->count);
            if (s->count > 0 && s->rate < 0 && s->weight * per_weight >= most) {
                s->rate = most;
                left -= most;
                used += most;
                again = true;
            }
        }
        if (!again)
            for (uint32_t i = 0; i < f->count; i++)
                if (f->shares[i].count > 0 && f->shares[i].rate < 0) {
                    f->shares[i].rate = f->shares[i].weight * per_weight;
                    used += f->shares[i].rate;
                }
    }
    return used;
}

/* After a change of who is present: new rates, and an event at the earliest end. */
static void share_out(struct lci_engine *e, uint32_t station)
{
    struct lci_station *st = &e->stations[station];
    struct lci_fluid *f = st->fluid;
    double used = 0;
    if (f->stopped)
        for (uint32_t i = 0; i < f->count; i++)
            f->shares[i].rate = 0;
    else if (f->count == 1)
        used = f->shares[0].rate = fmin(f->shares[0].count, f->servers);
    else
        used = divide_groups(f);
    LCI_HOLDS(e, LCI_NIL, used <= f->servers * (1 + 1e-9));
    if (used != st->busy.n) {
        st->busy.area -= e->now * (used - st->busy.n);
        st->busy.n = used;
    }
    double next = INFINITY;
    for (uint32_t i = 0; i < f->count; i++) {
        const struct share *s = &f->shares[i];
        if (s->count > 0 && s->rate > 0)
            next = fmin(next, (s->heap[1].at - s->clock) * s->count / (s->rate * f->speed));
    }
    if (next < INFINITY && (f->sequence == 0 || e->now + next < f->wake)) {
        f->wake = e->now + fmax(next, 0);
        f->sequence = lci_schedule(&e->calendar, f->wake, lci_what(LCI_FLOW, station));
    }
}

void lci_fluid_arrive(struct lci_engine *e, uint32_t station, uint32_t thread)
{
    struct lci_fluid *f = e->stations[station].fluid;
    const struct lci_program_task *task = &e->program->tasks[e->program->instance_task[e->threads[thread].instance]];
    struct share *s = &f->shares[f->count > 1 ? task->group : 0];
    advance(f, e->now);
    if (s->count == 0)
        s->clock = 0; /* keeps the numbers small, hence exact */
    push(s, (struct end){s->clock + e->threads[thread].work.demand, f->order++, thread});
    share_out(e, station);
}

void lci_fluid_stop(struct lci_engine *e, uint32_t station, bool stopped)
{
    struct lci_fluid *f = e->stations[station].fluid;
    advance(f, e->now);
    f->stopped = stopped;
    f->sequence = 0;
    share_out(e, station);
}

void lci_fluid_set_speed(struct lci_engine *e, uint32_t station, double speed)
{
    struct lci_fluid *f = e->stations[station].fluid;
    advance(f, e->now);
    f->speed = speed;
    f->sequence = 0;
    share_out(e, station);
}

uint32_t lci_fluid_flow(struct lci_engine *e, uint32_t station, uint32_t sequence)
{
    struct lci_fluid *f = e->stations[station].fluid;
    if (sequence != f->sequence)
        return LCI_NIL;
    f->sequence = 0;
    advance(f, e->now);
    uint32_t done = LCI_NIL;
    for (uint32_t i = 0; i < f->count && done == LCI_NIL; i++) {
        struct share *s = &f->shares[i];
        /* Complete when what is left is too short to move the clock by. */
        if (s->count > 0 && e->now + (s->heap[1].at - s->clock) * s->count / (s->rate * f->speed) <= e->now) {
            done = s->heap[1].thread;
            s->clock = fmax(s->clock, s->heap[1].at);
            pop(s);
        }
    }
    share_out(e, station);
    return done;
}
