/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests that policies, decisions and full queues treat, as spans: every attempt is a client span of its own, and one
 * that fails or is given up has status error. What is served all the same after that has its server span, which then
 * outlives the client's; what was refused has none.
 *
 * The slot of a request holds what its messages carry, that of an attempt its client span as well. A trace stays open
 * for every message that was sent, until it is served or lost, and for requests that nobody waits for.
 */
#include "../endings.h"
#include "recorder.h"

#include <math.h>

static struct slot carried(const struct slot *from)
{
    return (struct slot){
        .trace = from->trace, .parent = from->parent, .host = from->host, .root = from->root, .made = LCI_NIL};
}

/* Who waits has not made an asynchronous call. */
static void begin_request(struct lci_recorder *r, uint32_t request, uint32_t caller)
{
    struct slot *own = lci_slot_of(r, request);
    own->attempts = true;
    if (caller != LCI_NIL) {
        lci_slot_of(r, caller)->made = LCI_NIL;
        return;
    }
    if (r->options.without_jobs)
        own->trace = NULL;
    if (own->trace != NULL)
        own->trace->open++;
}

static void send_attempt(struct lci_recorder *r, const struct lci_engine *e, uint32_t attempt, uint32_t request)
{
    const uint32_t message = lci_next_thread(e);
    lci_slot_of(r, message > attempt ? message : attempt);
    struct slot *own = &r->slots[attempt], *sent = &r->slots[message];
    if (attempt != request)
        *own = carried(&r->slots[request]);
    own->made = message;
    own->client = 0;
    *sent = carried(own);
    if (sent->trace == NULL)
        return;
    sent->trace->open++;
    const struct lci_program_call *call = &r->program->calls[e->threads[attempt].call];
    if (r->options.servers_only || lci_is_helper(r->program, call->entry))
        return;
    sent->parent = lci_record_id(r);
    if (lci_is_asynchronous(call->kind)) {
        const struct lci_span span = {.id = sent->parent,
                                      .parent = own->parent,
                                      .host = own->host,
                                      .entry = call->entry,
                                      .kind = LCI_SPAN_PRODUCER};
        lci_add_span(r, own->trace, span, e->now, e->now);
        return;
    }
    own->client = sent->parent;
    own->client_entry = call->entry;
    own->client_sent = e->now;
}

/* The span of a call that came to nothing at once. */
static void refuse(struct lci_recorder *r, const struct lci_engine *e, const struct slot *own, uint32_t call)
{
    if (own->trace == NULL || r->options.servers_only)
        return;
    const struct lci_program_call *to = &r->program->calls[call];
    const struct lci_span span = {.id = lci_record_id(r),
                                  .parent = own->parent,
                                  .host = own->host,
                                  .entry = to->entry,
                                  .kind = lci_is_asynchronous(to->kind) ? LCI_SPAN_PRODUCER : LCI_SPAN_CLIENT,
                                  .failed = true};
    lci_add_span(r, own->trace, span, e->now, e->now);
}

/* A cache in front of the callee, as a store of its own that the caller asks first. A miss takes no time. */
static void ask_cache(struct lci_recorder *r, const struct lci_engine *e, uint32_t request, bool hit)
{
    const struct slot *own = lci_slot_of(r, request);
    if (own->trace == NULL || r->options.servers_only)
        return;
    const uint32_t call = e->threads[request].call;
    const struct lci_span span = {.id = lci_record_id(r),
                                  .parent = own->parent,
                                  .host = own->host,
                                  .entry = r->program->calls[call].entry,
                                  .kind = LCI_SPAN_CLIENT,
                                  .cache = hit ? LCI_CACHE_HIT : LCI_CACHE_MISS};
    const double time = hit ? r->program->guards[r->program->call_guards[call]].rules.hit_time : 0;
    lci_add_span(r, own->trace, span, e->now, e->now + time);
}

static void end_attempt(struct lci_recorder *r, const struct lci_engine *e, uint32_t attempt, bool failed)
{
    struct slot *own = lci_slot_of(r, attempt);
    if (own->client == 0)
        return;
    const struct lci_span span = {.id = own->client,
                                  .parent = own->parent,
                                  .host = own->host,
                                  .entry = own->client_entry,
                                  .kind = LCI_SPAN_CLIENT,
                                  .failed = failed};
    lci_add_span(r, own->trace, span, own->client_sent, e->now);
    own->client = 0;
}

/* Nobody waits any more; a helper that makes the call in its caller's name goes on. */
static void give_up(struct lci_recorder *r, const struct lci_engine *e, uint32_t attempt)
{
    const struct slot *own = lci_slot_of(r, attempt);
    struct slot *message = own->made != LCI_NIL ? lci_slot_of(r, own->made) : NULL;
    if (message != NULL && message->silent)
        message->given_up = e->now;
    end_attempt(r, e, attempt, true);
}

static void lose(struct lci_recorder *r, uint32_t message)
{
    struct lci_trace *trace = lci_slot_of(r, message)->trace;
    if (trace != NULL)
        lci_close_request(r, trace);
}

static void drop(struct lci_recorder *r, const struct lci_engine *e, uint32_t message, uint32_t caller)
{
    const uint32_t call = e->threads[message].call;
    switch ((enum lci_kind)r->program->calls[call].kind) {
    case LCI_SYNC:
        lci_slot_of(r, caller)->made = LCI_NIL;
        refuse(r, e, lci_slot_of(r, message), call);
        break;
    case LCI_FORWARD:
        if (caller != LCI_NIL)
            lci_slot_of(r, caller)->client_failed = true;
        break;
    case LCI_WATCHED:
    case LCI_GUARDED:
    case LCI_GUARDED_ASYNC: lose(r, message); break;
    case LCI_ASYNC: /* the sender looks itself */
    case LCI_BLOCKING:
    case LCI_OPEN: break;
    }
}

void lci_note_rest(struct lci_engine *e, enum lci_note what, uint32_t thread, uint32_t other)
{
    struct lci_recorder *r = e->recorder;
    if (r == NULL) {
        lci_endings_note(e, what, thread, other);
        return;
    }
    switch (what) {
    case LCI_NOTE_REQUEST: begin_request(r, thread, other); break;
    case LCI_NOTE_HIT: ask_cache(r, e, thread, true); break;
    case LCI_NOTE_MISS: ask_cache(r, e, thread, false); break;
    case LCI_NOTE_ATTEMPT: send_attempt(r, e, thread, other); break;
    case LCI_NOTE_TAKEN:
        lci_slot_of(r, thread > other ? thread : other);
        r->slots[thread] = carried(&r->slots[other]);
        break;
    case LCI_NOTE_REFUSED: refuse(r, e, lci_slot_of(r, thread), e->threads[thread].call); break;
    case LCI_NOTE_ANSWERED: end_attempt(r, e, thread, other != 0); break;
    case LCI_NOTE_GIVEN_UP: give_up(r, e, thread); break;
    case LCI_NOTE_DIVERTED: {
        const uint32_t message = lci_next_thread(e);
        lci_slot_of(r, thread > message ? thread : message);
        r->slots[message] = carried(&r->slots[thread]);
        break;
    }
    case LCI_NOTE_ENDED:
        if (other == LCI_NIL)
            lose(r, thread);
        break;
    case LCI_NOTE_DROPPED: drop(r, e, thread, other); break;
    case LCI_NOTE_WITHDRAWN: lose(r, thread); break;
    case LCI_NOTE_STARTED: lci_add_host(r, thread); break;
    }
}
