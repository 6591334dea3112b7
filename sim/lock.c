/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers that accept by other rules than an idle thread.
 *
 * Semaphore: a wait is accepted when there is a token and keeps it; a signal brings back the token that was taken
 * first, when that one has served its wait to the end. Read/write lock: one writer or any number of readers; readers
 * wait while a writer waits. The state of the lock changes when an unlock arrives: others are let in at once, but each
 * needs a token (the writers have one, the readers as many as the multiplicity says), and a token is busy until its
 * unlock has run. A signal or unlock without a wait or lock before it ends the run with an error.
 * Synchronising server (an and-join of branches that start at different entries): one request of each entry at a time;
 * those that have come to the join give the server's thread to the others, and all end together.
 */
#include "engine.h"
#include "loadcast/base.h"

#include <stdlib.h>

enum { READERS, WRITERS }; /* a semaphore has the first of the two */

/* A token serves a wait or lock, then waits for its signal or unlock, and serves that. */
struct token {
    double since;    /* it has been held */
    uint32_t lock;   /* the wait or lock that it serves; LCI_NIL: none */
    uint32_t unlock; /* the signal or unlock that it serves, or that waits for the end of `lock`; LCI_NIL */
};

struct tokens {
    struct token *all;
    uint32_t count;
    uint32_t *idle, idle_count;
    uint32_t *held, head, held_count; /* whose signal has not come; a ring, the first taken first */
    struct lci_queue let_in;          /* by a read/write lock, but without a token yet */
    struct lci_queue early;           /* signals and unlocks that wait for the end of their token's wait or lock */
};

struct lci_lock {
    enum lc_scheduling kind; /* semaphore, rwlock; anything else: synchronises */
    uint32_t elastic;        /* no lock at all, but a task whose replicas come and go (elastic.c); LCI_NIL: a lock */
    uint32_t first;          /* of the readers' tokens those that are free at the start */
    struct tokens tokens[2];
    uint32_t active; /* readers let in */
    bool writer;     /* let in */
    struct lci_queue writers;
    struct lci_lock_tally tally[2];
    uint32_t *parked; /* per join across entries: threads that wait there, linked through `next` */
    uint32_t *parked_count;
    double *parked_since;
    uint32_t joins;
    bool *open;                /* per entry of the task: a request of it is being served, or waits at a join */
    struct lci_queue *waiting; /* per entry: its requests */
    uint32_t entries, opened;
    double open_area; /* ∫ of whether any is */
};

static void tokens_new(struct tokens *t, uint32_t count)
{
    t->count = count;
    t->all = lc_calloc(count, sizeof *t->all);
    t->idle = lc_calloc(count, sizeof *t->idle);
    t->held = lc_calloc(count, sizeof *t->held);
    lci_queue_init(&t->let_in, 1, false);
    lci_queue_init(&t->early, 1, false);
}

struct lci_lock *lci_lock_new(const struct lci_program *program, const struct lci_program_task *task)
{
    (void)program;
    if (!lci_has_lock(task))
        return NULL;
    struct lci_lock *lock = lc_calloc(1, sizeof *lock);
    lock->kind = task->scheduling;
    lock->elastic = task->elastic;
    const bool rwlock = task->scheduling == LC_RWLOCK;
    if (rwlock || task->scheduling == LC_SEMAPHORE)
        tokens_new(&lock->tokens[READERS], task->threads);
    if (rwlock)
        tokens_new(&lock->tokens[WRITERS], 1);
    lock->first = rwlock ? task->threads : task->tokens;
    lock->joins = task->joins;
    lock->entries = task->entry_count;
    lock->parked = lc_calloc(task->joins, sizeof *lock->parked);
    lock->parked_count = lc_calloc(task->joins, sizeof *lock->parked_count);
    lock->parked_since = lc_calloc(task->joins, sizeof *lock->parked_since);
    lock->open = lc_calloc(task->entry_count, sizeof *lock->open);
    lock->waiting = lc_calloc(task->entry_count, sizeof *lock->waiting);
    for (uint32_t i = 0; i < task->entry_count; i++)
        lci_queue_init(&lock->waiting[i], 1, false);
    lci_queue_init(&lock->writers, 1, false);
    lci_lock_clear(lock);
    return lock;
}

void lci_lock_free(struct lci_lock *lock)
{
    if (lock == NULL)
        return;
    lci_queue_free(&lock->writers);
    for (int i = 0; i < 2; i++) {
        free(lock->tokens[i].all);
        free(lock->tokens[i].idle);
        free(lock->tokens[i].held);
    }
    free(lock->parked);
    free(lock->parked_count);
    free(lock->parked_since);
    free(lock->open);
    free(lock->waiting);
    free(lock);
}

/* Takes an idle token for `message`; LCI_NIL: it has been taken before anything happened. */
static void hold(struct tokens *t, uint32_t message, double now)
{
    assert(t->idle_count > 0 && t->held_count < t->count);
    const uint32_t token = t->idle[--t->idle_count];
    t->all[token] = (struct token){now, message, LCI_NIL};
    t->held[(t->head + t->held_count++) % t->count] = token;
}

static void tokens_clear(struct tokens *t, uint32_t idle)
{
    lci_queue_clear(&t->let_in);
    lci_queue_clear(&t->early);
    t->head = t->held_count = 0;
    for (t->idle_count = 0; t->idle_count < t->count; t->idle_count++)
        t->idle[t->idle_count] = t->count - 1 - t->idle_count;
    while (t->idle_count > idle)
        hold(t, LCI_NIL, 0);
}

void lci_lock_clear(struct lci_lock *lock)
{
    tokens_clear(&lock->tokens[READERS], lock->first);
    tokens_clear(&lock->tokens[WRITERS], lock->tokens[WRITERS].count);
    lock->active = 0;
    lock->writer = false;
    lci_queue_clear(&lock->writers);
    for (uint32_t i = 0; i < lock->joins; i++)
        lock->parked_count[i] = 0;
    for (uint32_t i = 0; i < lock->entries; i++) {
        lock->open[i] = false;
        lci_queue_clear(&lock->waiting[i]);
    }
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

uint32_t lci_lock_queues(const struct lci_lock *lock)
{
    return lock->entries + 5;
}

const struct lci_queue *lci_lock_queue(const struct lci_lock *lock, uint32_t which)
{
    if (which < lock->entries)
        return &lock->waiting[which];
    which -= lock->entries;
    if (which == 0)
        return &lock->writers;
    const struct tokens *t = &lock->tokens[(which - 1) / 2];
    return which % 2 == 1 ? &t->let_in : &t->early;
}

uint32_t lci_lock_queued(const struct lci_lock *lock)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < lci_lock_queues(lock); i++)
        count += lci_lock_queue(lock, i)->count;
    return count;
}

uint32_t lci_lock_parked(const struct lci_lock *lock, uint32_t join)
{
    return lock->parked_count[join] > 0 ? lock->parked[join] : LCI_NIL;
}

static void record_holding(struct lci_lock *lock, int which, double held)
{
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
    const struct lci_program_task *task = &e->program->tasks[e->program->instance_task[e->threads[thread].instance]];
    uint32_t rank = 0;
    while (e->program->task_entries[task->first_entry + rank] != e->threads[thread].entry)
        rank++;
    return rank;
}

/* Takes a token; false when none is idle. */
static bool take_token(struct lci_engine *e, struct lci_lock *lock, int which, uint32_t message)
{
    if (lock->tokens[which].idle_count == 0)
        return false;
    hold(&lock->tokens[which], message, e->now);
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

static void begin(struct lci_engine *e, uint32_t message, bool waited)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    instance->busy++;
    instance->busy_area -= e->now;
    lci_start_service(e, message, waited);
    lci_ready(e, message);
}

/* Starts a message that has waited. */
static void admit(struct lci_engine *e, uint32_t message)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    instance->queue_area += e->now;
    lci_left_queue(e, instance, &e->threads[message]);
    begin(e, message, true);
}

/* A request of a synchronising server waits in the line of its entry, unless the queue is full. */
static void wait_for_entry(struct lci_engine *e, uint32_t message)
{
    struct lci_instance *instance = &e->instances[e->threads[message].instance];
    struct lci_queue *waiting = &instance->lock->waiting[entry_rank(e, message)];
    lci_wait_in_queue(e, message);
    if (instance->queue.count > 0)
        lci_queue_push(e, waiting, lci_queue_pop(e, &instance->queue, instance->stream), 0);
}

/* Of a synchronising server: of the entries that are free, the one whose request was sent first. */
static void admit_entries(struct lci_engine *e, uint32_t instance_index)
{
    struct lci_instance *instance = &e->instances[instance_index];
    const struct lci_lock *lock = instance->lock;
    while (instance->idle > 0) {
        struct lci_queue *first = NULL;
        for (uint32_t i = 0; i < lock->entries; i++) {
            struct lci_queue *q = &lock->waiting[i];
            if (!lock->open[i] && q->count > 0 &&
                (first == NULL || e->threads[q->first.head].sent < e->threads[first->first.head].sent))
                first = q;
        }
        if (first == NULL)
            return;
        const uint32_t message = lci_queue_pop(e, first, 0);
        open_entry(e, instance->lock, message);
        admit(e, message);
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
    struct lci_queue *readers = &lock->tokens[READERS].let_in, *writers = &lock->tokens[WRITERS].let_in;
    LCI_HOLDS(e, LCI_NIL, !lock->writer || lock->active == 0);
    if (!lock->writer && lock->active == 0 && lock->writers.count > 0) {
        lock->writer = true;
        lci_queue_push(e, writers, lci_queue_pop(e, &lock->writers, 0), 0);
    }
    while (!lock->writer && lock->writers.count == 0 && instance->queue.count > 0) {
        lock->active++;
        lci_queue_push(e, readers, lci_queue_pop(e, &instance->queue, 0), 0);
    }
    admit_first(e, writers, WRITERS, instance_index);
    admit_first(e, readers, READERS, instance_index);
}

/* What is held is held until its signal or unlock has run; by LQSIM's definition of a semaphore that is empty at first,
 * until its signal begins. */
static bool ends_early(const struct lci_lock *lock)
{
    return lock->first == 0;
}

/* A signal or unlock is for the token that was taken first, and waits until that one has served its wait or lock. One
 * of something that nobody has taken ends the run. */
static void bring_back(struct lci_engine *e, struct lci_lock *lock, int which, uint32_t message)
{
    struct tokens *t = &lock->tokens[which];
    if (t->held_count == 0) {
        e->unmatched = e->threads[message].entry;
        e->stuck = true;
        return;
    }
    struct token *token = &t->all[t->held[t->head]];
    LCI_HOLDS(e, message, token->unlock == LCI_NIL);
    t->head = (t->head + 1) % t->count;
    t->held_count--;
    token->unlock = message;
    if (token->lock == LCI_NIL) {
        if (ends_early(lock))
            record_holding(lock, which, e->now - token->since);
        begin(e, message, false);
    } else
        stand_in(e, &e->instances[e->threads[message].instance], &t->early, message);
}

static bool rwlock_accepts(struct lci_engine *e, uint32_t message, enum lc_entry_role role)
{
    const uint32_t index = e->threads[message].instance;
    struct lci_instance *instance = &e->instances[index];
    struct lci_lock *lock = instance->lock;
    switch (role) {
    case LC_ROLE_READ_LOCK:
        if (lock->writer || lock->writers.count > 0) {
            lci_wait_in_queue(e, message);
            return false;
        }
        lock->active++;
        return take_token(e, lock, READERS, message) || stand_in(e, instance, &lock->tokens[READERS].let_in, message);
    case LC_ROLE_WRITE_LOCK:
        if (lock->writer || lock->active > 0)
            return stand_in(e, instance, &lock->writers, message);
        lock->writer = true;
        return take_token(e, lock, WRITERS, message) || stand_in(e, instance, &lock->tokens[WRITERS].let_in, message);
    case LC_ROLE_READ_UNLOCK: /* the writer that is let in comes to the processor first */
        lock->active -= lock->active > 0;
        let_in(e, index);
        bring_back(e, lock, READERS, message);
        return false;
    default: /* the unlock comes first, and then those who are let in */
        bring_back(e, lock, WRITERS, message);
        lock->writer = false;
        let_in(e, index);
        return false;
    }
}

static bool semaphore_accepts(struct lci_engine *e, uint32_t message, enum lc_entry_role role)
{
    struct lci_lock *lock = e->instances[e->threads[message].instance].lock;
    if (role == LC_ROLE_SIGNAL) {
        bring_back(e, lock, READERS, message);
        return false;
    }
    if (take_token(e, lock, READERS, message))
        return true;
    lci_wait_in_queue(e, message);
    return false;
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
    wait_for_entry(e, message);
    return false;
}

static void take_out(struct lci_engine *e, struct lci_queue *queue, uint32_t message)
{
    uint32_t before = LCI_NIL;
    for (uint32_t i = queue->first.head; i != message; i = e->threads[i].next)
        before = i;
    lci_queue_take(queue, e->threads, before, message);
}

static int tokens_of(enum lc_entry_role role)
{
    return role == LC_ROLE_WRITE_LOCK || role == LC_ROLE_WRITE_UNLOCK ? WRITERS : READERS;
}

/* The token that serves a wait or lock, or a signal or unlock. */
static uint32_t token_of(const struct tokens *t, uint32_t job)
{
    uint32_t i = 0;
    while (t->all[i].lock != job && t->all[i].unlock != job)
        i++;
    return i;
}

uint32_t lci_lock_next(const struct lci_engine *e, uint32_t job)
{
    const struct lci_lock *lock = e->instances[e->threads[job].instance].lock;
    const enum lc_entry_role role = e->kinds[e->threads[job].entry].role;
    if (role == LC_ROLE_NONE || (lock->kind != LC_SEMAPHORE && lock->kind != LC_RWLOCK))
        return LCI_NIL;
    const struct tokens *t = &lock->tokens[tokens_of(role)];
    const struct token *token = &t->all[token_of(t, job)];
    return token->lock == job ? token->unlock : LCI_NIL;
}

static void end_at_token(struct lci_engine *e, struct lci_lock *lock, int which, uint32_t job)
{
    struct tokens *t = &lock->tokens[which];
    const uint32_t i = token_of(t, job);
    struct token *token = &t->all[i];
    if (token->lock == job) {
        token->lock = LCI_NIL;
        if (token->unlock == LCI_NIL)
            return;
        if (ends_early(lock))
            record_holding(lock, which, e->now - token->since);
        take_out(e, &t->early, token->unlock);
        admit(e, token->unlock);
        return;
    }
    if (!ends_early(lock))
        record_holding(lock, which, e->now - token->since);
    token->unlock = LCI_NIL;
    t->idle[t->idle_count++] = i;
    const uint32_t instance = e->threads[job].instance;
    admit_first(e, lock->kind == LC_SEMAPHORE ? &e->instances[instance].queue : &t->let_in, which, instance);
}

/* All that a join across entries has made one end; those that waited there have been counted already. */
static void end_together(struct lci_engine *e, struct lci_instance *instance, uint32_t job)
{
    struct lci_lock *lock = instance->lock;
    for (uint32_t each = job, next; each != LCI_NIL; each = next) {
        next = e->threads[each].work.partner;
        if (!e->threads[each].work.counted) {
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
    if (role != LC_ROLE_NONE)
        end_at_token(e, lock, tokens_of(role), job);
    return LCI_NIL;
}

/* All have come: the last one goes on for all of them. */
static void unite(struct lci_engine *e, struct lci_lock *lock, uint32_t join, uint32_t last)
{
    const uint32_t job = e->threads[last].job;
    for (uint32_t thread = lock->parked[join], next; thread != LCI_NIL; thread = next) {
        next = e->threads[thread].next;
        const uint32_t other = e->threads[thread].job;
        lci_fork_leave(e, e->threads[thread].work.fork);
        if (other != thread)
            lci_thread_end(e, thread);
        if (other == job) {
            e->threads[job].work.live--;
            continue;
        }
        uint32_t end = other;
        while (e->threads[end].work.partner != LCI_NIL)
            end = e->threads[end].work.partner;
        e->threads[end].work.partner = e->threads[job].work.partner;
        e->threads[job].work.partner = other;
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
        if (e->threads[thread].work.holding)
            lci_pass_on(e, thread);
        e->threads[thread].next = lock->parked[at];
        lock->parked[at] = thread;
        const uint32_t job = e->threads[thread].job;
        if (e->threads[job].work.live == 1) { /* the service of its entry ends here; the one that comes last goes on */
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
