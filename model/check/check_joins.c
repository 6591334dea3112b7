/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Do the branches that meet in a join come from one fork? Each activity gets the branch in which it runs: a frame that
 * names the fork and leads to the branch around it, up to the entry. An and-join needs branches of one and-fork, or of
 * different entries (a synchronisation server); where a branch is one of several alternatives, the join might wait for
 * ever. An or-join of parallel branches would go on twice. */
#include "check/check_graph.h"
#include "model/lqn.h"

#include <stdlib.h>

enum frame_kind { OF_ENTRY, OF_AND, OF_OR, OF_LOOP, OF_SYNCHRONISATION };

struct frame {
    enum frame_kind kind;
    int parent; /* frame, or −1 */
    int fork;   /* precedence; of an entry: the activity that it starts; behind a synchronisation: its join */
    int depth;
};

struct frames {
    struct lci_walk *walk;
    struct frame *frames;
    size_t count, capacity;
    int *of;   /* per activity: its frame, −1: not reached */
    int *join; /* per precedence: the frame behind it; −1: not known yet */
};

static int add_frame(struct frames *f, enum frame_kind kind, int parent, int fork)
{
    LC_GROW(f->frames, f->count, f->capacity);
    f->frames[f->count] = (struct frame){kind, parent, fork, parent < 0 ? 0 : f->frames[parent].depth + 1};
    return (int)f->count++;
}

static void wrong_join(struct frames *f, const struct lc_precedence *p, const char *why)
{
    const struct lc_task *t = f->walk->task;
    const size_t last = p->pre_count - 1;
    LCI_WRONG(f->walk->check, &p->place, "task '%s': the join of '%s' and '%s' cannot be: %s", t->name,
              t->activities[p->pre[0]].name, t->activities[p->pre[last]].name, why);
}

/* Climbs from both frames to the last ones that differ (equal frames: the frame itself). Returns the kinds of those
 * that are passed, as bits. */
static unsigned climb(const struct frames *f, int *a, int *b)
{
    unsigned passed = 0;
    while (*a != *b) {
        const struct frame *x = &f->frames[*a], *y = &f->frames[*b];
        if (x->parent >= 0 && y->parent >= 0 && x->parent == y->parent)
            return passed;
        int *deeper = x->depth >= y->depth ? a : b;
        const struct frame *at = &f->frames[*deeper];
        if (at->parent < 0)
            return passed;
        passed |= 1U << at->kind;
        *deeper = at->parent;
    }
    return passed;
}

static int root_of(const struct frames *f, int frame)
{
    while (f->frames[frame].parent >= 0)
        frame = f->frames[frame].parent;
    return frame;
}

/* Is what runs below `root` a part of the service of the entry whose frame is given? */
static bool serves(const struct frames *f, int root, int entry)
{
    if (root == entry || f->frames[root].kind != OF_SYNCHRONISATION)
        return root == entry;
    const struct lc_precedence *join = &f->walk->task->precedences[f->frames[root].fork];
    for (size_t i = 0; i < join->pre_count; i++)
        if (serves(f, root_of(f, f->of[join->pre[i]]), entry))
            return true;
    return false;
}

/* Branches that start at different entries, one of which has been joined with the other before. */
static bool joined_before(const struct frames *f, int a, int b)
{
    for (int i = 0; i < (int)f->count; i++)
        if (f->frames[i].kind == OF_ENTRY && serves(f, a, i) && serves(f, b, i))
            return true;
    return false;
}

/* A branch of an entry that nobody calls never comes: whoever calls the others waits for ever. */
static void check_callers(struct frames *f, const struct lc_precedence *p)
{
    const struct lci_check *c = f->walk->check;
    for (size_t i = 0; i < p->pre_count; i++) {
        const int root = root_of(f, f->of[p->pre[i]]);
        for (size_t k = 0; k < f->walk->task->entry_count && f->frames[root].kind == OF_ENTRY; k++) {
            const int index = f->walk->task->entries[k];
            const struct lc_entry *e = &c->model->entries[index];
            if (e->start != f->frames[root].fork || c->reached[index] != 0)
                continue;
            char *why = lc_format("entry '%s', whose branch it waits for, has no callers", e->name);
            wrong_join(f, p, why);
            free(why);
        }
    }
}

/* The frame around the branches of an and-join; *fork is the and-fork that they come from, LC_NONE: none. */
static int around_branches(struct frames *f, const struct lc_precedence *p, int *fork)
{
    int all = f->of[p->pre[0]];
    *fork = LC_NONE;
    for (size_t i = 1; i < p->pre_count; i++) {
        int a = f->of[p->pre[0]], b = f->of[p->pre[i]];
        const unsigned passed = climb(f, &a, &b);
        const struct frame *x = &f->frames[a], *y = &f->frames[b];
        if (passed & 1U << OF_OR) {
            wrong_join(f, p, "one of them is an alternative that may not be taken, and the join would wait for ever");
        } else if (passed & 1U << OF_LOOP) {
            wrong_join(f, p, "one of them is the body of a loop, which runs any number of times");
        } else if (a == b) {
            wrong_join(f, p, "they follow each other and do not run at the same time");
        } else if (x->parent != y->parent || (x->parent >= 0 && x->fork != y->fork)) {
            wrong_join(f, p, "they come from different forks");
        } else if (x->parent < 0 && joined_before(f, a, b)) {
            wrong_join(f, p, "a join across entries has made one of them before");
        } else if (x->parent < 0) {
            check_callers(f, p);
            return add_frame(f, OF_SYNCHRONISATION, -1, (int)(p - f->walk->task->precedences));
        } else if (x->kind != OF_AND) {
            wrong_join(f, p,
                       x->kind == OF_OR ? "they are alternatives, of which one is taken; expected an or-join ('+')"
                                        : "they are bodies of a loop");
        } else {
            if (f->frames[x->parent].depth < f->frames[all].depth) {
                all = x->parent;
                *fork = x->fork;
            }
            continue;
        }
        *fork = LC_NONE;
        return all;
    }
    return all;
}

/* The frame behind an and-join: around the fork, or one more branch of it when a later join gathers its others. */
static int join_parallel(struct frames *f, int precedence)
{
    int fork;
    const int all = around_branches(f, &f->walk->task->precedences[precedence], &fork);
    if (fork != LC_NONE && lci_join_is_partial(f->walk->task, f->walk->from, fork, precedence))
        return add_frame(f, OF_AND, all, fork);
    return all;
}

/* The frame behind an or-join: the one around the alternatives, when it joins all of them, or still one of these. A
 * branch of a fork within one alternative may go on where another one does. */
static int join_alternatives(struct frames *f, const struct lc_precedence *p)
{
    int all = f->of[p->pre[0]];
    for (size_t i = 1; i < p->pre_count; i++) {
        int a = all, b = f->of[p->pre[i]];
        const unsigned passed = climb(f, &a, &b);
        const struct frame *x = &f->frames[a];
        if (passed & 1U << OF_LOOP || (a != b && x->kind == OF_LOOP)) {
            wrong_join(f, p, "one of them is the body of a loop, which runs any number of times");
            return all;
        } else if (a == b) {
            all = a;
        } else if ((passed & 1U << OF_AND && x->kind != OF_OR) || x->kind == OF_AND) {
            wrong_join(f, p, "they run at the same time; expected an and-join ('&')");
            return all;
        } else {
            all = x->parent >= 0 ? x->parent
                                 : add_frame(f, OF_SYNCHRONISATION, -1, (int)(p - f->walk->task->precedences));
        }
    }
    return all;
}

/* Are all alternatives of the fork around joined here? Otherwise what follows may not be taken. */
static int after_alternatives(struct frames *f, const struct lc_precedence *p)
{
    const int all = join_alternatives(f, p);
    const int first = f->of[p->pre[0]];
    const struct frame *x = &f->frames[first];
    if (first == all || x->kind != OF_OR || x->parent != all)
        return all;
    const struct lc_precedence *fork = &f->walk->task->precedences[x->fork];
    return p->pre_count >= fork->post_count ? all : add_frame(f, OF_OR, all, x->fork);
}

static int frame_behind(struct frames *f, int precedence)
{
    if (f->join[precedence] >= 0)
        return f->join[precedence];
    const struct lc_precedence *p = &f->walk->task->precedences[precedence];
    for (size_t i = 0; i < p->pre_count; i++)
        if (f->of[p->pre[i]] < 0)
            return -1; /* a branch that nothing reaches is said by itself */
    f->join[precedence] = p->join == LC_JOIN_AND  ? join_parallel(f, precedence)
                          : p->join == LC_JOIN_OR ? after_alternatives(f, p)
                                                  : f->of[p->pre[0]];
    return f->join[precedence];
}

static int frame_of(struct frames *f, int activity)
{
    const int precedence = f->walk->into[activity];
    if (precedence == LC_NONE)
        return -1;
    const struct lc_precedence *p = &f->walk->task->precedences[precedence];
    const int around = frame_behind(f, precedence);
    if (around < 0 || activity == p->end || p->fork == LC_FORK_NONE)
        return around;
    return add_frame(f, p->fork == LC_FORK_AND ? OF_AND : p->fork == LC_FORK_OR ? OF_OR : OF_LOOP, around, precedence);
}

void lci_check_joins(struct lci_walk *w)
{
    const struct lc_task *t = w->task;
    struct frames f = {.walk = w,
                       .of = lc_calloc(t->activity_count, sizeof(int)),
                       .join = lc_calloc(t->precedence_count + 1, sizeof(int))};
    for (size_t i = 0; i < t->activity_count; i++)
        f.of[i] = -1;
    for (size_t i = 0; i < t->precedence_count; i++)
        f.join[i] = -1;
    bool started = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const int start = w->check->model->entries[t->entries[i]].start;
        if (start != LC_NONE) {
            f.of[start] = add_frame(&f, OF_ENTRY, -1, start);
            started = true;
        }
    }
    for (size_t i = 0; started && i < t->activity_count; i++) {
        const int a = w->order[i];
        if (f.of[a] < 0)
            f.of[a] = frame_of(&f, a);
        if (f.of[a] < 0)
            LCI_WRONG(w->check, &t->activities[a].place, "task '%s': activity '%s' is never reached", t->name,
                      t->activities[a].name);
    }
    free(f.frames);
    free(f.of);
    free(f.join);
}
