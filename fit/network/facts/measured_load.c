/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was recorded in each bin of load: response times of the workloads, times of calls as their callers see them, and
 * how many requests were at each component. Requests depend on each other, so errors come from means over batches of
 * time: of ratios to the requests of a batch (Cochran 1977, ch. 6), and of what a regression on the requests that
 * entered in a batch leaves: a model is asked about the rate that was recorded, so what the rate explains is no error.
 */
#include "network/facts/measured_load.h"
#include "model/measured.h"

#include "network/facts/load_bins.h"

#include "base/sort.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES    20
#define LEAST      50 /* values, to tell a mean and its error */
#define LEAST_TAIL 10 /* values beyond a percentile */

struct value {
    double value;   /* s */
    uint32_t batch; /* of the bin's time */
    uint32_t bin;
};
struct values {
    struct value *items;
    size_t count, capacity;
    double weight; /* requests that each stands for */
};

struct call { /* between two operations of these names */
    lc_symbol from_task, from_entry, task, entry;
    struct values values; /* of calls that are waited for */
};

struct flow { /* of requests into a component, [bin][batch] */
    lc_symbol task;
    bool jobs; /* some that nobody waits for: callers' spans do not tell how long they are there */
    double *requests, *seconds;
};

struct measuring {
    const struct lci_visits *visits;
    const struct lc_load_bins *bins;
    double *batch_start;  /* per window: seconds of its bin before it */
    struct values *roots; /* per class of the options */
    double *entered;      /* requests into the system, [bin][batch] */
    double *class_rates;  /* [bin][class] */
    struct call *calls;
    size_t call_count, call_capacity;
    struct flow *flows;
    size_t flow_count, flow_capacity;
};

/* ---- times ------------------------------------------------------------------------------------------------------- */

/* Each window begins where the one before it in its bin ended. */
static void lay_out(struct measuring *m)
{
    double *before = lc_calloc(m->bins->count + 1, sizeof *before);
    m->batch_start = lc_calloc(m->bins->window_count + 1, sizeof *m->batch_start);
    for (size_t w = 0; w < m->bins->window_count; w++) {
        const struct lc_load_window *window = &m->bins->windows[w];
        m->batch_start[w] = before[window->bin];
        before[window->bin] += (double)(window->time.end - window->time.begin) * LCI_NANOSECOND;
    }
    free(before);
}

/* False: outside of all windows. */
static bool place_of(const struct measuring *m, int64_t time, uint32_t *bin, uint32_t *batch)
{
    size_t low = 0, high = m->bins->window_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (m->bins->windows[middle].time.end <= time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == m->bins->window_count || m->bins->windows[low].time.begin > time)
        return false;
    const struct lc_load_window *window = &m->bins->windows[low];
    const double at = m->batch_start[low] + (double)(time - window->time.begin) * LCI_NANOSECOND;
    *bin = (uint32_t)window->bin;
    *batch = (uint32_t)(at / m->bins->bins[window->bin].seconds * BATCHES);
    if (*batch >= BATCHES)
        *batch = BATCHES - 1;
    return true;
}

/* ---- collecting -------------------------------------------------------------------------------------------------- */

static void add_value(struct values *values, double value, uint32_t bin, uint32_t batch)
{
    LC_GROW(values->items, values->count, values->capacity);
    values->items[values->count++] = (struct value){value, batch, bin};
}

static struct call *call_of(struct measuring *m, const struct lci_operation *from, const struct lci_operation *to)
{
    for (size_t i = 0; i < m->call_count; i++) {
        const struct call *c = &m->calls[i];
        if (c->from_task == from->task && c->from_entry == from->entry && c->task == to->task && c->entry == to->entry)
            return &m->calls[i];
    }
    LC_GROW(m->calls, m->call_count, m->call_capacity);
    m->calls[m->call_count] = (struct call){from->task, from->entry, to->task, to->entry, {0}};
    return &m->calls[m->call_count++];
}

static struct flow *flow_of(struct measuring *m, lc_symbol task)
{
    for (size_t i = 0; i < m->flow_count; i++)
        if (m->flows[i].task == task)
            return &m->flows[i];
    LC_GROW(m->flows, m->flow_count, m->flow_capacity);
    const size_t size = (m->bins->count + 1) * BATCHES;
    m->flows[m->flow_count] = (struct flow){
        .task = task, .requests = lc_calloc(size, sizeof(double)), .seconds = lc_calloc(size, sizeof(double))};
    return &m->flows[m->flow_count++];
}

static void add_flow(struct measuring *m, lc_symbol task, uint32_t bin, uint32_t batch, double weight, double seconds)
{
    struct flow *flow = flow_of(m, task);
    flow->requests[bin * BATCHES + batch] += weight;
    flow->seconds[bin * BATCHES + batch] += weight * seconds;
}

static void add_root(struct measuring *m, const struct lci_operation *o, const struct lci_visit *visit, size_t class_,
                     double weight)
{
    uint32_t bin, batch;
    if (!place_of(m, visit->start, &bin, &batch))
        return;
    m->entered[bin * BATCHES + batch] += weight;
    add_flow(m, o->task, bin, batch, weight, visit->duration);
    if (class_ >= m->visits->options.class_count)
        return;
    m->class_rates[bin * m->visits->options.class_count + class_] += weight / m->bins->bins[bin].seconds;
    m->roots[class_].weight = weight;
    add_value(&m->roots[class_], visit->duration, bin, batch);
}

static void add_call(struct measuring *m, const struct lci_operation *from, const struct lci_visit *visit,
                     const struct lci_call *call, double weight)
{
    uint32_t bin, batch;
    const struct lci_operation *to = &m->visits->operations[call->operation];
    if (to->task == from->task || !place_of(m, visit->start + (int64_t)(call->sent / LCI_NANOSECOND), &bin, &batch))
        return;
    const double seconds = call->answered - call->sent;
    add_flow(m, to->task, bin, batch, weight, seconds);
    if (call->forget) {
        flow_of(m, to->task)->jobs = true;
        return;
    }
    struct values *values = &call_of(m, from, to)->values;
    values->weight = weight;
    add_value(values, seconds, bin, batch);
}

static void collect(struct measuring *m)
{
    const double sampled = lci_sampled(m->visits);
    for (uint32_t o = 0; o < m->visits->operation_count; o++)
        for (size_t c = 0; c < m->visits->class_count; c++) {
            const struct lci_operation *operation = &m->visits->operations[o];
            const struct lci_variant *variant = &operation->variants[c];
            const double weight = (double)variant->seen / fmax(1, (double)variant->visit_count) / sampled;
            const bool root = lci_enters(m->visits, o, c);
            for (size_t v = 0; v < variant->visit_count; v++) {
                const struct lci_visit *visit = &variant->visits[v];
                const struct lci_call *calls = lci_calls_of(variant, visit);
                if (visit->root && root)
                    add_root(m, operation, visit, c, weight);
                for (uint32_t i = 0; i < visit->call_count; i++)
                    add_call(m, operation, visit, &calls[i], weight);
            }
        }
}

/* ---- estimates --------------------------------------------------------------------------------------------------- */

/* What a line through the values over the inputs leaves: its sum of squares. */
static double residual_squares(const double *values, const double *inputs, size_t batches)
{
    const double n = (double)batches;
    double x = 0, y = 0, xx = 0, xy = 0, squares = 0;
    for (size_t b = 0; b < batches; b++) {
        x += inputs[b] / n;
        y += values[b] / n;
    }
    for (size_t b = 0; b < batches; b++) {
        xx += pow(inputs[b] - x, 2);
        xy += (inputs[b] - x) * (values[b] - y);
    }
    const double slope = xx > 0 ? xy / xx : 0;
    for (size_t b = 0; b < batches; b++)
        squares += pow(values[b] - y - slope * (inputs[b] - x), 2);
    return squares;
}

double lci_batch_error(const double *sums, const double *counts, const double *inputs, size_t batches)
{
    double sum = 0, count = 0, *apart = lc_calloc(batches, sizeof *apart);
    for (size_t b = 0; b < batches; b++) {
        sum += sums[b];
        count += counts[b];
    }
    for (size_t b = 0; b < batches; b++)
        apart[b] = sums[b] - sum / count * counts[b];
    const double squares = residual_squares(apart, inputs, batches);
    free(apart);
    return sqrt(squares * (double)batches / (double)(batches - 2)) / count;
}

double lci_batch_residual(const double *values, const double *inputs, size_t batches)
{
    return sqrt(residual_squares(values, inputs, batches) / (double)(batches - 2) / (double)batches);
}

static double student(void)
{
    return gsl_cdf_tdist_Pinv(0.975, BATCHES - 2);
}

static void set_interval(struct lc_measured_cell *cell, double error, uint64_t n)
{
    const double half_width = student() * error;
    cell->low = fmax(0, cell->value - half_width);
    cell->high = cell->value + half_width;
    cell->n = n;
}

/* The values of a bin, and their batches. */
struct picked {
    double *sorted;
    size_t count;
    double sums[BATCHES], counts[BATCHES];
};

static struct picked pick(const struct values *const *lists, size_t list_count, size_t bin)
{
    struct picked p = {0};
    size_t capacity = 0;
    for (size_t l = 0; l < list_count; l++)
        for (size_t i = 0; i < lists[l]->count; i++) {
            const struct value *v = &lists[l]->items[i];
            if (v->bin != bin)
                continue;
            LC_GROW(p.sorted, p.count, capacity);
            p.sorted[p.count++] = v->value;
            p.sums[v->batch] += v->value;
            p.counts[v->batch] += 1;
        }
    lci_sort_doubles(p.sorted, p.count);
    return p;
}

static double quantile_at(const struct picked *p, double q)
{
    if (q <= 0)
        return 0;
    const size_t at = (size_t)(q * (double)p->count);
    return at >= p->count ? INFINITY : p->sorted[at];
}

/* The part of the values up to a quantile has an error of its own, which leads from one end of its interval to the
 * other. */
static void add_percentile(const struct measuring *m, struct lc_measured_level *level, const char *workload,
                           const struct picked *p, const struct values *const *lists, size_t list_count, size_t bin,
                           int percentile)
{
    const double q = percentile / 100.0, value = quantile_at(p, q);
    const double *entered = m->entered + bin * BATCHES;
    double below[BATCHES] = {0};
    if ((1 - q) * (double)p->count < LEAST_TAIL)
        return;
    for (size_t l = 0; l < list_count; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (lists[l]->items[i].bin == bin && lists[l]->items[i].value <= value)
                below[lists[l]->items[i].batch] += 1;
    const double half_width = student() * lci_batch_error(below, p->counts, entered, BATCHES);
    struct lc_measured_cell *cell = lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup(workload), value);
    cell->percentile = percentile;
    cell->low = quantile_at(p, q - half_width);
    cell->high = quantile_at(p, q + half_width);
    cell->n = p->count;
}

/* Classes of one name are one workload. */
static void add_workload(const struct measuring *m, struct lc_measured_level *level, size_t bin, size_t class_)
{
    static const int percentiles[] = {50, 95, 99};
    const struct lc_learn_options *options = &m->visits->options;
    const char *name = options->classes[class_].name;
    const double *entered = m->entered + bin * BATCHES;
    const struct values **lists = lc_calloc(options->class_count, sizeof(const struct values *));
    size_t count = 0;
    for (size_t c = 0; c < options->class_count; c++)
        if (strcmp(options->classes[c].name, name) == 0)
            lists[count++] = &m->roots[c];
    struct picked p = pick(lists, count, bin);
    if (p.count >= LEAST) {
        double sum = 0;
        for (size_t i = 0; i < p.count; i++)
            sum += p.sorted[i];
        set_interval(lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup(name), sum / (double)p.count),
                     lci_batch_error(p.sums, p.counts, entered, BATCHES), p.count);
        for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
            add_percentile(m, level, name, &p, lists, count, bin, percentiles[i]);
    }
    free(p.sorted);
    free(lists);
}

static char *operation_name(const struct lci_visits *visits, lc_symbol task, lc_symbol entry)
{
    return lc_format("%s/%s", lci_text(visits, task), lci_text(visits, entry));
}

static void add_call_cells(const struct measuring *m, struct lc_measured_level *level, size_t bin)
{
    const double *entered = m->entered + bin * BATCHES;
    for (size_t i = 0; i < m->call_count; i++) {
        const struct call *call = &m->calls[i];
        const struct values *list = &call->values;
        struct picked p = pick(&list, 1, bin);
        double sum = 0;
        for (size_t k = 0; k < p.count; k++)
            sum += p.sorted[k];
        if (p.count >= LEAST) {
            struct lc_measured_cell *cell = lci_measured_cell_add(
                level, LC_MEASURED_CALL, operation_name(m->visits, call->task, call->entry), sum / (double)p.count);
            cell->caller = operation_name(m->visits, call->from_task, call->from_entry);
            set_interval(cell, lci_batch_error(p.sums, p.counts, entered, BATCHES), p.count);
        }
        free(p.sorted);
    }
}

static void add_component_cells(const struct measuring *m, struct lc_measured_level *level, size_t bin)
{
    const double seconds = m->bins->bins[bin].seconds, *entered = m->entered + bin * BATCHES;
    for (size_t i = 0; i < m->flow_count; i++) {
        const double *lists[] = {m->flows[i].requests + bin * BATCHES, m->flows[i].seconds + bin * BATCHES};
        const enum lc_measure measures[] = {LC_MEASURED_THROUGHPUT, LC_MEASURED_PRESENT};
        double sums[2] = {0};
        for (size_t b = 0; b < BATCHES; b++)
            for (size_t k = 0; k < 2; k++)
                sums[k] += lists[k][b];
        for (size_t k = 0; k < (m->flows[i].jobs ? 1 : 2) && sums[0] >= LEAST; k++)
            set_interval(lci_measured_cell_add(level, measures[k], lc_strdup(lci_text(m->visits, m->flows[i].task)),
                                               sums[k] / seconds),
                         lci_batch_residual(lists[k], entered, BATCHES) * BATCHES / seconds, (uint64_t)sums[0]);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static bool is_first_of_name(const struct lc_learn_options *options, size_t class_)
{
    for (size_t c = 0; c < class_; c++)
        if (strcmp(options->classes[c].name, options->classes[class_].name) == 0)
            return false;
    return true;
}

static void add_level(const struct measuring *m, size_t bin, struct lc_measured *measured)
{
    const struct lc_learn_options *options = &m->visits->options;
    const struct lc_load_bin *b = &m->bins->bins[bin];
    struct lc_measured_level *level = lci_measured_add(measured, lc_format("%.3g/s", b->rate));
    level->rate = b->rate;
    level->seconds = b->seconds;
    level->one_by_one = b->one_by_one;
    level->learned = bin < m->bins->quiet;
    level->rates = lc_calloc(options->class_count + 1, sizeof *level->rates);
    memcpy(level->rates, m->class_rates + bin * options->class_count, options->class_count * sizeof *level->rates);
    for (size_t c = 0; c < options->class_count; c++)
        if (is_first_of_name(options, c))
            add_workload(m, level, bin, c);
    add_call_cells(m, level, bin);
    add_component_cells(m, level, bin);
}

struct lc_measured lci_measure_load(const struct lci_visits *visits, const struct lc_load_bins *bins)
{
    const size_t classes = visits->options.class_count;
    struct lc_measured measured = {0};
    struct measuring m = {.visits = visits,
                          .bins = bins,
                          .roots = lc_calloc(classes + 1, sizeof *m.roots),
                          .entered = lc_calloc((bins->count + 1) * BATCHES, sizeof *m.entered),
                          .class_rates = lc_calloc((bins->count + 1) * (classes + 1), sizeof *m.class_rates)};
    lay_out(&m);
    collect(&m);
    for (size_t b = 0; b < bins->count && classes > 0; b++)
        add_level(&m, b, &measured);
    for (size_t c = 0; c < classes; c++)
        free(m.roots[c].items);
    for (size_t i = 0; i < m.call_count; i++)
        free(m.calls[i].values.items);
    for (size_t i = 0; i < m.flow_count; i++) {
        free(m.flows[i].requests);
        free(m.flows[i].seconds);
    }
    free(m.batch_start);
    free(m.roots);
    free(m.entered);
    free(m.class_rates);
    free(m.calls);
    free(m.flows);
    return measured;
}
