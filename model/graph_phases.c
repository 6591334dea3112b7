/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Activity graphs → phases. A graph of sequences and branches has, per phase, a mean demand Σ visits × demand, a
 * variance, and mean numbers of calls. A phase has a variance per slice: with stochastic calls Y and slices of cv² c,
 * its demand has cv² (c + Y) / (1 + Y); with deterministic ones c / (1 + Y); with calls of both
 * kinds in order (c + V / (1 + Y)) / (1 + Y), where V is the variance of the number of calls.
 */
#include "loadcast/lqn.h"
#include "model/dist/dist.h"
#include "model/lqn.h"

#include "walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One entry's graph. */
struct graph {
    struct lc_model *model;
    struct lc_task *task;
    int entry;
    struct lci_walk_step *steps; /* an activity before what follows it */
    size_t count;
    char *phase; /* per activity: 1 or 2; 0: not of this entry */
    int *from;   /* per activity: the precedence it ends in, LC_NONE */
    bool branches;
    size_t sized; /* times of averaged activities that depend on the size of the request */
};

/* First and second moment of a time. */
struct moments {
    double first, second;
};

static struct moments sum_of(struct moments a, struct moments b)
{
    return (struct moments){a.first + b.first, a.second + 2 * a.first * b.first + b.second};
}

static struct moments moments_of(double mean, double cv2)
{
    return (struct moments){mean, mean * mean * (1 + cv2)};
}

/* Of the whole demand of an activity, whose distribution is that of a slice. */
static struct moments demand_of(const struct lc_activity *a)
{
    double calls = 0, variance = 0; /* of the number of calls */
    if (a->demand.family == NULL)
        return (struct moments){0};
    for (size_t i = 0; i < a->call_count; i++) {
        calls += a->calls[i].mean;
        variance += a->calls[i].random ? a->calls[i].mean * (1 + a->calls[i].mean) : 0;
    }
    if (!a->deterministic)
        variance = calls * (1 + calls);
    return moments_of(lc_dist_mean(&a->demand), (lc_dist_cv2(&a->demand) + variance / (1 + calls)) / (1 + calls));
}

static struct moments think_of(const struct lc_activity *a)
{
    if (a->think.family == NULL)
        return (struct moments){0};
    return moments_of(lc_dist_mean(&a->think), lc_dist_cv2(&a->think));
}

/* ---- which graphs ------------------------------------------------------------------------------------------------ */

/* What hinders activity `a` from becoming a part of a phase; NULL: nothing. */
static const char *hindrance(const struct graph *g, int a)
{
    const struct lc_activity *activity = &g->task->activities[a];
    for (size_t i = 0; i < activity->reply_count; i++)
        if (activity->replies[i] != g->entry)
            return "an activity replies to another entry";
    if (activity->max_service_time > 0 || activity->histogram.bins > 0)
        return "the time of an activity is observed";
    if (g->from[a] == LC_NONE)
        return NULL;
    const struct lc_precedence *p = &g->task->precedences[g->from[a]];
    if (p->fork == LC_FORK_AND || p->join == LC_JOIN_AND)
        return "branches run at the same time";
    for (size_t k = 0; p->fork == LC_FORK_OR && k < p->post_count; k++)
        if (!(p->weights[k] > 0))
            return "it has a branch that is never taken";
    return p->fork == LC_FORK_LOOP ? "it has a loop" : NULL;
}

/* Tells what follows `a` in which phase it is; false if it is known to be in another one. */
static bool pass_on(struct graph *g, int a)
{
    char phase = g->phase[a];
    for (size_t i = 0; i < g->task->activities[a].reply_count; i++)
        phase = 2;
    if (g->from[a] == LC_NONE)
        return true;
    const struct lc_precedence *p = &g->task->precedences[g->from[a]];
    for (size_t k = 0; k < p->post_count; k++) {
        if (g->phase[p->post[k]] != 0 && g->phase[p->post[k]] != phase)
            return false;
        g->phase[p->post[k]] = phase;
    }
    return true;
}

/* NULL when the graph can be phases; else why it cannot. */
static const char *examine(struct graph *g, const char *taken)
{
    for (size_t i = 0; i < g->task->precedence_count; i++)
        for (size_t k = 0; k < g->task->precedences[i].pre_count; k++)
            g->from[g->task->precedences[i].pre[k]] = (int)i;
    g->phase[g->model->entries[g->entry].start] = 1;
    for (size_t i = 0; i < g->count; i++) {
        const int a = g->steps[i].index;
        const char *why = taken[a] > 1 ? "it shares activities with another entry" : hindrance(g, a);
        if (why != NULL)
            return why;
        if (!pass_on(g, a))
            return "some branches reply before they join and others do not";
        g->branches |= g->from[a] != LC_NONE && g->task->precedences[g->from[a]].fork == LC_FORK_OR;
    }
    return NULL;
}

/* ---- phases ------------------------------------------------------------------------------------------------------ */

/* Moments of what a time sums up to in one phase, over all ways through the graph. */
static struct moments through(const struct graph *g, int phase, struct moments (*time)(const struct lc_activity *))
{
    struct moments *ahead = lc_calloc(g->task->activity_count, sizeof *ahead);
    for (size_t i = g->count; i-- > 0;) {
        const int a = g->steps[i].index;
        struct moments next = {0};
        const struct lc_precedence *p = g->from[a] != LC_NONE ? &g->task->precedences[g->from[a]] : NULL;
        for (size_t k = 0; p != NULL && k < p->post_count; k++) {
            const double weight = p->fork == LC_FORK_OR ? p->weights[k] : 1;
            next.first += weight * ahead[p->post[k]].first;
            next.second += weight * ahead[p->post[k]].second;
        }
        ahead[a] = g->phase[a] == phase ? sum_of(time(&g->task->activities[a]), next) : next;
    }
    const struct moments all = ahead[g->model->entries[g->entry].start];
    free(ahead);
    return all;
}

static struct lc_dist dist_of(struct moments m, double cv2)
{
    if (!(m.first > 0))
        return (struct lc_dist){0};
    if (!(cv2 > 1e-12))
        return lc_dist_deterministic(m.first);
    struct lc_dist dist = fabs(cv2 - 1) < 1e-12 ? lc_dist_exponential(m.first) : lci_dist_moments(m.first, cv2);
    lci_dist_scale(&dist, m.first / lc_dist_mean(&dist));
    return dist;
}

static double cv2_of(struct moments m)
{
    return m.first > 0 ? fmax(0, m.second / (m.first * m.first) - 1) : 0;
}

/* The calls of all activities of a phase, by entry and kind. */
static void add_calls(const struct graph *g, struct lc_activity *phase, const struct lci_walk_step *step)
{
    const struct lc_activity *a = &g->task->activities[step->index];
    for (size_t c = 0; c < a->call_count; c++) {
        size_t i = 0;
        while (i < phase->call_count &&
               (phase->calls[i].entry != a->calls[c].entry || phase->calls[i].kind != a->calls[c].kind))
            i++;
        const double mean = step->visits * a->calls[c].mean;
        if (i < phase->call_count)
            phase->calls[i].mean += mean;
        else if (mean > 0)
            lc_add_call(phase, a->calls[c].kind, a->calls[c].entry, mean);
        if (i < phase->call_count && a->calls[c].random)
            phase->calls[i].random = true;
    }
}

static size_t sized_times(const struct graph *g, int phase)
{
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct lc_activity *a = &g->task->activities[g->steps[i].index];
        if (g->phase[g->steps[i].index] == phase)
            count += (size_t)(a->demand.size_correlation != 0) + (size_t)(a->think.size_correlation != 0);
    }
    return count;
}

/* Returns whether the variance of the demand is that of the graph. */
static bool make_phase(struct graph *g, int number)
{
    struct lc_activity *phase = &g->model->entries[g->entry].phases[number - 1];
    const struct lc_activity *only = NULL;
    double calls = 0;
    bool fixed = !g->branches;
    size_t parts = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct lc_activity *a = &g->task->activities[g->steps[i].index];
        if (g->phase[g->steps[i].index] != number)
            continue;
        only = a;
        parts++;
        fixed = fixed && ((a->deterministic && !lci_mixes_calls(a)) || a->call_count == 0);
        add_calls(g, phase, &g->steps[i]);
    }
    if (parts == 0)
        return true;
    for (size_t i = 0; i < phase->call_count; i++)
        calls += phase->calls[i].mean;
    const struct moments demand = through(g, number, demand_of), think = through(g, number, think_of);
    const double whole = cv2_of(demand), slice = fixed ? whole * (1 + calls) : whole * (1 + calls) - calls;
    phase->present = true;
    if (parts == 1 && !g->branches) { /* nothing is averaged */
        phase->deterministic = only->deterministic;
        phase->think = lci_dist_copy(&only->think);
        phase->demand = lci_dist_copy(&only->demand);
        return true;
    }
    g->sized += sized_times(g, number);
    phase->deterministic = fixed;
    phase->think = dist_of(think, cv2_of(think));
    phase->demand = dist_of(demand, slice);
    return !(demand.first > 0) || slice >= -1e-9;
}

static void tell(const struct graph *g, const char *hindered, bool exact, struct lc_diag *diag)
{
    const char *name = g->model->entries[g->entry].name;
    if (hindered != NULL)
        lc_note(diag, NULL, "entry '%s' keeps its graph of activities: %s", name, hindered);
    else
        lc_note(diag, NULL, "entry '%s': %zu activities became phases%s; the order of work and calls is lost%s", name,
                g->count, g->branches ? ", branches are averaged and numbers of calls geometric" : "",
                exact ? "" : ", and demands vary more than before");
    if (g->sized > 0)
        lc_warn(diag, NULL,
                "entry '%s': %zu times that are long or short together become independent, and high percentiles of "
                "response times too low",
                name, g->sized);
}

/* Marks the activities that became phases. */
static bool convert(struct graph *g, const char *taken, char *gone, struct lc_diag *diag)
{
    g->phase = lc_calloc(g->task->activity_count + 1, 1);
    g->from = lc_alloc((g->task->activity_count + 1) * sizeof *g->from);
    for (size_t a = 0; a < g->task->activity_count; a++)
        g->from[a] = LC_NONE;
    const char *hindered = examine(g, taken);
    bool exact = true;
    if (hindered == NULL) {
        for (int phase = 1; phase <= 2; phase++)
            exact = make_phase(g, phase) && exact;
        g->model->entries[g->entry].start = LC_NONE;
        for (size_t i = 0; i < g->count; i++)
            gone[g->steps[i].index] = 1;
    }
    tell(g, hindered, exact, diag);
    free(g->phase);
    free(g->from);
    return hindered == NULL;
}

static size_t convert_task(struct lc_model *model, int task, struct lc_diag *diag)
{
    struct lc_task *t = &model->tasks[task];
    struct graph *graphs = lc_calloc(t->entry_count + 1, sizeof *graphs);
    char *taken = lc_calloc(t->activity_count + 1, 1), *gone = lc_calloc(t->activity_count + 1, 1);
    size_t made = 0;
    for (size_t i = 0; i < t->entry_count; i++) {
        struct graph *g = &graphs[i];
        *g = (struct graph){.model = model, .task = t, .entry = t->entries[i]};
        if (model->entries[g->entry].start == LC_NONE ||
            lci_entry_steps(model, g->entry, &g->steps, &g->count, diag) != 0)
            continue;
        for (size_t k = 0; k < g->count; k++)
            taken[g->steps[k].index] = (char)(taken[g->steps[k].index] > 0 ? 2 : 1);
    }
    for (size_t i = 0; i < t->entry_count; i++) {
        if (graphs[i].count > 0)
            made += convert(&graphs[i], taken, gone, diag);
        free(graphs[i].steps);
    }
    if (made > 0)
        lci_remove_activities(model, task, gone);
    free(graphs);
    free(taken);
    free(gone);
    return made;
}

size_t lci_graphs_to_phases(struct lc_model *model, struct lc_diag *diag)
{
    size_t made = 0;
    for (size_t t = 0; t < model->task_count; t++)
        if (model->tasks[t].activity_count > 0)
            made += convert_task(model, (int)t, diag);
    return made;
}
