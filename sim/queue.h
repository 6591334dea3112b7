/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queues of threads of control: intrusive lists through lci_thread.next, one for each level of urgency, or a bag from
 * which one is drawn at random. A thread is in one queue at the most.
 */
#ifndef LCI_QUEUE_H
#define LCI_QUEUE_H

#include "program.h"

struct lci_thread;

struct lci_list {
    uint32_t head, tail; /* LCI_NIL: empty */
};

struct lci_queue {
    struct lci_list first; /* level 0 */
    uint32_t count;
    uint32_t levels;
    struct lci_list *more; /* levels 1 …; owned */
    bool random;
    uint32_t *bag; /* random: `count` threads; owned */
    uint32_t capacity;
};

void lci_queue_init(struct lci_queue *q, uint32_t levels, bool random);
void lci_queue_clear(struct lci_queue *q);
void lci_queue_free(struct lci_queue *q);
/* The cases that are not plain first-come-first-served. */
void lci_queue_push_rest(struct lci_queue *q, struct lci_thread *threads, uint32_t index, uint32_t level);
uint32_t lci_queue_pop_rest(struct lci_queue *q, struct lci_thread *threads, struct lc_random *stream);
/* Takes the message out that `caller` waits for; LCI_NIL: it is not there. Looks through the queue. */
uint32_t lci_queue_withdraw(struct lci_queue *q, struct lci_thread *threads, uint32_t caller);
/* Takes `index` out of a queue with one level, in first-come order; `before` stands before it, LCI_NIL: nobody. */
void lci_queue_take(struct lci_queue *q, struct lci_thread *threads, uint32_t before, uint32_t index);
/* Puts it behind `before`, LCI_NIL: in front; of a queue with one level. */
void lci_queue_insert(struct lci_queue *q, struct lci_thread *threads, uint32_t before, uint32_t index);
/* The level of the first one; the queue must not be empty. */
uint32_t lci_queue_first_level(const struct lci_queue *q);
/* Puts a thread before all others of its level. */
void lci_queue_push_front(struct lci_queue *q, struct lci_thread *threads, uint32_t index, uint32_t level);

#endif
