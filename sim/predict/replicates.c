/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the number of traces leaves open. The learner makes its numbers anew from bootstrapped traces; each replicate is
 * a model that the traces might have given as well.
 *
 * The traffic equations of every replicate give the interval of the load at which a component is full. For what
 * needs a simulation, some replicates are simulated in short replications on the random numbers of the point itself;
 * the difference to short replications of the point's own model, on the same numbers and of the same length, is due to
 * the numbers drawn and little else. That little is estimated from the spread of the replications within a replicate
 * (as in a one-way analysis of variance with random effects) and taken out. The interval has the quantiles of the
 * replicates, not a multiple of their standard deviation: near saturation they are far from symmetric. Its two sides
 * are joined with those of the simulation by adding squares (Zou & Donner 2008). */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "base/ascending.h"
#include "base/sort.h"
#include "base/text.h"
#include "loadcast/edit.h"
#include "model/dist/dist.h"
#include "model/edit/edit_paths.h"

enum {
    TWICE = LCP_TWICE,
    EACH = LCP_EACH,
    NUMBERS = 11, /* replications of the point's own model; replicates use one of them, or two neighbours, in turn */
    SHORTER = 10, /* than the point's own replications, but with so many events at the least: */
    EVENTS = 20000,
    MOST_BEST = 160, /* replications of the replicate that carries an overload best */
};
#define TAIL 0.025
#define SAME 1e-9 /* relative: no further apart than scaling leaves them */

enum fate { MISSING, STEADY, OVERLOADED };

struct lcp_replicates {
    size_t measures, count; /* count: of replicates */
    double *base;           /* [NUMBERS][measure] */
    double *values;         /* [replicate][EACH][measure]; NaN where a replicate was simulated once only */
    enum fate *fate;        /* of each replicate */
    bool **growing;         /* of each that is overloaded: lcp_growing_entries() */
    double *below, *above;  /* [measure] how far the interval reaches on either side; NaN: not known */
};

double lcp_quantile(const double *sorted, size_t count, double p)
{
    assert(count > 0 && lci_ascending(sorted, count));
    const double place = fmin(fmax(p * (double)(count + 1) - 1, 0), (double)count - 1);
    const size_t i = (size_t)place;
    const double part = place - (double)i;
    if (!(part > 0) || isinf(sorted[i]))
        return sorted[i];
    return sorted[i] + part * (sorted[i + 1] - sorted[i]);
}

static bool used(const struct lc_verdict *verdict)
{
    return verdict->learned && verdict->scenario->uncertainty && verdict->evidence.replicates > 0;
}

size_t lcp_simulated_replicates(const struct lc_verdict *verdict)
{
    return !used(verdict)                                 ? 0
           : verdict->evidence.replicates < LCP_SIMULATED ? verdict->evidence.replicates
                                                          : LCP_SIMULATED;
}

/* Of the numbers that have replicates; the array is the caller's. */
static const char **paths_of(const struct lc_verdict *verdict)
{
    const char **paths = lc_calloc(verdict->evidence.replicated_count + 1, sizeof *paths);
    for (size_t i = 0; i < verdict->evidence.replicated_count; i++)
        paths[i] = verdict->evidence.replicated[i].path;
    return paths;
}

struct lc_dist **lcp_replicated_times(const struct lc_verdict *verdict, struct lc_model *model)
{
    const size_t count = verdict->evidence.replicated_count;
    const char **paths = paths_of(verdict);
    struct lc_dist **times = lc_calloc(count + 1, sizeof *times);
    lci_edit_times(model, paths, times, count);
    free(paths);
    return times;
}

struct lc_model *lcp_replicate_model(const struct lc_verdict *verdict, const struct lc_model *model, size_t replicate)
{
    struct lc_model *drawn = lc_model_copy(model);
    const size_t count = verdict->evidence.replicated_count;
    const char **paths = paths_of(verdict);
    double *ratios = lc_calloc(count + 1, sizeof *ratios);
    for (size_t i = 0; i < count; i++)
        ratios[i] = verdict->evidence.replicated[i].ratios[replicate];
    lci_edit_scale(drawn, paths, ratios, count);
    free(paths);
    free(ratios);
    return drawn;
}

bool lcp_has_shape(const struct lc_dist *time, const struct lc_replicated *drawn)
{
    return drawn->table != NULL && fabs(lc_dist_cv2(time) - drawn->cv2) <= SAME * drawn->cv2;
}

/* A time has the values of its table to a power, and its mean. What the scenario states in place of what was learned
 * stays. */
static void reshape(struct lc_dist *time, const struct lc_replicated *d, double power)
{
    const double mean = time != NULL ? lc_dist_mean(time) : 0;
    if (!(mean > 0) || !lcp_has_shape(time, d))
        return;
    double values[LC_SHAPE];
    for (size_t i = 0; i < LC_SHAPE; i++)
        values[i] = power == 1 ? d->table[i] : pow(d->table[i], power);
    const double correlation = time->size_correlation;
    lc_dist_free(time);
    *time = lc_dist_make(lc_family_find("empirical"), 0, values, LC_SHAPE);
    time->size_correlation = correlation;
    lci_dist_scale(time, mean / lc_dist_mean(time));
}

struct lc_model *lcp_shaped_model(const struct lc_verdict *verdict, const struct lc_model *model, int replicate)
{
    struct lc_model *shaped =
        replicate == LC_NONE ? lc_model_copy(model) : lcp_replicate_model(verdict, model, (size_t)replicate);
    struct lc_dist **times = lcp_replicated_times(verdict, shaped);
    for (size_t i = 0; i < verdict->evidence.replicated_count; i++) {
        const struct lc_replicated *d = &verdict->evidence.replicated[i];
        if (d->table != NULL)
            reshape(times[i], d, replicate == LC_NONE ? 1 : d->powers[replicate]);
    }
    free(times);
    return shaped;
}

static double traffic_load(const struct lc_traffic *traffic, const struct lc_component *c)
{
    return c->processor ? traffic->processor_load[c->index] : traffic->task_load[c->index];
}

/* ---- the traffic equations --------------------------------------------------------------------------------------- */

struct traffic_loads {
    const struct lc_model *model;
    const struct lc_component *components;
    size_t count, replicates;
    double *each;    /* [component][replicate] */
    double *highest; /* [replicate] of all components, limits or not */
};

static void solve_replicate(struct lc_verdict *verdict, size_t replicate, void *context)
{
    struct traffic_loads *loads = context;
    struct lc_model *model = lcp_replicate_model(verdict, loads->model, replicate);
    struct lc_traffic traffic = {0};
    struct lc_diag own = {0};
    const bool solved = lc_traffic_solve(model, &traffic, &own) == 0;
    for (size_t i = 0; i < loads->count; i++)
        loads->each[i * loads->replicates + replicate] = solved ? traffic_load(&traffic, &loads->components[i]) : NAN;
    loads->highest[replicate] = solved ? traffic.load : NAN;
    lc_traffic_free(&traffic);
    lc_diag_free(&own);
    lc_model_free(model);
}

static struct traffic_loads solve_replicates(struct lc_verdict *verdict, const struct lc_model *model,
                                             const struct lc_component *components, size_t count, size_t replicates)
{
    struct traffic_loads loads = {.model = model, .components = components, .count = count, .replicates = replicates};
    loads.each = lc_calloc(count * replicates, sizeof *loads.each);
    loads.highest = lc_calloc(replicates, sizeof *loads.highest);
    lcp_parallel(verdict, replicates, solve_replicate, &loads);
    return loads;
}

static void free_traffic_loads(struct traffic_loads *loads)
{
    free(loads->each);
    free(loads->highest);
}

void lcp_find_uncertainty(struct lc_verdict *verdict, struct lc_limits *limits)
{
    if (!used(verdict) || limits->count == 0)
        return;
    struct lc_component *components = lc_calloc(limits->count, sizeof *components);
    for (size_t i = 0; i < limits->count; i++)
        components[i] = limits->items[i].component;
    const size_t replicates = verdict->evidence.replicates;
    struct traffic_loads all = solve_replicates(verdict, limits->model, components, limits->count, replicates);
    for (size_t i = 0; i < limits->count; i++) {
        struct lc_limit *l = &limits->items[i];
        double *loads = all.each + i * replicates;
        if (i == 0)
            lcp_explain_limit(verdict, limits, loads);
        lci_sort_doubles(loads, replicates);
        l->high = LCP_TRICKLE / lcp_quantile(loads, replicates, TAIL);
        l->low = LCP_TRICKLE / lcp_quantile(loads, replicates, 1 - TAIL);
        l->uncertainty = fmax(l->high - l->factor, l->factor - l->low) / l->factor;
        l->ratios = lc_calloc(replicates, sizeof *l->ratios);
        for (size_t b = 0; b < replicates; b++)
            l->ratios[b] = LCP_TRICKLE / (loads[b] * l->factor);
    }
    free_traffic_loads(&all);
    free(components);
}

/* In how many replicates the point is overloaded; the loads of components if it is in its own model; and the replicate
 * that carries the load best. */
static size_t find_overload(struct lc_verdict *verdict, struct lc_point *p)
{
    const size_t replicates = lcp_simulated_replicates(verdict);
    size_t count, overloaded = 0, best = 0;
    struct lc_component *components = lc_components(p->model, &count);
    struct traffic_loads loads = solve_replicates(verdict, p->model, components, count, replicates);
    for (size_t b = 0; b < replicates; b++) {
        overloaded += loads.highest[b] >= 1;
        best = loads.highest[b] < loads.highest[best] ? b : best;
    }
    lci_sort_doubles(loads.highest, replicates);
    p->load_high = lcp_quantile(loads.highest, replicates, 1 - TAIL);
    p->overload_share = (double)overloaded / (double)replicates;
    p->unsure = p->overloaded && p->overload_share < 1 - TAIL;
    if (p->overloaded) {
        p->traffic_low = lc_calloc(count, sizeof *p->traffic_low);
        p->traffic_high = lc_calloc(count, sizeof *p->traffic_high);
        for (size_t i = 0; i < count; i++) {
            lci_sort_doubles(loads.each + i * replicates, replicates);
            p->traffic_low[i] = lcp_quantile(loads.each + i * replicates, replicates, TAIL);
            p->traffic_high[i] = lcp_quantile(loads.each + i * replicates, replicates, 1 - TAIL);
        }
    }
    free_traffic_loads(&loads);
    free(components);
    return best;
}

struct best {
    const struct lc_verdict *verdict;
    const struct lc_point *point;
    uint32_t next; /* replications at which the goals are looked at again */
};

/* Looks that are far apart: each may be wrong by chance. */
static bool best_tells(void *context, const struct lc_result *result)
{
    struct best *best = context;
    if (result->replications < best->next)
        return false;
    best->next = 2 * result->replications;
    return lcp_best_tells(best->verdict, best->point, result);
}

/* What the replicate that carries the load best says, where most are overloaded but not nearly all: what misses a goal
 * even there misses it. Its queues are long and goals mostly far away, so that a few replications tell. */
static void simulate_best(const struct lc_verdict *verdict, struct lc_point *p, size_t replicate)
{
    p->best_model = lcp_shaped_model(verdict, p->model, (int)replicate);
    struct best best = {verdict, p, 0};
    struct lc_sim_options options = verdict->scenario->simulation;
    options.replications = MOST_BEST;
    options.enough = best_tells;
    options.context = &best;
    options.jobs = verdict->work->threads;
    options.spare = verdict->work->spare;
    options.max_events = lcp_events(verdict, 0.1);
    if (options.warmup > 0)
        options.warmup /= verdict->time_unit;
    struct lc_diag own = {0};
    p->best = lcp_answer(lcp_decides(verdict), p->best_model, &options, &own);
    lc_diag_free(&own);
}

void lcp_find_overloads(struct lc_verdict *verdict)
{
    for (size_t i = 0; used(verdict) && i < verdict->point_count; i++) {
        struct lc_point *p = &verdict->points[i];
        const size_t best = find_overload(verdict, p);
        if (p->unsure)
            simulate_best(verdict, p, best);
    }
}

/* ---- simulated replicates
 * --------------------------------------------------------------------------------------------- */

static unsigned replications_of(size_t replicate)
{
    return replicate < TWICE ? EACH : 1;
}

/* The number of a replicate's replication among those of the point's own model. */
static size_t number_of(size_t replicate, size_t replication)
{
    return replicate % (NUMBERS - EACH + 1) + replication;
}

static double short_time(const struct lc_result *r)
{
    const double each = (double)r->events / r->replications, length = r->warmup + r->simulated_time;
    const double shortest = fmax(2 * r->warmup, EVENTS / each * length);
    return fmax(r->simulated_time / SHORTER, fmin(r->simulated_time, shortest));
}

/* The point's own model (`replicate` LC_NONE) or that of a replicate, in short replications. */
static enum fate simulate_short(const struct lc_verdict *verdict, const struct lc_point *p, int replicate, size_t first,
                                unsigned count, double deadline, double *values, bool **growing)
{
    struct lc_sim_options options = verdict->scenario->simulation;
    options.replications = count;
    options.first_replication = p->result->first_replication + first;
    options.warmup = p->result->warmup;
    options.run_time = short_time(p->result);
    options.jobs = 1;
    options.samples = options.unsteady = true;
    options.max_time_s = deadline - lci_seconds();
    if (options.max_time_s <= 0)
        return MISSING;
    enum fate fate = MISSING;
    struct lc_model *model = lcp_shaped_model(verdict, p->model, replicate);
    struct lc_diag own = {0};
    struct lc_traffic traffic = {0};
    struct lc_result *result = lcp_answer(lcp_decides(verdict), model, &options, &own);
    if (result != NULL && result->samples.count == p->replicates->measures && result->samples.replications == count &&
        lc_traffic_solve(model, &traffic, &own) == 0) {
        memcpy(values, result->samples.values, count * p->replicates->measures * sizeof *values);
        fate = traffic.load < 1 ? STEADY : OVERLOADED;
        if (fate == OVERLOADED && growing != NULL)
            *growing = lcp_growing_entries(model, &traffic);
    }
    lc_traffic_free(&traffic);
    lc_result_free(result);
    lc_diag_free(&own);
    lc_model_free(model);
    return fate;
}

struct phase {
    struct lc_point **points;
    size_t replicates; /* of each */
    double deadline;
    double weight; /* of a piece of work in the progress bar */
};

/* The pieces of one point: its own short replications, then each replicate. */
static size_t pieces(size_t replicates)
{
    return NUMBERS + replicates;
}

static void simulate_piece(struct lc_verdict *verdict, size_t index, void *context)
{
    const struct phase *phase = context;
    const struct lc_point *p = phase->points[index / pieces(phase->replicates)];
    const size_t piece = index % pieces(phase->replicates);
    struct lcp_replicates *d = p->replicates;
    struct lcp_part part = {&verdict->work->bar, phase->weight, 0};
    if (piece < NUMBERS) {
        simulate_short(verdict, p, LC_NONE, piece, 1, phase->deadline, d->base + piece * d->measures, NULL);
    } else {
        const size_t replicate = piece - NUMBERS;
        d->fate[replicate] =
            simulate_short(verdict, p, (int)replicate, number_of(replicate, 0), replications_of(replicate),
                           phase->deadline, d->values + replicate * EACH * d->measures, &d->growing[replicate]);
    }
    lcp_show(&part, 1, 0);
}

static double *unknown(size_t count)
{
    double *values = lc_alloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    return values;
}

static struct lcp_replicates *new_replicates(size_t measures, size_t replicates)
{
    struct lcp_replicates *d = lc_calloc(1, sizeof *d);
    d->measures = measures;
    d->base = unknown(NUMBERS * measures);
    d->values = unknown(replicates * EACH * measures);
    d->fate = lc_calloc(replicates, sizeof *d->fate);
    d->growing = lc_calloc(replicates, sizeof *d->growing);
    d->count = replicates;
    d->below = lc_calloc(measures, sizeof *d->below);
    d->above = lc_calloc(measures, sizeof *d->above);
    return d;
}

void lcp_replicates_free(struct lcp_replicates *d)
{
    if (d == NULL)
        return;
    free(d->base);
    free(d->values);
    free(d->fate);
    for (size_t b = 0; b < d->count; b++)
        free(d->growing[b]);
    free(d->growing);
    free(d->below);
    free(d->above);
    free(d);
}

/* ---- intervals --------------------------------------------------------------------------------------------------- */

/* What a replicate changes in a measure, [replication]: in proportion to what the point's own model gives on the same
 * random numbers, because near saturation one short replication sees many times the queue of another. */
static void change_of(const struct lc_point *p, size_t replicate, size_t measure, double *change)
{
    const struct lcp_replicates *d = p->replicates;
    const struct lc_estimate *e = p->result->samples.of[measure];
    for (size_t r = 0; r < EACH; r++) {
        const double drawn = d->values[(replicate * EACH + r) * d->measures + measure];
        const double own = d->base[number_of(replicate, r) * d->measures + measure];
        change[r] = own > 0 && e != NULL ? e->mean * (drawn / own - 1) : drawn - own;
    }
}

/* Variance of a change due to chance, in one replication: from the replicates that have two. */
static double chance(const double *changes, size_t replicates)
{
    double sum = 0, count = 0;
    for (size_t b = 0; b < replicates; b++) {
        const double difference = changes[b * EACH] - changes[b * EACH + 1];
        if (isnan(difference))
            continue;
        sum += difference * difference / 2;
        count++;
    }
    return count > 0 ? sum / count : 0;
}

size_t lcp_replicate_means(const double *changes, size_t replicates, double *means)
{
    double sum = 0, noise = 0, spread = 0;
    const double once = chance(changes, replicates);
    size_t count = 0;
    for (size_t b = 0; b < replicates; b++) {
        const double *c = changes + b * EACH;
        if (isnan(c[0]))
            continue;
        const bool twice = !isnan(c[1]);
        means[count] = twice ? (c[0] + c[1]) / 2 : c[0];
        sum += means[count++];
        noise += twice ? once / 2 : once;
    }
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        spread += (means[i] - mean) * (means[i] - mean) / (double)(count - 1);
    const double true_part = spread > 0 ? sqrt(fmax(0, 1 - noise / (double)count / spread)) : 0;
    for (size_t i = 0; i < count; i++)
        means[i] = mean + true_part * (means[i] - mean);
    return count;
}

/* How far the replicates reach below and above 0. `changes` has EACH for every replicate, NaN where it is missing;
 * `open` of `replicates` more are beyond all bounds. */
static void half_widths(const double *changes, size_t replicates, size_t open, double *below, double *above)
{
    double *means = lc_calloc(replicates + open, sizeof *means);
    const size_t count = lcp_replicate_means(changes, replicates, means);
    *below = *above = NAN;
    if (count + open >= LCP_ENOUGH && count > 1) {
        for (size_t i = 0; i < open; i++)
            means[count + i] = INFINITY;
        lci_sort_doubles(means, count + open);
        *below = fmax(0, -lcp_quantile(means, count + open, TAIL));
        *above = fmax(0, lcp_quantile(means, count + open, 1 - TAIL));
    }
    free(means);
}

static int by_address(const void *a, const void *b)
{
    const struct lc_estimate *const *x = a, *const *y = b;
    return (*x > *y) - (*x < *y);
}

struct bounded {
    const struct lc_estimate **items;
    size_t count, capacity;
};

static void bound(struct bounded *b, const struct lc_estimate *e)
{
    LC_GROW(b->items, b->count, b->capacity);
    b->items[b->count++] = e;
}

/* The figures that do not grow with a queue that grows: rates and parts. */
static struct bounded find_bounded(const struct lc_result *r)
{
    struct bounded b = {0};
    for (size_t i = 0; i < r->model->processor_count; i++) {
        bound(&b, &r->processors[i].utilization);
        bound(&b, &r->processors[i].load);
    }
    for (size_t i = 0; i < r->model->task_count; i++) {
        const struct lc_task_result *t = &r->tasks[i];
        const struct lc_estimate *parts[] = {&t->throughput,
                                             &t->load,
                                             &t->processor_utilization,
                                             &t->dropped,
                                             &t->timed_out,
                                             &t->given_up,
                                             isnan(t->load.mean) ? NULL : &t->utilization};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            if (parts[k] != NULL)
                bound(&b, parts[k]);
        for (size_t k = 0; k < r->model->tasks[i].activity_count; k++) {
            bound(&b, &r->activities[i][k].throughput);
            bound(&b, &r->activities[i][k].processor_utilization);
        }
    }
    for (size_t i = 0; i < r->model->entry_count; i++) {
        bound(&b, &r->entries[i].throughput);
        bound(&b, &r->entries[i].processor_utilization);
        for (size_t k = 0; k < LC_PHASES; k++) {
            bound(&b, &r->entries[i].phases[k].throughput);
            bound(&b, &r->entries[i].phases[k].processor_utilization);
        }
    }
    for (size_t i = 0; i < r->workload_count; i++) {
        bound(&b, &r->workloads[i].throughput);
        bound(&b, &r->workloads[i].failed);
    }
    for (size_t i = 0; i < r->policy_count; i++) {
        const struct lc_policy_result *p = &r->policies[i];
        const struct lc_estimate *const parts[] = {
            &p->requests,        &p->failed, &p->hits,    &p->retries, &p->timed_out, &p->errors,
            &p->short_circuited, &p->full,   &p->limited, &p->shed,    &p->copies,    &p->open};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            bound(&b, parts[k]);
    }
    if (b.count > 1)
        qsort(b.items, b.count, sizeof *b.items, by_address);
    return b;
}

/* Which element of an array holds the estimate; `count`: none. */
static size_t place_in(const void *estimate, const void *array, size_t count, size_t size)
{
    const uintptr_t at = (uintptr_t)estimate, first = (uintptr_t)array;
    return at >= first && at < first + count * size ? (at - first) / size : count;
}

static bool is_one_of(const struct lc_estimate *e, const struct lc_percentiles *percentiles)
{
    return place_in(e, percentiles->value, LC_MOST_PERCENTILES, sizeof *e) < LC_MOST_PERCENTILES;
}

/* Whether a figure that may grow does so where these entries do: those of who does not wait for them stay. */
static bool grows_with(const struct lc_result *r, const struct lc_estimate *e, const bool *growing)
{
    const size_t entries = r->model->entry_count;
    const size_t w = place_in(e, r->workloads, r->workload_count, sizeof *r->workloads);
    const size_t entry = place_in(e, r->entries, entries, sizeof *r->entries);
    if (w < r->workload_count) {
        const struct lc_workload_result *of = &r->workloads[w];
        return lcp_source_grows(r->model, growing, of,
                                e == &of->completion_time || is_one_of(e, &of->completion_percentiles));
    }
    return entry == entries || e != &r->entries[entry].service_time || growing[entry];
}

static void find_half_widths(struct lc_point *p, size_t replicates)
{
    struct lcp_replicates *d = p->replicates;
    struct bounded bounded = find_bounded(p->result);
    double *changes = lc_calloc(replicates * EACH, sizeof *changes);
    for (size_t i = 0; i < d->measures; i++) {
        const struct lc_estimate *e = p->result->samples.of[i];
        const bool grows =
            e != NULL && bounded.count > 0 && bsearch(&e, bounded.items, bounded.count, sizeof e, by_address) == NULL;
        size_t open = 0;
        for (size_t b = 0; b < replicates; b++) {
            const bool beyond = grows && d->fate[b] == OVERLOADED && grows_with(p->result, e, d->growing[b]);
            open += beyond;
            change_of(p, b, i, changes + b * EACH);
            if (beyond || d->fate[b] == MISSING)
                changes[b * EACH] = NAN;
        }
        half_widths(changes, replicates, open, &d->below[i], &d->above[i]);
    }
    free(changes);
    free(bounded.items);
}

/* Both kinds of error in one interval. */
static void join(struct lc_estimate *e, double below, double above)
{
    const double stretch = 2.576 / 1.960; /* from 95 to 99 % for what the replicates tell */
    e->learned = true;
    e->simulation_ci95 = e->ci95;
    if (isnan(below) || isnan(above)) { /* too rare in the replicates, or no time was left for them */
        e->low = e->high = e->ci95 = e->ci99 = NAN;
        return;
    }
    e->low = fmax(e->mean - hypot(below, e->simulation_ci95), 0);
    e->high = e->mean + hypot(above, e->simulation_ci95);
    e->ci95 = fmax(e->mean - e->low, e->high - e->mean);
    e->ci99 = hypot(fmax(below, above) * stretch, e->ci99);
}

static void cap_load(struct lc_estimate *e)
{
    if (!e->learned || !(e->high > 1))
        return;
    e->high = 1;
    e->ci95 = fmax(e->mean - e->low, e->high - e->mean);
}

void lcp_join_errors(const struct lc_verdict *verdict, struct lc_point *p)
{
    if (!used(verdict) || p->result == NULL || p->replicates == NULL)
        return;
    struct lc_result *r = p->result;
    for (size_t i = 0; i < p->replicates->measures; i++)
        if (r->samples.of[i] != NULL && !isnan(r->samples.of[i]->mean))
            join(r->samples.of[i], p->replicates->below[i], p->replicates->above[i]);
    for (size_t i = 0; i < r->model->processor_count; i++)
        cap_load(&r->processors[i].load);
    for (size_t i = 0; i < r->model->task_count; i++)
        cap_load(&r->tasks[i].load);
    for (size_t i = 0; i < r->bottleneck_count; i++) {
        struct lc_bottleneck *b = &r->bottlenecks[i];
        b->load = b->processor != LC_NONE ? r->processors[b->processor].load : r->tasks[b->task].load;
    }
}

void lcp_simulate_replicates(struct lc_verdict *verdict, double deadline, double weight)
{
    const size_t replicates = lcp_simulated_replicates(verdict);
    struct phase phase = {
        .replicates = replicates, .deadline = deadline, .weight = weight / (double)pieces(replicates)};
    size_t count = 0;
    phase.points = lc_calloc(verdict->point_count, sizeof(struct lc_point *));
    for (size_t i = 0; replicates > 0 && i < verdict->point_count; i++) {
        struct lc_point *p = &verdict->points[i];
        if (p->result == NULL || !lc_point_is_steady(p))
            continue;
        p->replicates = new_replicates(p->result->samples.count, replicates);
        phase.points[count++] = p;
    }
    lcp_parallel(verdict, count * pieces(replicates), simulate_piece, &phase);
    for (size_t i = 0; i < count; i++) {
        find_half_widths(phase.points[i], replicates);
        lcp_join_errors(verdict, phase.points[i]);
        lcp_judge(verdict, phase.points[i]);
    }
    free(phase.points);
}

/* ---- for others -------------------------------------------------------------------------------------------------- */

double lcp_replicate_changes(const struct lc_verdict *verdict, const struct lc_point *point, size_t measure,
                             double *changes)
{
    const size_t replicates = lcp_simulated_replicates(verdict);
    double *all = lc_calloc(replicates * EACH, sizeof *all), noise = 0, count = 0;
    for (size_t b = 0; b < replicates; b++)
        change_of(point, b, measure, all + b * EACH);
    const double once = chance(all, replicates);
    for (size_t b = 0; b < replicates; b++) {
        const double *c = all + b * EACH;
        const bool twice = !isnan(c[1]), known = point->replicates->fate[b] == STEADY && !isnan(c[0]);
        changes[b] = !known ? NAN : twice ? (c[0] + c[1]) / 2 : c[0];
        noise += !known ? 0 : twice ? once / 2 : once;
        count += known;
    }
    free(all);
    return count > 0 ? noise / count : 0;
}

/* ---- differences between points ---------------------------------------------------------------------------------- */

bool lcp_difference_half_widths(const struct lc_verdict *verdict, const struct lc_point *base, size_t base_measure,
                                const struct lc_point *change, size_t change_measure, double *below, double *above)
{
    const size_t replicates = lcp_simulated_replicates(verdict);
    if (replicates == 0 || base->replicates == NULL || change->replicates == NULL)
        return false;
    double *changes = lc_calloc(replicates * EACH, sizeof *changes);
    for (size_t b = 0; b < replicates; b++) {
        double before[EACH], after[EACH];
        change_of(base, b, base_measure, before);
        change_of(change, b, change_measure, after);
        for (size_t r = 0; r < EACH; r++)
            changes[b * EACH + r] = base->replicates->fate[b] == STEADY && change->replicates->fate[b] == STEADY
                                        ? after[r] - before[r]
                                        : NAN;
    }
    half_widths(changes, replicates, 0, below, above);
    free(changes);
    return true;
}
