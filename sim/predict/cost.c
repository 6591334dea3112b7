/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/elastic.h"
#include "predict.h"

#include "base/buffer.h"

#define MONTH (30.4375 * 86400) /* seconds: a twelfth of 365.25 days */

static bool find(const struct lc_model *model, const char *name, struct lc_component *found)
{
    size_t count;
    bool any = false;
    struct lc_component *components = lc_components(model, &count);
    for (size_t i = 0; i < count && !any; i++) { /* tasks stand before processors */
        any = strcmp(components[i].name, name) == 0;
        *found = components[i];
    }
    free(components);
    return any;
}

/* The task whose replicas come and go with the component; LC_NONE: they stay. */
static int scaled_task(const struct lc_point *p, const struct lc_component *c)
{
    const int task = c->processor ? lci_elastic_owner(p->model, c->index) : c->index;
    return task >= 0 && lci_elastic_scales(&p->model->tasks[task].elastic) ? task : LC_NONE;
}

/* The mean number of replicas that are paid for. Where more load comes than the most of them can serve, they are that
 * many. */
static double mean_replicas(const struct lc_point *p, const struct lc_component *c)
{
    const int task = scaled_task(p, c);
    if (task != LC_NONE && p->result != NULL)
        return p->result->tasks[task].replicas.mean;
    if (task != LC_NONE)
        return p->overloaded ? (double)lci_elastic_most(p->model, task) : (double)NAN;
    return c->processor ? p->model->processors[c->index].replicas : p->model->tasks[c->index].replicas;
}

/* Cores of one replica; without a limit they cannot be paid by number. */
static double cores(const struct lc_point *p, const struct lc_component *c)
{
    const struct lc_processor *processor =
        &p->model->processors[c->processor ? c->index : p->model->tasks[c->index].processor];
    return processor->multiplicity == LC_INFINITE ? 0 : processor->multiplicity;
}

/* Of one replica. */
static double hourly(const struct lc_point *p, const struct lc_component *c, const struct lc_price *price)
{
    return price->replica_hour + price->core_hour * cores(p, c);
}

bool *lcp_counted(const struct lc_verdict *verdict, const struct lc_point *p)
{
    bool *counted = lc_calloc(p->model->task_count, sizeof *counted);
    for (size_t i = 0; i < verdict->scenario->price_count; i++) {
        const struct lc_price *price = lc_scenario_price(verdict->scenario, p->change, i);
        struct lc_component c;
        if ((price->invocation > 0 || price->gb_second > 0) && find(p->model, price->component, &c) && !c.processor)
            counted[c.index] = true;
    }
    return counted;
}

static const struct lc_curve *curve_of(const struct lc_transient *t, int task, enum lci_quantity quantity)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->curves[i].quantity == quantity && t->curves[i].task == task && task != LC_NONE)
            return &t->curves[i];
    return NULL;
}

struct lc_cost lc_cost_curve(const struct lc_verdict *verdict, const struct lc_point *p, size_t index, double *rates)
{
    const struct lc_price *price = lc_scenario_price(verdict->scenario, p->change, index);
    const struct lc_transient *t = p->curves;
    const double hours = t->step * verdict->time_unit / 3600;
    struct lc_component c;
    struct lc_cost sum = {0, 0, 0};
    memset(rates, 0, t->bins * sizeof *rates);
    if (!find(p->model, price->component, &c))
        return sum;
    const int task = c.processor ? LC_NONE : c.index;
    const struct lc_curve *replicas = curve_of(t, scaled_task(p, &c), LC_CURVE_REPLICAS);
    const struct lc_curve *served = curve_of(t, task, LC_CURVE_SERVED);
    const struct lc_curve *threads = curve_of(t, task, LC_CURVE_THREADS);
    for (size_t bin = 0; bin < t->bins; bin++) {
        const struct lc_cost hour = {
            .replicas = (replicas != NULL ? replicas->mean[bin] : mean_replicas(p, &c)) * hourly(p, &c, price),
            .invocations = served != NULL ? 3600 * price->invocation * served->mean[bin] / verdict->time_unit : 0,
            .memory = threads != NULL ? 3600 * price->gb_second * price->memory_gb * threads->mean[bin] : 0};
        sum.replicas += hour.replicas * hours;
        sum.invocations += hour.invocations * hours;
        sum.memory += hour.memory * hours;
        rates[bin] = hour.replicas + hour.invocations + hour.memory;
    }
    return sum;
}

struct lc_cost lc_cost_of(const struct lc_verdict *verdict, const struct lc_point *p, size_t index)
{
    const struct lc_price *price = lc_scenario_price(verdict->scenario, p->change, index);
    struct lc_component c;
    struct lc_cost cost = {0, 0, 0};
    if (!find(p->model, price->component, &c))
        return cost;
    cost.replicas = MONTH / 3600 * mean_replicas(p, &c) * hourly(p, &c, price);
    if (price->invocation == 0 && price->gb_second == 0)
        return cost;
    if (p->result == NULL || c.processor) {
        cost.invocations = cost.memory = NAN;
        return cost;
    }
    const struct lc_task_result *task = &p->result->tasks[c.index];
    cost.invocations = MONTH * price->invocation * task->throughput.mean / verdict->time_unit;
    /* Busy threads are throughput × time in service: Little's law. */
    cost.memory = MONTH * price->gb_second * price->memory_gb * task->utilization.mean;
    return cost;
}

double lc_cost_total(const struct lc_verdict *verdict, const struct lc_point *point)
{
    double sum = 0;
    for (size_t i = 0; i < verdict->scenario->price_count; i++) {
        const struct lc_cost cost = lc_cost_of(verdict, point, i);
        sum += cost.replicas + cost.invocations + cost.memory;
    }
    return sum;
}

void lcp_check_prices(const struct lc_verdict *verdict, struct lc_diag *diag)
{
    size_t count;
    struct lc_component *components = lc_components(verdict->base, &count);
    const char **names = lc_calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = components[i].name;
    for (size_t i = 0; i < verdict->scenario->price_count; i++) {
        const struct lc_price *price = &verdict->scenario->prices[i];
        bool found = false;
        struct lci_buffer parts = {0};
        for (size_t k = 0; k < count; k++) {
            found |= strcmp(names[k], price->component) == 0;
            lci_buffer_join(&parts, ", ", "'%s'", names[k]);
        }
        char *list = lci_buffer_take(&parts);
        const char *nearest = lci_nearest(price->component, names);
        if (!found && nearest != NULL)
            lc_error(diag, LC_INPUT, &price->place, "there is no component '%s'; did you mean '%s'?", price->component,
                     nearest);
        else if (!found)
            lc_error(diag, LC_INPUT, &price->place, "there is no component '%s'; expected one of %s", price->component,
                     list);
        free(list);
    }
    free(names);
    free(components);
}
