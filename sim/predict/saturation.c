/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What saturates, and in which order: the factor of the load at which each component is full although nothing below it
 * keeps it waiting. A component that is full earlier than that is so because one below it is, and is not the limit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/traffic.h"
#include "predict.h"
#include "sim/scenario/edits.h"

/* The highest level of the scenario, when none is set as a factor. */
static const struct lc_load_point *highest(const struct lc_verdict *verdict)
{
    const struct lc_load_point *best = NULL;
    double most = -1;
    for (size_t i = 0; i < verdict->scenario->point_count; i++) {
        const struct lc_load_point *p = &verdict->scenario->points[i];
        double sum = 0;
        for (size_t w = 0; p->levels != NULL && w < verdict->scenario->workload_count; w++)
            sum += p->levels[w];
        if (p->levels == NULL)
            return NULL;
        if (sum > most) {
            most = sum;
            best = p;
        }
    }
    return best;
}

static double open_rate(const struct lc_verdict *verdict, const struct lc_load_point *load,
                        const struct lc_what_if *change)
{
    double sum = 0;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        if (!verdict->scenario->workloads[w].closed)
            sum += lc_mean_level(verdict, load, change, w) * verdict->requests[w];
    return sum;
}

static int by_factor(const void *a, const void *b)
{
    const struct lc_limit *x = a, *y = b;
    if (x->first != y->first)
        return x->first ? -1 : 1;
    if (x->factor != y->factor)
        return x->factor < y->factor ? -1 : 1;
    if (x->component.processor != y->component.processor)
        return x->component.processor ? -1 : 1;
    return (x->component.index > y->component.index) - (x->component.index < y->component.index);
}

static void collect(const struct lc_model *model, const struct lc_traffic *traffic, struct lc_limits *limits)
{
    size_t count;
    struct lc_component *components = lc_components(model, &count);
    limits->items = lc_calloc(count, sizeof *limits->items);
    for (size_t i = 0; i < count; i++) {
        const struct lc_component *c = &components[i];
        const double load = c->processor ? traffic->processor_load[c->index] : traffic->task_load[c->index];
        const bool limits_all = c->processor ? traffic->processor == c->index : traffic->task == c->index;
        /* Of several that are full at the same load the solver names the deepest. */
        if (load > 0)
            limits->items[limits->count++] = (struct lc_limit){*c, LCP_TRICKLE / load, limits_all, NAN, NAN, NAN, NULL};
    }
    if (limits->count > 1)
        qsort(limits->items, limits->count, sizeof *limits->items, by_factor);
    free(components);
}

/* ---- services without a limit ------------------------------------------------------------------------------------ */

static int by_busy(const void *a, const void *b)
{
    const struct lc_unlimited *x = a, *y = b;
    const double p = x->busy / x->replicas, q = y->busy / y->replicas;
    return p != q ? (p > q ? -1 : 1) : strcmp(x->name, y->name);
}

/* Whether the deployment says something of how much the service can do at a time. Cores without work say nothing. */
static bool is_stated(const struct lc_deployment *deployment, const char *service, bool has_cores)
{
    static const char *const attributes[] = {"concurrency", "multiplicity", "kind", "cores"};
    const size_t count = sizeof attributes / sizeof *attributes - has_cores;
    for (size_t i = 0; i < deployment->count; i++) {
        const char *attribute = lci_edit_attribute(&deployment->edits[i], service);
        for (size_t k = 0; attribute != NULL && k < count; k++)
            if (strcmp(attribute, attributes[k]) == 0)
                return true;
    }
    return false;
}

static void find_unlimited(const struct lc_verdict *verdict, const struct lc_model *model,
                           const struct lc_traffic *traffic, struct lc_limits *limits)
{
    limits->unlimited = lc_calloc(model->task_count, sizeof *limits->unlimited);
    for (size_t t = 0; t < model->task_count; t++) {
        const struct lc_task *task = &model->tasks[t];
        const bool has_cores = isfinite(lci_processor_servers(&model->processors[task->processor]));
        if (!task->service || lc_is_source(task) || isfinite(lci_task_threads(task)) ||
            (has_cores && traffic->processor_load[task->processor] > 0) || !(traffic->task_utilization[t] > 0))
            continue;
        limits->unlimited[limits->unlimited_count++] =
            (struct lc_unlimited){.name = task->name,
                                  .busy = traffic->task_utilization[t] / LCP_TRICKLE,
                                  .replicas = fmax(task->replicas, 1),
                                  .stated = is_stated(&verdict->scenario->deployment, task->name, has_cores)};
    }
    if (limits->unlimited_count > 1)
        qsort(limits->unlimited, limits->unlimited_count, sizeof *limits->unlimited, by_busy);
}

/* Then nothing is known of what saturates. */
static bool lacks_limits(const struct lc_verdict *verdict)
{
    const struct lc_limits *limits = &verdict->limits[0];
    for (size_t i = 0; i < limits->unlimited_count; i++)
        if (limits->unlimited[i].stated)
            return false;
    return verdict->learned && limits->count == 0 && limits->unlimited_count > 0;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static int find_limits(struct lc_verdict *verdict, const struct lc_load_point *load, struct lc_limits *limits,
                       struct lc_diag *diag)
{
    struct lc_traffic traffic = {0};
    struct lc_model *model = lcp_trickle(verdict, load, limits->change, diag);
    const int status = model != NULL ? lc_traffic_solve(model, &traffic, diag) : -1;
    if (status == 0) {
        collect(model, &traffic, limits);
        find_unlimited(verdict, model, &traffic, limits);
    }
    lc_traffic_free(&traffic);
    limits->model = model; /* the components' names are its */
    limits->rate = open_rate(verdict, load, limits->change);
    if (status == 0)
        lcp_find_uncertainty(verdict, limits);
    return status;
}

int lcp_find_limits(struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    const struct lc_load_point one = {.factor = 1}, *level = highest(verdict);
    const struct lc_load_point *load = level != NULL ? level : &one;
    verdict->reference = level != NULL ? level->name : NULL;
    verdict->limits = lc_calloc(1 + s->what_if_count, sizeof *verdict->limits);
    for (size_t i = 0; i <= s->what_if_count; i++) {
        verdict->limits[i].change = i > 0 ? &s->what_ifs[i - 1] : NULL;
        if (find_limits(verdict, load, &verdict->limits[i], diag) != 0)
            return -1;
    }
    verdict->lacks_limits = lacks_limits(verdict);
    return 0;
}

void lcp_limits_free(struct lc_limits *limits)
{
    for (size_t i = 0; i < limits->count; i++)
        free(limits->items[i].ratios);
    free(limits->items);
    free(limits->unlimited);
    lcp_sensitivity_free(limits->sensitivity);
    lc_model_free(limits->model);
}
