/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "walk.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* ---- graphs ------------------------------------------------------------------------------------------------------ */

struct lci_graph lci_graph_start(size_t count)
{
    return (struct lci_graph){.count = count, .first = lc_calloc(count + 1, sizeof(size_t))};
}

/* While a graph is built, first[count] is the number of its edges. */
void lci_graph_node(struct lci_graph *graph, size_t node)
{
    assert(node < graph->count && (node == 0 || graph->first[node - 1] <= graph->first[graph->count]));
    graph->first[node] = graph->first[graph->count];
}

void lci_graph_edge(struct lci_graph *graph, int target)
{
    assert(target >= 0 && (size_t)target < graph->count);
    LC_GROW(graph->targets, graph->first[graph->count], graph->capacity);
    graph->targets[graph->first[graph->count]++] = target;
}

void lci_graph_free(struct lci_graph *graph)
{
    free(graph->first);
    free(graph->targets);
    *graph = (struct lci_graph){0};
}

enum colour { WHITE, GREY, BLACK };

struct search {
    const struct lci_graph *graph;
    unsigned char *colour;
    size_t *next; /* per node: the next edge to follow */
    int *stack;
    int *finished; /* in the order in which they were left */
    int finished_count;
};

/* Depth first from `root`; returns the depth at which a cycle was closed on the stack, or −1; then *closing is the node
 * that was met again. */
static int search_from(struct search *s, int root, int *closing)
{
    int depth = 0;
    s->stack[0] = root;
    s->colour[root] = GREY;
    s->next[root] = s->graph->first[root];
    while (depth >= 0) {
        const int node = s->stack[depth];
        if (s->next[node] == s->graph->first[node + 1]) {
            s->colour[node] = BLACK;
            s->finished[s->finished_count++] = node;
            depth--;
            continue;
        }
        const int target = s->graph->targets[s->next[node]++];
        if (s->colour[target] == GREY) {
            *closing = target;
            return depth;
        }
        if (s->colour[target] == WHITE) {
            s->colour[target] = GREY;
            s->next[target] = s->graph->first[target];
            s->stack[++depth] = target;
        }
    }
    return -1;
}

static void copy_cycle(const struct search *s, int depth, int closing, int *order)
{
    int from = depth;
    while (s->stack[from] != closing)
        from--;
    int length = 0;
    while (from <= depth)
        order[length++] = s->stack[from++];
    order[length] = LC_NONE;
}

int lci_graph_order(const struct lci_graph *graph, int root, int *order)
{
    const size_t n = graph->count;
    struct search s = {.graph = graph,
                       .colour = lc_calloc(n, 1),
                       .next = lc_calloc(n, sizeof *s.next),
                       .stack = lc_calloc(n, sizeof *s.stack),
                       .finished = lc_calloc(n, sizeof *s.finished)};
    int depth = -1, closing = LC_NONE;
    if (root != LC_NONE)
        depth = search_from(&s, root, &closing);
    else
        for (size_t i = 0; i < n && depth < 0; i++)
            if (s.colour[i] == WHITE)
                depth = search_from(&s, (int)i, &closing);
    int count = s.finished_count;
    if (depth >= 0) {
        copy_cycle(&s, depth, closing, order);
        count = -1;
    } else {
        for (int i = 0; i < count; i++)
            order[i] = s.finished[count - 1 - i];
    }
    free(s.colour);
    free(s.next);
    free(s.stack);
    free(s.finished);
    return count;
}

/* ---- activity graphs --------------------------------------------------------------------------------------------- */

struct plan { /* the activity graph of one entry */
    const struct lc_task *task;
    int *into, *from; /* per activity: the precedence that starts it, the one it ends in; LC_NONE */
    int *order;       /* activities that can be reached, each before what follows it */
    int count;        /* −1: cycle */
    int *quorum;      /* per precedence that forks: the quorum join that ends it, or LC_NONE */
};

static bool is_quorum(const struct lc_precedence *p)
{
    return p->join == LC_JOIN_AND && p->quorum > 0 && p->quorum < p->pre_count;
}

/* The and-fork whose branches the join gathers: up from its first branch, past the pairs that lie between. */
static int fork_of(const struct plan *plan, const struct lc_precedence *join)
{
    int inner = 0;
    size_t steps = 0;
    for (int a = join->pre[0]; steps <= plan->task->activity_count; steps++) {
        const int above = plan->into[a];
        if (above == LC_NONE)
            return LC_NONE;
        const struct lc_precedence *p = &plan->task->precedences[above];
        if (p->fork == LC_FORK_AND && inner-- == 0)
            return above;
        if (p->join == LC_JOIN_AND)
            inner++;
        a = p->pre[0];
    }
    return LC_NONE;
}

static struct plan plan_make(const struct lc_task *task, int start)
{
    const size_t n = task->activity_count, m = task->precedence_count;
    struct plan plan = {.task = task,
                        .into = lc_calloc(n, sizeof *plan.into),
                        .from = lc_calloc(n, sizeof *plan.from),
                        .order = lc_calloc(n + 1, sizeof *plan.order),
                        .quorum = lc_calloc(m, sizeof *plan.quorum)};
    for (size_t a = 0; a < n; a++)
        plan.into[a] = plan.from[a] = LC_NONE;
    for (size_t i = 0; i < m; i++) {
        const struct lc_precedence *p = &task->precedences[i];
        plan.quorum[i] = LC_NONE;
        for (size_t k = 0; k < p->pre_count; k++)
            plan.from[p->pre[k]] = (int)i;
        for (size_t k = 0; k < p->post_count; k++)
            plan.into[p->post[k]] = (int)i;
        if (p->end != LC_NONE && p->fork == LC_FORK_LOOP)
            plan.into[p->end] = (int)i;
    }
    struct lci_graph graph = lci_graph_start(n);
    for (size_t a = 0; a < n; a++) {
        lci_graph_node(&graph, a);
        if (plan.from[a] == LC_NONE)
            continue;
        const struct lc_precedence *p = &task->precedences[plan.from[a]];
        for (size_t k = 0; k < p->post_count; k++)
            lci_graph_edge(&graph, p->post[k]);
        if (p->end != LC_NONE && p->fork == LC_FORK_LOOP)
            lci_graph_edge(&graph, p->end);
    }
    plan.count = lci_graph_order(&graph, start, plan.order);
    lci_graph_free(&graph);
    for (size_t i = 0; i < m; i++)
        if (is_quorum(&task->precedences[i])) {
            const int fork = fork_of(&plan, &task->precedences[i]);
            if (fork != LC_NONE)
                plan.quorum[fork] = (int)i;
        }
    return plan;
}

static void plan_free(struct plan *plan)
{
    free(plan->into);
    free(plan->from);
    free(plan->order);
    free(plan->quorum);
}

/* How often a precedence is passed, when its activities are run `visits` times. Branches of an and-join are passed
 * together; one that joins several entries is passed once for all of them. */
static double passes(const struct lc_precedence *p, const double *visits)
{
    if (p->join != LC_JOIN_AND) {
        double sum = 0;
        for (size_t k = 0; k < p->pre_count; k++)
            sum += visits[p->pre[k]];
        return sum;
    }
    double most = 0;
    size_t reached = 0;
    for (size_t k = 0; k < p->pre_count; k++) {
        most = fmax(most, visits[p->pre[k]]);
        reached += visits[p->pre[k]] > 0;
    }
    return most * (double)reached / (double)p->pre_count;
}

static double share(const struct lc_precedence *p, int activity)
{
    if (p->fork != LC_FORK_OR && p->fork != LC_FORK_LOOP)
        return 1;
    for (size_t k = 0; k < p->post_count; k++)
        if (p->post[k] == activity)
            return p->weights[k];
    return 1; /* what follows a loop */
}

static void count_visits(const struct plan *plan, int start, double *visits)
{
    double *passed = lc_calloc(plan->task->precedence_count, sizeof *passed);
    for (size_t i = 0; i < plan->task->precedence_count; i++)
        passed[i] = NAN;
    visits[start] = 1;
    for (int i = 0; i < plan->count; i++) {
        const int a = plan->order[i], above = plan->into[a];
        if (a == start || above == LC_NONE)
            continue;
        const struct lc_precedence *p = &plan->task->precedences[above];
        if (isnan(passed[above]))
            passed[above] = passes(p, visits);
        visits[a] = passed[above] * share(p, a);
    }
    free(passed);
}

static int graph_steps(const struct lc_entry *entry, const struct lc_task *task, struct lci_walk_step **steps,
                       size_t *count, struct lc_diag *diag)
{
    struct plan plan = plan_make(task, entry->start);
    if (plan.count < 0) {
        lc_error(diag, LC_INPUT, &task->activities[plan.order[0]].place,
                 "task '%s': the activities run in a circle through '%s'; a loop is written with its mean count",
                 task->name, task->activities[plan.order[0]].name);
        plan_free(&plan);
        return -1;
    }
    double *visits = lc_calloc(task->activity_count, sizeof *visits);
    count_visits(&plan, entry->start, visits);
    *steps = lc_calloc((size_t)plan.count, sizeof **steps);
    *count = 0;
    for (int i = 0; i < plan.count; i++) {
        const int a = plan.order[i];
        if (visits[a] > 0)
            (*steps)[(*count)++] = (struct lci_walk_step){&task->activities[a], a, visits[a]};
    }
    free(visits);
    plan_free(&plan);
    return 0;
}

int lci_entry_steps(const struct lc_model *model, int entry, struct lci_walk_step **steps, size_t *count,
                    struct lc_diag *diag)
{
    const struct lc_entry *e = &model->entries[entry];
    if (e->start != LC_NONE)
        return graph_steps(e, &model->tasks[e->task], steps, count, diag);
    *steps = lc_calloc(LC_PHASES, sizeof **steps);
    *count = 0;
    for (int p = 0; p < LC_PHASES; p++)
        if (e->phases[p].present)
            (*steps)[(*count)++] = (struct lci_walk_step){&e->phases[p], p, 1};
    return 0;
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

/* Time from some point of the graph until the reply (NaN: none follows) and until the end. */
struct ahead {
    double reply, total;
};

/* What comes after the fork side of a precedence, a quorum that ends it left aside. */
static struct ahead fork_side(const struct lc_precedence *p, const struct ahead *of)
{
    struct ahead sum = {NAN, 0};
    for (size_t k = 0; k < p->post_count; k++) {
        const struct ahead *branch = &of[p->post[k]];
        const double weight = p->weights != NULL ? p->weights[k] : 1;
        switch (p->fork) {
        case LC_FORK_OR:
            sum.total += weight * branch->total;
            if (!isnan(branch->reply))
                sum.reply = (isnan(sum.reply) ? 0 : sum.reply) + weight * branch->reply;
            break;
        case LC_FORK_LOOP: sum.total += weight * branch->total; break;
        case LC_FORK_AND:
        case LC_FORK_NONE:
            sum.total = fmax(sum.total, branch->total);
            sum.reply = fmax(sum.reply, branch->reply); /* ignores NaN */
            break;
        }
    }
    if (p->fork == LC_FORK_LOOP && p->end != LC_NONE) {
        sum.reply = sum.total + of[p->end].reply;
        sum.total += of[p->end].total;
    }
    return sum;
}

/* With the quorums: their branches are only followed up to the join, what comes behind it is added here. */
static struct ahead after(const struct plan *plan, int index, const struct ahead *of)
{
    struct ahead longest = {NAN, 0};
    for (; index != LC_NONE; index = plan->quorum[index]) {
        const struct ahead one = fork_side(&plan->task->precedences[index], of);
        longest.total = fmax(longest.total, one.total);
        longest.reply = fmax(longest.reply, one.reply);
    }
    return longest;
}

static bool replies_to(const struct lc_activity *activity, int entry)
{
    for (size_t i = 0; i < activity->reply_count; i++)
        if (activity->replies[i] == entry)
            return true;
    return false;
}

void lci_graph_times(const struct lc_model *model, int entry, const double *time, double *reply, double *total)
{
    const struct lc_entry *e = &model->entries[entry];
    const struct lc_task *task = &model->tasks[e->task];
    struct plan plan = plan_make(task, e->start);
    struct ahead *of = lc_calloc(task->activity_count, sizeof *of);
    for (int i = plan.count - 1; i >= 0; i--) {
        const int a = plan.order[i], below = plan.from[a];
        struct ahead next = {NAN, 0};
        /* A straggler of a quorum does not delay what follows the join. */
        if (below != LC_NONE && !is_quorum(&task->precedences[below]))
            next = after(&plan, below, of);
        of[a].total = time[a] + next.total;
        of[a].reply = replies_to(&task->activities[a], entry) ? time[a] : time[a] + next.reply;
    }
    *total = of[e->start].total;
    *reply = isnan(of[e->start].reply) ? *total : of[e->start].reply;
    free(of);
    plan_free(&plan);
}
