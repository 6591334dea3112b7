/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers that accept by other rules than an idle thread.
 *
 * Semaphore: a wait is accepted when there is a token and keeps it, a signal is accepted at once and its end brings the
 * token back. Read/write lock: one writer or any number of readers up to the multiplicity; readers wait while a writer
 * waits. Synchronising server (an and-join of branches that start at different entries): one request of each entry at
 * a time; those that have come to the join give the server's thread to the others, and all end together.
 */
#include "engine.h"
#include "loadcast/base.h"

#include <stdlib.h>

struct times { /* first in, first out */
    double *at;
    uint32_t head, count, capacity;
};

struct lci_lock {
    enum lc_scheduling kind; /* semaphore, rwlock; anything else: synchronises */
    uint32_t elastic;        /* no lock at all, but a task whose replicas come and go (elastic.c); LCI_NIL: a lock */
    uint32_t limit, first;   /* tokens or readers; tokens at the start */
    uint32_t tokens, readers;
    bool writer;
    struct lci_queue writers;
    struct times held[2];
    struct lci_lock_tally tally[2];
    uint32_t *parked; /* per join across entries: threads that wait there, linked through `next` */
    uint32_t *parked_count;
    double *parked_since;
    uint32_t joins;
    bool *open; /* per entry of the task: a request of it is being served */
    uint32_t entries;
};

struct lci_lock *lci_lock_new(const struct lci_program *program, const struct lci_task *task)
{
    (void)program;
    const bool locks = task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK;
    if (!locks && task->joins == 0 && task->elastic == LCI_NIL)
        return NULL;
    struct lci_lock *lock = lc_calloc(1, sizeof *lock);
    lock->kind = task->scheduling;
    lock->elastic = task->elastic;
    lock->limit = task->threads;
    lock->first = task->tokens;
    lock->joins = task->joins;
    lock->entries = task->entry_count;
    lock->parked = lc_calloc(task->joins, sizeof *lock->parked);
    lock->parked_count = lc_calloc(task->joins, sizeof *lock->parked_count);
    lock->parked_since = lc_calloc(task->joins, sizeof *lock->parked_since);
    lock->open = lc_calloc(task->entry_count, sizeof *lock->open);
    lci_queue_init(&lock->writers, 1, false);
    lci_lock_clear(lock);
    return lock;
}

void lci_lock_free(struct lci_lock *lock)
{
    if (lock == NULL)
        return;
    lci_queue_free(&lock->writers);
    free(lock->held[0].at);
    free(lock->held[1].at);
    free(lock->parked);
    free(lock->parked_count);
    free(lock->parked_since);
    free(lock->open);
    free(lock);
}

void lci_lock_clear(struct lci_lock *lock)
{
    lock->tokens = lock->first;
    lock->readers = 0;
    lock->writer = false;
    lci_queue_clear(&lock->writers);
    for (int i = 0; i < 2; i++)
        lock->held[i].head = lock->held[i].count = 0;
    for (uint32_t i = 0; i < lock->joins; i++)
        lock->parked_count[i] = 0;
    for (uint32_t i = 0; i < lock->entries; i++)
        lock->open[i] = false;
    lci_lock_forget(lock);
}

void lci_lock_forget(struct lci_lock *lock)
{
    lock->tally[0] = lock->tally[1] = (struct lci_lock_tally){0};
}

const struct lci_lock_tally *lci_lock_tallies(const struct lci_lock *lock)
{
    return lock->tally;
}

uint32_t lci_lock_writers(const struct lci_lock *lock)
{
    return lock->writers.count;
}

const struct lci_queue *lci_lock_writer_queue(const struct lci_lock *lock)
{
    return &lock->writers;
}

uint32_t lci_lock_parked(const struct lci_lock *lock, uint32_t join)
{
    return lock->parked_count[join] > 0 ? lock->parked[join] : LCI_NIL;
}

static void remember(struct times *t, double now)
{
    if (t->count == t->capacity) {
        const uint32_t capacity = t->capacity ? 2 * t->capacity : 8;
        double *at = lc_calloc(capacity, sizeof *at);
        for (uint32_t i = 0; i < t->count; i++)
            at[i] = t->at[(t->head + i) % t->capacity];
        free(t->at);
        t->at = at;
        t->head = 0;
        t->capacity = capacity;
    }
    t->at[(t->head + t->count++) % t->capacity] = now;
}

/* The earliest holding ends; holders are not told apart. */
static void record_holding(struct lci_lock *lock, int which, double now)
{
    struct times *t = &lock->held[which];
    if (t->count == 0)
        return;
    const double held = now - t->at[t->head];
    t->head = (t->head + 1) % t->capacity;
    t->count--;
    lock->tally[which].count++;
    lock->tally[which].sum += held;
    lock->tally[which].squares += held * held;
}

static void record_blocking(struct lci_lock *lock, int which, double waited)
{
    struct lci_lock_tally *tally = &lock->tally[which];
    tally->waits++;
    tally->wait_sum += waited;
    tally->wait_squares += waited * waited;
}

static uint32_t entry_rank(const struct lci_engine *e, uint32_t thread)
{
    const struct lci_task *task = &e->program->tasks[e->program->instance_task[e->threads[thread].instance]];
    uint32_t rank = 0;
    while (e->program->task_entries[task->first_entry + rank] != e->threads[thread].entry)
        rank++;
    return rank;
}

/* Takes what the message needs; false when it has to wait. */
static bool acquire(struct lci_engine *e, struct lci_lock *lock, uint32_t message)
{
    const struct lci_thread *t = &e->threads[message];
    struct lci_instance *instance = &e->instances[t->instance];
    const enum lc_entry_role role = e->program->entries[t->entry].role;
    const double waited = e->now - t->sent;
    if (lock->kind == LC_SEMAPHORE && role == LC_ROLE_WAIT) {
        if (lock->tokens == 0)
            return false;
        lock->tokens--;
        remember(&lock->held[0], e->now);
    } else if (lock->kind == LC_RWLOCK && role == LC_ROLE_READ_LOCK) {
        if (lock->writer || lock->writers.count > 0 || lock->readers >= lock->limit)
            return false;
        lock->readers++;
        remember(&lock->held[0], e->now);
        if (waited > 0)
            record_blocking(lock, 0, waited);
    } else if (lock->kind == LC_RWLOCK && role == LC_ROLE_WRITE_LOCK) {
        if (lock->writer || lock->readers > 0)
            return false;
        lock->writer = true;
        remember(&lock->held[1], e->now);
        if (waited > 0)
            record_blocking(lock, 1, waited);
    } else if (lock->joins > 0) {
        const uint32_t rank = entry_rank(e, message);
        if (instance->idle == 0 || lock->open[rank])
            return false;
        lock->open[rank] = true;
        instance->idle -= instance->idle != LC_INFINITE;
    }
    return true;
}

bool lci_lock_accepts(struct lci_engine *e, uint32_t message)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    struct lci_lock *lock = instance->lock;
    if (lock->elastic != LCI_NIL)
        return lci_elastic_accepts(e, lock->elastic, message);
    if (acquire(e, lock, message))
        return true;
    if (lock->kind == LC_RWLOCK && e->program->entries[e->threads[message].entry].role == LC_ROLE_WRITE_LOCK) {
        instance->queue_area -= e->now;
        lci_queue_push(e, &lock->writers, message, 0);
    } else {
        lci_wait_in_queue(e, message);
    }
    return false;
}

/* Starts a message that has waited. */
static void admit(struct lci_engine *e, uint32_t message)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    instance->queue_area += e->now;
    lci_left_queue(e, instance, &e->threads[message]);
    instance->busy++;
    instance->busy_area -= e->now;
    lci_start_service(e, message, true);
    lci_ready(e, message);
}

/* The head of the queue, as long as it can be accepted; a synchronising server looks behind it for other entries. */
static void admit_waiting(struct lci_engine *e, uint32_t instance_index)
{
    struct lci_instance *instance = &e->instances[instance_index];
    struct lci_lock *lock = instance->lock;
    while (lock->writers.count > 0 && acquire(e, lock, lock->writers.first.head))
        admit(e, lci_queue_pop(e, &lock->writers, 0));
    uint32_t skipped = 0;
    while (instance->queue.count > skipped) {
        const uint32_t head = lci_queue_pop(e, &instance->queue, 0);
        if (acquire(e, lock, head)) {
            admit(e, head);
            continue;
        }
        lci_queue_push(e, &instance->queue, head, 0);
        skipped++;
        if (lock->joins == 0)
            break;
    }
    /* Whoever was put back stands behind the rest: turn the queue until it is in order again. */
    for (uint32_t i = 0; lock->joins == 0 && skipped > 0 && i + 1 < instance->queue.count; i++)
        lci_queue_push(e, &instance->queue, lci_queue_pop(e, &instance->queue, 0), 0);
}

uint32_t lci_lock_finish(struct lci_engine *e, uint32_t job)
{
    const uint32_t instance_index = e->threads[job].instance;
    struct lci_instance *instance = &e->instances[instance_index];
    struct lci_lock *lock = instance->lock;
    if (lock->elastic != LCI_NIL)
        return lci_elastic_finish(e, lock->elastic, job);
    const enum lc_entry_role role = e->program->entries[e->threads[job].entry].role;
    if (lock->kind == LC_SEMAPHORE && role == LC_ROLE_SIGNAL) {
        record_holding(lock, 0, e->now);
        lock->tokens += lock->tokens < lock->limit;
    } else if (lock->kind == LC_RWLOCK && role == LC_ROLE_READ_UNLOCK) {
        record_holding(lock, 0, e->now);
        lock->readers -= lock->readers > 0;
    } else if (lock->kind == LC_RWLOCK && role == LC_ROLE_WRITE_UNLOCK) {
        record_holding(lock, 1, e->now);
        lock->writer = false;
    } else if (lock->joins > 0) {
        instance->idle += instance->idle != LC_INFINITE;
    }
    for (uint32_t each = job; each != LCI_NIL; each = e->threads[each].partner) {
        instance->busy--;
        instance->busy_area += e->now;
        if (lock->joins > 0)
            lock->open[entry_rank(e, each)] = false;
    }
    for (uint32_t partner = e->threads[job].partner; partner != LCI_NIL;) {
        const uint32_t next = e->threads[partner].partner;
        lci_thread_end(e, partner);
        partner = next;
    }
    admit_waiting(e, instance_index);
    return LCI_NIL;
}

/* All have come: the last one goes on for all of them. */
static void unite(struct lci_engine *e, struct lci_lock *lock, uint32_t join, uint32_t last)
{
    const uint32_t job = e->threads[last].job;
    for (uint32_t thread = lock->parked[join], next; thread != LCI_NIL; thread = next) {
        next = e->threads[thread].next;
        const uint32_t other = e->threads[thread].job;
        lci_fork_leave(e, e->threads[thread].fork);
        if (other != thread)
            lci_thread_end(e, thread);
        if (other == job) {
            e->threads[job].live--;
            continue;
        }
        uint32_t end = other;
        while (e->threads[end].partner != LCI_NIL)
            end = e->threads[end].partner;
        e->threads[end].partner = e->threads[job].partner;
        e->threads[job].partner = other;
    }
}

uint32_t lci_sync_join(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    const struct lci_join *join = &e->program->joins[in->a];
    const uint32_t instance_index = e->threads[thread].instance;
    struct lci_instance *instance = &e->instances[instance_index];
    struct lci_lock *lock = instance->lock;
    const uint32_t at = join->counter;
    if (lock->parked_count[at] == 0) {
        lock->parked[at] = LCI_NIL;
        lock->parked_since[at] = e->now;
    }
    if (++lock->parked_count[at] < join->needed) {
        if (e->threads[thread].holding)
            lci_pass_on(e, thread);
        e->threads[thread].next = lock->parked[at];
        lock->parked[at] = thread;
        instance->idle += instance->idle != LC_INFINITE;
        admit_waiting(e, instance_index);
        return LCI_NIL;
    }
    struct lci_join_tally *tally = &e->joins[join->statistic];
    const double delay = e->now - lock->parked_since[at];
    tally->count++;
    tally->sum += delay;
    tally->squares += delay * delay;
    lock->parked_count[at] = 0;
    unite(e, lock, at, thread);
    return join->next;
}
