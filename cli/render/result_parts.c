/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result_parts.h"

#include <math.h>
#include <stdlib.h>

#include "loadcast/base.h"
#include "loadcast/predict.h"
#include "model/networks.h"
#include "table.h"

enum { SHOWN = 40 };

/* The unit of times up to `largest` of the model's, and what to divide them by. */
static struct time_scale scale_of(const struct result_parts *parts, double largest)
{
    if (isnan(parts->time_unit))
        return (struct time_scale){parts->unit, 1};
    struct time_scale scale = time_scale_of(largest * parts->time_unit);
    scale.seconds /= parts->time_unit;
    return scale;
}

static void print(const struct result_parts *parts, struct table *table)
{
    fputc('\n', parts->out);
    table_print(table, parts->out, "  ");
    table_free(table);
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

static int by_share(const void *a, const void *b)
{
    const struct lci_network *x = a, *y = b;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    return x->from != y->from ? (x->from < y->from ? -1 : 1) : (x->to > y->to) - (x->to < y->to);
}

static void add_network(struct table *table, const struct result_parts *parts, const struct lci_network *n,
                        const struct time_scale *scale)
{
    const double unit = isnan(parts->time_unit) ? 1 : parts->time_unit;
    char *cells[] = {lci_network_name(parts->result->model, n), number_text(n->rate / unit),
                     number_text(n->mean / scale->seconds), number_text(n->p95 / scale->seconds),
                     percent_text(n->share)};
    table_add(table, cells);
}

void networks_text(const struct result_parts *parts)
{
    size_t count;
    struct lci_network *networks = lci_networks(parts->result, &count);
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, networks[i].mean);
    if (count > 1)
        qsort(networks, count, sizeof *networks, by_share);
    const struct time_scale scale = scale_of(parts, largest);
    char *rate = lc_format("calls/%s", isnan(parts->time_unit) ? parts->unit : "s");
    char *mean = lc_format("mean (%s)", scale.unit);
    const char *const headers[] = {"delay, no limit", rate, mean, "p95", "of the response"};
    struct table table = table_new(5, headers);
    const size_t shown = parts->all || count <= SHOWN ? count : SHOWN;
    for (size_t i = 0; i < shown; i++)
        add_network(&table, parts, &networks[i], &scale);
    if (count > 0)
        print(parts, &table);
    else
        table_free(&table);
    if (shown < count)
        fprintf(parts->out, "  … and %zu shorter ones (--verbose shows all)\n", count - shown);
    free(rate);
    free(mean);
    free(networks);
}

/* ---- completion -------------------------------------------------------------------------------------------------- */

static const unsigned percentiles[] = {0, 2, 3}; /* 50, 95, 99 */

static void add_workload(struct table *table, const struct result_parts *parts, const struct lc_workload_result *w,
                         const struct time_scale *scale)
{
    char *cells[5] = {lc_strdup(lc_source_name(parts->result->model, w)),
                      estimate_text(&w->completion_time, scale->seconds, parts->confidence)};
    for (size_t k = 0; k < 3; k++)
        cells[2 + k] = w->completion_percentiles.known ? estimate_text(&w->completion_percentiles.value[percentiles[k]],
                                                                       scale->seconds, parts->confidence)
                                                       : lc_strdup("–");
    table_add(table, cells);
}

struct step {
    const char *name;
    const struct lc_estimate *time;
};

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    return (x->time->mean > y->time->mean) - (x->time->mean < y->time->mean);
}

static void mark_sent(const struct lc_activity *a, bool *sent)
{
    for (size_t i = 0; i < a->call_count; i++)
        sent[a->calls[i].entry] |= a->calls[i].kind == LC_CALL_ASYNC;
}

/* Per entry: whether somebody sends to it without waiting. What is waited for has ended when the answer is there. */
static bool *sent_to(const struct lc_model *m)
{
    bool *sent = lc_calloc(m->entry_count, sizeof *sent);
    for (size_t i = 0; i < m->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            mark_sent(&m->entries[i].phases[k], sent);
    for (size_t i = 0; i < m->task_count; i++)
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            mark_sent(&m->tasks[i].activities[k], sent);
    return sent;
}

/* Jobs and steps in the order in which they end; with `all` every entry. Returns how many are left out. */
static size_t add_steps(struct table *table, const struct result_parts *parts, const struct time_scale *scale)
{
    const struct lc_model *m = parts->result->model;
    struct step *steps = lc_calloc(m->entry_count, sizeof *steps);
    bool *sent = sent_to(m);
    size_t count = 0;
    for (size_t i = 0; i < m->entry_count; i++)
        if (m->tasks[m->entries[i].task].service && !isnan(parts->result->entries[i].cumulated_runtime.mean) &&
            (parts->all || sent[i]))
            steps[count++] = (struct step){m->entries[i].name, &parts->result->entries[i].cumulated_runtime};
    free(sent);
    if (count > 1)
        qsort(steps, count, sizeof *steps, by_time);
    const size_t shown = parts->all || count <= SHOWN ? count : SHOWN;
    for (size_t i = 0; i < shown; i++) {
        char *cells[] = {lc_format("→ end of %s", steps[i].name),
                         estimate_text(steps[i].time, scale->seconds, parts->confidence), lc_strdup(""), lc_strdup(""),
                         lc_strdup("")};
        table_add(table, cells);
    }
    free(steps);
    return count - shown;
}

bool completes_later(const struct lc_workload_result *workload)
{
    const double rounding = 1e-9; /* sums of the same times in another order */
    return workload->completion_time.mean - workload->response_time.mean > rounding * workload->response_time.mean;
}

void completions_text(const struct result_parts *parts)
{
    const struct lc_result *r = parts->result;
    double largest = 0;
    for (size_t i = 0; i < r->workload_count; i++)
        if (completes_later(&r->workloads[i]))
            largest = fmax(largest, r->workloads[i].completion_time.mean);
    if (!(largest > 0))
        return;
    const struct time_scale scale = scale_of(parts, largest);
    char *mean = lc_format("mean (%s)", scale.unit);
    const char *const headers[] = {"completion time", mean, "p50", "p95", "p99"};
    struct table table = table_new(5, headers);
    for (size_t i = 0; i < r->workload_count; i++)
        if (completes_later(&r->workloads[i]))
            add_workload(&table, parts, &r->workloads[i], &scale);
    const size_t left_out = add_steps(&table, parts, &scale);
    print(parts, &table);
    if (left_out > 0)
        fprintf(parts->out, "  … and %zu that end later (--verbose shows all)\n", left_out);
    free(mean);
}
