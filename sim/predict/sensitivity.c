/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose samples carry what the number of traces leaves open, and which recordings would settle it.
 *
 * Numbers from the same traces move together, so that variances do not add; covariances do. With y what a replicate
 * makes of the outcome, and y ≈ Σ s (r − 1) over the drawn numbers, each r times its estimate, the share of an
 * operation is Cov(Σ s r over its numbers, y) / Var y (Li et al., "Global sensitivity analysis for systems with
 * independent and/or correlated inputs", J. Phys. Chem. A 114, 2010). Of the load of a component the slopes s are those
 * of the traffic equations. What a simulation told of some replicates is regressed on a few features that the traffic
 * equations tell of all of them: the response without waiting (or the component's load), and how near to saturation the
 * two fullest components are; slopes then follow by the chain rule. Waiting there is also in proportion to the mean
 * square of the service times (Pollaczek and Khinchine), so that shapes count with the samples that they come from. */
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "loadcast/edit.h"
#include "model/edit/edit_paths.h"
#include "predict.h"

enum {
    FEATURES = 3,
    ENOUGH = 20, /* replicates for a regression */
};
#define STEP       0.01 /* relative, of a number, for its slope */
#define HALVE      4.0  /* a quarter of the variance is half of the interval */
#define MOST_TIMES 1e6
/* Each slope takes a solution of the traffic equations, in proportion to the entries, and thousands of numbers do not
 * matter each.
 */
#define MOST_SLOPES  500
#define LEAST_SLOPES 50
#define SLOPES_WORK  100000 /* entries times slopes */

void lcp_sensitivity_free(struct lc_sensitivity *sensitivity)
{
    if (sensitivity != NULL)
        free(sensitivity->parts);
    free(sensitivity);
}

/* ---- features of the traffic ----------------------------------------------------------------------------------------
 */

struct features {
    size_t count;
    int source;                    /* a task whose response without waiting is the first one; LC_NONE: none is */
    struct lc_component component; /* else this one's load */
    struct lc_component full[FEATURES - 1];
    bool logarithms; /* of the first, and −log(1 − load) of the others; else just the component's load */
};

static double traffic_load(const struct lc_traffic *traffic, const struct lc_component *c)
{
    return c->processor ? traffic->processor_load[c->index] : traffic->task_load[c->index];
}

static double response(const struct lc_model *model, const struct lc_traffic *traffic, int source)
{
    const struct lc_task *task = &model->tasks[source];
    double rate = 0, time = 0;
    for (size_t i = 0; i < task->entry_count; i++) {
        const int e = task->entries[i];
        const double r = task->entry_count > 1 ? traffic->entry_rate[e] : 1;
        rate += r;
        time += r * traffic->entry_phase1[e];
    }
    return time / rate;
}

static bool solve(const struct lc_model *model, const struct features *f, double *values)
{
    struct lc_traffic traffic = {0};
    struct lc_diag own = {0};
    const bool solved = lc_traffic_solve(model, &traffic, &own) == 0;
    if (solved) {
        const double first =
            f->source != LC_NONE ? response(model, &traffic, f->source) : traffic_load(&traffic, &f->component);
        values[0] = f->logarithms ? log(first) : first;
        for (size_t k = 1; k < f->count; k++)
            values[k] = -log(1 - traffic_load(&traffic, &f->full[k - 1])); /* NaN beyond saturation */
    }
    lc_traffic_free(&traffic);
    lc_diag_free(&own);
    return solved;
}

static double covariance(const double *x, const double *y, size_t count)
{
    double mean_x = 0, mean_y = 0, sum = 0, known = 0;
    for (size_t b = 0; b < count; b++) {
        if (isnan(x[b]) || isnan(y[b]))
            continue;
        mean_x += x[b];
        mean_y += y[b];
        known++;
    }
    for (size_t b = 0; b < count; b++)
        if (!isnan(x[b]) && !isnan(y[b]))
            sum += (x[b] - mean_x / known) * (y[b] - mean_y / known);
    return known > 1 ? sum / (known - 1) : 0;
}

/* The numbers that y may depend on noticeably: all of them where they are few, else those with which it moves most. A
 * number that carries 5 % of its variance has a correlation of 0.22 with it, others one of 0.07 by chance (of 200). */
static bool *worth_a_slope(const struct lc_verdict *verdict, const double *y, size_t replicates)
{
    const size_t numbers = verdict->evidence.replicated_count, affordable = SLOPES_WORK / verdict->base->entry_count,
                 most = affordable > MOST_SLOPES    ? MOST_SLOPES
                        : affordable < LEAST_SLOPES ? LEAST_SLOPES
                                                    : affordable;
    bool *worth = lc_calloc(numbers + 1, sizeof *worth);
    double *moves = lc_calloc(numbers + 1, sizeof *moves), *sorted = lc_calloc(numbers + 1, sizeof *sorted);
    for (size_t i = 0; i < numbers && numbers > most; i++) {
        const double *ratios = verdict->evidence.replicated[i].ratios,
                     variance = covariance(ratios, ratios, replicates);
        moves[i] = sorted[i] = variance > 0 ? fabs(covariance(ratios, y, replicates)) / sqrt(variance) : 0;
    }
    lci_sort_doubles(sorted, numbers);
    const double least = numbers > most ? sorted[numbers - most] : 0;
    size_t taken = 0;
    for (size_t i = 0; i < numbers; i++) { /* of equal ones no more than can be afforded, and none that never varies */
        worth[i] = numbers <= most || (moves[i] > 0 && moves[i] >= least && taken < most);
        taken += worth[i];
    }
    free(moves);
    free(sorted);
    return worth;
}

/* The slope of each feature in each drawn number, [feature][number]: what it adds when the number doubles, if it went
 * on like that. `y`: the outcome in each replicate, to be explained. */
static double *find_slopes(const struct lc_verdict *verdict, const struct lc_model *model, const struct features *f,
                           const double *y, size_t replicates)
{
    const size_t numbers = verdict->evidence.replicated_count;
    double *slopes = lc_calloc(f->count * numbers, sizeof *slopes), before[FEATURES], after[FEATURES];
    struct lc_model *moved = lc_model_copy(model);
    const bool known = solve(moved, f, before);
    bool *worth = worth_a_slope(verdict, y, replicates);
    for (size_t i = 0; known && i < numbers; i++) {
        if (!worth[i])
            continue;
        const char *path = verdict->evidence.replicated[i].path;
        struct lc_diag own = {0};
        double value;
        if (lc_edit_get(moved, path, &value, &own, NULL) == 0 && value > 0 &&
            lci_edit_number(moved, path, value * (1 + STEP), &own, NULL) == 0) {
            if (solve(moved, f, after))
                for (size_t k = 0; k < f->count; k++)
                    slopes[k * numbers + i] = isfinite(after[k] - before[k]) ? (after[k] - before[k]) / STEP : 0;
            lci_edit_number(moved, path, value, &own, NULL);
        }
        lc_diag_free(&own);
    }
    free(worth);
    lc_model_free(moved);
    return slopes;
}

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

/* What the logarithm of the mean square of the service times at each of the fullest components gains when the squared
 * coefficient of variation of a time doubles, if it went on like that: [feature][number]. A time's part in the mean
 * square is its part in the load times its mean times 1 + c². */
static double *find_weights(const struct lc_verdict *verdict, struct lc_model *model, const struct features *f,
                            const double *slopes)
{
    const size_t numbers = verdict->evidence.replicated_count;
    double *weights = lc_calloc(f->count * numbers, sizeof *weights);
    struct lc_dist **times = lcp_replicated_times(verdict, model);
    for (size_t k = 1; k < f->count; k++) {
        double *w = weights + k * numbers, all = 0;
        for (size_t i = 0; i < numbers; i++) {
            const struct lc_dist *time = times[i];
            if (time == NULL || !(slopes[k * numbers + i] > 0))
                continue;
            const double cv2 = lc_dist_cv2(time), square = slopes[k * numbers + i] * lc_dist_mean(time) * (1 + cv2);
            w[i] = lcp_has_shape(time, &verdict->evidence.replicated[i]) ? square * cv2 / (1 + cv2) : 0;
            all += square;
        }
        for (size_t i = 0; i < numbers && all > 0; i++)
            w[i] /= all;
    }
    free(times);
    return weights;
}

/* The relative change of a time's squared coefficient of variation in each replicate; 0 where nothing waits for it. */
static double *find_changes(const struct lc_verdict *verdict, const struct features *f, const double *weights,
                            size_t replicates)
{
    const size_t numbers = verdict->evidence.replicated_count;
    double *changes = lc_calloc(numbers * replicates, sizeof *changes);
    for (size_t i = 0; i < numbers; i++) {
        const struct lc_replicated *d = &verdict->evidence.replicated[i];
        bool counts = false;
        for (size_t k = 1; k < f->count; k++)
            counts |= weights[k * numbers + i] > 0;
        for (size_t b = 0; b < replicates && counts; b++) {
            double sum = 0, squares = 0;
            for (size_t j = 0; j < LC_SHAPE; j++) {
                const double x = pow(d->table[j], d->powers[b]);
                sum += x;
                squares += x * x;
            }
            changes[i * replicates + b] = (squares * LC_SHAPE / (sum * sum) - 1) / d->cv2 - 1;
        }
    }
    return changes;
}

/* ---- shares ------------------------------------------------------------------------------------------------------ */

/* How an outcome depends on the drawn numbers, [number], and on the changes of shapes, [number][replicate]; NULL: it
 * does not. */
struct dependence {
    const double *slopes, *shape_slopes, *changes;
};

static int by_share(const void *a, const void *b)
{
    const struct lc_sensitivity_part *x = a, *y = b;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

/* What each number adds to the variance, gathered by operation. */
static void gather(const struct lc_verdict *verdict, struct lc_sensitivity *sensitivity, const struct dependence *on,
                   const double *y, size_t replicates)
{
    const struct lc_evidence *evidence = &verdict->evidence;
    const size_t none = verdict->base->entry_count;
    double *most = lc_calloc(none + 1, sizeof *most);
    sensitivity->count = none + 1;
    sensitivity->parts = lc_calloc(none + 1, sizeof *sensitivity->parts);
    for (size_t e = 0; e <= none; e++)
        sensitivity->parts[e].entry = e < none ? (int)e : LC_NONE;
    for (size_t i = 0; i < evidence->replicated_count; i++) {
        const struct lc_replicated *d = &evidence->replicated[i];
        const size_t e = d->entry != LC_NONE ? (size_t)d->entry : none;
        const double shape = on->shape_slopes != NULL ? on->shape_slopes[i] : 0;
        if (on->slopes[i] == 0 && shape == 0)
            continue;
        const double part = on->slopes[i] * covariance(d->ratios, y, replicates) +
                            (shape != 0 ? shape * covariance(on->changes + i * replicates, y, replicates) : 0);
        sensitivity->parts[e].share += part;
        if (sensitivity->parts[e].most == NULL || part > most[e]) {
            sensitivity->parts[e].most = d;
            most[e] = part;
        }
    }
    free(most);
}

/* From covariances to shares of the variance: what is negative counts nothing, and all together no more than 1. */
static bool finish_shares(struct lc_sensitivity *sensitivity, double variance)
{
    double all = 0, positive = 0;
    size_t count = 0;
    for (size_t i = 0; i < sensitivity->count; i++) {
        all += sensitivity->parts[i].share;
        if (!(sensitivity->parts[i].share > 0))
            continue;
        positive += sensitivity->parts[i].share;
        sensitivity->parts[count++] = sensitivity->parts[i];
    }
    const double whole = fmax(fmax(variance, all), positive);
    sensitivity->count = count;
    for (size_t i = 0; i < count; i++)
        sensitivity->parts[i].share /= whole;
    if (count > 1)
        qsort(sensitivity->parts, count, sizeof *sensitivity->parts, by_share);
    return count > 0;
}

/* ---- which recordings would settle it ---------------------------------------------------------------------------- */

static double traces_of(const struct lc_verdict *verdict, size_t workload)
{
    double traces = 0;
    size_t class_ = 0;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++) {
        const struct lc_workload *load = &verdict->scenario->workloads[w];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        for (size_t i = 0; i < parts; i++, class_++)
            if (w == workload || workload == verdict->scenario->workload_count)
                traces += (double)verdict->evidence.class_traces[class_];
    }
    return traces;
}

/* Visits of each operation in the recorded requests of each workload, [workload][entry]; the last row is the sum. */
static double *count_visits(const struct lc_verdict *verdict)
{
    const struct lc_scenario *s = verdict->scenario;
    const size_t entries = verdict->base->entry_count;
    double *visits = lc_calloc((s->workload_count + 1) * entries, sizeof *visits);
    struct lc_model *model = lc_model_copy(verdict->base);
    size_t class_ = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        const size_t parts = s->workloads[w].activity != NULL ? 1 : s->workloads[w].mix_count;
        for (size_t i = 0; i < parts; i++, class_++) {
            struct lc_traffic traffic = {0};
            struct lc_diag own = {0};
            struct lc_entry *root = &model->entries[verdict->evidence.class_entry[class_]];
            root->open_rate = 1;
            if (lc_traffic_solve(model, &traffic, &own) == 0)
                for (size_t e = 0; e < entries; e++) {
                    const double seen = traffic.entry_rate[e] * (double)verdict->evidence.class_traces[class_];
                    visits[w * entries + e] += seen;
                    visits[s->workload_count * entries + e] += seen;
                }
            root->open_rate = 0;
            lc_traffic_free(&traffic);
            lc_diag_free(&own);
        }
    }
    lc_model_free(model);
    return visits;
}

/* Samples of each operation: its visits, and more where those of other releases count as well. */
static double *count_samples(const struct lc_verdict *verdict, const double *visits)
{
    const struct lc_evidence *evidence = &verdict->evidence;
    double *samples = lc_calloc(verdict->base->entry_count, sizeof *samples);
    memcpy(samples, visits, verdict->base->entry_count * sizeof *samples);
    for (size_t i = 0; i < evidence->replicated_count; i++)
        if (evidence->replicated[i].entry != LC_NONE) {
            double *n = &samples[evidence->replicated[i].entry];
            *n = fmax(*n, (double)evidence->samples[i]);
        }
    return samples;
}

struct recordings {
    double *visits, *samples;
    size_t entries, all; /* `all`: the row of all workloads */
    double *traces;      /* of each workload, then of all */
};

/* The part of the variance that is left after so many more requests of a workload: an operation's samples grow as its
 * visits do. What is not known to be anybody's shrinks as all traces are more. */
static double left(const struct recordings *r, const struct lc_sensitivity *sensitivity, size_t w, double more)
{
    double sum = 0, known = 0;
    for (size_t i = 0; i < sensitivity->count; i++) {
        const int e = sensitivity->parts[i].entry;
        const double samples = e != LC_NONE ? r->samples[e] : r->traces[r->all];
        const double each = e != LC_NONE ? r->visits[w * r->entries + (size_t)e] / r->traces[w] : 1;
        sum += sensitivity->parts[i].share / (samples > 0 ? 1 + more * each / samples : 1);
        known += sensitivity->parts[i].share;
    }
    return sum + fmax(0, 1 - known) / (1 + more / r->traces[r->all]);
}

/* How many more requests leave 1 / times of the variance; infinite: no number does. */
static double requests_needed(const struct recordings *r, const struct lc_sensitivity *sensitivity, size_t w)
{
    double low = 0, high = MOST_TIMES * r->traces[r->all];
    if (!(r->traces[w] > 0) || !(left(r, sensitivity, w, high) <= 1 / sensitivity->times))
        return INFINITY;
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        *(left(r, sensitivity, w, middle) > 1 / sensitivity->times ? &low : &high) = middle;
    }
    return high;
}

/* The workload of which the fewest more requests are enough; more of all of them where that takes fewer. */
static void find_recordings(const struct lc_verdict *verdict, struct lc_sensitivity *sensitivity)
{
    const size_t workloads = verdict->scenario->workload_count;
    double *visits = count_visits(verdict);
    struct recordings r = {.visits = visits, .entries = verdict->base->entry_count, .all = workloads};
    r.samples = count_samples(verdict, visits + workloads * r.entries);
    r.traces = lc_calloc(workloads + 1, sizeof *r.traces);
    for (size_t w = 0; w <= workloads; w++)
        r.traces[w] = traces_of(verdict, w);
    sensitivity->workload = workloads == 1 ? 0 : LC_NONE;
    sensitivity->requests = requests_needed(&r, sensitivity, workloads);
    for (size_t w = 0; w < workloads && workloads > 1; w++) {
        const double requests = requests_needed(&r, sensitivity, w);
        if (requests < sensitivity->requests) {
            sensitivity->requests = requests;
            sensitivity->workload = (int)w;
        }
    }
    free(r.traces);
    free(r.samples);
    free(visits);
}

static struct lc_sensitivity *make_sensitivity(const struct lc_verdict *verdict, const struct dependence *on,
                                               const double *y, size_t replicates, double noise, double times)
{
    struct lc_sensitivity *sensitivity = lc_calloc(1, sizeof *sensitivity);
    sensitivity->times = times;
    gather(verdict, sensitivity, on, y, replicates);
    if (!finish_shares(sensitivity, covariance(y, y, replicates) - noise)) {
        lcp_sensitivity_free(sensitivity);
        return NULL;
    }
    find_recordings(verdict, sensitivity);
    return sensitivity;
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

static struct lc_sensitivity *load_sensitivity(const struct lc_verdict *verdict, const struct lc_model *model,
                                               const struct lc_component *component, const double *loads, double times)
{
    const struct features f = {.count = 1, .source = LC_NONE, .component = *component};
    double *slopes = find_slopes(verdict, model, &f, loads, verdict->evidence.replicates);
    const struct dependence on = {.slopes = slopes};
    struct lc_sensitivity *sensitivity = make_sensitivity(verdict, &on, loads, verdict->evidence.replicates, 0, times);
    free(slopes);
    return sensitivity;
}

void lcp_explain_limit(const struct lc_verdict *verdict, struct lc_limits *limits, const double *loads)
{
    limits->sensitivity = load_sensitivity(verdict, limits->model, &limits->items[0].component, loads, HALVE);
}

/* ---- goals ------------------------------------------------------------------------------------------------------- */

static int source_of(const struct lc_point *p, const char *workload)
{
    for (size_t i = 0; i < p->result->workload_count; i++)
        if (strcmp(lc_source_name(p->model, &p->result->workloads[i]), workload) == 0)
            return p->result->workloads[i].task;
    return LC_NONE;
}

static struct features features_of(const struct lc_point *p, const struct lc_goal_result *g)
{
    struct features f = {.count = 1, .source = LC_NONE, .logarithms = true};
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    double loads[FEATURES - 1] = {0};
    for (size_t i = 0; i < count; i++) {
        const double load = traffic_load(&p->traffic, &components[i]);
        if (g->component != NULL && components[i].processor == g->processor &&
            strcmp(components[i].name, g->component) == 0)
            f.component = components[i];
        if (load > loads[0]) {
            loads[1] = loads[0];
            f.full[1] = f.full[0];
            loads[0] = load;
            f.full[0] = components[i];
        } else if (load > loads[1]) {
            loads[1] = load;
            f.full[1] = components[i];
        }
    }
    if (g->component == NULL)
        f.source = source_of(p, g->goal->workload);
    f.count += (loads[0] > 0 ? 1u : 0u) + (loads[1] > 0 ? 1u : 0u);
    free(components);
    return f;
}

/* y ≈ constant + Σ β features over the replicates in which all are known. False: there are too few. */
static bool regress(const double *y, double (*features)[FEATURES], size_t replicates, size_t count, double *beta)
{
    size_t known = 0;
    for (size_t b = 0; b < replicates; b++)
        known += isnan(y[b]) ? 0 : 1;
    if (known < ENOUGH)
        return false;
    gsl_matrix *x = gsl_matrix_alloc(known, count + 1), *cov = gsl_matrix_alloc(count + 1, count + 1);
    gsl_vector *values = gsl_vector_alloc(known), *c = gsl_vector_alloc(count + 1);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(known, count + 1);
    for (size_t b = 0, row = 0; b < replicates; b++) {
        if (isnan(y[b]))
            continue;
        gsl_matrix_set(x, row, 0, 1);
        for (size_t k = 0; k < count; k++)
            gsl_matrix_set(x, row, k + 1, features[b][k]);
        gsl_vector_set(values, row++, y[b]);
    }
    double chi2;
    const bool solved = gsl_multifit_linear(x, values, c, cov, &chi2, work) == 0;
    for (size_t k = 0; k < count; k++)
        beta[k] = gsl_vector_get(c, k + 1);
    gsl_multifit_linear_free(work);
    gsl_vector_free(c);
    gsl_vector_free(values);
    gsl_matrix_free(cov);
    gsl_matrix_free(x);
    return solved;
}

static size_t measure_of(const struct lc_result *r, const struct lc_estimate *e)
{
    for (size_t i = 0; i < r->samples.count; i++)
        if (r->samples.of[i] == e)
            return i;
    return SIZE_MAX;
}

struct figure_shapes { /* find_weights(), find_changes() */
    const double *weights, *changes;
};

/* What the traffic equations, and the shapes, say of a replicate; false where it is overloaded. */
static bool features_in(const struct lc_verdict *verdict, const struct lc_point *p, const struct features *f,
                        size_t replicate, const struct figure_shapes *shapes, double *values)
{
    const size_t numbers = verdict->evidence.replicated_count, replicates = lcp_simulated_replicates(verdict);
    struct lc_model *drawn = lcp_replicate_model(verdict, p->model, replicate);
    bool known = solve(drawn, f, values);
    for (size_t k = 0; k < f->count; k++) {
        for (size_t i = 0; i < numbers && k > 0; i++)
            values[k] += shapes->weights[k * numbers + i] * shapes->changes[i * replicates + replicate];
        known = known && isfinite(values[k]);
    }
    lc_model_free(drawn);
    return known;
}

/* By the chain rule: the slopes of the figure from those of the features, in place; and those in the shapes. */
static double *chain(const double *beta, const struct features *f, size_t numbers, double *slopes,
                     const double *weights)
{
    double *shape_slopes = lc_calloc(numbers, sizeof *shape_slopes);
    for (size_t i = 0; i < numbers; i++) {
        slopes[i] *= beta[0];
        for (size_t k = 1; k < f->count; k++) {
            slopes[i] += beta[k] * slopes[k * numbers + i];
            shape_slopes[i] += beta[k] * weights[k * numbers + i];
        }
    }
    return shape_slopes;
}

/* What the simulated replicates say of a goal's figure. */
static struct lc_sensitivity *figure_sensitivity(const struct lc_verdict *verdict, const struct lc_point *p,
                                                 const struct lc_goal_result *g, const struct lc_estimate *figure)
{
    const size_t replicates = lcp_simulated_replicates(verdict), numbers = verdict->evidence.replicated_count;
    const size_t measure = measure_of(p->result, figure);
    if (measure == SIZE_MAX || !(figure->mean > 0))
        return NULL;
    const struct features f = features_of(p, g);
    double *y = lc_calloc(replicates, sizeof *y), beta[FEATURES] = {0};
    double(*features)[FEATURES] = lc_calloc(replicates, sizeof *features);
    const double noise = lcp_replicate_changes(verdict, p, measure, y) / (figure->mean * figure->mean);
    double *slopes = find_slopes(verdict, p->model, &f, y, replicates),
           *weights = find_weights(verdict, p->model, &f, slopes);
    double *changes = find_changes(verdict, &f, weights, replicates);
    const struct figure_shapes shapes = {weights, changes};
    for (size_t b = 0; b < replicates; b++) {
        const bool known = features_in(verdict, p, &f, b, &shapes, features[b]) && y[b] > -figure->mean;
        y[b] = known ? log(1 + y[b] / figure->mean) : NAN;
    }
    struct lc_sensitivity *sensitivity = NULL;
    if (regress(y, features, replicates, f.count, beta)) {
        double *shape_slopes = chain(beta, &f, numbers, slopes, weights);
        const struct dependence on = {slopes, shape_slopes, changes};
        sensitivity = make_sensitivity(verdict, &on, y, replicates, noise, fmax(g->traces, 1.1));
        free(shape_slopes);
    }
    free(slopes);
    free(weights);
    free(changes);
    free(features);
    free(y);
    return sensitivity;
}

void lcp_explain_goals(const struct lc_verdict *verdict)
{
    if (lcp_simulated_replicates(verdict) == 0)
        return;
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        for (size_t k = 0; k < p->goal_count; k++) {
            struct lc_goal_result *g = &p->goals[k];
            if (g->judgement != LC_GOAL_UNDECIDED || g->traces == 0 || p->result == NULL || p->replicates == NULL)
                continue;
            const struct lc_estimate *figure = lcp_goal_figure(p, g);
            if (figure != NULL)
                g->sensitivity = figure_sensitivity(verdict, p, g, figure);
        }
    }
}
