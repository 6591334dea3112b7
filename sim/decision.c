/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decisions: requests whose answer takes too long.
 *
 * Between the caller and its request stands a watch: a record that gets the answer and hands it on, or whose time runs
 * out first. Then the caller is let go: it is sent to another entry, tries again after a pause, or goes on as if it had
 * got an error. The request that it has abandoned stays where it is and is served all the same, which is what makes
 * retries dangerous; only a decision of the kind `abort` takes it out of the queue, if no thread has begun with it.
 *
 * Of a watch, `instance` is the caller's, `sent` the time of the first attempt, and `event` what wakes it.
 */
#include "engine.h"

static const struct lci_decision *decision_of(const struct lci_engine *e, const struct lci_thread *watch,
                                              struct lci_decision_tally **tally)
{
    const uint32_t index = e->kinds[e->arcs[watch->call].entry].decision;
    *tally = &e->decisions[index];
    return &e->program->decisions[index];
}

static void wake_after(struct lci_engine *e, uint32_t watch, double time)
{
    e->threads[watch].event = lci_schedule(&e->calendar, e->now + time, lci_what(LCI_EXPIRY, watch));
}

/* Sends the request (anew). */
static uint32_t attempt(struct lci_engine *e, uint32_t watch)
{
    struct lci_thread *w = &e->threads[watch];
    struct lci_decision_tally *tally;
    const struct lci_decision *decision = decision_of(e, w, &tally);
    w->watch.under_way = true;
    w->watch.attempts++;
    wake_after(e, watch, decision->timeout);
    lci_note(e, LCI_NOTE_ATTEMPT, watch, watch);
    const uint32_t call = w->call, to = lci_route(e, &e->arcs[call], watch);
    return lci_send_to(e, call, to, watch);
}

static uint32_t watch_new(struct lci_engine *e, const struct lci_thread *from, uint32_t answered)
{
    const struct lci_thread copy = *from;
    const uint32_t watch = lci_thread_new(e);
    e->threads[watch] = copy;
    e->threads[watch].pc = answered;
    e->threads[watch].job = watch;
    e->threads[watch].event = 0;
    return watch;
}

uint32_t lci_watched_call(struct lci_engine *e, uint32_t caller, uint32_t call)
{
    struct lci_thread first = {.caller = caller,
                               .call = call,
                               .instance = e->threads[caller].instance,
                               .entry = e->arcs[call].entry,
                               .sent = e->now};
    struct lci_decision_tally *tally;
    const struct lci_decision *decision = decision_of(e, &first, &tally);
    tally->requests++;
    const uint32_t watch = watch_new(e, &first, decision->answered);
    lci_note(e, LCI_NOTE_REQUEST, watch, caller);
    return attempt(e, watch);
}

uint32_t lci_answered(struct lci_engine *e, uint32_t watch)
{
    struct lci_thread *w = &e->threads[watch];
    struct lci_decision_tally *tally;
    decision_of(e, w, &tally);
    const uint32_t caller = w->caller;
    lci_note(e, LCI_NOTE_ANSWERED, watch, w->failed);
    tally->answered += caller != LCI_NIL;
    if (caller != LCI_NIL && w->failed)
        lci_fail(e, caller);
    w->event = 0;
    w->caller = LCI_NIL;
    lci_thread_end(e, watch);
    return caller;
}

bool lci_withdraw(struct lci_engine *e, uint32_t watch)
{
    const struct lci_program_task *task = &e->program->tasks[e->kinds[e->threads[watch].entry].task];
    for (uint32_t i = task->first; i < task->first + task->replicas; i++) {
        struct lci_instance *at = &e->instances[i];
        const uint32_t message = lci_queue_withdraw(&at->queue, e->threads, watch);
        if (message == LCI_NIL)
            continue;
        at->queue_area += e->now;
        lci_left_queue(e, at, &e->threads[message]);
        const uint32_t statistic = e->arcs[e->threads[message].call].statistic;
        e->calls[statistic].lost++;
        e->left_waits[statistic] += e->now - e->threads[message].sent;
        lci_note(e, LCI_NOTE_WITHDRAWN, message, LCI_NIL);
        lci_thread_end(e, message);
        return true;
    }
    return false;
}

/* The caller goes on without its answer. */
static uint32_t give_up(struct lci_engine *e, uint32_t watch, const struct lci_decision *decision)
{
    const uint32_t caller = e->threads[watch].caller;
    e->threads[watch].caller = LCI_NIL;
    if (decision->divert == LCI_NIL) {
        if (caller != LCI_NIL)
            lci_fail(e, caller);
        return caller;
    }
    const struct lci_program_call *call = &e->arcs[decision->divert];
    lci_note(e, LCI_NOTE_DIVERTED, watch, caller);
    return lci_send_to(e, decision->divert, lci_route(e, call, watch), caller);
}

/* Whether there is another attempt after this one. */
static bool tries_again(const struct lci_engine *e, const struct lci_thread *w, const struct lci_decision *decision)
{
    if (decision->kind != LC_RETRY && decision->kind != LC_INF_RETRY)
        return false;
    return (decision->retries == LC_INFINITE || w->watch.attempts <= decision->retries) &&
           e->now + decision->sleep <= w->sent + decision->deadline;
}

uint32_t lci_expire(struct lci_engine *e, uint32_t watch, uint32_t sequence)
{
    struct lci_thread *w = &e->threads[watch];
    if (w->event != sequence)
        return LCI_NIL; /* answered meanwhile */
    if (e->code[w->pc].code == LCI_SETTLED)
        return lci_guard_wake(e, watch);
    struct lci_decision_tally *tally;
    const struct lci_decision *decision = decision_of(e, w, &tally);
    w->event = 0;
    if (!w->watch.under_way) { /* the pause is over */
        tally->retries++;
        return attempt(e, watch);
    }
    tally->timeouts++;
    lci_note(e, LCI_NOTE_GIVEN_UP, watch, LCI_NIL);
    const bool again = tries_again(e, w, decision);
    if (decision->kind == LC_ABORT && lci_withdraw(e, watch)) {
        tally->given_up++;
        const uint32_t next = give_up(e, watch, decision);
        lci_thread_end(e, watch); /* nothing will answer it */
        return next;
    }
    if (!again) {
        tally->given_up++;
        return give_up(e, watch, decision);
    }
    /* The old watch stays with the abandoned request, a new one takes its place. */
    const struct lci_thread old = *w;
    w->caller = LCI_NIL;
    const uint32_t next = watch_new(e, &old, decision->answered);
    lci_note(e, LCI_NOTE_TAKEN, next, watch);
    if (decision->sleep > 0) {
        e->threads[next].watch.under_way = false;
        wake_after(e, next, decision->sleep);
        return LCI_NIL;
    }
    tally->retries++;
    return attempt(e, next);
}
