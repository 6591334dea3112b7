/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every thread has a slot that names the request which it works for, and every request counts what is under way for it:
 * services, messages that nobody waits for, and its source. The last of these ends it.
 *
 * As in record/recorder.c the slot of the thread that a message would become is filled before the message may be sent,
 * so that nothing has to be asked on the engine's own paths.
 */
#include "endings.h"
#include "loadcast/base.h"
#include "model/lqn.h"

#include <stdlib.h>
#include <string.h>

struct request {
    double begun; /* less the pauses of a session */
    uint32_t workload;
    uint32_t open; /* under way for it; 0: the record is free */
    uint32_t next; /* in the list of free ones */
};

struct slot {
    uint32_t request; /* LCI_NIL: none */
    uint32_t made;    /* thread that an asynchronous call made, as far as can be told */
    bool attempts;    /* no message itself, but a request with attempts */
};

struct lci_endings {
    struct slot *slots;
    uint32_t slot_count;
    struct request *requests;
    size_t request_count, request_capacity;
    uint32_t free_request;
    struct lci_ending_tally *workloads, *entries;
};

/* ---- models ------------------------------------------------------------------------------------------------------ */

static bool sends(const struct lc_activity *a)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_ASYNC && a->calls[i].mean > 0)
            return true;
    return false;
}

/* Whether a branch of a graph may go on when the others have come to the end: one that a quorum does not wait for, or
 * that is never joined. */
static bool has_stragglers(const struct lc_task *t)
{
    size_t made = 0, joined = 0; /* branches beside one of each fork, of each join */
    for (size_t i = 0; i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        if (p->fork == LC_FORK_AND && p->post_count > 1)
            made += p->post_count - 1;
        if (p->join == LC_JOIN_AND && p->pre_count > 1)
            joined += p->pre_count - 1;
        if (p->join == LC_JOIN_AND && p->quorum > 0 && p->quorum < p->pre_count)
            return true;
    }
    return joined < made;
}

/* Whether anything follows the activity in its graph. */
static bool is_followed(const struct lc_task *t, size_t activity)
{
    for (size_t i = 0; i < t->precedence_count; i++)
        for (size_t k = 0; k < t->precedences[i].pre_count; k++)
            if (t->precedences[i].pre[k] == (int)activity &&
                (t->precedences[i].post_count > 0 || t->precedences[i].end != LC_NONE))
                return true;
    return false;
}

/* Whether the entry's services may do anything after their answer, or in a branch that it does not wait for. */
static bool has_rest(const struct lc_model *m, const struct lc_entry *entry)
{
    const struct lc_task *t = &m->tasks[entry->task];
    for (int k = 1; k < LC_PHASES && entry->start == LC_NONE; k++)
        if (entry->phases[k].present && !lc_is_source(t))
            return true;
    bool rest = entry->start != LC_NONE && has_stragglers(t);
    for (size_t k = 0; k < t->activity_count && entry->start != LC_NONE; k++)
        rest |= t->activities[k].reply_count > 0 && is_followed(t, k);
    return rest;
}

static bool model_sends(const struct lc_model *m)
{
    bool any = false;
    for (size_t i = 0; i < m->entry_count; i++)
        for (int k = 0; k < LC_PHASES && m->entries[i].start == LC_NONE; k++)
            any |= m->entries[i].phases[k].present && sends(&m->entries[i].phases[k]);
    for (size_t i = 0; i < m->task_count; i++)
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            any |= sends(&m->tasks[i].activities[k]);
    return any;
}

bool lci_model_goes_on(const struct lc_model *m)
{
    bool rest = model_sends(m);
    for (size_t i = 0; i < m->entry_count && !rest; i++)
        rest = has_rest(m, &m->entries[i]);
    return rest;
}

bool lci_callers_wait(const struct lc_model *m)
{
    bool wait = !model_sends(m);
    for (size_t i = 0; i < m->task_count; i++)
        wait &= m->tasks[i].policy_count == 0 && m->tasks[i].decision_count == 0;
    for (size_t i = 0; i < m->entry_count; i++)
        wait &= m->entries[i].forward_count == 0;
    return wait;
}

bool lci_entry_is_followed(const struct lc_model *m, int entry, bool callers_wait)
{
    const struct lc_entry *e = &m->entries[entry];
    return e->open_rate > 0 || e->open_arrivals.family != NULL || has_rest(m, e) || !callers_wait;
}

/* Entries to which the activity sends without waiting. */
static void mark_unwaited(const struct lc_activity *a, bool *unwaited)
{
    for (size_t i = 0; i < a->call_count; i++)
        unwaited[a->calls[i].entry] |= a->calls[i].kind != LC_CALL_SYNC;
}

/* Graphs of the task: whether services of one entry are never joined with those of another. */
static bool ends_alone(const struct lc_task *t)
{
    for (size_t i = 0; i < t->precedence_count && t->entry_count > 1; i++)
        if (t->precedences[i].join == LC_JOIN_AND)
            return false;
    return true;
}

bool *lci_awaited_entries(const struct lc_model *m)
{
    bool *awaited = lc_calloc(m->entry_count, sizeof *awaited), *unwaited = lc_calloc(m->entry_count, sizeof *unwaited);
    bool plain = model_sends(m);
    for (size_t i = 0; i < m->task_count; i++) {
        plain &= m->tasks[i].policy_count == 0 && m->tasks[i].decision_count == 0;
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            mark_unwaited(&m->tasks[i].activities[k], unwaited);
    }
    for (size_t i = 0; i < m->entry_count; i++) {
        for (int k = 0; k < LC_PHASES; k++)
            mark_unwaited(&m->entries[i].phases[k], unwaited);
        for (size_t k = 0; k < m->entries[i].forward_count; k++)
            unwaited[m->entries[i].forwards[k].entry] = true;
    }
    for (size_t i = 0; i < m->entry_count && plain; i++) {
        const struct lc_entry *e = &m->entries[i];
        awaited[i] = !unwaited[i] && e->forward_count == 0 && !lc_is_source(&m->tasks[e->task]) &&
                     !lci_entry_is_followed(m, (int)i, true) && (e->start == LC_NONE || ends_alone(&m->tasks[e->task]));
    }
    free(unwaited);
    return awaited;
}

/* ---- making and clearing ----------------------------------------------------------------------------------------- */

struct lci_endings *lci_endings_new(const struct lci_program *p)
{
    if (!p->goes_on)
        return NULL;
    struct lci_endings *endings = lc_calloc(1, sizeof *endings);
    endings->workloads = lc_calloc(p->workload_count, sizeof *endings->workloads);
    endings->entries = lc_calloc(p->entry_count, sizeof *endings->entries);
    endings->free_request = LCI_NIL;
    return endings;
}

void lci_endings_free(struct lci_endings *endings)
{
    if (endings == NULL)
        return;
    free(endings->slots);
    free(endings->requests);
    free(endings->workloads);
    free(endings->entries);
    free(endings);
}

void lci_endings_forget(struct lci_engine *e)
{
    if (e->endings == NULL)
        return;
    memset(e->endings->workloads, 0, e->program->workload_count * sizeof *e->endings->workloads);
    memset(e->endings->entries, 0, e->program->entry_count * sizeof *e->endings->entries);
}

void lci_endings_clear(struct lci_engine *e)
{
    if (e->endings == NULL)
        return;
    e->endings->slot_count = 0;
    e->endings->request_count = 0;
    e->endings->free_request = LCI_NIL;
    lci_endings_forget(e);
}

const struct lci_ending_tally *lci_endings_of_workloads(const struct lci_engine *e)
{
    return e->endings->workloads;
}

const struct lci_ending_tally *lci_endings_of_entries(const struct lci_engine *e)
{
    return e->endings->entries;
}

size_t lci_endings_open(const struct lci_engine *e)
{
    size_t open = 0;
    for (size_t i = 0; i < e->endings->request_count; i++)
        open += e->endings->requests[i].open > 0;
    return open;
}

char *lci_endings_check(const struct lci_engine *e)
{
    const size_t open = lci_endings_open(e);
    size_t threads = e->thread_count;
    for (uint32_t i = e->free_thread; i != LCI_NIL; i = e->threads[i].next)
        threads--;
    return open <= threads ? NULL
                           : lc_format("%zu requests have not ended, and %zu threads are under way", open, threads);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

__attribute__((noinline)) static void make_slots(struct lci_endings *endings, uint32_t thread)
{
    const uint32_t count = thread < 32 ? 64 : 2 * thread;
    endings->slots = lc_realloc(endings->slots, count, sizeof *endings->slots);
    for (uint32_t i = endings->slot_count; i < count; i++)
        endings->slots[i] = (struct slot){LCI_NIL, LCI_NIL, false};
    endings->slot_count = count;
}

/* Void when a slot of a higher thread is asked for. */
LCI_HOT struct slot *slot_of(struct lci_endings *endings, uint32_t thread)
{
    if (__builtin_expect(thread >= endings->slot_count, 0))
        make_slots(endings, thread);
    return &endings->slots[thread];
}

/* Who is not followed has a caller that waits. */
static uint32_t request_of(struct lci_engine *e, uint32_t thread)
{
    uint32_t job = e->threads[thread].job;
    while (e->threads[job].entry != LCI_NIL && !e->kinds[e->threads[job].entry].followed &&
           e->threads[job].caller != LCI_NIL)
        job = e->threads[e->threads[job].caller].job;
    return slot_of(e->endings, job)->request;
}

/* Either slot may be a new one, which moves all of them: first one, then the other. */
static void work_for_the_same(struct lci_engine *e, uint32_t thread, uint32_t other)
{
    const uint32_t request = slot_of(e->endings, other)->request;
    slot_of(e->endings, thread)->request = request;
}

static uint32_t begin_request(struct lci_engine *e, uint32_t workload, double begun)
{
    struct lci_endings *endings = e->endings;
    uint32_t index = endings->free_request;
    if (index == LCI_NIL) {
        LC_GROW(endings->requests, endings->request_count, endings->request_capacity);
        index = (uint32_t)endings->request_count++;
    } else {
        endings->free_request = endings->requests[index].next;
    }
    endings->requests[index] = (struct request){begun, workload, 1, LCI_NIL};
    return index;
}

static inline void open(struct lci_engine *e, uint32_t request)
{
    LCI_HOLDS(e, LCI_NIL, request == LCI_NIL || e->endings->requests[request].open > 0);
    if (request != LCI_NIL)
        e->endings->requests[request].open++;
}

static void count(struct lci_ending_tally *tally, double elapsed)
{
    tally->count++;
    tally->sum += elapsed;
    tally->squares += elapsed * elapsed;
}

/* Something that was under way for the request is no more. */
static void close(struct lci_engine *e, uint32_t index)
{
    if (index == LCI_NIL)
        return;
    struct lci_endings *endings = e->endings;
    struct request *request = &endings->requests[index];
    LCI_HOLDS(e, LCI_NIL, request->open > 0);
    if (--request->open > 0)
        return;
    const double elapsed = e->now - request->begun;
    count(&endings->workloads[request->workload], elapsed);
    lci_sketch_add(&e->sketches[e->program->workloads[request->workload].ending_sketch], e->sketch_origin, elapsed);
    request->next = endings->free_request;
    endings->free_request = index;
}

static void close_slot(struct lci_engine *e, uint32_t thread)
{
    struct slot *slot = slot_of(e->endings, thread);
    const uint32_t request = slot->request;
    slot->request = LCI_NIL;
    close(e, request);
}

/* ---- what the program reports ------------------------------------------------------------------------------------ */

/* A customer stops thinking: a request begins, or the next step of a session. */
static void wake(struct lci_engine *e, uint32_t customer)
{
    const struct lci_thread *t = &e->threads[customer];
    struct slot *slot = slot_of(e->endings, customer);
    if (slot->request == LCI_NIL)
        slot->request = begin_request(e, e->kinds[t->entry].workload, e->now);
    e->endings->requests[slot->request].begun = e->now - t->sent;
    slot->made = LCI_NIL;
    slot->attempts = false;
}

static void begin(struct lci_engine *e, uint32_t thread)
{
    const struct lci_thread *t = &e->threads[thread];
    const uint8_t kind = e->arcs[t->call].kind;
    struct slot *slot = slot_of(e->endings, thread);
    slot->made = LCI_NIL;
    slot->attempts = false;
    if (kind == LCI_OPEN)
        slot->request = begin_request(e, e->kinds[t->entry].workload, t->sent);
    if (kind != LCI_SYNC)
        return; /* counted since it was sent */
    slot_of(e->endings, t->caller)->made = LCI_NIL;
    const uint32_t request = request_of(e, t->caller);
    slot_of(e->endings, thread)->request = request;
    open(e, request);
}

static void calling(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    const uint32_t request =
        in->b == LCI_NIL ? request_of(e, thread) : slot_of(e->endings, lci_job_of(e, thread, in->b))->request;
    const uint32_t made = lci_next_thread(e);
    *slot_of(e->endings, made) = (struct slot){request, LCI_NIL, false};
    slot_of(e->endings, thread)->made = made;
}

/* A message is on its way, unless the queue was full. */
static void called(struct lci_engine *e, uint32_t thread)
{
    struct slot *slot = slot_of(e->endings, thread);
    const uint32_t made = slot->made;
    slot->made = LCI_NIL;
    if (made == LCI_NIL || slot_of(e->endings, made)->attempts)
        return;
    if (e->free_thread == made)
        slot_of(e->endings, made)->request = LCI_NIL;
    else
        open(e, slot_of(e->endings, made)->request);
}

static void end(struct lci_engine *e, uint32_t job)
{
    for (; job != LCI_NIL; job = e->threads[job].work.partner) {
        const uint32_t request = slot_of(e->endings, job)->request;
        if (request == LCI_NIL)
            continue;
        count(&e->endings->entries[e->threads[job].entry], e->now - e->endings->requests[request].begun);
        close_slot(e, job);
    }
}

void lci_endings_answer(struct lci_engine *e, uint32_t job)
{
    const struct lci_thread *threads = e->threads;
    struct lci_endings *endings = e->endings;
    uint32_t top = threads[job].caller;
    if (top == LCI_NIL)
        return; /* counted at its answer, before the end of its graph */
    LCI_HOLDS(e, job, e->arcs[threads[job].call].kind == LCI_SYNC);
    slot_of(endings, top)->made = LCI_NIL;
    /* Callers that wait work for the same request; the first one's slot names it. */
    for (top = threads[top].job; threads[top].caller != LCI_NIL;)
        top = threads[threads[top].caller].job;
    LCI_HOLDS(e, top, e->kinds[threads[top].entry].followed);
    const uint32_t request = slot_of(endings, top)->request;
    LCI_HOLDS(e, top, request != LCI_NIL && endings->requests[request].open > 0);
    count(&endings->entries[threads[job].entry], e->now - endings->requests[request].begun);
}

void lci_endings_record(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    switch ((enum lci_record)in->a) {
    case LCI_RECORD_WAKE: wake(e, thread); break;
    case LCI_RECORD_BEGIN: begin(e, thread); break;
    case LCI_RECORD_CALLING: calling(e, thread, in); break;
    case LCI_RECORD_CALLED: called(e, thread); break;
    case LCI_RECORD_FORWARDED:
        if (lci_next_thread(e) != slot_of(e->endings, thread)->made)
            called(e, thread);
        break;
    case LCI_RECORD_END: end(e, thread); break;
    case LCI_RECORD_ANSWER: lci_endings_answer(e, e->threads[thread].job); break;
    case LCI_RECORD_OUTCOME: break;
    }
}

void lci_endings_arrive(struct lci_engine *e, uint32_t customer)
{
    slot_of(e->endings, customer)->request = LCI_NIL;
}

void lci_endings_leave(struct lci_engine *e, uint32_t customer)
{
    close_slot(e, customer);
}

/* ---- policies, decisions, full queues ---------------------------------------------------------------------------- */

static void note_request(struct lci_engine *e, uint32_t index, uint32_t caller)
{
    struct slot *slot = slot_of(e->endings, index);
    slot->attempts = true;
    if (caller == LCI_NIL) {
        open(e, slot->request);
        return;
    }
    const uint32_t request = request_of(e, caller);
    slot_of(e->endings, caller)->made = LCI_NIL;
    slot_of(e->endings, index)->request = request;
}

/* The message that is made next works for the same request. */
static uint32_t pass_to_next(struct lci_engine *e, uint32_t from)
{
    const uint32_t message = lci_next_thread(e), request = slot_of(e->endings, from)->request;
    *slot_of(e->endings, message) = (struct slot){request, LCI_NIL, false};
    return request;
}

static void drop(struct lci_engine *e, uint32_t message, uint32_t caller)
{
    switch ((enum lci_kind)e->arcs[e->threads[message].call].kind) {
    case LCI_SYNC: slot_of(e->endings, caller)->made = LCI_NIL; break;
    case LCI_WATCHED:
    case LCI_GUARDED:
    case LCI_GUARDED_ASYNC: close_slot(e, message); break;
    case LCI_FORWARD:
    case LCI_ASYNC: /* the sender looks itself */
    case LCI_BLOCKING:
    case LCI_OPEN: break;
    }
}

void lci_endings_note(struct lci_engine *e, enum lci_note what, uint32_t thread, uint32_t other)
{
    switch (what) {
    case LCI_NOTE_REQUEST: note_request(e, thread, other); break;
    case LCI_NOTE_ATTEMPT:
        if (thread != other)
            work_for_the_same(e, thread, other);
        open(e, pass_to_next(e, thread));
        break;
    case LCI_NOTE_TAKEN: work_for_the_same(e, thread, other); break;
    case LCI_NOTE_DIVERTED: pass_to_next(e, thread); break;
    case LCI_NOTE_ENDED:
        if (other == LCI_NIL)
            close_slot(e, thread);
        break;
    case LCI_NOTE_DROPPED: drop(e, thread, other); break;
    case LCI_NOTE_WITHDRAWN: close_slot(e, thread); break;
    case LCI_NOTE_HIT:
    case LCI_NOTE_MISS:
    case LCI_NOTE_REFUSED:
    case LCI_NOTE_ANSWERED:
    case LCI_NOTE_GIVEN_UP:
    case LCI_NOTE_STARTED: break;
    }
}
