/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/edit.h"
#include "model/dist/dist.h"
#include "model/edit/edit_paths.h"
#include "model/pattern.h"
#include "predict.h"
#include "sim/scenario/edits.h"

static uint32_t whole_users(double users)
{
    return users < 1 ? 1 : users > 1e9 ? 1000000000 : (uint32_t)llround(users);
}

/* Times between arrivals, or of a pattern their mean. */
static struct lc_dist arrivals_of(const struct lc_verdict *verdict, const struct lc_workload *workload, size_t w,
                                  double level)
{
    const struct lc_pattern *pattern = &workload->pattern;
    const double requests = level * verdict->requests[w] * verdict->time_unit; /* per unit of time */
    if (pattern->kind != LC_PATTERN_NONE)
        return lc_dist_exponential(workload->rate / (requests * lci_pattern_rate(pattern)));
    const double between = lci_pattern_batch(pattern) / requests;
    if (workload->arrivals.family == NULL)
        return lc_dist_exponential(between);
    struct lc_dist arrivals = lci_dist_copy(&workload->arrivals);
    lci_dist_scale(&arrivals, between / lc_dist_mean(&arrivals));
    return arrivals;
}

double lc_mean_level(const struct lc_verdict *verdict, const struct lc_load_point *load,
                     const struct lc_what_if *change, size_t w)
{
    const struct lc_workload *workload = lc_scenario_workload(verdict->scenario, change, w);
    const struct lc_pattern *pattern = &workload->pattern;
    const double level = lc_scenario_level(verdict->scenario, load, change, w);
    if (workload->closed)
        return whole_users(level);
    if (pattern->kind == LC_PATTERN_NONE)
        return level;
    return level / workload->rate * lci_pattern_rate(pattern) * lci_pattern_batch(pattern);
}

/* What follows each entry of the source of sessions. */
static void add_steps(const struct lc_verdict *verdict, struct lc_model *model, const struct lc_workload *workload,
                      int task)
{
    for (size_t i = 0; i < workload->mix_count; i++) {
        const struct lc_session_step *step = &workload->steps[i];
        struct lc_entry *entry = &model->entries[model->tasks[task].entries[i]];
        for (size_t k = 0; k < step->next_count; k++) {
            LC_GROW(entry->next, entry->next_count, entry->next_capacity);
            entry->next[entry->next_count++] = (struct lc_forward){.entry = model->tasks[task].entries[step->next[k]],
                                                                   .probability = step->probabilities[k],
                                                                   .place = workload->place};
        }
        if (step->think_time.family == NULL)
            continue;
        entry->pause = lci_dist_copy(&step->think_time);
        lci_dist_scale(&entry->pause, 1 / verdict->time_unit);
    }
}

static void add_source(const struct lc_verdict *verdict, struct lc_model *model, const struct lc_workload *workload,
                       size_t w, double level)
{
    const int processor = lc_add_processor(model, workload->name);
    model->processors[processor].scheduling = LC_INF;
    model->processors[processor].multiplicity = LC_INFINITE;
    const int task = lc_add_task(model, workload->name, processor);
    struct lc_task *t = &model->tasks[task];
    t->service = false;
    if (workload->closed) {
        t->scheduling = LC_REF;
        t->multiplicity = whole_users(level);
        if (workload->think_time.family != NULL) {
            t->think_time = lci_dist_copy(&workload->think_time);
            lci_dist_scale(&t->think_time, 1 / verdict->time_unit);
        }
    } else {
        t->scheduling = LC_OPEN;
        t->arrivals = arrivals_of(verdict, workload, w, level);
    }
    t->pattern = lci_pattern_copy(&workload->pattern);
    lci_pattern_stretch(&t->pattern, 1 / verdict->time_unit);
    const size_t parts = workload->activity != NULL ? 1 : workload->mix_count;
    for (size_t i = 0; i < parts; i++) {
        char *name = workload->steps != NULL ? lc_format("%s: %s", workload->name, workload->steps[i].name)
                     : parts == 1            ? lc_strdup(workload->name)
                                             : lc_format("%s: %s", workload->name, workload->mix[i].entry);
        const int entry = lc_add_entry(model, name, task);
        free(name);
        model->entries[entry].probability = parts == 1 ? 1 : workload->mix[i].weight;
        model->entries[entry].phases[0].present = true;
        model->entries[entry].phases[0].deterministic = true;
        lc_add_call(&model->entries[entry].phases[0], LC_CALL_SYNC, verdict->entries[w][i], 1);
    }
    double sum = 0;
    for (size_t i = 0; i < parts; i++)
        sum += model->entries[model->tasks[task].entries[i]].probability;
    for (size_t i = 0; i < parts; i++)
        model->entries[model->tasks[task].entries[i]].probability /= sum;
    if (workload->steps != NULL)
        add_steps(verdict, model, workload, task);
}

/* Sources that the model brings itself come as often as the scenario's. */
static void scale_own_sources(struct lc_model *model, double factor)
{
    for (size_t t = 0; t < model->task_count; t++) {
        struct lc_task *task = &model->tasks[t];
        if (task->scheduling == LC_OPEN && task->arrivals.family != NULL)
            lci_dist_scale(&task->arrivals, 1 / factor);
        else if (lc_is_source(task))
            task->multiplicity = whole_users(task->multiplicity * factor);
    }
    for (size_t e = 0; e < model->entry_count; e++) {
        model->entries[e].open_rate *= factor;
        if (model->entries[e].open_arrivals.family != NULL)
            lci_dist_scale(&model->entries[e].open_arrivals, 1 / factor);
    }
}

bool lcp_about_workload(const struct lc_scenario *scenario, const struct lc_edit *edit)
{
    for (size_t w = 0; w < scenario->workload_count; w++) {
        const char *attribute = lci_edit_attribute(edit, scenario->workloads[w].name);
        if (attribute != NULL && strncmp(attribute, "calls.", 6) == 0)
            return true;
    }
    return false;
}

struct lc_model *lcp_model(const struct lc_verdict *verdict, const struct lc_load_point *load,
                           const struct lc_what_if *change, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct lc_model *model = lc_model_copy(verdict->base);
    if (load->levels == NULL && !load->alone)
        scale_own_sources(model, load->factor);
    for (size_t w = 0; w < verdict->scenario->workload_count; w++) {
        const struct lc_workload *workload = lc_scenario_workload(verdict->scenario, change, w);
        const double level = lc_scenario_level(verdict->scenario, load, change, w);
        if (workload->closed || level > 0) /* nothing came of it while others were recorded */
            add_source(verdict, model, workload, w, level);
    }
    const struct lc_deployment *d = &verdict->scenario->deployment;
    for (size_t i = 0; i < d->count; i++)
        if (lcp_about_workload(verdict->scenario, &d->edits[i]))
            lci_edit_apply(model, &d->edits[i], diag);
    for (size_t i = 0; change != NULL && i < change->edit_count; i++)
        if (!change->edits[i].settled)
            lci_edit_apply(model, &change->edits[i], diag);
    lci_edit_share_branches(model, verdict->base);
    if (diag->errors == before)
        return model;
    lc_model_free(model);
    return NULL;
}

/* Closed workloads become open ones at the rate that they have when nobody waits: the load at which a component is
 * full is then the knee of the asymptotic bounds, N* = (D + Z) / Dmax. */
static int open_closed_sources(struct lc_model *model, struct lc_diag *diag)
{
    struct lc_traffic traffic;
    if (lc_traffic_solve(model, &traffic, diag) != 0)
        return -1;
    for (size_t i = 0; i < traffic.bound_count; i++) {
        struct lc_task *task = &model->tasks[traffic.bounds[i].source];
        const double rate = (double)task->multiplicity / traffic.bounds[i].cycle;
        task->scheduling = LC_OPEN;
        lc_dist_free(&task->think_time);
        task->arrivals = lc_dist_exponential(1 / rate);
    }
    lc_traffic_free(&traffic);
    return 0;
}

struct lc_model *lcp_trickle(const struct lc_verdict *verdict, const struct lc_load_point *load,
                             const struct lc_what_if *change, struct lc_diag *diag)
{
    struct lc_model *model = lcp_model(verdict, load, change, diag);
    if (model == NULL)
        return NULL;
    if (open_closed_sources(model, diag) != 0) {
        lc_model_free(model);
        return NULL;
    }
    scale_own_sources(model, LCP_TRICKLE);
    return model;
}

const char *lc_source_name(const struct lc_model *model, const struct lc_workload_result *source)
{
    return source->task != LC_NONE ? model->tasks[source->task].name : model->entries[source->entry].name;
}
