/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What limits a model. A processor that is (nearly) always busy is a bottleneck by itself. A task whose threads are all
 * taken is one only when nothing that it waits for is: otherwise its threads are held by waiting for the real one
 * below.
 */
#include "experiment.h"
#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

#define FULL 0.95 /* load from which a component counts as saturated */

struct view {
    const struct lc_model *model;
    const struct lc_result *result;
};

static bool processor_full(const struct view *v, int processor)
{
    return v->result->processors[processor].load.mean >= FULL;
}

static bool task_full(const struct view *v, int task)
{
    return !lc_is_source(&v->model->tasks[task]) && v->result->tasks[task].load.mean >= FULL;
}

static bool blocked(const struct view *v, int called)
{
    return task_full(v, called) || processor_full(v, v->model->tasks[called].processor);
}

static bool waits_below(const struct view *v, const struct lc_activity *a)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_SYNC && a->calls[i].mean > 0 &&
            blocked(v, v->model->entries[a->calls[i].entry].task))
            return true;
    return false;
}

/* Whether a full task only waits for something full: its processor, or a server that it calls. */
static bool victim(const struct view *v, int task)
{
    const struct lc_task *t = &v->model->tasks[task];
    if (processor_full(v, t->processor))
        return true;
    for (size_t i = 0; i < t->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            if (waits_below(v, &v->model->entries[t->entries[i]].phases[k]))
                return true;
    for (size_t i = 0; i < t->activity_count; i++)
        if (waits_below(v, &t->activities[i]))
            return true;
    return false;
}

static void add(struct lc_result *r, int processor, int task, struct lc_estimate load, char *reason)
{
    r->bottlenecks = lc_realloc(r->bottlenecks, r->bottleneck_count + 1, sizeof *r->bottlenecks);
    size_t at = r->bottleneck_count++;
    for (; at > 0 && r->bottlenecks[at - 1].load.mean < load.mean; at--)
        r->bottlenecks[at] = r->bottlenecks[at - 1];
    r->bottlenecks[at] = (struct lc_bottleneck){processor, task, load, reason};
}

static char *task_reason(const struct lc_model *m, const struct lc_result *r, int task)
{
    const double load = r->processors[m->tasks[task].processor].load.mean;
    const char *processor = m->processors[m->tasks[task].processor].name;
    const char *grows = r->tasks[task].saturated ? "; its queue grows without bound" : "";
    if (isnan(load))
        return lc_format("all threads are busy on a delay '%s': a software bottleneck%s", processor, grows);
    return lc_format("all threads are busy while processor '%s' is at %.0f %%: a software bottleneck%s", processor,
                     100 * load, grows);
}

/* Nothing is saturated: the component with the highest load is the next limit. */
static void add_highest(const struct view *v, struct lc_result *r)
{
    int processor = LC_NONE, task = LC_NONE;
    struct lc_estimate highest = {0, NAN, NAN};
    for (size_t i = 0; i < v->model->task_count; i++)
        if (!lc_is_source(&v->model->tasks[i]) && r->tasks[i].load.mean > highest.mean) {
            highest = r->tasks[i].load;
            task = (int)i;
        }
    for (size_t i = 0; i < v->model->processor_count; i++)
        if (r->processors[i].load.mean >= highest.mean * (1 - 1e-9)) {
            highest = r->processors[i].load;
            processor = (int)i;
            task = LC_NONE;
        }
    if (highest.mean > 0)
        add(r, processor, task, highest, lc_strdup("the highest load; nothing is saturated"));
}

void lci_find_bottlenecks(struct lc_result *r)
{
    const struct view v = {r->model, r};
    for (size_t i = 0; i < r->model->processor_count; i++)
        if (processor_full(&v, (int)i))
            add(r, (int)i, LC_NONE, r->processors[i].load, lc_strdup("the processor is saturated"));
    for (size_t i = 0; i < r->model->task_count; i++)
        if ((task_full(&v, (int)i) && !victim(&v, (int)i)) || r->tasks[i].saturated)
            add(r, LC_NONE, (int)i, r->tasks[i].load, task_reason(r->model, r, (int)i));
    if (r->bottleneck_count == 0)
        add_highest(&v, r);
}
