/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The mean of a figure over a time t has a relative variance of v/t. Of independent requests that come at a rate X,
 * with a squared coefficient of variation c² of what is measured, v is c²/X. Requests at one queue are not independent:
 * the number present at an M/M/1 queue of rate X and load ρ has
 *
 *     v = 2 (1 + ρ) / (X (1 − ρ)²)
 *
 * and a heavily loaded G/G/m queue that times (c_a² + c_s²)/2 (Whitt, Planning queueing simulations, Management Science
 * 35, 1989). It counts by the square of the part of all requests present that the queue is. A half-width
 * of γ times the mean takes t = (z/γ)² v.
 *
 * In closed classes a queue is as long as their customers allow, and remembers little: what decides there is
 * independent requests, within a factor of two over most models of tests/data/lqn.
 *
 * The beginning of a GI/G/m queue of load ρ that serves μ requests per time unit and server is forgotten as e^(−t/τ)
 * with
 *
 *     τ = (c_a² + c_s²) / (2.8 m μ (1 − √ρ)²)
 *
 * (Odoni & Roth, An empirical investigation of the transient behavior of stationary queueing systems, Operations
 * Research 31, 1983). In a closed class what is not the bottleneck sees it as a source, and no queue holds more than
 * all customers: a diffusion between 0 and N forgets within N²/(π² D), with D = m μ (c_a² + c_s²) / 2.
 */
#include "guess.h"

#include "estimate.h"
#include "loadcast/base.h"
#include "loadcast/solve.h"
#include "sim/solve/outcomes.h"

#include <math.h>
#include <stdlib.h>

enum {
    LARGE = 64,       /* tasks … */
    STEPS = 2000,     /* … and entries and activities, of more of which it may take longer than the pilots */
    ITERATIONS = 100, /* of the solver */
};
#define TOLERANCE 1e-4 /* of the solver */
#define MANY      2.0  /* the widest of many intervals, in those of independent requests */

/* A queue with what it serves, or of what it does if nobody waits. */
struct queue {
    double rate, busy, squares; /* requests, servers busy, and the sum of the squares of services, per time unit */
    double length, load;
};

/* To two digits, so that results do not depend on the last bits of an iteration, which processors compute
 * differently. */
static double rounded(double value)
{
    const double unit = pow(10, floor(log10(value)) - 1);
    return value > 0 && isfinite(value) ? ceil(value / unit) * unit : value;
}

static double at_least(double value, double least)
{
    return value > least ? value : least; /* also where the value is not known */
}

/* `busy`: servers that the requests of the entry keep busy. */
static void add_service(struct queue *q, const struct lc_entry_result *e, double busy)
{
    const double rate = e->throughput.mean;
    if (!(rate > 0) || !(busy > 0))
        return;
    q->rate += rate;
    q->busy += busy;
    q->squares += busy * busy / rate * (1 + at_least(e->cv2.mean, 0));
}

/* c² of the services. */
static double squared_service(const struct queue *q)
{
    return q->busy > 0 ? fmax(q->squares * q->rate / (q->busy * q->busy) - 1, 0) : 0;
}

/* v of a response of `present` requests on the average. */
static double variance_by_queue(const struct queue *q, double present, double variation)
{
    if (!(q->length > 0) || !(q->load > 0) || !(q->load < 1) || !(q->rate > 0))
        return 0;
    const double part = fmin(q->length / present, 1), c2 = variation + squared_service(q);
    const double at_queue = 2 * (1 + q->load) / (q->rate * (1 - q->load) * (1 - q->load)) * c2 / 2;
    return at_queue * part * part / (q->load * q->load);
}

/* Of tasks, then of processors; the caller's. */
static struct queue *queues_of(const struct lc_model *m, const struct lc_result *r)
{
    struct queue *queues = lc_calloc(m->task_count + m->processor_count, sizeof *queues);
    for (size_t i = 0; i < m->task_count; i++)
        queues[i] = (struct queue){.length = r->tasks[i].queue_length.mean, .load = r->tasks[i].load.mean};
    for (size_t i = 0; i < m->processor_count; i++)
        queues[m->task_count + i] =
            (struct queue){.length = r->processors[i].queue_length.mean, .load = r->processors[i].load.mean};
    for (size_t i = 0; i < m->entry_count; i++) {
        const size_t task = (size_t)m->entries[i].task, processor = (size_t)m->tasks[task].processor;
        add_service(&queues[task], &r->entries[i], r->entries[i].utilization.mean);
        add_service(&queues[m->task_count + processor], &r->entries[i], r->entries[i].processor_utilization.mean);
    }
    return queues;
}

static bool is_open(const struct lc_model *m, const struct lc_workload_result *w)
{
    return w->task == LC_NONE || m->tasks[w->task].scheduling == LC_OPEN;
}

/* Of what is exponential where nothing is said. */
static double squared_variation(const struct lc_dist *dist)
{
    return dist->family != NULL ? lc_dist_cv2(dist) : 1;
}

/* What is the same for all queues. */
struct sources {
    bool open, closed; /* what classes there are */
    double customers;  /* of all closed classes */
    double variation;  /* c_a² of what arrives, 1 or more */
    double bottleneck; /* closed classes: the highest load; open: 1 */
    double elsewhere;  /* mean residual time that customers think */
};

static struct sources sources_of(const struct lc_model *m, const struct lc_result *r)
{
    struct sources s = {.variation = 1};
    for (size_t i = 0; i < r->workload_count; i++) {
        const struct lc_workload_result *w = &r->workloads[i];
        const struct lc_task *t = w->task != LC_NONE ? &m->tasks[w->task] : NULL;
        if (is_open(m, w)) {
            const struct lc_dist *d = t != NULL ? &t->arrivals : &m->entries[w->entry].open_arrivals;
            s.variation = fmax(s.variation, squared_variation(d));
            s.open = true;
            continue;
        }
        s.closed = true;
        s.customers += t->multiplicity * (double)t->replicas;
        if (t->think_time.family != NULL)
            s.elsewhere = fmax(s.elsewhere, lc_dist_mean(&t->think_time) * (1 + squared_variation(&t->think_time)) / 2);
    }
    return s;
}

static double variance_of_workload(const struct lc_workload_result *w, const struct queue *queues, size_t count,
                                   const struct sources *s)
{
    const double rate = w->throughput.mean, present = rate * w->response_time.mean;
    double v = MANY / rate;
    for (size_t i = 0; i < count && !s->closed; i++)
        v += variance_by_queue(&queues[i], present, s->variation);
    return v;
}

static double memory_of(const struct queue *q, const struct sources *s)
{
    if (!(q->load > 0) || !(q->rate > 0) || !(q->length > 0))
        return 0;
    const double service = q->load / q->rate, c2 = s->variation + squared_service(q);
    const double free = 1 - sqrt(q->load / s->bottleneck), queue = c2 * service / (2.8 * free * free);
    const double bound = 2 * s->customers * s->customers * service / (M_PI * M_PI * c2);
    return s->closed ? fmin(queue, bound) : queue;
}

static double guess_memory(const struct queue *queues, size_t count, struct sources s)
{
    if (s.open && s.closed) /* how long the one remembers depends on where the other waits */
        return INFINITY;
    double memory = 0, highest = 0;
    for (size_t i = 0; i < count; i++)
        highest = fmax(highest, queues[i].load);
    s.bottleneck = s.closed ? highest : 1;
    for (size_t i = 0; i < count; i++)
        memory = fmax(memory, memory_of(&queues[i], &s));
    return memory + s.elsewhere;
}

static struct lci_guess guess_from(const struct lc_model *m, const struct lc_result *r, const struct lc_sim_options *o,
                                   unsigned replications)
{
    struct lci_guess g = {0};
    const struct sources s = sources_of(m, r);
    struct queue *queues = queues_of(m, r);
    const size_t count = m->task_count + m->processor_count;
    double most = 0;
    for (size_t i = 0; i < r->workload_count; i++) {
        const struct lc_workload_result *w = &r->workloads[i];
        if (!(w->throughput.mean > 0))
            continue;
        most = fmax(most, variance_of_workload(w, queues, count, &s));
        g.response = fmax(g.response, w->response_time.mean);
    }
    for (size_t i = 0; i < m->entry_count && !o->answers; i++)
        if (r->entries[i].throughput.mean > 0)
            most = fmax(most, MANY * at_least(r->entries[i].cv2.mean, 1) / r->entries[i].throughput.mean);
    const double goal = o->precision / (1 + o->precision), z = lci_student(replications, o->confidence) / goal;
    g.run_time = rounded(z * z * most);
    g.response = rounded(g.response);
    g.memory = rounded(guess_memory(queues, count, s));
    free(queues);
    return isfinite(g.run_time) && isfinite(g.response) ? g : (struct lci_guess){0};
}

static bool is_small(const struct lc_model *m)
{
    size_t steps = m->entry_count;
    for (size_t t = 0; t < m->task_count; t++)
        steps += m->tasks[t].activity_count;
    return m->task_count <= LARGE && steps <= STEPS;
}

/* Full queues that turn requests away forget soon, at whatever load. */
static bool loses(const struct lc_model *m)
{
    bool any = false;
    for (size_t t = 0; t < m->task_count; t++)
        any |= isfinite(lcs_room_of(m, (int)t));
    return any;
}

/* Pilots look for deadlocks, which tokens can end in and the solver does not see. */
static bool may_deadlock(const struct lc_model *m)
{
    bool any = false;
    for (size_t t = 0; t < m->task_count; t++)
        any |= m->tasks[t].scheduling == LC_SEMAPHORE || m->tasks[t].scheduling == LC_RWLOCK;
    return any;
}

struct lci_guess lci_guess(const struct lc_model *model, const struct lc_sim_options *options, unsigned replications)
{
    struct lc_diag unheard = {0};
    struct lci_guess guess = {.memory = INFINITY};
    struct lc_solve_options quick = lc_solve_defaults();
    quick.tolerance = TOLERANCE;
    quick.iterations = ITERATIONS;
    struct lc_result *r = NULL;
    if (is_small(model) && !loses(model) && !may_deadlock(model) && lc_solve_accepts(model, &unheard))
        r = lc_solve(model, &quick, &unheard);
    if (r != NULL && r->converged)
        guess = guess_from(model, r, options, replications);
    lc_result_free(r);
    lc_diag_free(&unheard);
    return guess;
}
