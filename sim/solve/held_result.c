/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was solved of a model without semaphores, told of the one with them. */
#include "graph_times.h"
#include "held.h"
#include "model/walk.h"

#include <math.h>
#include <stdlib.h>

static struct lc_estimate known(double mean)
{
    return (struct lc_estimate){
        .mean = mean, .ci95 = NAN, .ci99 = NAN, .low = NAN, .high = NAN, .simulation_ci95 = NAN};
}

#define SWAP(a, b)                                                                                                     \
    do {                                                                                                               \
        const __typeof__(a) before = (a);                                                                              \
        (a) = (b);                                                                                                     \
        (b) = before;                                                                                                  \
    } while (0)

static struct lc_activity_result *result_of(struct lc_result *r, const struct lcs_held_step *step)
{
    return step->entry != LC_NONE ? &r->entries[step->entry].phases[step->index]
                                  : &r->activities[step->task][step->index];
}

/* A new result of the model with all that `r` tells; of its elements `r` keeps what was added. */
static struct lc_result *take_over(const struct lcs_held *h, struct lc_result *r)
{
    const struct lc_model *m = h->from;
    struct lc_result *to = lc_result_new(m);
    for (size_t t = 0; t < m->task_count; t++) {
        SWAP(to->tasks[t], r->tasks[t]);
        SWAP(to->activities[t], r->activities[t]);
    }
    for (size_t e = 0; e < m->entry_count; e++)
        SWAP(to->entries[e], r->entries[e]);
    SWAP(*to, *r);
    SWAP(to->model, r->model);
    SWAP(to->tasks, r->tasks);
    SWAP(to->activities, r->activities);
    SWAP(to->entries, r->entries);
    return to;
}

/* ---- semaphores -------------------------------------------------------------------------------------------------- */

/* Of all sections together. Tokens are given back in the order in which they were taken, so with several of them a
 * section and the time that a token is held are not the same, but have the same mean. */
static void fill_holding(const struct lcs_held *h, const struct lcs_held_lock *lock, const struct lc_result *r,
                         struct lc_task_result *to)
{
    double rate = 0, busy = 0, squares = 0;
    for (size_t i = 0; i < h->section_count; i++) {
        const struct lc_entry_result *e = &r->entries[h->sections[i].entry];
        if (h->sections[i].semaphore != lock->task || !(e->throughput.mean > 0))
            continue;
        rate += e->throughput.mean;
        busy += e->throughput.mean * e->service_time.mean;
        squares += e->throughput.mean * e->service_time.mean * e->service_time.mean * (1 + e->cv2.mean);
    }
    to->lock_utilization[0] = known(busy);
    if (!(rate > 0))
        return;
    to->lock_holding[0] = known(busy / rate);
    if (h->from->tasks[lock->task].multiplicity == 1)
        to->lock_holding_variance[0] = known(fmax(0, squares / rate - busy / rate * (busy / rate)));
}

static void fill_lock(const struct lcs_held *h, const struct lcs_held_lock *lock, struct lc_result *from,
                      struct lc_result *to)
{
    const struct lc_task *s = &h->from->tasks[lock->task];
    struct lc_task_result *t = &to->tasks[lock->task];
    const struct lc_task_result *own = &from->tasks[lock->own];
    fill_holding(h, lock, from, t);
    t->waiting_time.mean /= 2; /* of all its requests: signals do not wait */
    t->utilization = own->utilization;
    t->load = known(s->multiplicity != LC_INFINITE ? own->utilization.mean / s->multiplicity : NAN);
    t->processor_utilization = own->processor_utilization;
    for (int p = 0; p < LC_PHASES; p++)
        t->phase_utilization[p] = own->phase_utilization[p];
    SWAP(to->entries[lock->wait], from->entries[lock->own_wait]);
    SWAP(to->entries[lock->signal], from->entries[lock->own_signal]);
}

/* Where who gives a token back stays in the way of who gets it, at a processor, and of nobody else, the mean of what is
 * there says little. */
static void warn_of_full(const struct lcs_held *h, const struct lcs_held_lock *lock, const struct lc_result *r,
                         struct lc_diag *diag)
{
    const double always = 0.95, full = 0.8;
    const struct lc_task *s = &h->from->tasks[lock->task];
    const double held = r->tasks[lock->task].lock_utilization[0].mean / s->multiplicity;
    const struct lc_processor *p = NULL;
    double load = full;
    for (size_t i = 0; i < h->step_count; i++) {
        const int on = h->from->tasks[h->steps[i].task].processor;
        if (h->sections[h->steps[i].section].semaphore == lock->task && r->processors[on].load.mean > load) {
            p = &h->from->processors[on];
            load = r->processors[on].load.mean;
        }
    }
    if (p != NULL && held > always)
        lc_warn(diag, &s->place,
                "task '%s': its tokens are held %.0f %% of the time by threads on processor '%s', which is busy "
                "%.0f %%: what follows is a rough estimate; simulate has it",
                s->name, 100 * held, p->name, 100 * load);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

struct sums {
    double time, variance, waiting, processor;
};

static void add_part(const struct lcs_held *h, const struct lcs_held_step *step, const struct lc_result *from,
                     enum lcs_held_part part, struct lc_activity_result *to, struct sums *sums)
{
    if (step->parts[part] == LC_NONE)
        return;
    const struct lc_activity_result *p = &from->entries[step->parts[part]].phases[0];
    sums->time += p->service_time.mean;
    sums->variance += p->service_time_variance.mean;
    sums->waiting += p->processor_waiting.mean;
    sums->processor += p->processor_utilization.mean;
    for (size_t c = 0; c < h->model->entries[step->parts[part]].phases[0].call_count; c++) {
        to->calls[step->first[part] + c] = p->calls[c];
        to->call_variance[step->first[part] + c] = p->call_variance[c];
        to->call_loss[step->first[part] + c] = p->call_loss[c];
    }
}

static void add_call(const struct lcs_held *h, const struct lcs_held_step *step, const struct lc_result *to, int call,
                     struct sums *sums)
{
    const struct lc_call *made = &lcs_held_activity(h->from, step)->calls[call];
    if (made->kind != LC_CALL_SYNC)
        return;
    const struct lc_activity_result *answer = &to->entries[made->entry].phases[0];
    sums->time += answer->service_time.mean;
    sums->variance += answer->service_time_variance.mean;
}

/* As long as its parts and what it waits for; a signal never waits in a line. */
static void fill_step(const struct lcs_held *h, const struct lcs_held_step *step, struct lc_result *from,
                      struct lc_result *to)
{
    struct lc_activity_result *a = result_of(to, step), *solved = result_of(from, step);
    struct sums sums = {0};
    SWAP(a->calls, solved->calls); /* which are as many as the model has them */
    SWAP(a->call_variance, solved->call_variance);
    SWAP(a->call_loss, solved->call_loss);
    for (int p = 0; p < LCS_PARTS; p++)
        add_part(h, step, from, (enum lcs_held_part)p, a, &sums);
    if (step->wait != LC_NONE) {
        a->calls[step->wait] = solved->calls[step->asks];
        a->call_variance[step->wait] = solved->call_variance[step->asks];
        a->call_loss[step->wait] = solved->call_loss[step->asks];
        sums.time += a->calls[step->wait].mean;
        sums.variance += a->call_variance[step->wait].mean;
        add_call(h, step, to, step->wait, &sums);
    }
    if (step->signal != LC_NONE) {
        a->calls[step->signal] = a->call_variance[step->signal] = a->call_loss[step->signal] = known(0);
        add_call(h, step, to, step->signal, &sums);
    }
    a->service_time = known(sums.time);
    a->service_time_variance = known(sums.variance);
    a->utilization = known(a->throughput.mean * sums.time);
    a->processor_waiting = known(sums.waiting);
    a->processor_utilization = known(sums.processor);
    a->exceeded = known(NAN);
}

/* ---- entries and tasks ------------------------------------------------------------------------------------------- */

static bool has_steps(const struct lcs_held *h, int task, int entry)
{
    bool any = false;
    for (size_t i = 0; i < h->step_count; i++)
        any |= h->steps[i].task == task && h->steps[i].entry == entry;
    return any;
}

/* The activities of an entry that are in a section, by how often it runs them. */
static void add_graph(const struct lcs_held *h, int entry, struct lc_result *to)
{
    struct lc_diag unheard = {0};
    struct lc_entry_result *e = &to->entries[entry];
    struct lcs_graph_plan *plan = lcs_graph_plan_new(h->model, entry, &unheard);
    struct lci_walk_step *walk = NULL;
    size_t count = 0;
    if (plan != NULL)
        lci_entry_steps(h->model, entry, &walk, &count, &unheard);
    for (size_t w = 0; w < count; w++)
        for (size_t i = 0; i < h->step_count; i++) {
            const struct lcs_held_step *step = &h->steps[i];
            if (step->task != h->model->entries[entry].task || step->entry != LC_NONE || step->index != walk[w].index)
                continue;
            const struct lc_activity_result *a = &to->activities[step->task][step->index];
            if (!(a->throughput.mean > 0))
                continue;
            const double part = e->throughput.mean * walk[w].visits / a->throughput.mean;
            struct lc_activity_result *phase = &e->phases[plan->phase[step->index] - 1];
            phase->processor_waiting.mean += walk[w].visits * a->processor_waiting.mean;
            phase->processor_utilization.mean += part * a->processor_utilization.mean;
            e->processor_utilization.mean += part * a->processor_utilization.mean;
        }
    free(walk);
    lcs_graph_plan_free(plan);
    lc_diag_free(&unheard);
}

static void add_phases(int entry, struct lc_result *to)
{
    struct lc_entry_result *e = &to->entries[entry];
    e->processor_utilization = known(0);
    for (int p = 0; p < LC_PHASES; p++)
        e->processor_utilization.mean +=
            isnan(e->phases[p].processor_utilization.mean) ? 0 : e->phases[p].processor_utilization.mean;
}

static void fill_user(const struct lcs_held *h, int task, struct lc_result *to)
{
    const struct lc_task *t = &h->from->tasks[task];
    struct lc_task_result *r = &to->tasks[task];
    double phases[LC_PHASES] = {0};
    r->processor_utilization = known(0);
    for (size_t i = 0; i < t->entry_count; i++) {
        const int entry = t->entries[i];
        if (h->from->entries[entry].start != LC_NONE && has_steps(h, task, LC_NONE))
            add_graph(h, entry, to);
        else if (has_steps(h, task, entry))
            add_phases(entry, to);
        r->processor_utilization.mean += to->entries[entry].processor_utilization.mean;
        for (int p = 0; p < LC_PHASES; p++)
            phases[p] += isnan(to->entries[entry].phases[p].utilization.mean)
                             ? 0
                             : to->entries[entry].phases[p].utilization.mean;
    }
    for (int p = 0; p < LC_PHASES; p++)
        r->phase_utilization[p] = known(phases[p]);
}

/* The threads of the server that a semaphore has become are its tokens. */
static void tell_tokens(const struct lcs_held *h, struct lc_bottleneck *b)
{
    if (b->task == LC_NONE || h->from->tasks[b->task].scheduling != LC_SEMAPHORE)
        return;
    free(b->reason);
    b->reason = lc_format("its tokens are held %.0f %% of the time", 100 * b->load.mean);
}

/* What an added task does it does for one of the model. */
static int task_of(const struct lcs_held *h, int task)
{
    if (task == LC_NONE || (size_t)task < h->from->task_count)
        return task;
    for (size_t i = 0; i < h->lock_count; i++)
        if (h->locks[i].own == task)
            return h->locks[i].task;
    for (size_t i = 0; i < h->step_count; i++)
        for (int p = 0; p < LCS_PARTS; p++)
            if (h->steps[i].parts[p] != LC_NONE && h->model->entries[h->steps[i].parts[p]].task == task)
                return h->steps[i].task;
    return LC_NONE;
}

struct lc_result *lcs_held_result(const struct lcs_held *h, struct lc_result *r, struct lc_diag *diag)
{
    struct lc_result *to = take_over(h, r);
    to->overload.queue = task_of(h, to->overload.queue);
    to->overload.task = task_of(h, to->overload.task);
    for (size_t i = 0; i < to->bottleneck_count; i++) {
        to->bottlenecks[i].task = task_of(h, to->bottlenecks[i].task);
        tell_tokens(h, &to->bottlenecks[i]);
    }
    if (!to->ended) {
        for (size_t i = 0; i < h->lock_count; i++)
            fill_lock(h, &h->locks[i], r, to);
        for (size_t i = 0; i < h->lock_count; i++)
            warn_of_full(h, &h->locks[i], to, diag);
        for (size_t i = 0; i < h->step_count; i++)
            fill_step(h, &h->steps[i], r, to);
        for (size_t t = 0; t < h->from->task_count; t++) {
            bool any = false;
            for (size_t i = 0; i < h->step_count; i++)
                any |= h->steps[i].task == (int)t;
            if (any)
                fill_user(h, (int)t, to);
        }
    }
    lc_result_free(r);
    return to;
}
