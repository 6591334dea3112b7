/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Activity graphs: every activity in one place before and one after, no cycles, forks and joins that fit, and exactly
 * one reply on every path. */
#include "check/check_graph.h"

#include <math.h>
#include <stdlib.h>

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static void claim(struct lci_walk *w, int *slots, int activity, int precedence, const char *side)
{
    const struct lc_activity *a = &w->task->activities[activity];
    if (slots[activity] != LC_NONE) {
        LCI_WRONG(w->check, &w->task->precedences[precedence].place,
                  "task '%s': activity '%s' stands %s two arrows; expected one", w->task->name, a->name, side);
        w->broken = true;
        return;
    }
    slots[activity] = precedence;
}

static void fill_lists(struct lci_walk *w)
{
    const struct lc_task *t = w->task;
    for (size_t i = 0; i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        for (size_t j = 0; j < p->pre_count; j++)
            claim(w, w->from, p->pre[j], (int)i, "before");
        for (size_t j = 0; j < p->post_count; j++)
            claim(w, w->into, p->post[j], (int)i, "behind");
        if (p->end != LC_NONE)
            claim(w, w->into, p->end, (int)i, "behind");
    }
}

static void check_weights(struct lci_walk *w, const struct lc_precedence *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->post_count; i++) {
        const char *name = w->task->activities[p->post[i]].name;
        const double weight = p->weights != NULL ? p->weights[i] : 0;
        if (p->fork == LC_FORK_OR && !(weight >= 0 && weight <= 1 + LCI_ROUNDING))
            LCI_WRONG(w->check, &p->place, "task '%s': the branch '%s' has probability %g; expected 0 to 1",
                      w->task->name, name, weight);
        else if (!(weight >= 0) || isinf(weight))
            LCI_WRONG(w->check, &p->place, "task '%s': the loop runs '%s' %g times; expected 0 or more", w->task->name,
                      name, weight);
        sum += weight;
    }
    if (p->fork == LC_FORK_OR && fabs(sum - 1) > LCI_ROUNDING)
        LCI_WRONG(w->check, &p->place, "task '%s': the branches after '%s' have probabilities of %g in all; expected 1",
                  w->task->name, w->task->activities[p->pre[0]].name, sum);
}

/* Some branches of an or-fork are for the last request, the others for those before it. */
static void check_last(struct lci_walk *w, int activity)
{
    const struct lc_activity *a = &w->task->activities[activity];
    const struct lc_precedence *p = w->into[activity] != LC_NONE ? &w->task->precedences[w->into[activity]] : NULL;
    if (p == NULL || p->fork != LC_FORK_OR) {
        LCI_WRONG(w->check, &a->place,
                  "task '%s': activity '%s' is for the last of %u requests; expected one that "
                  "begins a branch of an or-fork",
                  w->task->name, a->name, a->last_of);
        return;
    }
    bool other = false, differs = false;
    for (size_t i = 0; i < p->post_count; i++) {
        const uint32_t of = w->task->activities[p->post[i]].last_of;
        other |= of == 0;
        differs |= of != 0 && of != a->last_of;
    }
    if (a->last_of < 2 || !other || differs)
        LCI_WRONG(w->check, &a->place,
                  "task '%s': activity '%s' is for the last of %u requests; expected 2 or more, "
                  "the same number in all such branches of the fork, and one for the others",
                  w->task->name, a->name, a->last_of);
}

static void check_precedence(struct lci_walk *w, const struct lc_precedence *p)
{
    if (p->quorum > 0 && (p->join != LC_JOIN_AND || p->quorum > p->pre_count))
        LCI_WRONG(w->check, &p->place, "task '%s': a quorum of %u for %zu branches; expected 1 up to their number",
                  w->task->name, p->quorum, p->pre_count);
    if (p->fork == LC_FORK_OR || p->fork == LC_FORK_LOOP)
        check_weights(w, p);
}

/* ---- entries and replies ----------------------------------------------------------------------------------------- */

static void check_starts(struct lci_walk *w)
{
    const struct lc_task *t = w->task;
    bool started = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &w->check->model->entries[t->entries[i]];
        if (e->start == LC_NONE)
            continue;
        started = true;
        if (w->into[e->start] != LC_NONE) {
            LCI_WRONG(w->check, &e->place, "entry '%s' starts with '%s', which also follows other activities", e->name,
                      t->activities[e->start].name);
            w->broken = true;
        }
    }
    if (t->activity_count > 0 && !started)
        LCI_WRONG(w->check, &t->place, "task '%s' has activities, but no entry starts them", t->name);
}

static void check_activities(struct lci_walk *w)
{
    const struct lc_task *t = w->task;
    for (size_t i = 0; i < t->activity_count; i++) {
        const struct lc_activity *a = &t->activities[i];
        char *what = lc_format("task '%s', activity '%s'", t->name, a->name);
        lci_check_activity(w->check, a, &a->place, what);
        for (size_t j = 0; j < a->reply_count; j++) {
            const struct lc_entry *e = &w->check->model->entries[a->replies[j]];
            if (&w->check->model->tasks[e->task] != t)
                LCI_WRONG(w->check, &a->place, "%s replies to '%s' of another task", what, e->name);
            else if (lc_is_source(t))
                LCI_WRONG(w->check, &a->place, "%s replies to '%s', but '%s' makes load and has no callers", what,
                          e->name, t->name);
            else if (e->start == LC_NONE)
                LCI_WRONG(w->check, &a->place, "%s replies to '%s', which no activity starts", what, e->name);
        }
        if (a->last_of > 0)
            check_last(w, (int)i);
        free(what);
    }
}

static const char *activity_name(const void *task, int activity)
{
    return ((const struct lc_task *)task)->activities[activity].name;
}

/* The activities in an order in which causes come first; −1 and an error when there is none. */
static int order_activities(struct lci_walk *w)
{
    const struct lc_task *t = w->task;
    struct lci_graph graph = lci_graph_start(t->activity_count);
    for (size_t i = 0; i < t->activity_count; i++) {
        lci_graph_node(&graph, i);
        const struct lc_precedence *p = w->from[i] != LC_NONE ? &t->precedences[w->from[i]] : NULL;
        for (size_t j = 0; p != NULL && j < p->post_count; j++)
            lci_graph_edge(&graph, p->post[j]);
        if (p != NULL && p->end != LC_NONE)
            lci_graph_edge(&graph, p->end);
    }
    const int count = lci_graph_order(&graph, LC_NONE, w->order);
    if (count < 0) {
        char *path = lci_path_text(w->order, activity_name, t);
        LCI_WRONG(w->check, &t->activities[w->order[0]].place,
                  "task '%s': the activities go in a circle: %s; loops "
                  "have a sign of their own",
                  t->name, path);
        free(path);
    }
    lci_graph_free(&graph);
    return count;
}

void lci_check_graph(struct lci_check *c, int task)
{
    const struct lc_task *t = &c->model->tasks[task];
    const size_t n = t->activity_count;
    if (n == 0)
        return;
    struct lci_walk w = {.check = c,
                         .task = t,
                         .errors = c->diag->errors,
                         .into = lc_calloc(n, sizeof(int)),
                         .from = lc_calloc(n, sizeof(int)),
                         .order = lc_calloc(n + 1, sizeof(int))};
    for (size_t i = 0; i < n; i++)
        w.into[i] = w.from[i] = LC_NONE;
    fill_lists(&w);
    for (size_t i = 0; i < t->precedence_count; i++)
        check_precedence(&w, &t->precedences[i]);
    check_starts(&w);
    check_activities(&w);
    if (!w.broken && order_activities(&w) >= 0) {
        lci_check_joins(&w);
        lci_check_replies(&w);
    }
    free(w.into);
    free(w.from);
    free(w.order);
}
