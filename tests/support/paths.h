/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an entry does, as a list of ways: each with its probability, its calls in order as a text, and the self time
 * between them. Two models that behave alike have the same list, however their activities are called and cut.
 */
#ifndef TESTS_PATHS_H
#define TESTS_PATHS_H

#include <stdlib.h>
#include <string.h>

#include "loadcast/lqn.h"

enum { PATH_STEPS = 64, PATHS = 256 };

struct path {
    double probability;
    char text[16384];                              /* "call a/b; call c/d | call e/f; send g/h; reply; " */
    double mean[PATH_STEPS], variance[PATH_STEPS]; /* of the self time before each step and after the last */
    size_t steps;
    double hidden; /* means of delays, and of self times within forks */
};

struct paths {
    const struct lc_model *model;
    const struct lc_task *task;
    struct path all[PATHS];
    size_t count;
    bool good; /* false: a construct that has no such list (loops, stochastic calls), or too many ways */
};

/* Appends to a text that has room for it. */
static inline void path_append(char *text, const char *more)
{
    memcpy(text + strlen(text), more, strlen(more) + 1);
}

static inline void path_step(struct paths *w, struct path *p, const char *kind, const char *name)
{
    const size_t length = strlen(p->text);
    if (p->steps + 1 >= PATH_STEPS || length + strlen(name) + 16 >= sizeof p->text) {
        w->good = false;
        return;
    }
    path_append(p->text, kind);
    path_append(p->text, name);
    path_append(p->text, "; ");
    p->steps++;
}

static inline void path_self(struct path *p, const struct lc_dist *demand, double slices)
{
    if (demand->family == NULL)
        return;
    const double mean = lc_dist_mean(demand) / slices;
    p->mean[p->steps] += mean;
    p->variance[p->steps] += mean * mean * lc_dist_cv2(demand);
}

static inline void path_activity(struct paths *w, struct path *p, const struct lc_activity *a)
{
    double calls = 0;
    for (size_t i = 0; i < a->call_count; i++)
        calls += a->calls[i].mean;
    w->good = w->good && (calls == 0 || a->deterministic);
    if (a->think.family != NULL)
        p->hidden += lc_dist_mean(&a->think);
    path_self(p, &a->demand, 1 + calls);
    for (size_t i = 0; i < a->call_count; i++)
        for (int k = 0; k < a->calls[i].mean && w->good; k++) {
            path_step(w, p, a->calls[i].kind == LC_CALL_SYNC ? "call " : "send ",
                      w->model->entries[a->calls[i].entry].name);
            path_self(p, &a->demand, 1 + calls);
        }
}

/* The reply is a step only when work follows. */
static inline void path_end(struct paths *w, const struct path *p)
{
    if (w->count == PATHS) {
        w->good = false;
        return;
    }
    struct path *to = &w->all[w->count++];
    *to = *p;
    const size_t length = strlen(to->text);
    if (length >= 7 && strcmp(to->text + length - 7, "reply; ") == 0 && to->mean[to->steps] == 0) {
        to->text[length - 7] = 0;
        to->steps--;
    }
}

static inline const struct lc_precedence *path_next(const struct lc_task *task, int activity)
{
    for (size_t i = 0; i < task->precedence_count; i++)
        for (size_t k = 0; k < task->precedences[i].pre_count; k++)
            if (task->precedences[i].pre[k] == activity)
                return &task->precedences[i];
    return NULL;
}

static inline int path_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

static inline const struct lc_precedence *path_run(struct paths *w, struct path *p, int activity);

/* All branches; returns the join. */
static inline const struct lc_precedence *path_fork(struct paths *w, struct path *p, const struct lc_precedence *fork)
{
    char texts[256][256];
    const struct lc_precedence *join = NULL;
    char step[16384] = "";
    w->good = w->good && fork->post_count <= sizeof texts / sizeof *texts;
    for (size_t i = 0; i < fork->post_count && w->good; i++) {
        struct path *branch = calloc(1, sizeof *branch);
        join = path_run(w, branch, fork->post[i]);
        w->good = w->good && join != NULL && strlen(branch->text) < sizeof texts[i];
        if (w->good) {
            memcpy(texts[i], branch->text, strlen(branch->text) + 1);
            p->hidden += branch->hidden;
            for (size_t k = 0; k <= branch->steps; k++)
                p->hidden += branch->mean[k];
        }
        free(branch);
    }
    if (!w->good)
        return NULL;
    qsort(texts, fork->post_count, sizeof texts[0], path_texts);
    for (size_t i = 0; i < fork->post_count && strlen(step) + sizeof texts[i] < sizeof step; i++) {
        path_append(step, i > 0 ? "| " : "");
        path_append(step, texts[i]);
    }
    path_step(w, p, "", step);
    return join;
}

/* From an activity to the end, or to the and-join that is returned. */
static inline const struct lc_precedence *path_run(struct paths *w, struct path *p, int activity)
{
    while (w->good) {
        const struct lc_activity *a = &w->task->activities[activity];
        path_activity(w, p, a);
        if (a->reply_count > 0)
            path_step(w, p, "reply", "");
        const struct lc_precedence *next = path_next(w->task, activity);
        if (next != NULL && next->join == LC_JOIN_AND && next->pre_count > 1)
            return next;
        while (next != NULL && next->fork == LC_FORK_AND && next->post_count > 1 && w->good)
            next = path_fork(w, p, next);
        if (next == NULL || next->post_count == 0 || !w->good) {
            path_end(w, p);
            return NULL;
        }
        if (next->fork == LC_FORK_OR) {
            for (size_t i = 0; i < next->post_count; i++) {
                struct path *branch = malloc(sizeof *branch);
                *branch = *p;
                branch->probability *= next->weights[i];
                w->good = path_run(w, branch, next->post[i]) == NULL && w->good;
                free(branch);
            }
            return NULL;
        }
        w->good = w->good && next->fork != LC_FORK_LOOP;
        activity = next->post[0];
    }
    return NULL;
}

/* Ways with the same text become one. */
static inline void path_unite(struct paths *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct path *p = &w->all[i], *same = NULL;
        for (size_t k = 0; k < kept && same == NULL; k++)
            same = strcmp(w->all[k].text, p->text) == 0 ? &w->all[k] : NULL;
        if (same == NULL) {
            if (kept != i)
                w->all[kept] = *p;
            kept++;
            continue;
        }
        const double total = same->probability + p->probability, a = same->probability / total, b = 1 - a;
        for (size_t k = 0; k <= p->steps; k++) {
            const double mean = a * same->mean[k] + b * p->mean[k], apart = same->mean[k] - p->mean[k];
            same->variance[k] = a * same->variance[k] + b * p->variance[k] + a * b * apart * apart;
            same->mean[k] = mean;
        }
        same->hidden = a * same->hidden + b * p->hidden;
        same->probability = total;
    }
    w->count = kept;
}

static inline int path_order(const void *a, const void *b)
{
    return strcmp(((const struct path *)a)->text, ((const struct path *)b)->text);
}

/* Sorted by text. Free with free(). */
static inline struct paths *paths_of(const struct lc_model *model, int entry)
{
    struct paths *w = calloc(1, sizeof *w);
    struct path *p = calloc(1, sizeof *p);
    const struct lc_entry *e = &model->entries[entry];
    w->model = model;
    w->task = &model->tasks[e->task];
    w->good = true;
    p->probability = 1;
    if (e->start != LC_NONE) {
        path_run(w, p, e->start);
    } else {
        for (int k = 0; k < LC_PHASES; k++) {
            if (k == 1)
                path_step(w, p, "reply", "");
            if (e->phases[k].present)
                path_activity(w, p, &e->phases[k]);
        }
        path_end(w, p);
    }
    free(p);
    path_unite(w);
    qsort(w->all, w->count, sizeof w->all[0], path_order);
    return w;
}

#endif
