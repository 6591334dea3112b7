/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Guards: policies between a caller and what it calls (docs/policies.md).
 *
 * A guarded request is a record that stands for the caller; each attempt, and each copy that hedges it, is a record
 * that gets the answer in place of the caller (its `caller` is the request). The way of a request:
 *
 *     cache · { breaker · bulkhead · rate limit · shedding · send, and copies · answer, error or timeout · pause }
 *
 * An attempt that the caller does not wait for any more is abandoned: it is served all the same and its answer is
 * thrown away.
 *
 * What belongs to requests and attempts alone is in `request` and `attempt` of their records (engine.h); `instance` is
 * the caller's in both, and `event` is what wakes a request.
 */
#include "engine.h"
#include "model/random/generator.h"

#include <math.h>
#include <string.h>

enum waits_for { A_HIT, A_TOKEN, AN_ANSWER, A_PAUSE };
enum breaker { CLOSED, OPEN, HALF_OPEN };

#define BUDGET 10 /* tokens that a retry budget holds at the most, and at the start */

struct guarded { /* a request with what belongs to it; pointers to threads are void after a send: by index */
    struct lci_engine *e;
    uint32_t request;
    const struct lci_guard *guard;
    struct lci_guard_tally *tally;
    struct lci_guard_state *state;
};

static struct lci_thread *thread(const struct guarded *g)
{
    return &g->e->threads[g->request];
}

static struct guarded guarded_of(struct lci_engine *e, uint32_t request, uint32_t call, uint32_t instance)
{
    const struct lci_program *p = e->program;
    const uint32_t index = p->call_guards[call];
    const struct lci_guard *guard = &p->guards[index];
    return (struct guarded){e, request, guard, &e->guards[index],
                            &e->guard_states[guard->states + instance - p->tasks[guard->from].first]};
}

static void wake_at(const struct guarded *g, enum waits_for what, double time)
{
    thread(g)->request.waits_for = what;
    thread(g)->event = lci_schedule(&g->e->calendar, time, lci_what(LCI_EXPIRY, g->request));
}

static uint32_t end_request(const struct guarded *g)
{
    const uint32_t caller = thread(g)->caller;
    thread(g)->event = 0;
    thread(g)->caller = LCI_NIL;
    lci_note(g->e, LCI_NOTE_ENDED, g->request, caller);
    LCI_HOLDS(g->e, g->request, g->state->under_way > 0 && thread(g)->request.first == LCI_NIL);
    lci_thread_end(g->e, g->request);
    g->state->under_way--;
    return caller;
}

static uint32_t end_answered(const struct guarded *g)
{
    g->tally->answered++;
    return end_request(g);
}

static uint32_t end_failed(const struct guarded *g)
{
    const uint32_t caller = end_request(g);
    g->tally->failed++;
    if (caller != LCI_NIL && g->guard->rules.errors != LCI_ERRORS_IGNORE)
        lci_fail(g->e, caller);
    return caller;
}

/* ---- the breaker ------------------------------------------------------------------------------------------------- */

static void turn_breaker(const struct guarded *g, enum breaker to)
{
    struct lci_guard_state *s = g->state;
    const double now = g->e->now;
    if (s->breaker == CLOSED && to != CLOSED)
        g->tally->open_area -= now;
    else if (s->breaker != CLOSED && to == CLOSED)
        g->tally->open_area += now;
    s->breaker = to;
    s->turns++;
    s->probes = s->passed = 0;
    s->calls = s->failures = 0;
    s->window = now;
    if (to == OPEN)
        s->opened = now;
}

static bool breaker_passes(const struct guarded *g)
{
    struct lci_guard_state *s = g->state;
    const struct lc_policy *rules = &g->guard->rules;
    if (isnan(rules->breaker_window) || s->breaker == CLOSED)
        return true;
    if (s->breaker == OPEN && g->e->now >= s->opened + rules->breaker_open)
        turn_breaker(g, HALF_OPEN);
    LCI_HOLDS(g->e, g->request, s->probes <= rules->breaker_probes);
    if (s->breaker != HALF_OPEN || s->probes >= rules->breaker_probes)
        return false;
    s->probes++;
    return true;
}

/* What came of an attempt that the breaker let pass. */
static void tell_breaker(const struct guarded *g, bool failed)
{
    struct lci_guard_state *s = g->state;
    const struct lc_policy *rules = &g->guard->rules;
    if (isnan(rules->breaker_window) || thread(g)->request.turns != s->turns)
        return;
    if (s->breaker == HALF_OPEN) {
        if (failed)
            turn_breaker(g, OPEN);
        else if (++s->passed >= rules->breaker_probes)
            turn_breaker(g, CLOSED);
        return;
    }
    if (g->e->now >= s->window + rules->breaker_window) {
        s->window = g->e->now;
        s->calls = s->failures = 0;
    }
    s->calls++;
    s->failures += failed;
    if (s->calls >= rules->breaker_minimum && s->failures >= rules->breaker_ratio * s->calls && s->failures > 0)
        turn_breaker(g, OPEN);
}

/* ---- failures and retries ---------------------------------------------------------------------------------------- */

static uint32_t attempt(const struct guarded *g);

static double pause_of(const struct guarded *g)
{
    const struct lc_policy *rules = &g->guard->rules;
    const double full = fmin(rules->backoff * pow(rules->factor, thread(g)->request.attempts - 1), rules->cap);
    struct lc_random *stream = &g->e->streams[g->guard->jitter];
    if (!(full > 0) || rules->jitter == LCI_JITTER_NONE)
        return full;
    if (rules->jitter == LCI_JITTER_EXPONENTIAL)
        return full * lci_random_exponential(stream);
    const double drawn = lci_random_uniform(stream);
    return rules->jitter == LCI_JITTER_FULL ? full * drawn : full / 2 * (1 + drawn);
}

static bool tries_again(const struct guarded *g, bool timed_out)
{
    const struct lc_policy *rules = &g->guard->rules;
    if (isnan(rules->retries_max) || thread(g)->request.attempts > rules->retries_max ||
        (rules->retry_on == LCI_RETRY_ON_TIMEOUT && !timed_out) || (rules->retry_on == LCI_RETRY_ON_ERROR && timed_out))
        return false;
    if (isinf(rules->budget))
        return true;
    LCI_HOLDS(g->e, g->request, g->state->tokens >= 0 && g->state->tokens <= BUDGET);
    if (g->state->tokens < 1)
        return false;
    g->state->tokens--;
    return true;
}

/* The attempt has failed. */
static uint32_t fail(const struct guarded *g, bool timed_out)
{
    thread(g)->event = 0;
    if (!tries_again(g, timed_out))
        return end_failed(g);
    g->tally->retries++;
    const double pause = pause_of(g);
    if (!(pause > 0))
        return attempt(g);
    wake_at(g, A_PAUSE, g->e->now + pause);
    return LCI_NIL;
}

/* ---- attempts ---------------------------------------------------------------------------------------------------- */

static void leave_bulkhead(const struct guarded *g)
{
    LCI_HOLDS(g->e, g->request, g->state->inside > 0 && g->state->inside <= g->state->under_way);
    g->state->inside--;
}

/* Nobody waits for the attempts under way any more. */
static void abandon(const struct guarded *g)
{
    struct lci_engine *e = g->e;
    const bool cancel = g->guard->rules.hedge_losers == LCI_LOSERS_CANCEL;
    for (uint32_t i = thread(g)->request.first, next; i != LCI_NIL; i = next) {
        next = e->threads[i].attempt.next;
        e->threads[i].caller = LCI_NIL;
        e->threads[i].attempt.next = LCI_NIL;
        lci_note(e, LCI_NOTE_GIVEN_UP, i, LCI_NIL);
        if (cancel && lci_withdraw(e, i))
            lci_thread_end(e, i);
    }
    thread(g)->request.first = LCI_NIL;
}

/* Sends one more copy. False: it was shed. */
static bool send_copy(const struct guarded *g, uint32_t *called)
{
    struct lci_engine *e = g->e;
    const uint32_t call = thread(g)->call, from = thread(g)->instance;
    const uint32_t to = lci_route(e, &e->arcs[call], g->request);
    const struct lci_instance *instance = &e->instances[to];
    *called = LCI_NIL;
    if (instance->idle == 0 && lci_queued(&e->instances[instance->queue_at]) >= g->guard->rules.shed_length) {
        g->tally->shed++;
        e->calls[e->arcs[call].statistic].lost++;
        return false;
    }
    const uint32_t index = lci_thread_new(e);
    e->threads[index] = (struct lci_thread){.pc = g->guard->settled,
                                            .job = index,
                                            .caller = g->request,
                                            .call = call,
                                            .entry = e->arcs[call].entry,
                                            .instance = from,
                                            .sent = e->now,
                                            .attempt.next = thread(g)->request.first};
    thread(g)->request.first = index;
    thread(g)->request.copies++;
    lci_note(e, LCI_NOTE_ATTEMPT, index, g->request);
    *called = lci_send_to(e, call, to, index);
    return true;
}

/* Waits for the next of what may happen before the answer. */
static void wait_for_answer(const struct guarded *g)
{
    const struct lc_policy *rules = &g->guard->rules;
    const struct lci_thread *r = thread(g);
    double next = isnan(rules->timeout) ? INFINITY : r->request.begun + rules->timeout;
    if (!r->request.aged && isfinite(rules->shed_age))
        next = fmin(next, r->request.dispatched + rules->shed_age);
    if (r->request.copies <= rules->hedge_max && r->request.copies > 0)
        next = fmin(next, r->request.dispatched + r->request.copies * rules->hedge_after);
    thread(g)->request.waits_for = AN_ANSWER;
    thread(g)->event = 0;
    if (isfinite(next))
        wake_at(g, AN_ANSWER, next);
}

/* An attempt that was let in is turned away, or its time is up. */
static uint32_t fail_inside(const struct guarded *g, bool timed_out)
{
    leave_bulkhead(g);
    tell_breaker(g, true);
    return fail(g, timed_out);
}

static uint32_t dispatch(const struct guarded *g)
{
    uint32_t called;
    thread(g)->request.dispatched = g->e->now;
    thread(g)->request.copies = 0;
    thread(g)->request.aged = false;
    if (!send_copy(g, &called)) {
        lci_note(g->e, LCI_NOTE_REFUSED, g->request, LCI_NIL);
        return fail_inside(g, false);
    }
    wait_for_answer(g);
    return called;
}

/* How long the rate limit holds the attempt up; infinite: it is rejected. Whoever gives up before takes no token. */
static double limited(const struct guarded *g)
{
    if (g->guard->bucket == LCI_NIL)
        return 0;
    const struct lc_policy *rules = &g->guard->rules;
    struct lci_bucket *b = &g->e->buckets[g->guard->bucket];
    b->tokens = fmin(rules->limit_burst, b->tokens + (g->e->now - b->filled) * rules->limit_rate);
    b->filled = g->e->now;
    if (b->tokens < 1 - 1e-9 && rules->limit_overflow != LCI_LIMIT_WAIT)
        return INFINITY;
    const double held = fmax((1 - b->tokens) / rules->limit_rate, 0);
    if (!(held > rules->timeout))
        b->tokens--;
    return held;
}

static uint32_t attempt(const struct guarded *g)
{
    const struct lc_policy *rules = &g->guard->rules;
    struct lci_thread *r = thread(g);
    r->request.attempts++;
    r->request.begun = g->e->now;
    g->tally->attempts++;
    if (!breaker_passes(g)) {
        g->tally->short_circuited++;
        lci_note(g->e, LCI_NOTE_REFUSED, g->request, LCI_NIL);
        return fail(g, false);
    }
    r->request.turns = g->state->turns;
    g->state->inside++;
    if (g->state->inside > rules->bulkhead) {
        g->tally->full++;
        lci_note(g->e, LCI_NOTE_REFUSED, g->request, LCI_NIL);
        return fail_inside(g, false);
    }
    const double held = limited(g);
    if (isinf(held)) {
        g->tally->limited++;
        g->e->calls[g->e->arcs[r->call].statistic].lost++;
        lci_note(g->e, LCI_NOTE_REFUSED, g->request, LCI_NIL);
        return fail_inside(g, false);
    }
    if (!(held > 0))
        return dispatch(g);
    wake_at(g, A_TOKEN, g->e->now + (held > rules->timeout ? rules->timeout : held));
    return LCI_NIL;
}

/* ---- what the engine calls --------------------------------------------------------------------------------------- */

uint32_t lci_guarded_call(struct lci_engine *e, uint32_t caller, uint32_t from, uint32_t call)
{
    const uint32_t request = lci_thread_new(e);
    const struct guarded g = guarded_of(e, request, call, from);
    const struct lc_policy *rules = &g.guard->rules;
    e->threads[request] = (struct lci_thread){.pc = g.guard->settled,
                                              .job = request,
                                              .caller = caller,
                                              .call = call,
                                              .entry = LCI_NIL,
                                              .instance = from,
                                              .sent = e->now,
                                              .request.first = LCI_NIL};
    lci_note(e, LCI_NOTE_REQUEST, request, caller);
    g.tally->requests++;
    g.state->under_way++;
    if (rules->budget < INFINITY)
        g.state->tokens = fmin(BUDGET, g.state->tokens + rules->budget);
    if (!isnan(rules->hit_ratio) && lci_random_uniform(&e->streams[g.guard->chance]) < rules->hit_ratio) {
        g.tally->hits++;
        lci_note(e, LCI_NOTE_HIT, request, LCI_NIL);
        if (!(rules->hit_time > 0))
            return end_answered(&g);
        wake_at(&g, A_HIT, e->now + rules->hit_time);
        return LCI_NIL;
    }
    if (!isnan(rules->hit_ratio))
        lci_note(e, LCI_NOTE_MISS, request, LCI_NIL);
    return attempt(&g);
}

static void unlink_attempt(const struct guarded *g, uint32_t index)
{
    struct lci_thread *threads = g->e->threads;
    uint32_t *at = &thread(g)->request.first;
    while (*at != index) {
        LCI_HOLDS(g->e, g->request, *at != LCI_NIL);
        at = &threads[*at].attempt.next;
    }
    *at = threads[index].attempt.next;
}

uint32_t lci_settled(struct lci_engine *e, uint32_t index)
{
    const struct lci_thread settled = e->threads[index];
    lci_note(e, LCI_NOTE_ANSWERED, index, settled.failed);
    if (settled.caller == LCI_NIL) { /* abandoned */
        lci_thread_end(e, index);
        return LCI_NIL;
    }
    const struct guarded g = guarded_of(e, settled.caller, settled.call, settled.instance);
    unlink_attempt(&g, index);
    e->threads[index].caller = LCI_NIL;
    lci_thread_end(e, index);
    g.tally->errors += settled.failed;
    if (settled.failed && thread(&g)->request.first != LCI_NIL)
        return LCI_NIL; /* another copy may still be answered */
    if (settled.failed)
        return fail_inside(&g, false);
    leave_bulkhead(&g);
    tell_breaker(&g, false);
    abandon(&g);
    return end_answered(&g);
}

/* Copies that have waited for too long are taken back. True: none is left. */
static bool too_old(const struct guarded *g)
{
    struct lci_engine *e = g->e;
    thread(g)->request.aged = true;
    for (uint32_t i = thread(g)->request.first, next; i != LCI_NIL; i = next) {
        next = e->threads[i].attempt.next;
        if (!lci_withdraw(e, i))
            continue;
        g->tally->shed++;
        lci_note(e, LCI_NOTE_GIVEN_UP, i, LCI_NIL);
        unlink_attempt(g, i);
        e->threads[i].caller = LCI_NIL;
        lci_thread_end(e, i);
    }
    return thread(g)->request.first == LCI_NIL;
}

static uint32_t wait_is_over(const struct guarded *g)
{
    const struct lc_policy *rules = &g->guard->rules;
    struct lci_thread *r = thread(g);
    uint32_t called = LCI_NIL;
    if (g->e->now >= r->request.begun + rules->timeout) {
        g->tally->timeouts++;
        abandon(g);
        return fail_inside(g, true);
    }
    if (!r->request.aged && g->e->now >= r->request.dispatched + rules->shed_age && too_old(g))
        return fail_inside(g, false);
    r = thread(g);
    if (r->request.copies <= rules->hedge_max &&
        g->e->now >= r->request.dispatched + r->request.copies * rules->hedge_after) {
        if (send_copy(g, &called))
            g->tally->copies++;
        else
            thread(g)->request.copies++; /* not sent again */
    }
    wait_for_answer(g);
    return called;
}

uint32_t lci_guard_wake(struct lci_engine *e, uint32_t request)
{
    const struct lci_thread *r = &e->threads[request];
    const struct guarded g = guarded_of(e, request, r->call, r->instance);
    switch ((enum waits_for)r->request.waits_for) {
    case A_HIT: return end_answered(&g);
    case A_TOKEN:
        if (e->now >= r->request.begun + g.guard->rules.timeout) {
            g.tally->timeouts++;
            lci_note(e, LCI_NOTE_REFUSED, request, LCI_NIL);
            return fail_inside(&g, true);
        }
        return dispatch(&g);
    case A_PAUSE: return attempt(&g);
    case AN_ANSWER: break;
    }
    return wait_is_over(&g);
}

void lci_guards_clear(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    memset(e->guard_states, 0, p->guard_states * sizeof *e->guard_states);
    for (size_t i = 0; i < p->guard_count; i++) {
        const struct lci_guard *guard = &p->guards[i];
        for (uint32_t k = 0; k < p->tasks[guard->from].replicas; k++)
            e->guard_states[guard->states + k].tokens = BUDGET;
        if (guard->bucket != LCI_NIL)
            e->buckets[guard->bucket] = (struct lci_bucket){.tokens = guard->rules.limit_burst};
    }
}

void lci_guards_renew(struct lci_engine *e, uint32_t instance)
{
    const struct lci_program *p = e->program;
    const uint32_t task = p->instance_task[instance];
    for (size_t i = 0; i < p->guard_count; i++) {
        const struct lci_guard *guard = &p->guards[i];
        if (guard->from != task)
            continue;
        struct lci_guard_state *state = &e->guard_states[guard->states + instance - p->tasks[task].first];
        turn_breaker(&(struct guarded){e, LCI_NIL, guard, &e->guards[i], state}, CLOSED);
        state->tokens = BUDGET;
    }
}

uint32_t lci_open_breakers(const struct lci_engine *e, const struct lci_guard *guard)
{
    uint32_t open = 0;
    for (uint32_t k = 0; k < e->program->tasks[guard->from].replicas; k++)
        open += e->guard_states[guard->states + k].breaker != CLOSED;
    return open;
}

void lci_guards_forget(struct lci_engine *e)
{
    for (size_t i = 0; i < e->program->guard_count; i++)
        e->guards[i].open_area = -e->now * lci_open_breakers(e, &e->program->guards[i]);
}

void lci_look_at_outcome(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    const uint32_t job = lci_job_of(e, index, in->b);
    struct lci_thread *t = &e->threads[job];
    if (in->a == LCI_OUTCOME_LEAVE)
        e->workloads[e->kinds[t->entry].workload].failed += t->failed;
    else if (in->a == LCI_OUTCOME_ANSWER && t->failed && t->caller != LCI_NIL)
        lci_fail(e, t->caller);
    t->failed = false;
}
