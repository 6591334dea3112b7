/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Replies: the expected number of them is followed through the graph of each entry. */
#include "check/check_graph.h"

#include <math.h>
#include <stdlib.h>

struct replies {
    struct lci_walk *walk;
    double *visits; /* per activity: for one request to the entry */
    char *looped;   /* runs in the body of a loop */
    char *replied;  /* 1: a reply was sent before it begins */
    int entry;
    double sum;
    bool unclear; /* the graph is wrong, and sums would only say so again */
};

/* What the precedence passes on to what is behind it. */
static double visits_behind(const struct replies *r, const struct lc_precedence *p)
{
    double sum = 0, least = INFINITY;
    for (size_t i = 0; i < p->pre_count; i++) {
        const double v = r->visits[p->pre[i]];
        sum += v;
        if (v > 0 && v < least) /* branches of other entries are not for this one to run */
            least = v;
    }
    return p->join == LC_JOIN_AND ? (isinf(least) ? 0 : least) : sum;
}

static void visit(struct replies *r, int activity)
{
    const struct lc_precedence *p =
        r->walk->into[activity] != LC_NONE ? &r->walk->task->precedences[r->walk->into[activity]] : NULL;
    if (p == NULL)
        return;
    double v = visits_behind(r, p);
    for (size_t i = 0; i < p->pre_count; i++) {
        const int before = p->pre[i];
        const struct lc_activity *a = &r->walk->task->activities[before];
        r->looped[activity] |= r->looped[before];
        r->replied[activity] |= r->replied[before];
        for (size_t j = 0; j < a->reply_count; j++)
            r->replied[activity] |= a->replies[j] == r->entry;
    }
    for (size_t i = 0; i < p->post_count && p->weights != NULL; i++)
        if (p->post[i] == activity)
            v *= p->weights[i];
    if (p->fork == LC_FORK_LOOP && activity != p->end)
        r->looped[activity] = 1;
    r->visits[activity] = v;
}

static void count_replies(struct replies *r, int activity)
{
    const struct lc_activity *a = &r->walk->task->activities[activity];
    const char *entry = r->walk->check->model->entries[r->entry].name;
    size_t here = 0;
    for (size_t i = 0; i < a->reply_count; i++)
        here += a->replies[i] == r->entry;
    if (here == 0)
        return;
    if (r->looped[activity])
        LCI_WRONG(r->walk->check, &a->place, "task '%s': activity '%s' replies to '%s' from within a loop",
                  r->walk->task->name, a->name, entry);
    else if (r->replied[activity] || here > 1)
        LCI_WRONG(r->walk->check, &a->place, "task '%s': activity '%s' replies to '%s' a second time",
                  r->walk->task->name, a->name, entry);
    r->sum += (double)here * r->visits[activity];
}

static void check_sum(struct replies *r, size_t errors)
{
    struct lci_check *c = r->walk->check;
    const struct lc_entry *e = &c->model->entries[r->entry];
    const unsigned reached = c->reached[r->entry];
    const bool waits = reached & (LCI_SYNC | LCI_FORWARDED);
    if (lc_is_source(r->walk->task) || r->unclear || c->diag->errors != errors)
        return;
    if (!waits && (reached & (LCI_ASYNC | LCI_OPEN)) && r->sum > 0)
        LCI_WRONG(c, &e->place, "entry '%s' is replied to, but nobody waits for it", e->name);
    else if (waits && r->sum == 0)
        LCI_WRONG(c, &e->place, "entry '%s' is never replied to, and its callers wait for ever", e->name);
    else if ((waits || r->sum > 0) && fabs(r->sum - 1) > LCI_ROUNDING && !(reached & (LCI_ASYNC | LCI_OPEN)))
        LCI_WRONG(c, &e->place, "entry '%s' is replied to %g times on average; expected once on every path", e->name,
                  r->sum);
}

/* Whether an activity is reachable matters little here: what is not has no visits. */
static void check_entry(struct replies *r, const int *reachable, int count)
{
    const size_t errors = r->walk->check->diag->errors;
    r->sum = 0;
    for (int i = 0; i < count; i++) {
        const int a = reachable[i];
        r->visits[a] = i == 0;
    }
    for (int i = 0; i < count; i++) {
        if (i > 0)
            visit(r, reachable[i]);
        count_replies(r, reachable[i]);
    }
    for (int i = 0; i < count; i++) { /* the next entry may share joins with this one */
        r->visits[reachable[i]] = 0;
        r->looped[reachable[i]] = r->replied[reachable[i]] = 0;
    }
    check_sum(r, errors);
}

/* The activities that an entry runs, in order: those of the whole order that are behind its start. */
static int reachable_from(const struct lci_walk *w, int start, int *found, char *marked)
{
    int count = 0;
    marked[start] = 1;
    for (size_t i = 0; i < w->task->activity_count; i++) {
        const int a = w->order[i];
        const struct lc_precedence *p = w->into[a] != LC_NONE ? &w->task->precedences[w->into[a]] : NULL;
        for (size_t j = 0; p != NULL && j < p->pre_count && !marked[a]; j++)
            marked[a] = marked[p->pre[j]];
        if (marked[a])
            found[count++] = a;
    }
    for (int i = 0; i < count; i++)
        marked[found[i]] = 0;
    return count;
}

void lci_check_replies(struct lci_walk *w)
{
    const struct lc_task *t = w->task;
    const size_t n = t->activity_count;
    struct replies r = {.walk = w,
                        .visits = lc_calloc(n, sizeof(double)),
                        .looped = lc_calloc(n, 1),
                        .replied = lc_calloc(n, 1),
                        .unclear = w->check->diag->errors != w->errors};
    int *found = lc_calloc(n, sizeof *found);
    char *marked = lc_calloc(n, 1);
    for (size_t i = 0; i < t->entry_count; i++) {
        r.entry = t->entries[i];
        const int start = w->check->model->entries[r.entry].start;
        if (start != LC_NONE)
            check_entry(&r, found, reachable_from(w, start, found, marked));
    }
    free(r.visits);
    free(r.looped);
    free(r.replied);
    free(found);
    free(marked);
}
