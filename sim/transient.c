/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transient.h"

#include "arrival_pattern.h"
#include "base/text.h"
#include "experiment.h"
#include "laws.h"
#include "loadcast/base.h"
#include "model/lqn.h"
#include "sim/elsewhere.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BINS   10000
#define MOST_VALUES 2e8  /* runs × curves × bins */
#define ROUNDING    1e-9 /* of the length of a bin */

/* Curves that end early, because of a queue, have so many bins at the least, or are made anew in as many as FINER. */
enum { LEAST_BINS = 10, FINER = 60 };
#define BEFORE_FULL 0.9 /* of the time until the queue is too long */
#define LONG_QUEUE  1e6 /* requests */

/* Response times of all runs together, in bins of the engine's sketches, four of them together. */
enum { COARSE = 4, COARSE_BINS = LCI_SKETCH_BINS / COARSE };

struct lc_transient_options lc_transient_defaults(void)
{
    return (struct lc_transient_options){.replications = 100, .seed = 1};
}

const char *lc_quantity_name(enum lci_quantity quantity)
{
    static const char *const names[] = {[LC_CURVE_LOAD] = "load",
                                        [LC_CURVE_BUSY] = "busy",
                                        [LC_CURVE_QUEUE] = "queue_length",
                                        [LC_CURVE_REPLICAS] = "replicas",
                                        [LC_CURVE_ARRIVALS] = "arrivals",
                                        [LC_CURVE_THROUGHPUT] = "throughput",
                                        [LC_CURVE_RESPONSE] = "response_time",
                                        [LC_CURVE_RESPONSE_P95] = "response_time_p95",
                                        [LC_CURVE_FAILED] = "failed",
                                        [LC_CURVE_SLOWER] = "slower",
                                        [LC_CURVE_SERVED] = "served",
                                        [LC_CURVE_THREADS] = "threads"};
    return names[quantity];
}

/* ---- what is watched --------------------------------------------------------------------------------------------- */

struct watch {
    struct lci_experiment experiment; /* engines and threads */
    const struct lc_transient_options *options;
    struct lc_transient *to;
    struct lci_curves curves;
    size_t first_response; /* the curve of the first workload's p95; one each */
    size_t first_slower;   /* the curve of the first of `slower`; they are the last ones */
    uint32_t *slower;      /* the workload of each */
    uint32_t *merged;      /* [workload][bin][COARSE_BINS] */
    bool *complete;
    enum lci_ended *ended; /* of each run */
    struct lc_full *full;  /* of each run that ended so */
    size_t *reached;       /* bins that each run came to the end of */
    atomic_size_t bins;    /* that no run was too full to reach */
    char **violated;       /* by each run: a law; NULL: none */
};

static void add_curve(struct lc_transient *t, size_t *capacity, enum lci_quantity quantity, struct lc_curve of)
{
    LC_GROW(t->curves, t->count, *capacity);
    struct lc_curve *curve = &t->curves[t->count++];
    *curve = of;
    curve->quantity = quantity;
    curve->mean = lc_calloc(t->bins, sizeof(double));
    curve->ci95 = lc_calloc(t->bins, sizeof(double));
    curve->low = lc_calloc(t->bins, sizeof(double));
    curve->high = lc_calloc(t->bins, sizeof(double));
}

/* One walk lists the curves (`values` NULL), later ones compute their values at the end of a bin, in the same order. */
struct walk {
    const struct lci_engine *engine;
    const bool *counted; /* lc_transient_options */
    struct lc_transient *list;
    size_t capacity;
    size_t index;
    double *before; /* [curve]: the sum at the beginning of the bin */
    double *second; /* the same of what it is divided by */
    float *value, *weight;
    size_t stride, bin;
    double step;
};

static void put(struct walk *w, enum lci_quantity quantity, struct lc_curve of, double sum, double divisor)
{
    if (w->before == NULL) {
        add_curve(w->list, &w->capacity, quantity, of);
        return;
    }
    const size_t i = w->index++;
    const double grown = sum - w->before[i], count = divisor - w->second[i];
    w->before[i] = sum;
    w->second[i] = divisor;
    w->value[i * w->stride + w->bin] = count > 0 ? (float)(grown / count) : NAN;
    w->weight[i * w->stride + w->bin] = (float)count;
}

/* A mean over the bin of what has the time integral `area`; `scale`: how many of it are 1. */
static void put_level(struct walk *w, enum lci_quantity quantity, struct lc_curve of, double area, double scale)
{
    put(w, quantity, of, area / scale, w->engine->now - w->engine->origin);
}

/* What is busy of what serves. A bin ends just before what happens at its end: replicas that stop then have served for
 * a rounding error of the next bin, in which nothing can be told of their load. */
static void put_load(struct walk *w, struct lc_curve of, double area, double serving)
{
    const size_t at = w->index * w->stride + w->bin;
    put(w, LC_CURVE_LOAD, of, area, serving);
    if (w->before == NULL || w->weight[at] > ROUNDING * w->step)
        return;
    w->value[at] = NAN;
    w->weight[at] = 0;
}

static void walk_processor(struct walk *w, const struct lci_processor *p)
{
    const struct lc_curve of = {.processor = p->model, .task = LC_NONE, .entry = LC_NONE};
    double area = 0;
    for (uint32_t i = p->first; i < p->first + p->replicas; i++)
        area += lci_load_area(&w->engine->stations[i].busy, w->engine->now);
    const bool limited = p->scheduling != LC_INF;
    for (size_t i = 0; i < w->engine->program->elastic_count; i++)
        if (w->engine->program->elastics[i].processor == (uint32_t)(p - w->engine->program->processors)) {
            put_load(w, of, area / p->servers, lci_elastic_serving(w->engine, (uint32_t)i));
            return;
        }
    put_level(w, limited ? LC_CURVE_LOAD : LC_CURVE_BUSY, of, area, limited ? (double)p->servers * p->replicas : 1);
}

/* The steps of sessions count for their entries. */
static void walk_steps(struct walk *w, const struct lci_program_task *t)
{
    const struct lci_program *p = w->engine->program;
    for (uint32_t i = 0; i < t->entry_count; i++) {
        const uint32_t entry = p->task_entries[t->first_entry + i];
        const struct lci_entry_tally *tally = &w->engine->entries[entry];
        const struct lc_curve of = {
            .processor = LC_NONE, .task = LC_NONE, .entry = p->entries[entry].model, .workload = true};
        put_level(w, LC_CURVE_THROUGHPUT, of, tally->count, 1);
        put(w, LC_CURVE_RESPONSE, of, tally->sum, tally->count);
    }
}

static double served(const struct walk *w, const struct lci_program_task *t)
{
    const struct lci_program *p = w->engine->program;
    double count = 0;
    for (uint32_t i = 0; i < t->entry_count; i++) {
        const uint32_t entry = p->task_entries[t->first_entry + i];
        count += p->entries[entry].single ? w->engine->activities[p->entries[entry].phases[0]].count
                                          : w->engine->entries[entry].count;
    }
    return count;
}

static void walk_task(struct walk *w, const struct lci_program_task *t)
{
    const struct lc_curve of = {
        .processor = LC_NONE, .task = t->model, .entry = LC_NONE, .workload = t->workload != LCI_NIL};
    const double now = w->engine->now;
    double busy_area = 0, queue_area = 0, busy = 0;
    for (uint32_t i = t->first; i < t->first + t->replicas; i++) {
        const struct lci_instance *instance = &w->engine->instances[i];
        busy += instance->busy;
        busy_area += instance->busy_area + instance->busy * now;
        queue_area += instance->queue_area + lci_queued(instance) * now;
    }
    const bool limited = t->threads != LC_INFINITE && t->workload == LCI_NIL;
    if (limited && t->elastic != LCI_NIL)
        put_load(w, of, busy_area / t->threads, lci_elastic_started(w->engine, t->elastic));
    else
        put_level(w, limited ? LC_CURVE_LOAD : LC_CURVE_BUSY, of, busy_area,
                  limited ? (double)t->threads * t->replicas : 1);
    if (limited)
        put_level(w, LC_CURVE_QUEUE, of, queue_area, 1);
    if (t->elastic != LCI_NIL)
        put_level(w, LC_CURVE_REPLICAS, of, lci_elastic_existing(w->engine, t->elastic), 1);
    if (w->counted != NULL && w->counted[t->model]) {
        put_level(w, LC_CURVE_SERVED, of, served(w, t), 1);
        put_level(w, LC_CURVE_THREADS, of, busy_area, 1);
    }
    const struct lc_task *from = &w->engine->program->model->tasks[t->model];
    if (t->workload != LCI_NIL && lci_is_session(w->engine->program->model, from))
        walk_steps(w, t);              /* whoever pauses is nowhere: what has come is not known */
    else if (t->scheduling == LC_OPEN) /* whoever has come has gone or is here */
        put_level(w, LC_CURVE_ARRIVALS, of, w->engine->workloads[t->workload].count + busy, 1);
}

static void walk_workload(struct walk *w, uint32_t index)
{
    const struct lci_workload *workload = &w->engine->program->workloads[index];
    const struct lci_workload_tally *tally = &w->engine->workloads[index];
    const struct lc_curve of = {
        .processor = LC_NONE, .task = workload->task, .entry = workload->entry, .workload = true};
    put_level(w, LC_CURVE_THROUGHPUT, of, tally->count, 1);
    put(w, LC_CURVE_RESPONSE, of, tally->sum, tally->count);
    if (w->engine->program->fails)
        put(w, LC_CURVE_FAILED, of, tally->failed, tally->count);
}

static void walk_all(struct walk *w)
{
    const struct lci_program *p = w->engine->program;
    for (uint32_t i = 0; i < p->workload_count; i++)
        walk_workload(w, i);
    for (uint32_t i = 0; i < p->task_count; i++)
        walk_task(w, &p->tasks[i]);
    for (uint32_t i = 0; i < p->processor_count; i++)
        walk_processor(w, &p->processors[i]);
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

/* That nothing is left to happen is no fault here: arrivals may end. */
static enum lci_ended run_to(const struct watch *watch, struct lci_engine *e, double end)
{
    const double until = nextafter(end, 0); /* what happens at the end of a bin belongs to the next one */
    const enum lci_ended ended = lci_run_within(&watch->experiment.limits, e, until, UINT64_MAX);
    if (ended != LCI_STUCK || e->patience < 0 || e->unmatched != LCI_NIL)
        return ended;
    e->stuck = false;
    e->patience = LCI_STEPS_AT_ONCE;
    lci_engine_set_time(e, until);
    return LCI_REACHED;
}

/* Later bins than the first in which a run was too full are not asked of any. */
static void cut_bins(struct watch *watch, size_t bins)
{
    size_t now = atomic_load(&watch->bins);
    while (bins < now && !atomic_compare_exchange_weak(&watch->bins, &now, bins))
        ;
}

static void take_percentiles(struct watch *watch, struct lci_engine *e, unsigned run, size_t bin)
{
    static const double p95 = 0.95;
    const struct lci_program *p = e->program;
    pthread_mutex_lock(&watch->experiment.lock);
    for (uint32_t i = 0; i < p->workload_count; i++) {
        const struct lci_sketch *sketch = &e->sketches[p->workloads[i].sketch];
        uint32_t *merged = watch->merged + (i * watch->to->bins + bin) * COARSE_BINS;
        for (size_t b = 0; b < LCI_SKETCH_BLOCKS; b++) {
            const uint64_t *counts = lci_sketch_block(sketch, b);
            for (size_t k = 0; counts != NULL && k < LCI_SKETCH_BLOCK; k++)
                merged[(b * LCI_SKETCH_BLOCK + k) / COARSE] += (uint32_t)counts[k];
        }
    }
    pthread_mutex_unlock(&watch->experiment.lock);
    for (size_t i = 0; watch->slower != NULL && i < watch->options->slower_count; i++) {
        const struct lci_sketch *sketch = &e->sketches[p->workloads[watch->slower[i]].sketch];
        const size_t at = lci_curve_at(&watch->curves, run, watch->first_slower + i, bin);
        double all;
        const double above = lci_sketch_above(sketch, e->sketch_origin, watch->options->slower[i].time, &all);
        watch->curves.values[at] = all > 0 ? (float)(above / all) : NAN;
        watch->curves.weights[at] = (float)all;
    }
    for (uint32_t i = 0; i < p->workload_count; i++) {
        struct lci_sketch *sketch = &e->sketches[p->workloads[i].sketch];
        double value;
        lci_sketch_quantiles(sketch, e->sketch_origin, &p95, 1, &value);
        const size_t at = lci_curve_at(&watch->curves, run, watch->first_response + i, bin);
        watch->curves.values[at] = (float)value;
        watch->curves.weights[at] = 1;
        lci_sketch_clear(sketch);
    }
}

static void run_once(struct lci_experiment *x, struct lci_engine *e, unsigned index, void *context)
{
    struct watch *watch = context;
    const unsigned run = (unsigned)x->next + index;
    if (x->failed) /* another run got stuck, and takes long to tell */
        return;
    const struct lc_transient *to = watch->to;
    double *sums = lc_calloc(2 * to->count, sizeof *sums);
    struct walk walk = {.engine = e,
                        .counted = watch->options->counted,
                        .before = sums,
                        .second = sums + to->count,
                        .value = watch->curves.values + lci_curve_at(&watch->curves, run, 0, 0),
                        .weight = watch->curves.weights + lci_curve_at(&watch->curves, run, 0, 0),
                        .stride = to->bins,
                        .step = to->step};
    e->lead = to->warmup;
    lci_engine_reset(e, watch->options->seed, run);
    enum lci_ended ended = lci_is_over(&x->limits) ? LCI_TIME_UP : LCI_REACHED;
    if (ended == LCI_REACHED && to->warmup > 0)
        ended = run_to(watch, e, to->warmup);
    lci_engine_forget(e);
    struct lci_laws laws = lci_laws_begin(e);
    walk_all(&walk); /* what the sums begin with; the values are written again */
    size_t bin = 0;
    for (; bin < atomic_load(&watch->bins) && ended == LCI_REACHED; bin++) {
        ended = lci_look(&x->limits, e); /* a bin may be shorter than what is run between two looks */
        if (ended == LCI_REACHED)
            ended = run_to(watch, e, to->warmup + (double)(bin + 1) * to->step);
        if (ended != LCI_REACHED)
            break;
        walk.index = 0;
        walk.bin = bin;
        walk_all(&walk);
        take_percentiles(watch, e, run, bin);
    }
    if (ended == LCI_FULL) {
        double waiting;
        const int task = x->program->tasks[lci_longest_queue(e, &waiting)].model;
        watch->full[run] = (struct lc_full){task, waiting, e->now - to->warmup};
        cut_bins(watch, bin);
    }
    watch->complete[run] = ended == LCI_REACHED || ended == LCI_FULL;
    watch->ended[run] = ended;
    watch->reached[run] = bin;
    watch->violated[run] = lci_laws_check(e, &laws);
    lci_laws_free(&laws);
    pthread_mutex_lock(&x->lock);
    x->events += e->events;
    x->failed |= ended == LCI_STUCK;
    pthread_mutex_unlock(&x->lock);
    free(sums);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void list_curves(struct watch *watch)
{
    struct lc_transient *to = watch->to;
    struct walk walk = {.engine = watch->experiment.engines[0], .counted = watch->options->counted, .list = to};
    walk_all(&walk);
    watch->first_response = to->count;
    const struct lci_program *p = watch->experiment.program;
    for (uint32_t i = 0; i < p->workload_count; i++)
        add_curve(
            to, &walk.capacity, LC_CURVE_RESPONSE_P95,
            (struct lc_curve){
                .processor = LC_NONE, .task = p->workloads[i].task, .entry = p->workloads[i].entry, .workload = true});
}

static const char *source_name(const struct lc_model *model, const struct lci_workload *workload)
{
    return workload->task != LC_NONE ? model->tasks[workload->task].name : model->entries[workload->entry].name;
}

static bool list_slower(struct watch *watch, struct lc_diag *diag)
{
    struct lc_transient *to = watch->to;
    const struct lci_program *p = watch->experiment.program;
    size_t capacity = to->count; /* what is there fills it at least */
    watch->first_slower = to->count;
    watch->slower = lc_calloc(watch->options->slower_count, sizeof *watch->slower);
    for (size_t i = 0; i < watch->options->slower_count; i++) {
        const struct lc_slower *asked = &watch->options->slower[i];
        uint32_t at = 0;
        while (at < p->workload_count && strcmp(source_name(to->model, &p->workloads[at]), asked->workload) != 0)
            at++;
        if (at == p->workload_count) {
            lc_error(diag, LC_INPUT, NULL, "there is no workload '%s' whose requests could be slow", asked->workload);
            return false;
        }
        watch->slower[i] = at;
        add_curve(to, &capacity, LC_CURVE_SLOWER,
                  (struct lc_curve){.processor = LC_NONE,
                                    .task = p->workloads[at].task,
                                    .entry = p->workloads[at].entry,
                                    .workload = true,
                                    .limit = asked->time});
    }
    return true;
}

/* The percentiles of all runs together. */
static void report_percentiles(struct watch *watch)
{
    static const double p95 = 0.95;
    const struct lci_program *p = watch->experiment.program;
    struct lci_sketch *sketch = lc_calloc(1, sizeof *sketch);
    for (uint32_t i = 0; i < p->workload_count; i++)
        for (size_t bin = 0; bin < watch->to->bins; bin++) {
            const uint32_t *merged = watch->merged + (i * watch->to->bins + bin) * COARSE_BINS;
            lci_sketch_clear(sketch);
            for (size_t k = 0; k < LCI_SKETCH_BINS; k++) /* evenly over the fine ones */
                if (merged[k / COARSE] > 0)
                    lci_sketch_count(sketch, k, merged[k / COARSE]);
            lci_sketch_quantiles(sketch, lci_sketch_origin(p->scale), &p95, 1,
                                 &watch->to->curves[watch->first_response + i].mean[bin]);
        }
    lci_sketches_free(sketch, 1);
}

/* Runs in waves, so that a progress bar moves and the clock is looked at; only runs without a gap before them count. */
static void run_all(struct watch *watch)
{
    enum { WAVE = 16 };
    const unsigned all = watch->options->replications;
    unsigned done = 0;
    while (done < all && !watch->experiment.failed) {
        const unsigned wave = all - done < WAVE ? all - done : WAVE;
        const unsigned before = done;
        watch->experiment.next = done;
        lci_run_parallel(&watch->experiment, wave, run_once, watch);
        for (unsigned i = 0; i < wave && watch->complete[done]; i++)
            done++;
        if (watch->options->progress != NULL)
            watch->options->progress(watch->options->context, (double)done / all, NAN);
        if (done - before < wave) /* the time allowed is over */
            break;
    }
    watch->curves.runs = watch->to->replications = done;
    watch->to->complete = done == all;
}

static bool is_right(const struct lc_model *model, const struct lc_transient_options *o, struct lc_diag *diag)
{
    const struct lc_place place = {model->source, 0, 0, -1};
    const size_t before = diag->errors;
    if (!(o->duration > 0) || !isfinite(o->duration) || !(o->step > 0) || !(o->warmup >= 0) || !isfinite(o->warmup))
        lc_error(diag, LC_INPUT, &place,
                 "curves over %g in bins of %g after a warm-up of %g; expected a duration and a step above 0 and a "
                 "warm-up of 0 or more",
                 o->duration, o->step, o->warmup);
    else if (o->duration / o->step > MOST_BINS)
        lc_error(diag, LC_INPUT, &place, "curves have %.4g bins; expected %d at the most", o->duration / o->step,
                 MOST_BINS);
    if (o->replications < 1)
        lc_error(diag, LC_INPUT, &place, "curves of no run; expected 1 or more");
    return diag->errors == before;
}

static struct lc_transient *new_transient(const struct lc_model *model, const struct lc_transient_options *o)
{
    struct lc_transient *to = lc_calloc(1, sizeof *to);
    to->model = model;
    to->bins = (size_t)fmax(round(o->duration / o->step), 1);
    to->step = o->duration / (double)to->bins;
    to->seed = o->seed;
    to->warmup = o->warmup;
    to->full.task = LC_NONE;
    return to;
}

/* Runs the first of those that got stuck once more, to tell where. */
static void tell_stuck(struct watch *watch)
{
    struct lci_experiment *x = &watch->experiment;
    unsigned run = 0;
    while (watch->ended[run] != LCI_STUCK)
        run++;
    x->engines[0]->lead = watch->to->warmup;
    lci_engine_reset(x->engines[0], watch->options->seed, run);
    lci_tell_end(x, x->engines[0], run_to(watch, x->engines[0], watch->to->warmup + watch->options->duration));
}

/* A queue has grown beyond what is kept: the curves end before. */
static void end_early(struct watch *watch)
{
    struct lc_transient *to = watch->to;
    for (unsigned run = 0; run < watch->curves.runs; run++)
        if (watch->ended[run] == LCI_FULL && (to->full.task == LC_NONE || watch->full[run].at < to->full.at))
            to->full = watch->full[run];
    to->bins = atomic_load(&watch->bins);
    to->complete = false;
}

/* The first one. */
static void tell_violations(struct watch *watch, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    for (unsigned run = 0; run < watch->options->replications; run++) {
        if (watch->violated[run] != NULL && diag->errors == before)
            lci_laws_say(watch->violated[run], watch->options->seed, run, diag);
        free(watch->violated[run]);
    }
}

char *lci_curves_short(const struct lc_transient *t, unsigned asked)
{
    const char *when = t->partial ? "when it was stopped" : "in the time allowed";
    if (t->unfinished)
        return lc_format("no run was complete %s: the curves are of one run until then, without intervals", when);
    if (t->replications >= asked)
        return NULL;
    if (t->replications == 1)
        return lc_format("1 of %u runs was complete %s: the curves have no intervals", asked, when);
    return lc_format("%u of %u runs were complete %s", t->replications, asked, when);
}

/* No run is complete: takes the one that has come the furthest, and of these the first. */
static void take_unfinished(struct watch *watch, struct lc_diag *diag)
{
    struct lc_transient *to = watch->to;
    unsigned best = 0;
    for (unsigned run = 1; run < watch->options->replications; run++)
        best = watch->reached[run] > watch->reached[best] ? run : best;
    if (watch->reached[best] == 0) {
        if (to->partial)
            lc_error(diag, LC_UNDECIDED, NULL, "stopped before a bin of the curves was complete");
        else
            lc_error(diag, LC_UNDECIDED, NULL, "no bin of the curves was complete after %g s; allow more time",
                     watch->options->max_time_s);
        return;
    }
    const size_t from = lci_curve_at(&watch->curves, best, 0, 0), count = to->count * to->bins;
    memmove(watch->curves.values, watch->curves.values + from, count * sizeof *watch->curves.values);
    memmove(watch->curves.weights, watch->curves.weights + from, count * sizeof *watch->curves.weights);
    watch->curves.runs = to->replications = 1;
    to->unfinished = true;
    for (uint32_t i = 0; i < watch->experiment.program->workload_count; i++)
        for (size_t bin = 0; bin < watch->reached[best]; bin++)
            to->curves[watch->first_response + i].mean[bin] =
                (double)watch->curves.values[lci_curve_at(&watch->curves, 0, watch->first_response + i, bin)];
    lci_curves_summarise(&watch->curves, to);
    to->bins = watch->reached[best];
}

/* What all runs that are complete tell. */
static void summarise(struct watch *watch)
{
    struct lc_transient *to = watch->to;
    report_percentiles(watch);
    lci_curves_summarise(&watch->curves, to);
    if (atomic_load(&watch->bins) == to->bins)
        lci_find_recovery(&watch->curves, to);
    else
        end_early(watch);
}

static void simulate(struct watch *watch, struct lc_diag *diag)
{
    struct lc_transient *to = watch->to;
    struct lci_experiment *x = &watch->experiment;
    list_curves(watch);
    if (!list_slower(watch, diag))
        return;
    const double values = (double)watch->options->replications * (double)to->count * (double)to->bins;
    if (values > MOST_VALUES) {
        lc_error(diag, LC_INPUT, NULL,
                 "%u runs of %zu curves in %zu bins are too many to keep; expected fewer runs or longer bins",
                 watch->options->replications, to->count, to->bins);
        return;
    }
    watch->curves = (struct lci_curves){.transient = to,
                                        .values = lc_calloc((size_t)values, sizeof(float)),
                                        .weights = lc_calloc((size_t)values, sizeof(float))};
    watch->merged = lc_calloc(x->program->workload_count * to->bins, COARSE_BINS * sizeof *watch->merged);
    watch->complete = lc_calloc(watch->options->replications, sizeof *watch->complete);
    watch->ended = lc_calloc(watch->options->replications, sizeof *watch->ended);
    watch->full = lc_calloc(watch->options->replications, sizeof *watch->full);
    watch->reached = lc_calloc(watch->options->replications, sizeof *watch->reached);
    atomic_init(&watch->bins, to->bins);
    watch->violated = lc_calloc(watch->options->replications, sizeof *watch->violated);
    run_all(watch);
    tell_violations(watch, diag);
    to->partial = lci_is_stopped(&x->limits);
    if (x->failed)
        tell_stuck(watch);
    else if (diag->errors == 0 && watch->curves.runs == 0)
        take_unfinished(watch, diag);
    else if (diag->errors == 0)
        summarise(watch);
    to->events = x->events;
    free(watch->curves.values);
    free(watch->curves.weights);
    free(watch->merged);
    free(watch->complete);
    free(watch->ended);
    free(watch->full);
    free(watch->reached);
    free(watch->violated);
}

/* How many requests may wait. Under a load that never changes, and with replicas that stay as they are, a million of
 * them besides the customers that there are wait only for who gets more than it can serve: the queue goes on growing as
 * it has grown, and more of it tells nothing new. Where load or replicas change, a longer one may still be served. */
static double queue_kept(const struct lc_transient_options *options, const struct lci_program *p)
{
    const bool changes = p->pattern_count > 0 || p->elastic_count > 0;
    return options->max_queue > 0 ? options->max_queue : changes ? 0 : LONG_QUEUE + p->customers;
}

static struct lc_transient *make_curves(const struct lc_model *model, const struct lc_transient_options *options,
                                        struct lc_diag *diag)
{
    const double started = lci_seconds();
    const size_t errors = diag->errors;
    struct lci_program *program = lci_compile(model, diag);
    if (program == NULL)
        return NULL;
    const struct lc_sim_options plain = lc_sim_defaults();
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    struct watch watch = {.experiment = {.options = &plain,
                                         .program = program,
                                         .diag = diag,
                                         .jobs = options->jobs > 0 ? options->jobs
                                                 : online > 0      ? (unsigned)online
                                                                   : 1},
                          .options = options,
                          .to = new_transient(model, options)};
    struct lci_experiment *x = &watch.experiment;
    x->limits = lci_limits_new(options->max_time_s, options->stop, queue_kept(options, program), x->jobs);
    pthread_mutex_init(&x->lock, NULL);
    x->engines = lc_calloc(x->jobs, sizeof(struct lci_engine *));
    x->engines[0] = lci_engine_new(program);
    simulate(&watch, diag);
    free(watch.slower);
    watch.to->elapsed_s = lci_seconds() - started;
    for (unsigned i = 0; i < x->jobs; i++)
        lci_engine_free(x->engines[i]);
    free(x->engines);
    pthread_mutex_destroy(&x->lock);
    lci_program_free(program);
    if (diag->errors == errors)
        return watch.to;
    lc_transient_free(watch.to);
    return NULL;
}

/* A queue that is too long within a few bins: the curves until then, in finer bins. */
static struct lc_transient *make_finer(const struct lc_transient *coarse, const struct lc_transient_options *options,
                                       struct lc_diag *diag)
{
    const struct lc_full *full = &coarse->full;
    struct lc_transient_options shorter = *options;
    shorter.duration = BEFORE_FULL * full->at;
    shorter.step = fmin(options->step, shorter.duration / FINER);
    if (options->max_time_s > 0)
        shorter.max_time_s = fmax(options->max_time_s - coarse->elapsed_s, 1e-3);
    struct lc_transient *finer = full->at > 0 ? make_curves(coarse->model, &shorter, diag) : NULL;
    if (full->at <= 0)
        lc_error(diag, LC_INPUT, &coarse->model->tasks[full->task].place,
                 "before the curves begin, %.3g requests wait for '%s', more than are kept (max_queue)", full->waiting,
                 coarse->model->tasks[full->task].name);
    if (finer == NULL)
        return NULL;
    finer->complete = false;
    finer->full = *full;
    finer->elapsed_s += coarse->elapsed_s;
    return finer;
}

struct lc_transient *lc_simulate_transient(const struct lc_model *model, const struct lc_transient_options *options,
                                           struct lc_diag *diag)
{
    if (lci_elsewhere_bound() > 0)
        return lci_elsewhere_ask_curves(lci_elsewhere_bound(), model, options, diag);
    if (!is_right(model, options, diag))
        return NULL;
    struct lc_transient *curves = make_curves(model, options, diag);
    if (curves == NULL || curves->full.task == LC_NONE || curves->bins >= LEAST_BINS)
        return curves;
    struct lc_transient *finer = make_finer(curves, options, diag);
    lc_transient_free(curves);
    return finer;
}

void lc_transient_free(struct lc_transient *transient)
{
    if (transient == NULL)
        return;
    for (size_t i = 0; i < transient->count; i++) {
        free(transient->curves[i].mean);
        free(transient->curves[i].ci95);
        free(transient->curves[i].low);
        free(transient->curves[i].high);
    }
    free(transient->curves);
    free(transient);
}
