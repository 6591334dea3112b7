/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks whose replicas come and go (docs/policies.md). A replica is off; starts, for a time; is up; and drains, when it
 * gets nothing new and serves what it has. One that is up or drains may be down: it serves nothing, and what it was
 * serving goes on where it was when it is repaired. It may be slow: what it was serving goes on at that speed.
 *
 * The program has as many instances as there can be replicas. One that does not serve has no idle threads; requests go
 * to those that are up (LCI_ROUTE_UP, or the common queue). Instances of such tasks have a lock (lock.c), which only
 * leads here, so that other tasks need not ask.
 *
 * An alarm is known by its time: an owner that has changed its mind has another time, or none.
 */
#include "engine.h"
#include "loadcast/base.h"
#include "model/elastic.h"
#include "model/random/generator.h"

#include <math.h>
#include <stdlib.h>

#define TOLERANCE 0.1 /* a load that is so near the target changes nothing */

enum phase { OFF, STARTING, UP, DRAINING };

struct replica {
    enum phase phase;
    bool down;        /* for one of two reasons: */
    bool failed, out; /* at random; at a given time */
    bool slow;
    double life, health;               /* when their alarms ring; negative: never */
    uint32_t life_alarm, health_alarm; /* start-up or keep-alive; failure or repair */
};

struct lci_elastic_state {
    const struct lci_elastic *kind;
    const struct lci_program_task *task;
    struct replica *replicas;
    uint32_t alarm;                        /* of the next look at the load */
    uint32_t disturbances[4];              /* alarms: an outage begins, ends, a slow-down begins, ends */
    uint32_t up, starting, draining, down; /* numbers of replicas; down ones are up or drain as well */
    double existing_area, started_area, serving_area, starts;
    double changed;             /* last change of the number of replicas */
    double fewer_since, wanted; /* fewer are wanted since then, at the most so many; negative: they are not */
    double seen, busy_seen, servers_seen, queue_seen, serving_seen; /* integrals at the last look */
};

/* ---- counting ---------------------------------------------------------------------------------------------------- */

static void count(struct lci_engine *e, struct lci_elastic_state *s, uint32_t *number, int change)
{
    *number += (uint32_t)change;
    const bool serves = number != &s->starting, exists = number != &s->down;
    if (exists)
        s->existing_area -= change * e->now;
    if (exists && serves)
        s->started_area -= change * e->now;
    if (serves)
        s->serving_area -= (exists ? change : -change) * e->now;
}

static double existing(const struct lci_elastic_state *s)
{
    return (double)s->up + s->starting + s->draining;
}

static double serving(const struct lci_elastic_state *s)
{
    return (double)s->up + s->draining - s->down;
}

double lci_elastic_existing(const struct lci_engine *e, uint32_t elastic)
{
    const struct lci_elastic_state *s = &e->elastics[elastic];
    return s->existing_area + existing(s) * e->now;
}

double lci_elastic_started(const struct lci_engine *e, uint32_t elastic)
{
    const struct lci_elastic_state *s = &e->elastics[elastic];
    return s->started_area + ((double)s->up + s->draining) * e->now;
}

double lci_elastic_serving(const struct lci_engine *e, uint32_t elastic)
{
    const struct lci_elastic_state *s = &e->elastics[elastic];
    return s->serving_area + serving(s) * e->now;
}

double lci_elastic_starts(const struct lci_engine *e, uint32_t elastic)
{
    return e->elastics[elastic].starts;
}

/* ---- one replica ------------------------------------------------------------------------------------------------- */

static struct lci_instance *instance_of(const struct lci_engine *e, const struct lci_elastic_state *s, uint32_t k)
{
    return &e->instances[s->task->first + k];
}

static struct replica *replica_at(const struct lci_elastic_state *s, uint32_t instance)
{
    return &s->replicas[instance - s->task->first];
}

static void set_alarm(struct lci_engine *e, double *time, uint32_t alarm, double after)
{
    *time = e->now + after;
    lci_schedule(&e->calendar, *time, lci_what(LCI_ALARM, alarm));
}

/* 0 without a sampler. */
static double sample(struct lci_engine *e, uint32_t sampler)
{
    return sampler != LCI_NIL ? lci_sample(&e->samplers[sampler]) : 0;
}

static bool on_demand(const struct lci_elastic_state *s)
{
    return lci_elastic_on_demand(s->kind->rules);
}

static bool may_serve(const struct replica *r)
{
    return !r->down && (r->phase == UP || r->phase == DRAINING);
}

/* Idle threads take what waits. */
static void take_waiting(struct lci_engine *e, uint32_t index)
{
    struct lci_instance *instance = &e->instances[index];
    struct lci_instance *at = &e->instances[instance->queue_at];
    while (instance->idle > 0 && at->queue.count > 0) {
        const uint32_t message = lci_queue_pop(e, &at->queue, instance->stream);
        at->queue_area += e->now;
        e->threads[message].instance = index;
        lci_left_queue(e, at, &e->threads[message]);
        instance->idle--;
        instance->busy++;
        instance->busy_area -= e->now;
        lci_start_service(e, message, true);
        lci_ready(e, message);
    }
}

/* Threads that are not at work are idle again. */
static void open_threads(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k)
{
    struct lci_instance *instance = instance_of(e, s, k);
    instance->idle = s->task->threads - instance->busy;
    take_waiting(e, s->task->first + k);
}

static void set_speed(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k, double speed)
{
    const struct replica *r = &s->replicas[k];
    const uint32_t station = instance_of(e, s, k)->station;
    struct lci_station *st = &e->stations[station];
    if (st->fluid != NULL) {
        lci_fluid_set_speed(e, station, speed);
        return;
    }
    if (!r->down)
        lci_turn_stop(e, station);
    st->pace = 1 / speed;
    if (!r->down)
        lci_turn_go_on(e, station, e->program->processors[e->program->station_processor[station]].servers);
}

static void set_slow(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k, bool slow)
{
    struct replica *r = &s->replicas[k];
    if (r->slow != slow)
        set_speed(e, s, k, slow ? s->kind->rules->slow_down.speed : 1);
    r->slow = slow;
}

static void switch_off(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k)
{
    struct replica *r = &s->replicas[k];
    instance_of(e, s, k)->idle = 0;
    count(e, s, r->phase == UP ? &s->up : &s->draining, -1);
    set_slow(e, s, k, false);
    lci_guards_renew(e, s->task->first + k);
    r->phase = OFF;
    r->life = r->health = -1;
}

/* Has nothing to do: what follows from that. */
static void look_at_idle(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k)
{
    const struct lci_instance *instance = instance_of(e, s, k);
    struct replica *r = &s->replicas[k];
    if (instance->busy > 0 || r->down)
        return;
    if (r->phase == DRAINING && (s->task->shared || instance->queue.count == 0))
        switch_off(e, s, k);
    else if (r->phase == UP && on_demand(s))
        set_alarm(e, &r->life, r->life_alarm, sample(e, s->kind->keep_alive));
}

static void begin_up(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k)
{
    struct replica *r = &s->replicas[k];
    r->phase = UP;
    r->down = r->failed = r->out = false;
    count(e, s, &s->up, 1);
    if (s->kind->up != LCI_NIL)
        set_alarm(e, &r->health, r->health_alarm, lci_sample(&e->samplers[s->kind->up]));
    open_threads(e, s, k);
    look_at_idle(e, s, k);
}

static void start_one(struct lci_engine *e, struct lci_elastic_state *s)
{
    uint32_t k = 0;
    while (k < s->task->replicas && s->replicas[k].phase != OFF)
        k++;
    if (k == s->task->replicas)
        return;
    struct replica *r = &s->replicas[k];
    r->phase = STARTING;
    count(e, s, &s->starting, 1);
    s->starts++;
    lci_note(e, LCI_NOTE_STARTED, s->task->first + k, LCI_NIL);
    set_alarm(e, &r->life, r->life_alarm, sample(e, s->kind->start_up));
}

/* The last one that is up gets nothing new. */
static void drain_one(struct lci_engine *e, struct lci_elastic_state *s)
{
    uint32_t k = s->task->replicas;
    while (k-- > 0)
        if (s->replicas[k].phase == UP)
            break;
    struct replica *r = &s->replicas[k];
    count(e, s, &s->up, -1);
    count(e, s, &s->draining, 1);
    r->phase = DRAINING;
    if (s->task->shared)
        instance_of(e, s, k)->idle = 0;
    look_at_idle(e, s, k);
}

static struct lci_elastic_state *state_of(const struct lci_engine *e, uint32_t instance)
{
    return &e->elastics[e->program->tasks[e->program->instance_task[instance]].elastic];
}

/* A start-up is over, or an idle replica has been kept for long enough. */
static uint32_t live(struct lci_engine *e, uint32_t instance)
{
    struct lci_elastic_state *s = state_of(e, instance);
    struct replica *r = replica_at(s, instance);
    const uint32_t k = instance - s->task->first;
    if (r->life != e->now)
        return LCI_NIL;
    r->life = -1;
    if (r->phase == STARTING) {
        count(e, s, &s->starting, -1);
        begin_up(e, s, k);
    } else if (r->phase == UP && !r->down && e->instances[instance].busy == 0 &&
               existing(s) > s->kind->rules->minimum) {
        switch_off(e, s, k);
    }
    return LCI_NIL;
}

static void stop_station(struct lci_engine *e, uint32_t station, bool stopped)
{
    struct lci_station *st = &e->stations[station];
    if (st->scheduling == LC_INF)
        return; /* what is in service has no processor that could stop */
    if (st->fluid != NULL)
        lci_fluid_stop(e, station, stopped);
    else if (stopped)
        lci_turn_stop(e, station);
    else
        lci_turn_go_on(e, station, e->program->processors[e->program->station_processor[station]].servers);
}

/* What has failed in either way is down. */
static void set_down(struct lci_engine *e, struct lci_elastic_state *s, uint32_t k, bool failed, bool out)
{
    struct replica *r = &s->replicas[k];
    const uint32_t instance = s->task->first + k;
    r->failed = failed;
    r->out = out;
    if (r->down == (failed || out))
        return;
    r->down = !r->down;
    count(e, s, &s->down, r->down ? 1 : -1);
    stop_station(e, e->instances[instance].station, r->down);
    if (r->down) {
        e->instances[instance].idle = 0;
        return;
    }
    if (r->phase == UP || !s->task->shared)
        open_threads(e, s, k);
    look_at_idle(e, s, k);
}

/* Those that a disturbance is for, as it begins: the first ones that are up or come to their end. */
static bool is_hit(const struct lci_elastic_state *s, uint32_t k, const struct lc_disturbance *d)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < k; i++)
        before += s->replicas[i].phase == UP || s->replicas[i].phase == DRAINING;
    return (s->replicas[k].phase == UP || s->replicas[k].phase == DRAINING) &&
           (d->replicas == 0 || before < d->replicas);
}

static uint32_t begin_outage(struct lci_engine *e, uint32_t elastic)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    for (uint32_t k = 0; k < s->task->replicas; k++)
        if (is_hit(s, k, &s->kind->rules->outage))
            set_down(e, s, k, s->replicas[k].failed, true);
    return LCI_NIL;
}

static uint32_t end_outage(struct lci_engine *e, uint32_t elastic)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    for (uint32_t k = 0; k < s->task->replicas; k++)
        if (s->replicas[k].out)
            set_down(e, s, k, s->replicas[k].failed, false);
    return LCI_NIL;
}

static uint32_t begin_slow_down(struct lci_engine *e, uint32_t elastic)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    for (uint32_t k = 0; k < s->task->replicas; k++)
        if (is_hit(s, k, &s->kind->rules->slow_down))
            set_slow(e, s, k, true);
    return LCI_NIL;
}

static uint32_t end_slow_down(struct lci_engine *e, uint32_t elastic)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    for (uint32_t k = 0; k < s->task->replicas; k++)
        set_slow(e, s, k, false);
    return LCI_NIL;
}

static void schedule_disturbance(struct lci_engine *e, const struct lc_disturbance *d, const uint32_t alarms[2])
{
    if (d->length == 0)
        return;
    lci_schedule(&e->calendar, e->lead + d->at, lci_what(LCI_ALARM, alarms[0]));
    lci_schedule(&e->calendar, e->lead + d->at + d->length, lci_what(LCI_ALARM, alarms[1]));
}

/* A failure or a repair. */
static uint32_t turn_health(struct lci_engine *e, uint32_t instance)
{
    struct lci_elastic_state *s = state_of(e, instance);
    struct replica *r = replica_at(s, instance);
    if (r->health != e->now)
        return LCI_NIL;
    const bool failed = !r->failed;
    set_alarm(e, &r->health, r->health_alarm, lci_sample(&e->samplers[failed ? s->kind->down : s->kind->up]));
    set_down(e, s, instance - s->task->first, failed, r->out);
    return LCI_NIL;
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

bool lci_elastic_accepts(struct lci_engine *e, uint32_t elastic, uint32_t message)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    if (instance->idle > 0) {
        instance->idle--;
        return true;
    }
    const struct lci_instance *at = &e->instances[instance->queue_at];
    lci_wait_in_queue(e, message);
    if (on_demand(s) && at->queue.count > s->starting && existing(s) < s->task->replicas)
        start_one(e, s);
    return false;
}

uint32_t lci_elastic_finish(struct lci_engine *e, uint32_t elastic, uint32_t job)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    const uint32_t index = e->threads[job].instance;
    const struct replica *r = replica_at(s, index);
    struct lci_instance *instance = &e->instances[index];
    uint32_t next = LCI_NIL;
    if (may_serve(r) && (r->phase == UP || !s->task->shared)) {
        next = lci_take_next(e, index);
    } else {
        LCI_HOLDS(e, job, instance->busy > 0);
        instance->busy--;
        instance->busy_area += e->now;
    }
    if (next == LCI_NIL)
        look_at_idle(e, s, index - s->task->first);
    return next;
}

/* ---- where requests go ------------------------------------------------------------------------------------------- */

/* How good a place is to send a request to: one that serves, else one that is repaired, else one that starts. */
static int fitness(const struct replica *r)
{
    return r->phase == UP ? 3 - r->down : r->phase == STARTING;
}

static uint32_t present(const struct lci_engine *e, uint32_t instance)
{
    return e->instances[instance].busy + e->instances[instance].queue.count;
}

/* The candidate behind `skip` others. */
static uint32_t candidate(const struct lci_elastic_state *s, int best, uint64_t skip)
{
    uint32_t k = 0;
    while (fitness(&s->replicas[k]) != best || skip-- > 0)
        k++;
    return s->task->first + k;
}

uint32_t lci_route_up(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender)
{
    const struct lci_elastic_state *s = state_of(e, call->base);
    int best = fitness(&s->replicas[0]);
    uint32_t candidates = 1;
    for (uint32_t k = 1; k < s->task->replicas; k++) {
        const int fit = fitness(&s->replicas[k]);
        candidates = fit > best ? 1 : candidates + (fit == best);
        best = fit > best ? fit : best;
    }
    struct lc_random *stream = &e->streams[call->stream];
    uint32_t *turn = &e->turns[call - e->arcs];
    *turn += 1;
    const uint32_t begin = *turn % candidates;
    switch (s->kind->balance) {
    case LC_BALANCE_RANDOM: return candidate(s, best, lci_random_below(stream, candidates));
    case LC_BALANCE_POWER_OF_TWO: {
        if (candidates == 1)
            return candidate(s, best, 0);
        const uint64_t one = lci_random_below(stream, candidates), other = lci_random_below(stream, candidates - 1);
        const uint32_t a = candidate(s, best, one), b = candidate(s, best, (one + 1 + other) % candidates);
        return present(e, a) <= present(e, b) ? a : b;
    }
    case LC_BALANCE_LEAST: {
        uint32_t least = candidate(s, best, begin);
        for (uint32_t i = 1; i < candidates; i++) {
            const uint32_t next = candidate(s, best, (begin + i) % candidates);
            least = present(e, next) < present(e, least) ? next : least;
        }
        return least;
    }
    case LC_BALANCE_STICKY: {
        uint32_t *place = lci_sticky_place(e, call, sender);
        if (place != NULL && *place != LCI_NIL && fitness(&s->replicas[*place]) == best)
            return call->base + *place;
        const uint32_t other = candidate(s, best, e->sticky_turns[s->task->sticky]++ % candidates);
        if (place != NULL)
            *place = other - call->base;
        return other;
    }
    default: return candidate(s, best, begin);
    }
}

/* ---- scaling by a target ----------------------------------------------------------------------------------------- */

struct seen {
    double busy, servers, queue, serving;
};

static struct seen look(const struct lci_engine *e, const struct lci_elastic_state *s)
{
    struct seen seen = {.serving = s->serving_area + serving(s) * e->now};
    for (uint32_t k = 0; k < s->task->replicas; k++) {
        const struct lci_instance *instance = instance_of(e, s, k);
        const struct lci_station *st = &e->stations[instance->station];
        seen.busy += instance->busy_area + instance->busy * e->now;
        seen.queue += instance->queue_area + lci_queued(instance) * e->now;
        seen.servers += lci_load_area(&st->busy, e->now);
    }
    return seen;
}

/* Load of the threads or of the servers since the last look, whichever is higher. */
static double load_since(const struct lci_engine *e, const struct lci_elastic_state *s, const struct seen *now)
{
    const double replicas = now->serving - s->serving_seen;
    double load = 0;
    if (!(replicas > 0))
        return NAN;
    if (s->task->threads != LC_INFINITE)
        load = (now->busy - s->busy_seen) / (replicas * s->task->threads);
    if (s->kind->processor != LCI_NIL)
        load = fmax(load,
                    (now->servers - s->servers_seen) / (replicas * e->program->processors[s->kind->processor].servers));
    return load;
}

static double wanted(const struct lci_engine *e, const struct lci_elastic_state *s, const struct seen *now)
{
    const struct lc_elastic *rules = s->kind->rules;
    const double present = s->up + s->starting;
    double wanted = lci_elastic_least(rules);
    if (rules->target_load > 0) {
        const double ratio = load_since(e, s, now) / rules->target_load;
        wanted = fmax(wanted, isnan(ratio) || fabs(ratio - 1) <= TOLERANCE ? present : ceil(s->up * ratio - 1e-9));
    }
    if (rules->target_queue > 0)
        wanted = fmax(wanted, ceil((now->queue - s->queue_seen) / (e->now - s->seen) / rules->target_queue - 1e-9));
    return fmin(wanted, rules->maximum);
}

static void remember(struct lci_elastic_state *s, double time, const struct seen *now)
{
    s->seen = time;
    s->busy_seen = now->busy;
    s->servers_seen = now->servers;
    s->queue_seen = now->queue;
    s->serving_seen = now->serving;
}

/* Fewer are wanted: as many as were at the most in all of the delay, or as many as there are until it is over. */
static uint32_t delayed(struct lci_elastic_state *s, double now, uint32_t target, uint32_t present)
{
    if (target >= present) {
        s->fewer_since = -1;
        return target;
    }
    s->wanted = s->fewer_since < 0 ? target : fmax(s->wanted, target);
    s->fewer_since = s->fewer_since < 0 ? now : s->fewer_since;
    if (now < s->fewer_since + s->kind->rules->down_delay)
        return present;
    return (uint32_t)s->wanted;
}

static uint32_t evaluate(struct lci_engine *e, uint32_t elastic)
{
    struct lci_elastic_state *s = &e->elastics[elastic];
    const struct lc_elastic *rules = s->kind->rules;
    const struct seen now = look(e, s);
    const uint32_t present = s->up + s->starting;
    const uint32_t target = delayed(s, e->now, (uint32_t)wanted(e, s, &now), present);
    remember(s, e->now, &now);
    lci_schedule(&e->calendar, e->now + rules->period, lci_what(LCI_ALARM, s->alarm));
    if (target == present || (target < present && e->now < s->changed + rules->cooldown))
        return LCI_NIL;
    s->changed = e->now;
    s->fewer_since = -1;
    for (uint32_t n = present; n < target; n++)
        start_one(e, s);
    for (uint32_t n = present; n > target && s->up > 1; n--)
        drain_one(e, s);
    return LCI_NIL;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

void lci_elastics_new(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    e->elastics = lc_calloc(p->elastic_count, sizeof *e->elastics);
    for (uint32_t i = 0; i < p->elastic_count; i++) {
        struct lci_elastic_state *s = &e->elastics[i];
        s->kind = &p->elastics[i];
        s->task = &p->tasks[s->kind->task];
        s->replicas = lc_calloc(s->task->replicas, sizeof *s->replicas);
        s->alarm = lci_alarm_add(e, evaluate, i);
        s->disturbances[0] = lci_alarm_add(e, begin_outage, i);
        s->disturbances[1] = lci_alarm_add(e, end_outage, i);
        s->disturbances[2] = lci_alarm_add(e, begin_slow_down, i);
        s->disturbances[3] = lci_alarm_add(e, end_slow_down, i);
        for (uint32_t k = 0; k < s->task->replicas; k++) {
            s->replicas[k].life_alarm = lci_alarm_add(e, live, s->task->first + k);
            s->replicas[k].health_alarm = lci_alarm_add(e, turn_health, s->task->first + k);
        }
    }
}

void lci_elastics_free(struct lci_engine *e)
{
    for (size_t i = 0; i < e->program->elastic_count; i++)
        free(e->elastics[i].replicas);
    free(e->elastics);
}

void lci_elastics_clear(struct lci_engine *e)
{
    for (size_t i = 0; i < e->program->elastic_count; i++) {
        struct lci_elastic_state *s = &e->elastics[i];
        const struct lc_elastic *rules = s->kind->rules;
        s->up = s->starting = s->draining = s->down = 0;
        s->existing_area = s->started_area = s->serving_area = s->starts = s->changed = 0;
        s->fewer_since = -1;
        remember(s, 0, &(struct seen){0});
        for (uint32_t k = 0; k < s->task->replicas; k++) {
            s->replicas[k].phase = OFF;
            s->replicas[k].down = s->replicas[k].slow = false;
            s->replicas[k].life = s->replicas[k].health = -1;
            instance_of(e, s, k)->idle = 0;
        }
        for (uint32_t k = 0; k < s->kind->initial; k++)
            begin_up(e, s, k);
        schedule_disturbance(e, &rules->outage, &s->disturbances[0]);
        schedule_disturbance(e, &rules->slow_down, &s->disturbances[2]);
        if (lci_elastic_scales(rules) && !on_demand(s))
            lci_schedule(&e->calendar, rules->period, lci_what(LCI_ALARM, s->alarm));
    }
}

/* Integrals begin anew, and what has been since the last look is kept. */
void lci_elastics_forget(struct lci_engine *e)
{
    for (size_t i = 0; i < e->program->elastic_count; i++) {
        struct lci_elastic_state *s = &e->elastics[i];
        const struct seen now = look(e, s);
        s->busy_seen -= now.busy;
        s->servers_seen -= now.servers;
        s->queue_seen -= now.queue;
        s->serving_seen -= now.serving;
        s->existing_area = -existing(s) * e->now;
        s->started_area = -((double)s->up + s->draining) * e->now;
        s->serving_area = -serving(s) * e->now;
        s->starts = 0;
    }
}
