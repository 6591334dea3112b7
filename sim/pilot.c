/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pilot replications: how long the transient is, and how long replications should be.
 *
 * The numbers of requests present at the tasks, averaged over the pilots in equal intervals of time, go through MSER-5;
 * the longest cut over the busiest tasks counts. A cut at its bound means that the transient may not be over: the
 * pilots are made four times as long, a few times at the most (a saturated queue never settles).
 */
#include "experiment.h"

#include "deadlock.h"
#include "drift.h"
#include "loadcast/base.h"
#include "warmup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL     0.95 /* of a processor's time */
#define ROUNDING 1e-9 /* of a mean: nothing that is simulated varies by less */

enum {
    PILOTS = 8,
    BINS = 500,
    WATCHED = 16,   /* tasks whose populations are looked at */
    EVENTS = 20000, /* of the first pilot, at the least … */
    EVENTS_PER_CUSTOMER = 20,
    LENGTHENINGS = 3,
    RUN_PER_WARMUP = 20, /* a replication is at least so many warm-ups long */
    RUN_PER_PILOT = 4,
    SHORT = 5,          /* fewer are said to be short */
    WINDOW = 5,         /* autocorrelations are summed up to so many times their sum (Sokal 1997) */
    MEMORIES = 25,      /* a pilot is so many correlation times long, where its length must tell for others */
    FORGET = 3,         /* correlation times, after which the beginning is forgotten */
    FORGET_GUESSED = 4, /* times what the solver says of the memory of a model: e⁻⁴ / 20 of a bias is left */
    PAUSES = 20,        /* a pilot that tells growth is at least so many pauses of policies long */
};

struct series {
    double length;  /* of a pilot */
    double *values; /* [pilot][task][bin]: requests present, mean over the bin */
    double *served; /* [pilot][task]: requests that came to a thread, per time unit */
    double *busy;   /* [pilot][task]: load of its processor */
    bool failed;
};

/* The part of its time that the processor of the task was busy; 0 where nobody contends. */
static double processor_load(const struct lci_engine *e, uint32_t task)
{
    const struct lci_program *p = e->program;
    const struct lci_program_task *t = &p->tasks[task];
    double busy = 0, servers = 0;
    for (uint32_t i = t->first; i < t->first + t->replicas; i++) {
        const uint32_t station = p->instance_station[i];
        const struct lci_processor *processor = &p->processors[p->station_processor[station]];
        if (processor->scheduling == LC_INF)
            return 0;
        busy += lci_load_area(&e->stations[station].busy, e->now);
        servers += processor->servers;
    }
    return busy / servers / (e->now - e->origin);
}

static void run_pilot(struct lci_experiment *x, struct lci_engine *e, unsigned index, void *context)
{
    struct series *series = context;
    const size_t tasks = x->program->task_count;
    double *values = series->values + index * tasks * BINS;
    double *before = lc_calloc(tasks, sizeof *before);
    lci_engine_reset(e, x->options->seed, x->next + index);
    enum lci_ended ended = LCI_REACHED;
    for (size_t bin = 0; bin < BINS && ended == LCI_REACHED; bin++) {
        ended = lci_run_within(&x->limits, e, series->length * (double)(bin + 1) / BINS, UINT64_MAX);
        for (uint32_t i = 0; i < tasks; i++) {
            const double area = lci_present_area(e, i);
            values[i * BINS + bin] = (area - before[i]) / (series->length / BINS);
            before[i] = area;
        }
    }
    free(before);
    struct lci_call_tally *received = lci_received(e);
    for (uint32_t i = 0; i < tasks; i++) {
        series->served[index * tasks + i] = received[i].count / series->length;
        series->busy[index * tasks + i] = processor_load(e, i);
    }
    free(received);
    char *deadlock = lci_find_deadlock(e);
    if (ended == LCI_STUCK || ended == LCI_FULL || deadlock != NULL)
        series->failed = true;
    free(deadlock);
}

static double total(const double *values, size_t tasks, size_t task)
{
    double sum = 0;
    for (size_t pilot = 0; pilot < PILOTS; pilot++)
        for (size_t bin = 0; bin < BINS; bin++)
            sum += values[(pilot * tasks + task) * BINS + bin];
    return sum;
}

static size_t cut_of(const double *values, size_t tasks, size_t task, bool *at_bound)
{
    double mean[BINS] = {0};
    for (size_t pilot = 0; pilot < PILOTS; pilot++)
        for (size_t bin = 0; bin < BINS; bin++)
            mean[bin] += values[(pilot * tasks + task) * BINS + bin] / PILOTS;
    return lci_mser5(mean, BINS, at_bound);
}

/* The longest cut over the tasks with most requests present, as a part of the pilots' length. */
static double longest_cut(const double *values, size_t tasks, bool *at_bound)
{
    double *present = lc_calloc(tasks, sizeof *present);
    for (size_t i = 0; i < tasks; i++)
        present[i] = total(values, tasks, i);
    size_t longest = 0;
    *at_bound = false;
    for (int n = 0; n < WATCHED; n++) {
        size_t most = 0;
        for (size_t i = 1; i < tasks; i++)
            if (present[i] > present[most])
                most = i;
        if (!(present[most] > 0))
            break;
        present[most] = 0;
        bool bound;
        const size_t cut = cut_of(values, tasks, most, &bound);
        longest = cut > longest ? cut : longest;
        *at_bound |= bound;
    }
    free(present);
    return (double)longest / BINS;
}

/* The integrated autocorrelation time of a task's population after the cut, in bins: 1 + 2 Σ ρ(k), up to a window of
 * WINDOW times itself, or the first ρ that is not positive. A population that never changes has errors of rounding,
 * which go with each other for as long as the pilots last, and remembers nothing. */
static double correlation_of(const double *values, size_t tasks, size_t task, size_t cut)
{
    const size_t left = BINS - cut;
    double mean = 0, variance = 0, sum = 1;
    for (size_t pilot = 0; pilot < PILOTS; pilot++)
        for (size_t bin = cut; bin < BINS; bin++)
            mean += values[(pilot * tasks + task) * BINS + bin] / (PILOTS * (double)left);
    for (size_t lag = 0; lag < left / 2 && (double)lag < WINDOW * sum; lag++) {
        double covariance = 0;
        for (size_t pilot = 0; pilot < PILOTS; pilot++) {
            const double *of = values + (pilot * tasks + task) * BINS;
            for (size_t bin = cut; bin + lag < BINS; bin++)
                covariance += (of[bin] - mean) * (of[bin + lag] - mean) / (PILOTS * (double)(left - lag));
        }
        if (!(covariance > (lag == 0 ? ROUNDING * ROUNDING * mean * mean : 0)))
            break;
        if (lag == 0)
            variance = covariance;
        else
            sum += 2 * covariance / variance;
    }
    return sum;
}

/* The longest one over the tasks with most requests present, as a part of the pilots' length. */
static double longest_correlation(const double *values, size_t tasks, double cut)
{
    double longest = 0, most = 0;
    for (size_t i = 0; i < tasks; i++)
        most = fmax(most, total(values, tasks, i));
    for (size_t i = 0; i < tasks; i++)
        if (total(values, tasks, i) > most / BINS)
            longest = fmax(longest, correlation_of(values, tasks, i, (size_t)(cut * BINS)));
    return longest / BINS;
}

/* Growth per time unit in a half of the pilots' length, from its first to its last quarter. */
static struct lci_moments growth(const struct series *series, size_t tasks, size_t task, size_t first)
{
    enum { HALF = BINS / 2, PART = HALF / 4 };
    struct lci_moments moments = {0};
    for (size_t pilot = 0; pilot < PILOTS; pilot++) {
        const double *values = series->values + (pilot * tasks + task) * BINS + first;
        double grown = 0;
        for (size_t bin = 0; bin < PART; bin++)
            grown += values[HALF - 1 - bin] - values[bin];
        lci_moments_add(&moments, grown / PART / ((HALF - PART) * series->length / BINS));
    }
    return moments;
}

/* A task that has no thread left, or no processor, and whose queue grows beyond doubt, by more than a hundredth of what
 * passes through, and not more slowly than before: what settles late grows ever more slowly (as √t at a load of 1). */
static bool task_grows(const struct lci_experiment *x, const struct series *series, size_t task)
{
    const struct lci_program_task *t = &x->program->tasks[task];
    const size_t tasks = x->program->task_count;
    const struct lci_moments early = growth(series, tasks, task, 0), late = growth(series, tasks, task, BINS / 2);
    double served = 0, present = 0, busy = 0;
    for (size_t pilot = 0; pilot < PILOTS; pilot++) {
        busy += series->busy[pilot * tasks + task] / PILOTS;
        served += series->served[pilot * tasks + task] / PILOTS;
        present += series->values[(pilot * tasks + task) * BINS + BINS / 2] / PILOTS;
    }
    const bool limited = t->threads != LC_INFINITE;
    if (t->workload != LCI_NIL || (!limited && busy < FULL))
        return false;
    return (!limited || present > (double)t->threads * t->replicas) && late.mean > lci_half_width(&late, 0.999) &&
           late.mean > 0.01 * served && late.mean > 0.75 * early.mean;
}

static bool any_grows(const struct lci_experiment *x, const struct series *series)
{
    for (size_t i = 0; i < x->program->task_count; i++)
        if (task_grows(x, series, i))
            return true;
    return false;
}

static void say_stuck(struct lci_experiment *x, const struct lci_engine *e, const char *deadlock)
{
    const struct lc_model *m = x->program->model;
    const char *name = m->name != NULL && *m->name != 0 ? m->name : m->source != NULL ? m->source : "";
    if (e->unmatched != LCI_NIL) {
        const struct lc_entry *entry = &x->program->model->entries[x->program->entries[e->unmatched].model];
        const struct lc_task *task = &x->program->model->tasks[entry->task];
        lc_error(x->diag, LC_INPUT, &entry->place,
                 "task '%s': entry '%s' is called at time %g while nothing is taken that it could give back; expected "
                 "%s before it",
                 task->name, entry->name, e->now,
                 task->scheduling == LC_SEMAPHORE ? "a request to the wait entry" : "a request to the lock entry");
    } else if (e->patience < 0)
        lc_error(x->diag, LC_INPUT, NULL,
                 "model '%s' goes round for ever without any time passing (at time %g); give some demand or think time "
                 "to its customers",
                 name, e->now);
    else if (deadlock != NULL)
        lc_error(
            x->diag, LC_INPUT, NULL,
            "model '%s' comes to a deadlock before time %g: %s; let whoever takes a lock or token also give it back",
            name, e->now, deadlock);
    else
        lc_error(x->diag, LC_INPUT, NULL,
                 "model '%s' comes to a stop at time %g: every customer waits for another one (a deadlock, or a "
                 "semaphore that nobody signals)",
                 name, e->now);
}

void lci_tell_end(struct lci_experiment *x, const struct lci_engine *e, enum lci_ended ended)
{
    if (ended == LCI_FULL) {
        lci_say_full(e, x->diag);
        return;
    }
    char *deadlock = lci_find_deadlock(e);
    say_stuck(x, e, deadlock);
    free(deadlock);
}

void lci_say_over(const struct lci_experiment *x)
{
    if (lci_is_stopped(&x->limits))
        lc_error(x->diag, LC_UNDECIDED, NULL, "stopped before one replication was complete");
    else
        lc_error(x->diag, LC_UNDECIDED, NULL, "not one replication was complete after %g s; allow more time",
                 x->options->max_time_s);
}

/* The time that a pilot needs for enough events; NaN with an error when the simulation does not get so far. */
static double first_length(struct lci_experiment *x)
{
    struct lci_engine *e = x->engines[0];
    const double events = fmax(EVENTS, EVENTS_PER_CUSTOMER * x->program->customers);
    lci_engine_reset(e, x->options->seed, x->next++);
    const enum lci_ended ended = lci_run_within(&x->limits, e, INFINITY, (uint64_t)events);
    char *deadlock = lci_find_deadlock(e);
    const bool dead = deadlock != NULL;
    free(deadlock);
    if (ended == LCI_TIME_UP)
        lci_say_over(x);
    else if (ended != LCI_REACHED || dead)
        lci_tell_end(x, e, ended);
    else {
        x->pace = (double)e->events / e->now;
        return e->now;
    }
    return NAN;
}

/* Which engine ran the pilot that failed depends on threads: the first of the pilots is run again to tell. */
static void say_first_failure(struct lci_experiment *x, double length)
{
    struct lci_engine *e = x->engines[0];
    for (unsigned i = PILOTS; i > 0; i--) {
        lci_engine_reset(e, x->options->seed, x->next - i);
        const enum lci_ended ended = lci_run_within(&x->limits, e, length, UINT64_MAX);
        char *deadlock = lci_find_deadlock(e);
        const bool failed = ended == LCI_STUCK || ended == LCI_FULL || deadlock != NULL;
        free(deadlock);
        if (failed) {
            lci_tell_end(x, e, ended);
            return;
        }
    }
}

/* Replications as short as that hardly differ from each other by what makes them differ in the long run. */
static void say_short(const struct lci_experiment *x)
{
    if (x->options->run_time > 0 && x->options->warmup < 0 && x->run_time < SHORT * x->warmup)
        lc_warn(x->diag, NULL,
                "the run time of %.4g is short for this model, which takes %.4g to forget its beginning; expected "
                "%.4g or more (--run-time), or intervals may not hold what they should",
                x->run_time, x->warmup, SHORT * x->warmup);
}

bool lci_pilot(struct lci_experiment *x)
{
    struct series series = {.length = first_length(x)};
    if (isnan(series.length))
        return false;
    const size_t tasks = x->program->task_count;
    double cut = 0, longest = 0;
    const bool feeds_back = lci_feeds_back(x->program->model, &longest);
    const bool known = x->guess.run_time > 0 && isfinite(x->guess.memory) && !feeds_back;
    if (x->options->warmup < 0 && known) {
        cut = FORGET_GUESSED * x->guess.memory;
    } else if (x->options->warmup < 0) {
        series.values = lc_calloc((size_t)PILOTS * tasks * BINS, sizeof *series.values);
        series.served = lc_calloc((size_t)PILOTS * tasks, sizeof *series.served);
        series.busy = lc_calloc((size_t)PILOTS * tasks, sizeof *series.busy);
        bool longer = true, grew = false;
        for (int i = 0; longer && i <= LENGTHENINGS && !lci_is_over(&x->limits); i++) {
            if (i > 0)
                series.length *= 4;
            lci_run_parallel(x, PILOTS, run_pilot, &series);
            x->next += PILOTS;
            if (series.failed)
                break;
            cut = longest_cut(series.values, tasks, &longer) * series.length;
            if (x->options->run_time > 0) { /* replications are what they are: the warm-up must do for all of it */
                const double memory = longest_correlation(series.values, tasks, cut / series.length);
                longer |= memory * MEMORIES > 1;
                cut = fmax(cut, FORGET * memory * series.length);
            }
            const bool grows = feeds_back && series.length > PAUSES * longest && any_grows(x, &series);
            x->grows = grows && grew;
            grew = grows;
            if (x->grows)
                break;
        }
        free(series.values);
        free(series.served);
        free(series.busy);
        if (series.failed) {
            say_first_failure(x, series.length);
            return false;
        }
    }
    if (x->options->warmup >= 0)
        cut = x->options->warmup;
    if (x->grows) { /* as long as that could be seen */
        x->warmup = fmax(series.length / 2, x->options->least_warmup);
        x->run_time = x->options->run_time > 0 ? x->options->run_time : series.length / 2;
        return true;
    }
    const double wanted = fmax(RUN_PER_WARMUP * cut, RUN_PER_PILOT * series.length), least = x->options->least_run_time;
    x->warmup = x->options->warmup >= 0 ? cut : fmax(cut, x->options->least_warmup);
    x->run_time = x->options->run_time > 0 ? x->options->run_time : wanted <= 2 * least ? least : wanted;
    say_short(x);
    return true;
}
