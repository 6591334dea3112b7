/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "limits.h"

#include "base/text.h"
#include "loadcast/base.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#define PIECE     UINT64_C(0x10000) /* events between two looks: some milliseconds */
#define OF_MEMORY 0.25
#define LEAST     1e5 /* requests, however little memory there is */

/* Requests of which `engines` simulations hold so many each: a record, and a leaf of the calendar. */
static double what_memory_holds(unsigned engines)
{
    const double each = sizeof(struct lci_thread) + LCI_BYTES_A_LEAF;
    double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        bytes = fmin(bytes, (double)limit.rlim_cur);
    return fmax(LEAST, OF_MEMORY * bytes / each / engines);
}

struct lci_limits lci_limits_new(double max_time_s, const atomic_int *stop, double max_queue, unsigned engines)
{
    return (struct lci_limits){.deadline = max_time_s > 0 ? lci_seconds() + max_time_s : INFINITY,
                               .stop = stop,
                               .max_queue = max_queue > 0 ? max_queue : INFINITY,
                               .most = what_memory_holds(engines)};
}

bool lci_is_stopped(const struct lci_limits *limits)
{
    return limits->stop != NULL && atomic_load_explicit(limits->stop, memory_order_relaxed) != 0;
}

bool lci_is_over(const struct lci_limits *limits)
{
    return lci_is_stopped(limits) || (limits->deadline < INFINITY && lci_seconds() >= limits->deadline);
}

static bool is_full(const struct lci_limits *limits, const struct lci_engine *e)
{
    double waiting = 0;
    if (limits->max_queue < INFINITY)
        lci_longest_queue(e, &waiting);
    return waiting > limits->max_queue || (double)e->thread_count > limits->most + e->program->customers;
}

enum lci_ended lci_look(const struct lci_limits *limits, const struct lci_engine *e)
{
    return lci_is_over(limits) ? LCI_TIME_UP : is_full(limits, e) ? LCI_FULL : LCI_REACHED;
}

enum lci_ended lci_run_within(const struct lci_limits *limits, struct lci_engine *e, double until, uint64_t events)
{
    /* An event that brings one request lets a queue grow by one: it is seen before it has twice those that are kept. An
     * event that brings a batch, or many messages, lets it grow by so many. */
    const uint64_t often = (uint64_t)fmin(PIECE, fmax(PIECE / 64, limits->max_queue));
    while (true) {
        const uint64_t piece = e->events + often, end = piece < events ? piece : events;
        lci_engine_run(e, until, end);
        if (e->stuck)
            return LCI_STUCK;
        if (e->events < end || end == events)
            return LCI_REACHED;
        const enum lci_ended ended = lci_look(limits, e);
        if (ended != LCI_REACHED)
            return ended;
    }
}

uint32_t lci_longest_queue(const struct lci_engine *e, double *waiting)
{
    uint32_t longest = 0;
    *waiting = -1;
    for (uint32_t i = 0; i < e->program->task_count; i++) {
        const struct lci_program_task *task = &e->program->tasks[i];
        double sum = 0;
        for (uint32_t k = task->first; k < task->first + task->replicas; k++)
            sum +=
                lci_queued(&e->instances[k]) + (e->instances[k].outside != NULL ? e->instances[k].outside->count : 0);
        if (task->workload == LCI_NIL && sum > *waiting) {
            *waiting = sum;
            longest = i;
        }
    }
    return longest;
}

void lci_say_full(const struct lci_engine *e, struct lc_diag *diag)
{
    double waiting;
    const struct lc_task *task = &e->program->model->tasks[e->program->tasks[lci_longest_queue(e, &waiting)].model];
    lc_error(
        diag, LC_INPUT, &task->place,
        "no steady state: the queue of '%s' has grown to %.3g requests at time %.4g, more than are kept (max_queue)",
        task->name, waiting, e->now);
}
