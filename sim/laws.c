/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Flow balance: services begun − services ended = change of the number in service, to the last request; the same for
 * requests with policies, each of which is answered or fails.
 * Little's law of a queue (Stidham 1974, for one sample path): ∫ L dt = Σ waits that ended, with a thread or without −
 * what they lasted before counting began + what those still in the queue have lasted; exact but for rounding.
 * Utilization: no more servers are busy than there are.
 */
#include "laws.h"
#include "endings.h"

#include "loadcast/base.h"
#include "measure.h"

#include <math.h>
#include <stdlib.h>

#define ROUNDING 1e-6 /* of sums of many times */

static double list_waited(const struct lci_engine *e, uint32_t first)
{
    double sum = 0;
    for (uint32_t i = first; i != LCI_NIL; i = e->threads[i].next)
        sum += e->now - e->threads[i].sent;
    return sum;
}

static double queue_waited(const struct lci_engine *e, const struct lci_queue *q)
{
    double sum = 0;
    for (uint32_t i = 0; q->random && i < q->count; i++)
        sum += e->now - e->threads[q->bag[i]].sent;
    if (q->random || q->count == 0)
        return sum;
    sum += list_waited(e, q->first.head);
    for (uint32_t level = 1; level < q->levels; level++)
        sum += list_waited(e, q->more[level - 1].head);
    return sum;
}

static void look_at(const struct lci_engine *e, uint32_t task, double *busy, double *waited)
{
    const struct lci_program_task *t = &e->program->tasks[task];
    *busy = *waited = 0;
    for (uint32_t i = t->first; i < t->first + t->replicas; i++) {
        *busy += e->instances[i].busy;
        *waited += queue_waited(e, &e->instances[i].queue);
        for (uint32_t k = 0; e->instances[i].lock != NULL && k < lci_lock_queues(e->instances[i].lock); k++)
            *waited += queue_waited(e, lci_lock_queue(e->instances[i].lock, k));
    }
}

static double under_way(const struct lci_engine *e, const struct lci_guard *guard)
{
    double sum = 0;
    for (uint32_t i = 0; i < e->program->tasks[guard->from].replicas; i++)
        sum += e->guard_states[guard->states + i].under_way;
    return sum;
}

struct lci_laws lci_laws_begin(const struct lci_engine *e)
{
    const size_t tasks = e->program->task_count, guards = e->program->guard_count;
    struct lci_laws laws = {lc_calloc(tasks, sizeof(double)), lc_calloc(tasks, sizeof(double)),
                            lc_calloc(guards, sizeof(double))};
    for (uint32_t i = 0; i < tasks; i++)
        look_at(e, i, &laws.busy[i], &laws.waited[i]);
    for (size_t i = 0; i < guards; i++)
        laws.under_way[i] = under_way(e, &e->program->guards[i]);
    return laws;
}

void lci_laws_free(struct lci_laws *laws)
{
    free(laws->busy);
    free(laws->waited);
    free(laws->under_way);
}

static double ended(const struct lci_engine *e, const struct lci_program_task *task)
{
    double count = 0;
    for (uint32_t i = 0; i < task->entry_count; i++) {
        const uint32_t index = e->program->task_entries[task->first_entry + i];
        const struct lci_entry *entry = &e->program->entries[index];
        count += entry->single ? e->activities[entry->phases[0]].count : e->entries[index].count;
    }
    return count;
}

/* Of the requests that came to each task, in all: what those waited that left the queue without a thread. */
static double *left_waits(const struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    double *sums = lc_calloc(p->task_count, sizeof *sums);
    bool *seen = lc_calloc(p->call_statistics, sizeof *seen); /* arcs to several replicas share a statistic */
    for (size_t i = 0; i < p->call_count; i++) {
        const uint32_t statistic = p->calls[i].statistic;
        if (!seen[statistic])
            sums[p->entries[p->calls[i].entry].task] += e->left_waits[statistic];
        seen[statistic] = true;
    }
    free(seen);
    return sums;
}

static char *check_task(const struct lci_engine *e, uint32_t index, const struct lci_call_tally *received, double left,
                        const struct lci_laws *begin)
{
    const struct lci_program_task *task = &e->program->tasks[index];
    const char *name = e->program->model->tasks[task->model].name;
    double busy, waited, queue = 0, in_service = 0;
    look_at(e, index, &busy, &waited);
    for (uint32_t i = task->first; i < task->first + task->replicas; i++) {
        queue += e->instances[i].queue_area + lci_queued(&e->instances[i]) * e->now;
        in_service += e->instances[i].busy_area + e->instances[i].busy * e->now;
    }
    const double flow = received->count - ended(e, task) - (busy - begin->busy[index]);
    if (flow != 0)
        return lc_format("task '%s': %g services more have begun than have ended or go on", name, flow);
    const double waits = received->sum + left + waited - begin->waited[index], time = e->now - e->origin;
    if (fabs(queue - waits) > ROUNDING * (queue + waits + e->now))
        return lc_format("task '%s': L = %.9g in the queue, but λW = %.9g (Little's law)", name, queue / time,
                         waits / time);
    const bool threads = task->threads != LC_INFINITE && task->scheduling != LC_SEMAPHORE &&
                         task->scheduling != LC_RWLOCK && task->joins == 0;
    if (threads && in_service > time * task->threads * task->replicas * (1 + ROUNDING) + ROUNDING * e->now)
        return lc_format("task '%s': %.9g threads are busy on the average", name, in_service / time);
    return NULL;
}

static char *check_processor(const struct lci_engine *e, const struct lci_processor *p)
{
    double busy = 0;
    const double time = e->now - e->origin;
    if (p->scheduling == LC_INF)
        return NULL;
    for (uint32_t i = p->first; i < p->first + p->replicas; i++)
        busy += lci_load_area(&e->stations[i].busy, e->now);
    if (busy <= time * p->servers * p->replicas * (1 + ROUNDING) + ROUNDING * e->now)
        return NULL;
    return lc_format("processor '%s': %.9g servers are busy on the average",
                     e->program->model->processors[p->model].name, busy / time);
}

static char *check_guard(const struct lci_engine *e, size_t index, double before)
{
    const struct lci_program *p = e->program;
    const struct lci_guard *guard = &p->guards[index];
    const struct lci_guard_tally *t = &e->guards[index];
    const double flow = t->requests - t->answered - t->failed - (under_way(e, guard) - before);
    if (flow == 0)
        return NULL;
    return lc_format("requests of '%s' to '%s': %g more have begun than have ended or go on",
                     p->model->tasks[p->tasks[guard->from].model].name, p->model->tasks[p->tasks[guard->to].model].name,
                     flow);
}

char *lci_laws_check(const struct lci_engine *e, const struct lci_laws *begin)
{
    const struct lci_program *p = e->program;
    char *violated = NULL;
    struct lci_call_tally *received = lci_received(e);
    double *left = left_waits(e);
    for (uint32_t i = 0; i < p->task_count && violated == NULL; i++)
        if (p->tasks[i].workload == LCI_NIL)
            violated = check_task(e, i, &received[i], left[i], begin);
    for (uint32_t i = 0; i < p->processor_count && violated == NULL; i++)
        violated = check_processor(e, &p->processors[i]);
    for (size_t i = 0; i < p->guard_count && violated == NULL; i++)
        violated = check_guard(e, i, begin->under_way[i]);
    if (e->endings != NULL && violated == NULL)
        violated = lci_endings_check(e);
    free(received);
    free(left);
    return violated;
}

void lci_laws_say(const char *violated, uint64_t seed, uint64_t replication, struct lc_diag *diag)
{
    lc_error(diag, LC_MACHINE, NULL,
             "an error of the simulation itself: %s (seed %llu, replication %llu); please report it with the model",
             violated, (unsigned long long)seed, (unsigned long long)replication);
}
