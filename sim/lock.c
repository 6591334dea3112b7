/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers that accept by other rules than an idle thread.
 *
 * Semaphore: a wait is accepted when there is a token and keeps it; a signal is accepted when a token has served its
 * wait, and brings it back at its end. Read/write lock: one writer or any number of readers; readers wait while a
 * writer waits. The state of the lock changes when an unlock arrives: others are let in at once, but each needs a token
 * (the writers have one, the readers as many as the multiplicity says), and a token is busy until its unlock has run.
 * A signal or unlock without a wait or lock before it ends the run with an error.
 * Synchronising server (an and-join of branches that start at different entries): one request of each entry at a time;
 * those that have come to the join give the server's thread to the others, and all end together.
 */
#include "engine.h"
#include "loadcast/base.h"

#include <stdlib.h>

struct times { /* first in, first out */
    double *at;
    uint32_t head, count, capacity;
};

enum { READERS, WRITERS }; /* a semaphore has the first of the two */

struct lci_lock {
    enum lc_scheduling kind; /* semaphore, rwlock; anything else: synchronises */
    uint32_t elastic;        /* no lock at all, but a task whose replicas come and go (elastic.c); LCI_NIL: a lock */
    uint32_t limit, first;   /* tokens or readers; tokens at the start */
    uint32_t tokens[2];      /* that are free */
    uint32_t pending[2];     /* waits or locks accepted, whose signal or unlock has not come */
    uint32_t served;         /* semaphore: tokens whose wait has been served and whose signal has not come */
    uint32_t active;         /* readers let in */
    bool writer;             /* let in */
    struct lci_queue writers;
    struct lci_queue let_in[2]; /* those whose token is busy; [0] of a semaphore: signals */
    struct times held[2];
    struct lci_lock_tally tally[2];
    uint32_t *parked; /* per join across entries: threads that wait there, linked through `next` */
    uint32_t *parked_count;
    double *parked_since;
    uint32_t joins;
    bool *open; /* per entry of the task: a request of it is being served, or waits at a join */
    uint32_t entries, opened;
    double open_area; /* ∫ of whether any is */
};

struct lci_lock *lci_lock_new(const struct lci_program *program, const struct lci_task *task)
{
    (void)program;
    if (!lci_has_lock(task))
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
    lci_queue_init(&lock->let_in[READERS], 1, false);
    lci_queue_init(&lock->let_in[WRITERS], 1, false);
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

void lci_lock_clear(struct lci_lock *lock)
{
    const bool semaphore = lock->kind == LC_SEMAPHORE;
    lock->tokens[READERS] = semaphore ? lock->first : lock->limit;
    lock->tokens[WRITERS] = 1;
    lock->pending[READERS] = lock->served = semaphore ? lock->limit - lock->first : 0;
    lock->pending[WRITERS] = lock->active = 0;
    lock->writer = false;
    lci_queue_clear(&lock->writers);
    for (int i = 0; i < 2; i++) {
        lci_queue_clear(&lock->let_in[i]);
        lock->held[i].head = lock->held[i].count = 0;
    }
    for (uint32_t i = 0; i < lock->served; i++) /* an empty semaphore has been taken at time 0 */
        remember(&lock->held[READERS], 0);
    for (uint32_t i = 0; i < lock->joins; i++)
        lock->parked_count[i] = 0;
    for (uint32_t i = 0; i < lock->entries; i++)
        lock->open[i] = false;
    lock->opened = 0;
    lci_lock_forget(lock, 0);
}

void lci_lock_forget(struct lci_lock *lock, double now)
{
    lock->tally[0] = lock->tally[1] = (struct lci_lock_tally){0};
    lock->open_area = lock->opened > 0 ? -now : 0;
}

double lci_lock_open_time(const struct lci_lock *lock, double now)
{
    return lock->open_area + (lock->opened > 0 ? now : 0);
}

const struct lci_lock_tally *lci_lock_tallies(const struct lci_lock *lock)
{
    return lock->tally;
}

uint32_t lci_lock_queued(const struct lci_lock *lock)
{
    return lock->writers.count + lock->let_in[READERS].count + lock->let_in[WRITERS].count;
}

const struct lci_queue *lci_lock_queue(const struct lci_lock *lock, int which)
{
    return which == 0 ? &lock->writers : &lock->let_in[which - 1];
}

uint32_t lci_lock_parked(const struct lci_lock *lock, uint32_t join)
{
    return lock->parked_count[join] > 0 ? lock->parked[join] : LCI_NIL;
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

/* Takes a token; false when none is free. */
static bool take_token(struct lci_engine *e, struct lci_lock *lock, int which, uint32_t message)
{
    if (lock->tokens[which] == 0)
        return false;
    lock->tokens[which]--;
    lock->pending[which]++;
    remember(&lock->held[which], e->now);
    const double waited = e->now - e->threads[message].sent;
    if (lock->kind == LC_RWLOCK && waited > 0)
        record_blocking(lock, which, waited);
    return true;
}

/* A request of a synchronising server is accepted when its entry is free, and the thread. */
static bool open_entry(struct lci_engine *e, struct lci_lock *lock, uint32_t message)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    const uint32_t rank = entry_rank(e, message);
    if (instance->idle == 0 || lock->open[rank])
        return false;
    lock->open[rank] = true;
    if (lock->opened++ == 0)
        lock->open_area -= e->now;
    instance->idle--;
    return true;
}

/* A signal or unlock of something that nobody has taken ends the run. */
static bool is_pending(struct lci_engine *e, struct lci_lock *lock, int which, uint32_t message)
{
    if (lock->pending[which] > 0) {
        lock->pending[which]--;
        return true;
    }
    e->unmatched = e->threads[message].entry;
    e->stuck = true;
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

/* Of a synchronising server, whose requests stand in one line: the first one of each entry that is free. */
static void admit_entries(struct lci_engine *e, uint32_t instance_index)
{
    struct lci_instance *instance = &e->instances[instance_index];
    const struct lci_lock *lock = instance->lock;
    uint32_t before = LCI_NIL, next;
    for (uint32_t i = instance->queue.count > 0 ? instance->queue.first.head : LCI_NIL;
         i != LCI_NIL && instance->idle > 0 && lock->opened < lock->entries; i = next) {
        next = e->threads[i].next;
        if (!open_entry(e, instance->lock, i)) {
            before = i;
            continue;
        }
        lci_queue_take(&instance->queue, e->threads, before, i);
        admit(e, i);
    }
}

static void admit_first(struct lci_engine *e, struct lci_queue *queue, int which, uint32_t instance)
{
    struct lci_lock *lock = e->instances[instance].lock;
    while (queue->count > 0 && take_token(e, lock, which, queue->first.head))
        admit(e, lci_queue_pop(e, queue, 0));
}

static bool stand_in(struct lci_engine *e, struct lci_instance *instance, struct lci_queue *queue, uint32_t message)
{
    instance->queue_area -= e->now;
    lci_queue_push(e, queue, message, 0);
    return false;
}

/* Readers and writers that the lock lets in; each stands in line for its token. */
static void let_in(struct lci_engine *e, uint32_t instance_index)
{
    struct lci_instance *instance = &e->instances[instance_index];
    struct lci_lock *lock = instance->lock;
    if (!lock->writer && lock->active == 0 && lock->writers.count > 0) {
        lock->writer = true;
        lci_queue_push(e, &lock->let_in[WRITERS], lci_queue_pop(e, &lock->writers, 0), 0);
    }
    while (!lock->writer && lock->writers.count == 0 && instance->queue.count > 0) {
        lock->active++;
        lci_queue_push(e, &lock->let_in[READERS], lci_queue_pop(e, &instance->queue, 0), 0);
    }
    admit_first(e, &lock->let_in[WRITERS], WRITERS, instance_index);
    admit_first(e, &lock->let_in[READERS], READERS, instance_index);
}

static bool rwlock_accepts(struct lci_engine *e, uint32_t message, enum lc_entry_role role)
{
    const uint32_t index = e->threads[message].instance;
    struct lci_instance *instance = &e->instances[index];
    struct lci_lock *lock = instance->lock;
    if (role == LC_ROLE_READ_LOCK) {
        if (lock->writer || lock->writers.count > 0) {
            lci_wait_in_queue(e, message);
            return false;
        }
        lock->active++;
        return take_token(e, lock, READERS, message) || stand_in(e, instance, &lock->let_in[READERS], message);
    }
    if (role == LC_ROLE_WRITE_LOCK) {
        if (lock->writer || lock->active > 0)
            return stand_in(e, instance, &lock->writers, message);
        lock->writer = true;
        return take_token(e, lock, WRITERS, message) || stand_in(e, instance, &lock->let_in[WRITERS], message);
    }
    if (!is_pending(e, lock, role == LC_ROLE_READ_UNLOCK ? READERS : WRITERS, message))
        return false;
    if (role == LC_ROLE_READ_UNLOCK)
        lock->active--;
    else
        lock->writer = false;
    let_in(e, index);
    return true;
}

static bool semaphore_accepts(struct lci_engine *e, uint32_t message, enum lc_entry_role role)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    struct lci_lock *lock = instance->lock;
    if (role == LC_ROLE_WAIT) {
        if (take_token(e, lock, READERS, message))
            return true;
        lci_wait_in_queue(e, message);
        return false;
    }
    if (!is_pending(e, lock, READERS, message))
        return false;
    if (lock->served == 0)
        return stand_in(e, instance, &lock->let_in[READERS], message);
    lock->served--;
    return true;
}

bool lci_lock_accepts(struct lci_engine *e, uint32_t message)
{
    struct lci_lock *lock = e->instances[e->threads[message].instance].lock;
    const enum lc_entry_role role = e->kinds[e->threads[message].entry].role;
    if (lock->elastic != LCI_NIL)
        return lci_elastic_accepts(e, lock->elastic, message);
    if (lock->kind == LC_SEMAPHORE && role != LC_ROLE_NONE)
        return semaphore_accepts(e, message, role);
    if (lock->kind == LC_RWLOCK && role != LC_ROLE_NONE)
        return rwlock_accepts(e, message, role);
    if (open_entry(e, lock, message))
        return true;
    lci_wait_in_queue(e, message);
    return false;
}

/* The service of a token's lock or unlock, wait or signal has ended. */
static void end_at_token(struct lci_engine *e, uint32_t instance_index, enum lc_entry_role role)
{
    struct lci_instance *instance = &e->instances[instance_index];
    struct lci_lock *lock = instance->lock;
    switch (role) {
    case LC_ROLE_WAIT:
        if (lock->let_in[READERS].count > 0)
            admit(e, lci_queue_pop(e, &lock->let_in[READERS], 0));
        else
            lock->served++;
        break;
    case LC_ROLE_SIGNAL:
        record_holding(lock, READERS, e->now);
        lock->tokens[READERS]++;
        admit_first(e, &instance->queue, READERS, instance_index);
        break;
    case LC_ROLE_READ_UNLOCK:
    case LC_ROLE_WRITE_UNLOCK: {
        const int which = role == LC_ROLE_READ_UNLOCK ? READERS : WRITERS;
        record_holding(lock, which, e->now);
        lock->tokens[which]++;
        admit_first(e, &lock->let_in[which], which, instance_index);
        break;
    }
    default: break;
    }
}

/* All that a join across entries has made one end; those that waited there have been counted already. */
static void end_together(struct lci_engine *e, struct lci_instance *instance, uint32_t job)
{
    struct lci_lock *lock = instance->lock;
    for (uint32_t each = job, next; each != LCI_NIL; each = next) {
        next = e->threads[each].partner;
        if (!e->threads[each].counted) {
            instance->busy--;
            instance->busy_area += e->now;
        }
        lock->open[entry_rank(e, each)] = false;
        if (--lock->opened == 0)
            lock->open_area += e->now;
        if (each != job)
            lci_thread_end(e, each);
    }
}

uint32_t lci_lock_finish(struct lci_engine *e, uint32_t job)
{
    const uint32_t index = e->threads[job].instance;
    struct lci_instance *instance = &e->instances[index];
    struct lci_lock *lock = instance->lock;
    if (lock->elastic != LCI_NIL)
        return lci_elastic_finish(e, lock->elastic, job);
    const enum lc_entry_role role = e->kinds[e->threads[job].entry].role;
    if (lock->joins > 0) {
        instance->idle++;
        end_together(e, instance, job);
        admit_entries(e, index);
        return LCI_NIL;
    }
    instance->busy--;
    instance->busy_area += e->now;
    end_at_token(e, index, role);
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
        const uint32_t job = e->threads[thread].job;
        if (e->threads[job].live == 1) { /* the service of its entry ends here; the one that comes last goes on */
            lci_count_service(e, job);
            instance->busy--;
            instance->busy_area += e->now;
        }
        instance->idle++;
        admit_entries(e, instance_index);
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
