/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sequences add moments, alternatives mix them, a loop is a geometric number of runs, and an and-join waits for an
 * order statistic of its branches, taken to be independent. */
#include "graph_times.h"

#include "loadcast/base.h"
#include "walk.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lc_task *task_of(const struct lcs_graph_plan *plan)
{
    return &plan->model->tasks[plan->model->entries[plan->entry].task];
}

/* ---- threads and phases ------------------------------------------------------------------------------------------ */

static void follow(struct lci_graph *graph, const struct lc_precedence *p)
{
    for (size_t k = 0; k < p->post_count; k++)
        lci_graph_edge(graph, p->post[k]);
    if (p->fork == LC_FORK_LOOP && p->end != LC_NONE)
        lci_graph_edge(graph, p->end);
}

static int order_activities(struct lcs_graph_plan *plan)
{
    const struct lc_task *task = task_of(plan);
    struct lci_graph graph = lci_graph_start(task->activity_count);
    for (size_t a = 0; a < task->activity_count; a++) {
        lci_graph_node(&graph, a);
        if (plan->from[a] != LC_NONE)
            follow(&graph, &task->precedences[plan->from[a]]);
    }
    const int count = lci_graph_order(&graph, plan->model->entries[plan->entry].start, plan->order);
    lci_graph_free(&graph);
    return count;
}

struct marking {
    struct lcs_graph_plan *plan;
    int *fork;   /* per thread: the and-fork that it begins with */
    int *parent; /* per thread: that which forks */
    int threads;
};

static bool replies(const struct lcs_graph_plan *plan, int activity)
{
    const struct lc_activity *a = &task_of(plan)->activities[activity];
    for (size_t i = 0; i < a->reply_count; i++)
        if (a->replies[i] == plan->entry)
            return true;
    return false;
}

static void mark(struct marking *m, int activity, int thread, int phase)
{
    m->plan->thread[activity] = thread;
    if (phase > m->plan->phase[activity])
        m->plan->phase[activity] = phase;
}

/* The thread behind an and-join, −1 when its branches are not those of one fork of the entry, or are joined twice. */
static int thread_behind(struct marking *m, int index)
{
    const struct lc_precedence *p = &task_of(m->plan)->precedences[index];
    const int thread = m->plan->thread[p->pre[0]], fork = thread > LCS_MAIN ? m->fork[thread] : LC_NONE;
    for (size_t k = 0; k < p->pre_count; k++)
        if (m->plan->thread[p->pre[k]] <= LCS_MAIN || m->fork[m->plan->thread[p->pre[k]]] != fork)
            return -1;
    if ((m->plan->join_of[fork] != LC_NONE && m->plan->join_of[fork] != index))
        return -1;
    m->plan->join_of[fork] = index;
    return m->parent[thread];
}

static bool mark_followers(struct marking *m, int activity)
{
    struct lcs_graph_plan *plan = m->plan;
    const int index = plan->from[activity], phase = replies(plan, activity) ? 2 : plan->phase[activity];
    if (index == LC_NONE)
        return true;
    const struct lc_precedence *p = &task_of(plan)->precedences[index];
    const int thread = p->join == LC_JOIN_AND ? thread_behind(m, index) : plan->thread[activity];
    if (thread < 0)
        return false;
    const bool again = p->join != LC_JOIN_NONE && p->post_count > 0 && plan->thread[p->post[0]] >= 0;
    for (size_t k = 0; k < p->post_count; k++) {
        int next = p->fork == LC_FORK_AND && again ? plan->thread[p->post[k]] : thread;
        if (p->fork == LC_FORK_AND && !again) {
            next = ++m->threads;
            m->fork[next] = index;
            m->parent[next] = thread;
        }
        mark(m, p->post[k], next, phase);
    }
    if (p->fork == LC_FORK_LOOP && p->end != LC_NONE)
        mark(m, p->end, thread, phase);
    return true;
}

static bool mark_all(struct lcs_graph_plan *plan)
{
    const size_t activities = task_of(plan)->activity_count;
    struct marking m = {plan, lc_calloc(activities + 1, sizeof(int)), lc_calloc(activities + 1, sizeof(int)), 0};
    bool good = true;
    m.fork[0] = LC_NONE;
    mark(&m, plan->order[0], LCS_MAIN, 1);
    for (int i = 0; i < plan->count && good; i++)
        good = mark_followers(&m, plan->order[i]);
    plan->branches = m.threads;
    free(m.fork);
    free(m.parent);
    return good;
}

struct lcs_graph_plan *lcs_graph_plan_new(const struct lc_model *model, int entry, struct lc_diag *diag)
{
    struct lcs_graph_plan *plan = lc_calloc(1, sizeof *plan);
    plan->model = model;
    plan->entry = entry;
    const struct lc_task *task = task_of(plan);
    const size_t n = task->activity_count, m = task->precedence_count;
    plan->times = lc_calloc(n, sizeof *plan->times);
    plan->order = lc_calloc(n + 1, sizeof(int));
    plan->from = lc_calloc(n, sizeof(int));
    plan->thread = lc_calloc(n, sizeof(int));
    plan->phase = lc_calloc(n, sizeof(int));
    plan->join_of = lc_calloc(m + 1, sizeof(int));
    for (size_t a = 0; a < n; a++)
        plan->from[a] = plan->thread[a] = LC_NONE;
    for (size_t i = 0; i < m; i++) {
        plan->join_of[i] = LC_NONE;
        for (size_t k = 0; k < task->precedences[i].pre_count; k++)
            plan->from[task->precedences[i].pre[k]] = (int)i;
    }
    plan->count = order_activities(plan);
    if (plan->count > 0 && mark_all(plan))
        return plan;
    lc_error(diag, LC_INPUT, &task->place,
             "task '%s': a join of branches that come from different forks or entries has no analytic treatment; "
             "simulate the model instead",
             task->name);
    lcs_graph_plan_free(plan);
    return NULL;
}

void lcs_graph_plan_free(struct lcs_graph_plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->order);
    free(plan->from);
    free(plan->thread);
    free(plan->phase);
    free(plan->join_of);
    free(plan->times);
    free(plan);
}

/* ---- order statistics -------------------------------------------------------------------------------------------- */

/* P(T > t) of a gamma distribution with these moments. */
static double survival(const struct lcs_moments2 *time, double t)
{
    if (!(time->variance > 1e-9 * time->mean * time->mean))
        return t < time->mean ? 1 : 0;
    return gsl_cdf_gamma_Q(t, time->mean * time->mean / time->variance, time->variance / time->mean);
}

/* P(fewer than `need` of the times are over at t): by how many of the first ones are. */
static double not_yet(const struct lcs_moments2 *times, size_t count, size_t need, double t, double *over)
{
    over[0] = 1;
    for (size_t i = 0; i < count; i++) {
        const double later = survival(&times[i], t);
        over[i + 1] = 0;
        for (size_t k = i + 1; k > 0; k--)
            over[k] = over[k] * later + over[k - 1] * (1 - later);
        over[0] *= later;
    }
    double sum = 0;
    for (size_t k = 0; k < need; k++)
        sum += over[k];
    return sum;
}

/* Moments of the `need`th smallest of `count` independent times, which are taken to be gamma distributed (or constant):
 * E T = ∫ P(T > t) dt, E T² = ∫ 2t P(T > t) dt, by the trapezoidal rule after t = c·e^(x − e^−x), which makes it
 * converge exponentially (Takahasi & Mori 1974). */
static struct lcs_moments2 order_statistic(const struct lcs_moments2 *times, size_t count, size_t need)
{
    const double first = -3.2, far = 40; /* times mean and squared variation, where nothing is left */
    double scale = 0, mean = 0, square = 0, least = 1, most = 1; /* squared variations */
    double *over = lc_calloc(count + 1, sizeof *over);
    bool constant = true;
    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, times[i].mean);
        const double cv2 = times[i].variance / fmax(times[i].mean * times[i].mean, 1e-300);
        if (cv2 > 1e-9)
            least = fmin(least, cv2);
        most = fmax(most, cv2);
        constant = constant && !(cv2 > 1e-9);
    }
    if (constant) { /* a step is nothing for a quadrature */
        struct lcs_moments2 found = {0};
        for (size_t i = 0; i < count; i++) {
            size_t below = 0, same = 0;
            for (size_t k = 0; k < count; k++) {
                below += times[k].mean < times[i].mean;
                same += times[k].mean == times[i].mean;
            }
            if (below < need && need <= below + same)
                found.mean = times[i].mean;
        }
        free(over);
        return found;
    }
    /* So many that an error is below 1e-7, however steeply a survival function falls. */
    const double last = fmax(5, log(far * most));
    const int points = (int)(fmin(240, fmax(30, 15 / sqrt(least))) * (last - first) / (5 - first));
    const double step = (last - first) / points;
    for (int i = 0; i <= points && scale > 0; i++) {
        const double x = first + step * i, small = exp(-x), t = scale * exp(x - small);
        const double weight = not_yet(times, count, need, t, over) * t * (1 + small) * step;
        mean += weight;
        square += 2 * t * weight;
    }
    free(over);
    return (struct lcs_moments2){mean, fmax(0, square - mean * mean)};
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

/* From some point until the reply (mean NaN: none follows), until the end of the thread, until the end of all. */
struct ahead {
    struct lcs_moments2 reply, thread, total;
};

static struct lcs_moments2 plus(struct lcs_moments2 a, struct lcs_moments2 b)
{
    return (struct lcs_moments2){a.mean + b.mean, a.variance + b.variance};
}

static struct lcs_moments2 longest(struct lcs_moments2 a, struct lcs_moments2 b)
{
    if (!(a.mean > 0) || !(b.mean > 0))
        return a.mean > b.mean ? a : b;
    const struct lcs_moments2 both[] = {a, b};
    return order_statistic(both, 2, 2);
}

/* One of several times, by weight. */
static void mix(struct lcs_moments2 *sum, struct lcs_moments2 one, double weight)
{
    if (isnan(one.mean) || !(weight > 0))
        return;
    if (isnan(sum->mean))
        *sum = (struct lcs_moments2){0};
    sum->mean += weight * one.mean;
    sum->variance += weight * (one.variance + one.mean * one.mean); /* second moment until the end */
}

static void mixed(struct lcs_moments2 *sum)
{
    if (!isnan(sum->mean))
        sum->variance = fmax(0, sum->variance - sum->mean * sum->mean);
}

static struct ahead alternatives(const struct lc_precedence *p, const struct ahead *of)
{
    struct ahead sum = {{NAN, 0}, {0, 0}, {0, 0}};
    for (size_t k = 0; k < p->post_count; k++) {
        mix(&sum.reply, of[p->post[k]].reply, p->weights[k]);
        mix(&sum.thread, of[p->post[k]].thread, p->weights[k]);
        mix(&sum.total, of[p->post[k]].total, p->weights[k]);
    }
    mixed(&sum.reply);
    mixed(&sum.thread);
    mixed(&sum.total);
    return sum;
}

/* A geometric number with mean n of times with mean m: variance n v + n (1 + n) m². */
static struct ahead loop(const struct lc_precedence *p, const struct ahead *of)
{
    struct lcs_moments2 bodies = {0};
    for (size_t k = 0; k < p->post_count; k++) {
        const double n = p->weights[k];
        const struct lcs_moments2 one = of[p->post[k]].total;
        bodies =
            plus(bodies, (struct lcs_moments2){n * one.mean, n * one.variance + n * (1 + n) * one.mean * one.mean});
    }
    struct ahead end = {{NAN, 0}, {0, 0}, {0, 0}};
    if (p->end != LC_NONE)
        end = of[p->end];
    return (struct ahead){plus(bodies, end.reply), plus(bodies, end.thread), plus(bodies, end.total)};
}

static struct ahead one_of(const struct lcs_graph_plan *plan, int index, const struct ahead *of,
                           struct lcs_moments2 *joins);

static struct ahead fork_join(const struct lcs_graph_plan *plan, int index, const struct ahead *of,
                              struct lcs_moments2 *joins)
{
    const struct lc_precedence *p = &task_of(plan)->precedences[index];
    struct lcs_moments2 *times = lc_calloc(p->post_count, sizeof *times);
    struct ahead all = {{NAN, 0}, {0, 0}, {0, 0}};
    const int join = plan->join_of[index];
    bool stragglers = true; /* that go on when the rest of the thread has ended */
    for (size_t k = 0; k < p->post_count; k++) {
        times[k] = of[p->post[k]].thread;
        if (!isnan(of[p->post[k]].reply.mean))
            all.reply = of[p->post[k]].reply;
    }
    if (join != LC_NONE) {
        const struct lc_precedence *j = &task_of(plan)->precedences[join];
        const size_t need = j->quorum > 0 && j->quorum < j->pre_count ? j->quorum : j->pre_count;
        size_t count = 0;
        for (size_t k = 0; k < p->post_count; k++) /* those that are joined */
            for (size_t i = 0; i < j->pre_count; i++)
                if (plan->thread[j->pre[i]] == plan->thread[p->post[k]]) {
                    times[count++] = of[p->post[k]].thread;
                    break;
                }
        const struct lcs_moments2 joined = order_statistic(times, count, need);
        const struct ahead behind = one_of(plan, join, of, joins);
        if (joins != NULL)
            joins[join] = joined;
        all.thread = plus(joined, behind.thread);
        all.total = plus(joined, behind.total);
        stragglers = need < p->post_count;
        if (isnan(all.reply.mean))
            all.reply = plus(joined, behind.reply);
    }
    for (size_t k = 0; k < p->post_count && stragglers; k++)
        all.total = longest(all.total, of[p->post[k]].total);
    free(times);
    return all;
}

/* What follows a precedence. */
static struct ahead one_of(const struct lcs_graph_plan *plan, int index, const struct ahead *of,
                           struct lcs_moments2 *joins)
{
    const struct lc_precedence *p = &task_of(plan)->precedences[index];
    switch (p->fork) {
    case LC_FORK_OR: return alternatives(p, of);
    case LC_FORK_LOOP: return loop(p, of);
    case LC_FORK_AND: return fork_join(plan, index, of, joins);
    case LC_FORK_NONE: break;
    }
    return p->post_count > 0 ? of[p->post[0]] : (struct ahead){{NAN, 0}, {0, 0}, {0, 0}};
}

static bool is_known(const struct lcs_graph_plan *plan, const struct lcs_moments2 *time)
{
    const double same = 1e-10; /* relative; far below what an iteration ends at */
    for (int i = 0; i < plan->count; i++) {
        const struct lcs_moments2 *before = &plan->times[plan->order[i]], *now = &time[plan->order[i]];
        if (!(fabs(now->mean - before->mean) <= same * before->mean) ||
            !(fabs(now->variance - before->variance) <= same * before->variance))
            return false;
    }
    return plan->total.mean > 0;
}

void lcs_graph_plan_times(struct lcs_graph_plan *plan, const struct lcs_moments2 *time, struct lcs_moments2 *reply,
                          struct lcs_moments2 *total, struct lcs_moments2 *joins)
{
    const struct lc_task *task = task_of(plan);
    if (joins == NULL && is_known(plan, time)) {
        *reply = plan->reply;
        *total = plan->total;
        return;
    }
    struct ahead *of = lc_calloc(task->activity_count, sizeof *of);
    for (size_t i = 0; joins != NULL && i < task->precedence_count; i++)
        joins[i] = (struct lcs_moments2){NAN, NAN};
    for (int i = plan->count - 1; i >= 0; i--) {
        const int a = plan->order[i], next = plan->from[a];
        struct ahead behind = {{NAN, 0}, {0, 0}, {0, 0}};
        if (next != LC_NONE && task->precedences[next].join != LC_JOIN_AND)
            behind = one_of(plan, next, of, joins);
        of[a] = (struct ahead){plus(time[a], behind.reply), plus(time[a], behind.thread), plus(time[a], behind.total)};
        if (replies(plan, a))
            of[a].reply = time[a];
    }
    const struct ahead *start = &of[plan->order[0]];
    *total = plan->total = start->total;
    *reply = plan->reply = isnan(start->reply.mean) ? start->total : start->reply;
    memcpy(plan->times, time, task->activity_count * sizeof *time);
    free(of);
}
