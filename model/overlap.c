/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/lqn.h"
#include "model/lqn.h"

#include <stdlib.h>

/* A walk along an activity graph: activities that were reached, and per precedence how many of its branches. */
struct spread {
    const struct lc_task *task;
    const int *from; /* per activity: the precedence that it ends in, LC_NONE */
    char *reached;
    uint32_t *branches;
    int *stack;
    size_t depth;
};

static void push(struct spread *s, int activity)
{
    if (s->reached[activity])
        return;
    s->reached[activity] = 1;
    s->stack[s->depth++] = activity;
}

static void push_fork_side(struct spread *s, const struct lc_precedence *p)
{
    for (size_t i = 0; i < p->post_count; i++)
        push(s, p->post[i]);
    if (p->fork == LC_FORK_LOOP && p->end != LC_NONE)
        push(s, p->end);
}

/* From the fork side of `start` on; past and-joins when all their branches were reached, or always; never past
 * `barrier`. */
static struct spread spread(const struct lc_task *task, const int *from, int start, int barrier, bool always)
{
    struct spread s = {.task = task,
                       .from = from,
                       .reached = lc_calloc(task->activity_count, 1),
                       .branches = lc_calloc(task->precedence_count, sizeof *s.branches),
                       .stack = lc_calloc(task->activity_count, sizeof *s.stack)};
    push_fork_side(&s, &task->precedences[start]);
    while (s.depth > 0) {
        const int next = from[s.stack[--s.depth]];
        if (next == LC_NONE || next == barrier)
            continue;
        const struct lc_precedence *p = &task->precedences[next];
        s.branches[next]++;
        if (always || p->join != LC_JOIN_AND || s.branches[next] == p->pre_count)
            push_fork_side(&s, p);
    }
    return s;
}

static void spread_free(struct spread *s)
{
    free(s->reached);
    free(s->branches);
    free(s->stack);
}

bool lci_join_is_partial(const struct lc_task *task, const int *from, int fork, int join)
{
    struct spread beside = spread(task, from, fork, join, false), behind = {0};
    bool partial = false;
    for (size_t i = 0; i < task->precedence_count && !partial; i++) {
        const struct lc_precedence *p = &task->precedences[i];
        if (p->join != LC_JOIN_AND || beside.branches[i] == 0 || beside.branches[i] == p->pre_count)
            continue;
        if (behind.reached == NULL)
            behind = spread(task, from, join, LC_NONE, true);
        for (size_t k = 0; k < p->pre_count; k++)
            partial = partial || behind.reached[p->pre[k]];
    }
    spread_free(&beside);
    spread_free(&behind);
    return partial;
}
