/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Divides the self time of an operation's entries between the processor and a delay that keeps the thread only.
 */
#include "fit/trace/symbols.h"
#include "model/dist/dist.h"
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void note_split(struct lc_learned *learned, const char *path, const struct lci_work_split *split)
{
    for (size_t i = 0; i < learned->parameter_count; i++) {
        struct lc_parameter *p = &learned->parameters[i];
        if (strcmp(p->path, path) != 0)
            continue;
        char *method = lc_format("%s; × %.3g on the processor: %s", p->method, split->share, split->method);
        free(p->method);
        p->method = method;
        if (p->mean > 0)
            p->standard_error = p->mean * split->share * hypot(p->standard_error / p->mean, split->relative_error);
        p->mean *= split->share;
    }
}

static void split_activity(struct lc_learned *learned, struct lc_activity *activity, char *stem,
                           const struct lci_work_split *split)
{
    char *path = lc_format("%s.demand", stem);
    const double mean = activity->demand.family != NULL ? lc_dist_mean(&activity->demand) : 0;
    const double rest = fmax(0, 1 - split->share) * mean;
    note_split(learned, path, split);
    if (rest > 0 && activity->think.family == NULL) {
        activity->think = lci_dist_copy(&activity->demand);
        lci_dist_scale(&activity->think, rest / mean);
        lci_replicated_copy(learned, path, lc_format("%s.think_time", stem)); /* both are parts of the same time */
    } else if (rest > 0) {
        const double delay = lc_dist_mean(&activity->think);
        lci_dist_scale(&activity->think, (delay + rest) / delay);
    }
    if (split->share > 0) {
        lci_dist_scale(&activity->demand, split->share);
    } else {
        lc_dist_free(&activity->demand);
        activity->demand = (struct lc_dist){0};
    }
    free(path);
    free(stem);
}

/* Activities that follow from the entry's first one. */
static bool *activities_of(const struct lc_task *task, int start)
{
    bool *reached = lc_calloc(task->activity_count + 1, sizeof *reached), more = true;
    reached[start] = true;
    while (more) { /* once or twice: activities are made in their order */
        more = false;
        for (size_t p = 0; p < task->precedence_count; p++) {
            const struct lc_precedence *precedence = &task->precedences[p];
            bool from = false;
            for (size_t i = 0; i < precedence->pre_count; i++)
                from |= reached[precedence->pre[i]];
            for (size_t i = 0; i < precedence->post_count && from; i++) {
                more |= !reached[precedence->post[i]];
                reached[precedence->post[i]] = true;
            }
        }
    }
    return reached;
}

static void split_entry(struct lc_learned *learned, int entry, const struct lci_work_split *split)
{
    struct lc_entry *e = &learned->model->entries[entry];
    struct lc_task *task = &learned->model->tasks[e->task];
    for (int i = 0; i < LC_PHASES; i++)
        if (e->phases[i].demand.family != NULL)
            split_activity(learned, &e->phases[i],
                           i == 0 ? lc_strdup(e->name) : lc_format("%s.phase%d", e->name, i + 1), split);
    if (e->start == LC_NONE)
        return;
    bool *reached = activities_of(task, e->start);
    for (size_t i = 0; i < task->activity_count; i++)
        if (reached[i] && task->activities[i].demand.family != NULL)
            split_activity(learned, &task->activities[i], lc_format("%s.%s", task->name, task->activities[i].name),
                           split);
    free(reached);
}

void lci_split_work(const struct lci_builder *builder, uint32_t operation, const struct lci_work_split *split)
{
    const struct lci_entries *entries = &builder->entries[operation];
    for (size_t k = 0; k < builder->behaviour->clusters[operation].count; k++) {
        if (entries->answering[k] != LC_NONE)
            split_entry(builder->learned, entries->answering[k], split);
        if (entries->silent[k] != LC_NONE)
            split_entry(builder->learned, entries->silent[k], split);
    }
}
