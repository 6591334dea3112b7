/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queues that make their senders wait. An asynchronous message that finds the queue full stays outside with its sender,
 * first come, first served; when a message leaves the queue, the first one comes in and its sender goes on. The time
 * outside is the sender's, not the queue's. A sender that waits gives its processor to others.
 *
 * Open arrivals have no sender that could wait: they queue whatever the limit, and take up room.
 */
#include "engine.h"

uint32_t lci_blocking_send(struct lci_engine *e, uint32_t sender, uint32_t call_index, bool *blocked)
{
    const uint32_t to = lci_route(e, &e->arcs[call_index], sender);
    const struct lci_instance *instance = &e->instances[to];
    struct lci_instance *at = &e->instances[instance->queue_at];
    *blocked = instance->lock == NULL && instance->idle == 0 && at->buffered >= at->limit;
    if (!*blocked)
        return lci_send_to(e, call_index, to, LCI_NIL);
    const uint32_t index = lci_thread_new(e);
    const uint32_t entry = e->arcs[call_index].entry;
    e->threads[index] = (struct lci_thread){.pc = e->kinds[entry].start,
                                            .job = index,
                                            .caller = sender,
                                            .call = call_index,
                                            .entry = entry,
                                            .instance = to,
                                            .work.fork = LCI_NIL,
                                            .work.partner = LCI_NIL};
    lci_queue_push(e, at->outside, index, 0);
    return LCI_NIL;
}

void lci_room(struct lci_engine *e, struct lci_instance *at)
{
    if (at->outside->count == 0 || at->buffered >= at->limit)
        return;
    const uint32_t index = lci_queue_pop(e, at->outside, 0), sender = e->threads[index].caller;
    LCI_HOLDS(e, index, sender != LCI_NIL); /* who is outside has a sender that waits */
    e->threads[index].caller = LCI_NIL;
    e->threads[index].sent = e->now;
    at->buffered++;
    at->queue_area -= e->now;
    lci_queue_push(e, &at->queue, index, e->arcs[e->threads[index].call].level);
    lci_ready(e, sender);
}
