/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "steps.h"

#include "base/sort.h"
#include "fit/trace/symbols.h"
#include "spread.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND      1e9     /* ns */
#define MILLISECOND 1000000 /* ns: starts are cut to whole ones */
#define INTERVALS   10000000

struct group {
    const char *release, *run, *activity;
    int64_t first, last; /* ns */
};

struct record { /* an execution of a step */
    uint32_t group;
    lc_symbol step, operation, node;
    int64_t start, end, begin;          /* ns; begin: of its sequence */
    lc_symbol before, before_operation; /* the step that it follows; 0: none */
    int64_t gap;                        /* from the end of that to the start */
    bool error;
};

struct lci_steps {
    const struct lc_symbols *symbols;
    int64_t interval;
    bool literal;
    struct lci_measure_table kept; /* its names are those of groups */
    struct group *groups;
    size_t group_count, group_room;
    struct record *records;
    size_t count, room;
};

struct lci_steps *lci_steps_new(const struct lc_symbols *symbols, int64_t interval, bool literal)
{
    struct lci_steps *s = lc_calloc(1, sizeof *s);
    s->symbols = symbols;
    s->interval = interval;
    s->literal = literal;
    return s;
}

void lci_steps_free(struct lci_steps *s)
{
    if (s == NULL)
        return;
    lci_measure_table_free(&s->kept);
    free(s->groups);
    free(s->records);
    free(s);
}

static uint32_t group_of(struct lci_steps *s, const struct lci_belongs *b)
{
    const char *const release = lci_measure_table_name(&s->kept, b->release);
    const char *const run = lci_measure_table_name(&s->kept, b->run);
    const char *const activity = lci_measure_table_name(&s->kept, b->activity);
    for (uint32_t i = 0; i < s->group_count; i++)
        if (s->groups[i].release == release && s->groups[i].run == run && s->groups[i].activity == activity)
            return i;
    LC_GROW(s->groups, s->group_count, s->group_room);
    s->groups[s->group_count] = (struct group){release, run, activity, INT64_MAX, INT64_MIN};
    return (uint32_t)s->group_count++;
}

void lci_steps_add(struct lci_steps *s, const struct lc_tree *tree, const struct lci_belongs *belongs)
{
    const struct lc_tree_node *root = &tree->nodes[0];
    if ((tree->trace->spans[root->span].flags & LC_SPAN_STEP) == 0)
        return;
    const uint32_t group = group_of(s, belongs);
    struct group *g = &s->groups[group];
    for (const struct lc_tree_node *n = root; (size_t)(n - root) < tree->node_count; n++) {
        const struct lc_tree_node *before = n->parent >= 0 ? &tree->nodes[n->parent] : NULL;
        g->first = n->start < g->first ? n->start : g->first;
        g->last = n->end > g->last ? n->end : g->last;
        LC_GROW(s->records, s->count, s->room);
        s->records[s->count++] = (struct record){.group = group,
                                                 .step = n->task,
                                                 .operation = n->entry,
                                                 .node = n->instance,
                                                 .start = n->start,
                                                 .end = n->end,
                                                 .begin = root->start,
                                                 .before = before != NULL ? before->task : 0,
                                                 .before_operation = before != NULL ? before->entry : 0,
                                                 .gap = before != NULL ? n->start - before->end : 0,
                                                 .error = n->error};
    }
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static struct lci_measure_row row_of(const struct lci_steps *s, const struct record *of, const char *name,
                                     const char *subject, const char *unit)
{
    const struct group *g = &s->groups[of->group];
    return (struct lci_measure_row){.release = g->release,
                                    .run = g->run,
                                    .activity = g->activity,
                                    .service = lci_symbol_text(s->symbols, of->step),
                                    .operation = lci_symbol_text(s->symbols, of->operation),
                                    .name = name,
                                    .subject = subject,
                                    .unit = unit};
}

/* Ten digits, as all measures have. */
static double rounded(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.10g", x);
    return isfinite(x) ? strtod(text, NULL) : x;
}

static void add_once(struct lci_measure_table *table, struct lci_measure_row row, double value)
{
    row.count = 1;
    row.mean = row.median = row.mode = row.p95 = rounded(value);
    row.sd = NAN;
    if (isfinite(value))
        lci_measure_table_add(table, &row);
}

/* Sorts the values. */
static void add_spread(struct lci_measure_table *table, struct lci_measure_row row, double *values, size_t count,
                       bool whole)
{
    const struct lci_spread spread = lci_spread_of(values, count, whole);
    row.count = count;
    row.mean = rounded(spread.mean);
    row.median = rounded(spread.median);
    row.mode = rounded(spread.mode);
    row.p95 = rounded(spread.p95);
    row.sd = count > 1 ? rounded(gsl_stats_sd_m(values, 1, count, spread.mean)) : NAN;
    lci_measure_table_add(table, &row);
}

/* ---- runtimes ---------------------------------------------------------------------------------------------------- */

static void add_runtimes(const struct lci_steps *s, struct lci_measure_table *table, const struct record *of,
                         size_t count, const char *node)
{
    double *values = lc_alloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (double)(of[i].end - of[i].start) / SECOND;
    add_spread(table, row_of(s, of, "runtime", node, "s"), values, count, false);
    add_once(table, row_of(s, of, "runtime_min", node, "s"), values[0]);
    add_once(table, row_of(s, of, "runtime_max", node, "s"), values[count - 1]);
    add_once(table, row_of(s, of, "runtime_p90", node, "s"),
             gsl_stats_quantile_from_sorted_data(values, 1, count, 0.9));
    add_once(table, row_of(s, of, "runtime_p99", node, "s"),
             gsl_stats_quantile_from_sorted_data(values, 1, count, 0.99));
    free(values);
}

static void add_times(const struct lci_steps *s, struct lci_measure_table *table, const struct record *of, size_t count)
{
    double *values = lc_alloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (double)(of[i].end - of[i].begin) / SECOND;
    add_spread(table, row_of(s, of, "cumulated_runtime", "", "s"), values, count, false);
    for (size_t first = 0; first < count; first++) { /* each step before it once */
        size_t found = 0;
        bool known = of[first].before == 0;
        for (size_t i = 0; i < first && !known; i++)
            known = of[i].before == of[first].before && of[i].before_operation == of[first].before_operation;
        if (known)
            continue;
        for (size_t i = first; i < count; i++)
            if (of[i].before == of[first].before && of[i].before_operation == of[first].before_operation)
                values[found++] = (double)of[i].gap / SECOND;
        char *from = lc_format("%s/%s", lci_symbol_text(s->symbols, of[first].before),
                               lci_symbol_text(s->symbols, of[first].before_operation));
        add_spread(table, row_of(s, of, "latency", from, "s"), values, found, false);
        free(from);
    }
    free(values);
}

/* ---- rates ------------------------------------------------------------------------------------------------------- */

struct rates {
    int64_t begin, end; /* ns: whole intervals */
    double *counts;
    size_t intervals;
};

/* How many of the times lie in each interval from that of the first until that of the last. */
static void add_rate(const struct lci_steps *s, struct lci_measure_table *table, const struct record *of, size_t count,
                     bool ends, const char *name, double *mean)
{
    const double length = (double)s->interval / SECOND;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        const int64_t time = ends ? of[i].end : of[i].start;
        first = time < first ? time : first;
        last = time > last ? time : last;
    }
    first /= s->interval;
    last = (last / MILLISECOND * MILLISECOND + MILLISECOND + s->interval - 1) / s->interval;
    *mean = (double)count / ((double)(last - first) * length);
    if (last - first > INTERVALS) { /* far apart: the mean alone */
        add_once(table, row_of(s, of, name, "", "1/s"), *mean);
        return;
    }
    double *rates = lc_calloc((size_t)(last - first) + 1, sizeof *rates);
    for (size_t i = 0; i < count; i++) {
        const int64_t at = (ends ? of[i].end : of[i].start) / s->interval - first;
        rates[at < last - first ? at : last - first - 1] += 1 / length;
    }
    add_spread(table, row_of(s, of, name, "", "1/s"), rates, (size_t)(last - first), true);
    free(rates);
}

struct event {
    int64_t time;
    int change;
};

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return x->time != y->time ? (x->time < y->time ? -1 : 1) : x->change - y->change; /* ends first */
}

/* The most executions at a time at a node. Starts are cut to whole ms, so that one may follow another and seem to begin
 * up to 1 ms before its end. */
static size_t most_at_once(const struct record *of, size_t count)
{
    struct event *events = lc_alloc((2 * count + 1) * sizeof *events);
    size_t n = 0, most = 1;
    int now = 0;
    for (size_t i = 0; i < count; i++) {
        if (of[i].end - MILLISECOND <= of[i].start)
            continue;
        events[n++] = (struct event){of[i].start, 1};
        events[n++] = (struct event){of[i].end - MILLISECOND, -1};
    }
    qsort(events, n, sizeof *events, by_time);
    for (size_t i = 0; i < n; i++) {
        now += events[i].change;
        most = now > (int)most ? (size_t)now : most;
    }
    free(events);
    return most;
}

/* The equations as they stand: throughput = N / Σ d, arrival rate = N / (m − m mod I + I) of the latest start m, from
 * the beginning of the recording, capacity = their ratio. */
static void add_literal(const struct lci_steps *s, struct lci_measure_table *table, const struct record *of,
                        size_t count, double rate)
{
    int64_t last = 0;
    const int64_t zero = s->groups[of->group].first;
    for (size_t i = 0; i < count; i++)
        last = of[i].start - zero > last ? of[i].start - zero : last;
    const double arrivals = (double)count / ((double)(last - last % s->interval + s->interval) / SECOND);
    add_once(table, row_of(s, of, "literal_throughput", "", "1/s"), rate);
    add_once(table, row_of(s, of, "literal_arrival_rate", "", "1/s"), arrivals);
    add_once(table, row_of(s, of, "literal_capacity", "", "1"), arrivals / rate);
}

static void add_rates(const struct lci_steps *s, struct lci_measure_table *table, const struct record *of, size_t count,
                      size_t servers)
{
    double busy = 0, errors = 0, arrivals, completions;
    for (size_t i = 0; i < count; i++) {
        busy += (double)(of[i].end - of[i].start) / SECOND;
        errors += of[i].error;
    }
    add_once(table, row_of(s, of, "exceptions", "", "1"), errors);
    add_rate(s, table, of, count, false, "arrival_rate", &arrivals);
    add_rate(s, table, of, count, true, "throughput", &completions);
    const double rate = (double)count / busy, capacity = (double)servers * rate;
    add_once(table, row_of(s, of, "servers", "", "1"), (double)servers);
    add_once(table, row_of(s, of, "service_rate", "", "1/s"), rate);
    add_once(table, row_of(s, of, "capacity", "", "1/s"), capacity);
    add_once(table, row_of(s, of, "utilization", "", "1"), arrivals / capacity);
    if (s->literal)
        add_literal(s, table, of, count, rate);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static int by_step(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    if (x->operation != y->operation)
        return x->operation < y->operation ? -1 : 1;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

static void finish_step(const struct lci_steps *s, struct lci_measure_table *table, const struct record *of,
                        size_t count)
{
    size_t servers = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count && of[next].node == of[first].node;)
            next++;
        servers += most_at_once(of + first, next - first);
        if (of[first].node != 0)
            add_runtimes(s, table, of + first, next - first, lci_symbol_text(s->symbols, of[first].node));
    }
    add_runtimes(s, table, of, count, "");
    add_times(s, table, of, count);
    add_rates(s, table, of, count, servers);
}

void lci_steps_finish(struct lci_steps *s, struct lci_measure_table *table)
{
    if (s->count > 1)
        qsort(s->records, s->count, sizeof *s->records, by_step);
    for (size_t first = 0, next; first < s->count; first = next) {
        const struct record *of = &s->records[first];
        for (next = first; next < s->count && s->records[next].group == of->group &&
                           s->records[next].step == of->step && s->records[next].operation == of->operation;)
            next++;
        finish_step(s, table, of, next - first);
    }
    for (size_t i = 0; i < s->group_count; i++) {
        const struct record all = {.group = (uint32_t)i};
        add_once(table, row_of(s, &all, "absolute_total", "", "s"),
                 (double)(s->groups[i].last - s->groups[i].first) / SECOND);
    }
}
