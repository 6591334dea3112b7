/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Services that are one slice, from the arrival to the answer, without instructions.
 *
 * The most common server is an entry of one phase that calls nothing, on a processor that has a server for each of its
 * task's threads: LCI_SERVICE (compile.c). Its service is one event, at which the answer goes out and the next one
 * begins; an open arrival for it is one event, at which it begins or stands in line. Everything that they touch is
 * found through one record (struct lci_whole, struct lci_arrivals), and what nobody looks at in such a service is not
 * written: answers, branches and calls of its thread. tests/unit/test_stepwise.c compares with the same programs
 * in single instructions.
 */
#ifndef LCI_WHOLE_H
#define LCI_WHOLE_H

#include "engine.h"

/* Returns when the service that begins now will end. */
LCI_HOT double lci_whole_begin(struct lci_engine *e, struct lci_thread *t, const struct lci_whole *service)
{
    const double now = e->now, demand = lci_sample(service->demand);
    t->work.started = now;
    service->activity->demand += demand;
    return now + demand;
}

/* The same at a server that was idle, and all that is to be done. */
LCI_HOT void lci_whole_start(struct lci_engine *e, uint32_t index, const struct lci_whole *service)
{
    struct lci_thread *t = &e->threads[index];
    lci_load_grow(&e->stations[e->instances[t->instance].station].busy, e->now);
    lci_schedule(&e->calendar, lci_whole_begin(e, t, service), lci_what(LCI_SERVICE_ENDS, index));
}

/* A message has come along `call` to a plain instance. */
LCI_HOT void lci_whole_come(struct lci_engine *e, uint32_t index, struct lci_instance *instance,
                            struct lci_call_tally *tally, const struct lci_whole *service)
{
    LCI_HOLDS(e, index, instance->plain && service->whole);
    if (instance->idle == 0) {
        instance->queue_area -= e->now;
        lci_queue_append(e, &instance->queue, index);
        return;
    }
    instance->idle--;
    instance->busy++;
    instance->busy_area -= e->now;
    tally->count++;
    lci_whole_start(e, index, service);
}

/* An open arrival; its source's event is at `leaf`, and stands there again afterwards. */
LCI_HOT void lci_whole_arrive(struct lci_engine *e, uint32_t leaf, uint32_t source)
{
    const struct lci_arrivals *a = &e->arrivals[source];
    lci_schedule_again(&e->calendar, leaf, e->now + lci_sample(a->between));
    lci_whole_come(e, lci_message_new(e, a->call, LCI_NIL), a->instance, a->tally, a->service);
}

/* A call whose caller goes on at `after`. False: it keeps its processor, and nothing has been done. */
LCI_HOT bool lci_whole_call(struct lci_engine *e, uint32_t caller, uint32_t call_index, uint32_t after)
{
    const struct lci_program_call *call = &e->arcs[call_index];
    if (e->threads[caller].work.holding)
        return false;
    e->threads[caller].pc = after;
    lci_whole_come(e, lci_message_new(e, call, caller), &e->instances[call->base], &e->calls[call->statistic],
                   &e->services[call->entry]);
    return true;
}

LCI_HOT void lci_whole_record(struct lci_engine *e, const struct lci_thread *t, const struct lci_whole *service)
{
    const double now = e->now, elapsed = now - t->work.started;
    struct lci_activity_tally *tally = service->activity;
    tally->count++;
    tally->sum += elapsed;
    tally->squares += elapsed * elapsed;
    lci_sketch_add(service->sketch, e->sketch_origin, elapsed);
    if (service->open != NULL && e->arcs[t->call].kind == LCI_OPEN) {
        struct lci_workload_tally *open = service->open;
        const double response = now - t->sent;
        open->count++;
        open->sum += response;
        open->squares += response * response;
        lci_sketch_add(service->responses, e->sketch_origin, response);
    }
}

#endif
