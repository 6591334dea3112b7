/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue.h"

#include "engine.h"
#include "loadcast/base.h"
#include "model/random/generator.h"

#include <assert.h>
#include <stdlib.h>

void lci_queue_init(struct lci_queue *q, uint32_t levels, bool random)
{
    *q = (struct lci_queue){.levels = levels, .random = random};
    if (levels > 1)
        q->more = lc_calloc(levels - 1, sizeof *q->more);
    lci_queue_clear(q);
}

void lci_queue_clear(struct lci_queue *q)
{
    q->count = 0;
    q->first = (struct lci_list){LCI_NIL, LCI_NIL};
    for (uint32_t i = 1; i < q->levels; i++)
        q->more[i - 1] = (struct lci_list){LCI_NIL, LCI_NIL};
}

void lci_queue_free(struct lci_queue *q)
{
    free(q->more);
    free(q->bag);
}

static struct lci_list *list_of(struct lci_queue *q, uint32_t level)
{
    return level == 0 ? &q->first : &q->more[level - 1];
}

void lci_queue_push_rest(struct lci_queue *q, struct lci_thread *threads, uint32_t index, uint32_t level)
{
    if (q->random) {
        if (q->count == q->capacity) {
            q->capacity = q->capacity ? 2 * q->capacity : 8;
            q->bag = lc_realloc(q->bag, q->capacity, sizeof *q->bag);
        }
        q->bag[q->count++] = index;
        return;
    }
    struct lci_list *list = list_of(q, level);
    threads[index].next = LCI_NIL;
    if (q->levels == 1 ? q->count == 0 : list->head == LCI_NIL)
        list->head = index;
    else
        threads[list->tail].next = index;
    list->tail = index;
    q->count++;
}

uint32_t lci_queue_pop_rest(struct lci_queue *q, struct lci_thread *threads, struct lc_random *stream)
{
    if (q->random) {
        const uint64_t drawn = lci_random_below(stream, q->count);
        const uint32_t index = q->bag[drawn];
        q->bag[drawn] = q->bag[--q->count];
        return index;
    }
    struct lci_list *list = &q->first;
    for (uint32_t level = 1; list->head == LCI_NIL; level++) {
        assert(level < q->levels); /* the queue is not empty */
        list = &q->more[level - 1];
    }
    const uint32_t index = list->head;
    list->head = threads[index].next;
    q->count--;
    return index;
}

uint32_t lci_queue_first_level(const struct lci_queue *q)
{
    uint32_t level = 0;
    assert(q->count > 0);
    while (q->levels > 1 && (level == 0 ? &q->first : &q->more[level - 1])->head == LCI_NIL)
        level++;
    return level;
}

void lci_queue_push_front(struct lci_queue *q, struct lci_thread *threads, uint32_t index, uint32_t level)
{
    struct lci_list *list = list_of(q, level);
    const bool empty = q->levels == 1 ? q->count == 0 : list->head == LCI_NIL;
    threads[index].next = empty ? LCI_NIL : list->head;
    list->head = index;
    if (empty)
        list->tail = index;
    q->count++;
}

static void unlink(struct lci_list *list, struct lci_thread *threads, uint32_t before, uint32_t index)
{
    if (before == LCI_NIL)
        list->head = threads[index].next;
    else
        threads[before].next = threads[index].next;
    if (list->tail == index)
        list->tail = before;
}

void lci_queue_take(struct lci_queue *q, struct lci_thread *threads, uint32_t before, uint32_t index)
{
    assert(q->levels == 1 && !q->random && q->count > 0);
    assert(before == LCI_NIL ? q->first.head == index : threads[before].next == index);
    unlink(&q->first, threads, before, index);
    q->count--;
}

void lci_queue_insert(struct lci_queue *q, struct lci_thread *threads, uint32_t before, uint32_t index)
{
    assert(q->levels == 1 && !q->random && (before == LCI_NIL || q->count > 0));
    if (before == LCI_NIL) {
        lci_queue_push_front(q, threads, index, 0);
        return;
    }
    threads[index].next = threads[before].next;
    threads[before].next = index;
    if (q->first.tail == before)
        q->first.tail = index;
    q->count++;
}

static uint32_t withdraw_from_list(struct lci_list *list, struct lci_thread *threads, uint32_t caller)
{
    for (uint32_t i = list->head, before = LCI_NIL; i != LCI_NIL; before = i, i = threads[i].next)
        if (threads[i].caller == caller) {
            unlink(list, threads, before, i);
            return i;
        }
    return LCI_NIL;
}

uint32_t lci_queue_withdraw(struct lci_queue *q, struct lci_thread *threads, uint32_t caller)
{
    uint32_t found = LCI_NIL;
    if (q->count == 0)
        return LCI_NIL;
    for (uint32_t i = 0; q->random && i < q->count; i++)
        if (threads[q->bag[i]].caller == caller) {
            found = q->bag[i];
            q->bag[i] = q->bag[q->count - 1];
            break;
        }
    for (uint32_t level = 0; !q->random && level < q->levels && found == LCI_NIL; level++)
        found = withdraw_from_list(list_of(q, level), threads, caller);
    q->count -= found != LCI_NIL;
    return found;
}
