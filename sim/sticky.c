/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Customers that keep their replica. New ones are dealt out in turn, as a load balancer does with requests that bring
 * no cookie; from then on every request that is made for the customer goes to the replica that it got. Whose request it
 * is is found along those who wait for it, up to the source: without them (open arrivals at an entry, work after the
 * reply, what was given up) nobody knows, and requests are dealt out in turn.
 */
#include "engine.h"

uint32_t lci_customer_of(const struct lci_engine *e, uint32_t sender)
{
    while (sender != LCI_NIL) {
        const uint32_t job = e->threads[sender].job;
        if (e->threads[job].call == LCI_NIL)
            return job;
        sender = e->threads[job].caller;
    }
    return LCI_NIL;
}

uint32_t *lci_sticky_place(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender)
{
    const struct lci_program *p = e->program;
    const uint32_t customer = lci_customer_of(e, sender);
    if (customer == LCI_NIL)
        return NULL;
    return &e->places[(size_t)customer * p->sticky_count + p->tasks[p->instance_task[call->base]].sticky];
}

uint32_t lci_route_sticky(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender)
{
    const struct lci_program *p = e->program;
    uint32_t *place = lci_sticky_place(e, call, sender);
    if (place != NULL && *place != LCI_NIL)
        return call->base + *place;
    uint32_t *turn = &e->sticky_turns[p->tasks[p->instance_task[call->base]].sticky];
    const uint32_t replica = *turn;
    LCI_HOLDS(e, sender, replica < call->replicas);
    *turn = replica + 1 < call->replicas ? replica + 1 : 0;
    if (place != NULL)
        *place = replica;
    return call->base + replica;
}

void lci_sticky_forget(struct lci_engine *e, uint32_t customer)
{
    const uint32_t count = e->program->sticky_count;
    for (uint32_t i = 0; i < count; i++)
        e->places[(size_t)customer * count + i] = LCI_NIL;
}
