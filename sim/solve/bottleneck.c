/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What limits a model. A processor that is (nearly) always busy is a bottleneck by itself. A task whose threads are all
 * taken is one only when nothing that it waits for is: otherwise its threads are held by waiting for the real one
 * below. The same holds for a queue that grows: what stands behind it is named, and who makes more requests of each
 * one.
 */
#include "loadcast/base.h"
#include "steady.h"

#include <math.h>
#include <stdlib.h>

#define FULL 0.95 /* load from which a component counts as saturated */

#define MORE 1.05 /* attempts and copies of a request that are worth a word */

struct view {
    const struct lc_model *model;
    const struct lc_result *result;
    int *behind; /* of each entry: the fullest task that is full and may answer a request to it; LC_NONE */
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

static double load_at(const struct view *v, int task)
{
    const double host = v->result->processors[v->model->tasks[task].processor].load.mean;
    return fmax(v->result->tasks[task].load.mean, host); /* NaN: no limit */
}

static int fuller(const struct view *v, int a, int b)
{
    return a == LC_NONE || (b != LC_NONE && load_at(v, b) > load_at(v, a)) ? b : a;
}

/* Requests may be passed on, from entry to entry. */
static void find_behind(struct view *v)
{
    const struct lc_model *m = v->model;
    bool again = true;
    v->behind = lc_calloc(m->entry_count, sizeof *v->behind);
    for (size_t i = 0; i < m->entry_count; i++)
        v->behind[i] = blocked(v, m->entries[i].task) ? m->entries[i].task : LC_NONE;
    while (again) {
        again = false;
        for (size_t i = 0; i < m->entry_count; i++)
            for (size_t k = 0; k < m->entries[i].forward_count; k++) {
                const int found = fuller(v, v->behind[i], v->behind[m->entries[i].forwards[k].entry]);
                again |= found != v->behind[i];
                v->behind[i] = found;
            }
    }
}

static int full_behind_calls(const struct view *v, const struct lc_activity *a)
{
    int found = LC_NONE;
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_SYNC && a->calls[i].mean > 0)
            found = fuller(v, found, v->behind[a->calls[i].entry]);
    return found;
}

/* The full server that threads of the task wait for, the fullest of several; LC_NONE. */
static int full_below(const struct view *v, int task)
{
    const struct lc_task *t = &v->model->tasks[task];
    int found = LC_NONE;
    for (size_t i = 0; i < t->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            found = fuller(v, found, full_behind_calls(v, &v->model->entries[t->entries[i]].phases[k]));
    for (size_t i = 0; i < t->activity_count; i++)
        found = fuller(v, found, full_behind_calls(v, &t->activities[i]));
    return found;
}

/* Whether a full task only waits for something full: its processor, or a server that it calls. */
static bool victim(const struct view *v, int task)
{
    return processor_full(v, v->model->tasks[task].processor) || full_below(v, task) != LC_NONE;
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

/* ---- queues that grow -------------------------------------------------------------------------------------------- */

/* Marks the tasks whose requests lead to one that is marked. */
static bool mark_callers(const struct lc_model *m, const struct lc_activity *a, int from, bool *leads)
{
    if (leads[from])
        return false;
    for (size_t i = 0; i < a->call_count; i++)
        leads[from] |= a->calls[i].mean > 0 && leads[m->entries[a->calls[i].entry].task];
    return leads[from];
}

static bool mark_task(const struct lc_model *m, int task, bool *leads)
{
    const struct lc_task *t = &m->tasks[task];
    bool marked = false;
    for (size_t i = 0; i < t->activity_count; i++)
        marked |= mark_callers(m, &t->activities[i], task, leads);
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        for (int k = 0; k < LC_PHASES; k++)
            marked |= mark_callers(m, &e->phases[k], task, leads);
        for (size_t k = 0; k < e->forward_count && !leads[task]; k++)
            marked |= leads[task] = leads[m->entries[e->forwards[k].entry].task];
    }
    return marked;
}

/* What is sent for each request that no cache answers. */
static double attempts(const struct lc_policy_result *p)
{
    const double asked = 1 - p->hits.mean, refused = p->short_circuited.mean + p->full.mean + p->limited.mean;
    return asked > 0 ? (asked + p->retries.mean) / asked * (1 - refused + p->copies.mean) : 0;
}

static const char *means(const struct lc_policy_result *p)
{
    return !(p->copies.mean > 0) ? "retries" : !(p->retries.mean > 0) ? "copies" : "retries and copies";
}

static char *join(char *before, char *text)
{
    char *whole = before == NULL ? lc_strdup(text) : lc_format("%s, %s", before, text);
    free(before);
    free(text);
    return whole;
}

/* Who on the way to the full component asks more than once; NULL: nobody. */
static char *asked(const struct lc_result *r)
{
    const struct lc_model *m = r->model;
    bool *leads = lc_calloc(m->task_count, sizeof *leads);
    for (size_t i = 0; i < m->task_count; i++)
        leads[i] = r->overload.task == (int)i || r->overload.processor == m->tasks[i].processor;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < m->task_count; i++)
            again |= mark_task(m, (int)i, leads);
    }
    char *text = NULL;
    for (size_t i = 0; i < r->policy_count; i++) {
        const struct lc_policy_result *p = &r->policies[i];
        if (leads[p->to] && attempts(p) > MORE)
            text = join(text, lc_format("%s multiply the requests of '%s' to '%s' by %.2g", means(p),
                                        m->tasks[p->from].name, m->tasks[p->to].name, attempts(p)));
    }
    for (size_t i = 0; i < m->task_count; i++)
        if (leads[i] && 1 + r->tasks[i].retries.mean > MORE)
            text = join(text, lc_format("retries multiply the requests to '%s' by %.2g", m->tasks[i].name,
                                        1 + r->tasks[i].retries.mean));
    free(leads);
    return text;
}

static char *sent_by(const struct lc_model *m, int from, const struct lc_activity *a, int to)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_ASYNC && m->entries[a->calls[i].entry].task == to)
            return lc_format("'%s' sends requests to '%s' and does not wait for an answer", m->tasks[from].name,
                             m->tasks[to].name);
    return NULL;
}

/* Who sends to the task whose queue grows more than it can serve, and does not wait for it; NULL: nobody. */
static char *handed_over(const struct lc_result *r)
{
    const struct lc_model *m = r->model;
    char *text = NULL;
    for (size_t i = 0; i < m->entry_count && text == NULL; i++)
        for (int k = 0; k < LC_PHASES && text == NULL; k++)
            text = sent_by(m, m->entries[i].task, &m->entries[i].phases[k], r->overload.queue);
    for (size_t i = 0; i < m->task_count && text == NULL; i++)
        for (size_t k = 0; k < m->tasks[i].activity_count && text == NULL; k++)
            text = sent_by(m, (int)i, &m->tasks[i].activities[k], r->overload.queue);
    return text;
}

/* From a queue that grows down to what is full; of several queues on the way the lowest one counts. */
static void find_overload(const struct view *v, const bool *grows, struct lc_result *r)
{
    const struct lc_model *m = v->model;
    int task = LC_NONE;
    for (size_t i = 0; i < m->task_count && task == LC_NONE; i++)
        if (grows[i])
            task = (int)i;
    if (task == LC_NONE)
        return;
    r->overload.queue = task;
    for (size_t steps = 0; steps < m->task_count && !processor_full(v, m->tasks[task].processor); steps++) {
        const int below = full_below(v, task);
        if (below == LC_NONE)
            break;
        task = below;
        if (grows[task])
            r->overload.queue = task;
    }
    if (processor_full(v, m->tasks[task].processor))
        r->overload.processor = m->tasks[task].processor;
    else
        r->overload.task = task;
    r->overload.why = asked(r);
    if (r->overload.why == NULL)
        r->overload.why = handed_over(r);
}

void lci_find_bottlenecks(struct lc_result *r, const bool *grows)
{
    struct view v = {r->model, r, NULL};
    find_behind(&v);
    find_overload(&v, grows, r);
    for (size_t i = 0; i < r->model->processor_count; i++)
        if (processor_full(&v, (int)i))
            add(r, (int)i, LC_NONE, r->processors[i].load, lc_strdup("the processor is saturated"));
    for (size_t i = 0; i < r->model->task_count; i++)
        if (task_full(&v, (int)i) && !victim(&v, (int)i))
            add(r, LC_NONE, (int)i, r->tasks[i].load, task_reason(r->model, r, (int)i));
    if (r->bottleneck_count == 0)
        add_highest(&v, r);
    free(v.behind);
}
