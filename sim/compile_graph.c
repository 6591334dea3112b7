/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Activity graphs: depth first from the start activity of each entry. Every activity is compiled once; a join is gone
 * through when its last branch arrives.
 *
 * At run time a fork opens a record that counts the arrivals at the joins which end it. Which fork that is, is the
 * innermost one that all branches of the join lie in; branches that lie deeper climb (JOIN's b). A join whose branches
 * start at different entries has no such fork: it belongs to the server (SYNC_JOIN).
 */
#include "compile.h"
#include "gather.h"
#include "model/lqn.h"
#include "size.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 500 /* nested forks, branches and loops */

/* Where a path lies: inside which fork, and where it goes when it ends. */
struct place {
    const struct place *outer;
    uint32_t fork;  /* LCI_NIL at the root */
    int precedence; /* of the fork */
    uint32_t entry; /* of the root */
    uint32_t depth; /* number of forks around */
    uint32_t end;   /* address to jump to; LCI_NIL: the branch ends */
};

struct arrival {
    uint32_t instruction, depth;
    struct arrival *next;
};

/* A join that has not been gone through yet. */
struct open_join {
    uint32_t arrived;
    const struct place *owner;
    bool across; /* branches of several entries */
    struct arrival *arrivals;
    uint32_t index; /* in the program */
};

struct grapher {
    struct lci_compiler *compiler;
    uint32_t task, entry;
    const struct lc_task *source;
    uint32_t *address;       /* of each activity, LCI_NIL: not compiled yet */
    int *follows;            /* precedence behind each activity, LC_NONE: none */
    struct open_join *joins; /* per precedence */
    struct place *roots;     /* per entry of the task, kept while joins may refer to them */
    struct place **kept;     /* every other place, freed at the end */
    size_t kept_count, kept_capacity;
    uint32_t nesting;
};

static void emit_path(struct grapher *g, int activity, const struct place *place);

static const struct place *keep(struct grapher *g, struct place place)
{
    LC_GROW(g->kept, g->kept_count, g->kept_capacity);
    struct place *copy = lc_alloc(sizeof *copy);
    *copy = place;
    g->kept[g->kept_count++] = copy;
    return copy;
}

static const struct place *fork_of(const struct place *place)
{
    while (place->outer != NULL && place->fork == place->outer->fork)
        place = place->outer;
    return place;
}

/* The innermost fork around both, as the place just inside it; NULL when they start at different entries. */
static const struct place *common(const struct place *a, const struct place *b)
{
    while (a->depth > b->depth)
        a = fork_of(a)->outer;
    while (b->depth > a->depth)
        b = fork_of(b)->outer;
    while (a->depth > 0 && a->fork != b->fork) {
        a = fork_of(a)->outer;
        b = fork_of(b)->outer;
    }
    return a->depth > 0 || a->entry == b->entry ? a : NULL;
}

struct post {
    const struct lc_task *task;
    const struct lc_precedence *precedence;
};

static const char *post_name(const void *context, uint32_t index)
{
    const struct post *post = context;
    return post->task->activities[post->precedence->post[index]].name;
}

static uint32_t *sorted_posts(const struct grapher *g, const struct lc_precedence *p)
{
    const struct post post = {g->source, p};
    return lci_by_name(p->post_count, post_name, &post);
}

static void emit_end(struct grapher *g, const struct place *place)
{
    struct lci_program *p = g->compiler->program;
    if (place->end == LCI_NIL)
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_BRANCH_END});
    else
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_JUMP, .c = place->end});
}

static uint32_t stream_of(struct grapher *g, int activity, const char *role)
{
    char *name = lc_format("%s/%s", g->source->name, g->source->activities[activity].name);
    const uint32_t stream = lci_add_stream(g->compiler->program, name, role);
    free(name);
    return stream;
}

static uint32_t reserve_options(struct lci_program *p, size_t count)
{
    const uint32_t first = (uint32_t)p->option_count;
    for (size_t i = 0; i < count; i++)
        lci_add_option(p, (struct lci_option){0, 0, LCI_NIL});
    return first;
}

static void emit_or(struct grapher *g, int activity, const struct lc_precedence *from, const struct place *place)
{
    struct lci_program *p = g->compiler->program;
    uint32_t *order = sorted_posts(g, from);
    const uint32_t first = reserve_options(p, from->post_count);
    const uint32_t choice = lci_add_choice(p, (struct lci_choice){.first = first, .count = (uint32_t)from->post_count});
    const uint32_t address = lci_add_instruction(
        p, (struct lci_instruction){.code = LCI_OR, .a = choice, .b = stream_of(g, activity, "branch")});
    double upto = 0;
    int *posts = lc_alloc(from->post_count * sizeof *posts);
    for (uint32_t i = 0; i < from->post_count; i++) {
        upto += from->weights != NULL ? from->weights[order[i]] : 1.0 / (double)from->post_count;
        p->options[first + i] = (struct lci_option){upto, 0, (uint32_t)p->code_count};
        posts[i] = from->post[order[i]];
        emit_path(g, posts[i], place);
    }
    lci_compile_gather(p, address, p->tasks[g->task].model, posts);
    free(posts);
    free(order);
}

static void emit_loop(struct grapher *g, int activity, const struct lc_precedence *from, const struct place *place)
{
    struct lci_program *p = g->compiler->program;
    uint32_t *order = sorted_posts(g, from);
    double total = 0;
    for (size_t i = 0; i < from->post_count; i++)
        total += from->weights[i];
    const uint32_t first = reserve_options(p, from->post_count);
    const uint32_t choice = lci_add_choice(p, (struct lci_choice){.first = first, .count = (uint32_t)from->post_count});
    const uint32_t loop = lci_add_instruction(
        p, (struct lci_instruction){.code = LCI_LOOP, .a = choice, .b = stream_of(g, activity, "loop")});
    const struct place *inside =
        keep(g, (struct place){place, place->fork, place->precedence, place->entry, place->depth, loop});
    double upto = 0;
    for (uint32_t i = 0; i < from->post_count; i++) {
        upto += from->weights[order[i]] / (1 + total);
        p->options[first + i] = (struct lci_option){upto, 0, (uint32_t)p->code_count};
        emit_path(g, from->post[order[i]], inside);
    }
    p->code[loop].c = (uint32_t)p->code_count;
    free(order);
    if (from->end != LC_NONE)
        emit_path(g, from->end, place);
    else
        emit_end(g, place);
}

static void emit_fork(struct grapher *g, int activity, const struct lc_precedence *from, const struct place *place)
{
    struct lci_program *p = g->compiler->program;
    uint32_t *order = sorted_posts(g, from);
    const uint32_t first = reserve_options(p, from->post_count);
    LC_GROW(p->forks, p->fork_count, p->fork_capacity);
    const uint32_t fork = (uint32_t)p->fork_count++;
    p->forks[fork] = (struct lci_fork){.first = first, .count = (uint32_t)from->post_count};
    lci_add_instruction(p, (struct lci_instruction){.code = LCI_FORK, .a = fork, .b = stream_of(g, activity, "fork")});
    const struct place *inside = keep(
        g, (struct place){place, fork, (int)(from - g->source->precedences), place->entry, place->depth + 1, LCI_NIL});
    for (uint32_t i = 0; i < from->post_count; i++) {
        p->options[first + i].target = (uint32_t)p->code_count;
        emit_path(g, from->post[order[i]], inside);
    }
    free(order);
    if (p->forks[fork].joins == 0 && place->end != LCI_NIL && place->end < p->code_count &&
        p->code[place->end].code == LCI_LOOP)
        lc_error(g->compiler->diag, LC_INPUT, &from->place,
                 "task '%s': the and-fork after activity '%s' lies in a loop and is never joined; join its branches "
                 "before the end of the loop's body",
                 g->source->name, g->source->activities[activity].name);
}

static void emit_fork_side(struct grapher *g, int activity, const struct lc_precedence *from, const struct place *place)
{
    if (from->post_count == 0)
        emit_end(g, place);
    else if (from->fork == LC_FORK_OR)
        emit_or(g, activity, from, place);
    else if (from->fork == LC_FORK_LOOP)
        emit_loop(g, activity, from, place);
    else if (from->fork == LC_FORK_AND)
        emit_fork(g, activity, from, place);
    else
        emit_path(g, from->post[0], place);
}

/* The last branch has come: the join belongs to the fork that all of them lie in, and leads out of it unless a later
 * join gathers further branches of it. */
static void close_join(struct grapher *g, int precedence, int activity)
{
    struct lci_program *p = g->compiler->program;
    struct open_join *open = &g->joins[precedence];
    const struct lc_precedence *from = &g->source->precedences[precedence];
    struct lci_join *join = &p->joins[open->index];
    const bool across = open->across || open->owner->depth == 0;
    if (across)
        join->counter = p->tasks[g->task].joins++;
    else
        join->counter = p->forks[open->owner->fork].joins++;
    for (const struct arrival *a = open->arrivals; a != NULL; a = a->next) {
        p->code[a->instruction].code = across ? LCI_SYNC_JOIN : LCI_JOIN;
        p->code[a->instruction].b = across ? 0 : a->depth - open->owner->depth;
    }
    const struct place *inside = across ? NULL : fork_of(open->owner);
    join->inside = !across && lci_join_is_partial(g->source, g->follows, inside->precedence, precedence);
    join->next = (uint32_t)p->code_count;
    emit_fork_side(g, activity, from, across ? &g->roots[g->entry] : join->inside ? inside : inside->outer);
}

static void emit_join(struct grapher *g, int precedence, int activity, const struct place *place)
{
    struct lci_program *p = g->compiler->program;
    const struct lc_precedence *from = &g->source->precedences[precedence];
    struct open_join *open = &g->joins[precedence];
    if (open->arrived == 0) {
        LC_GROW(p->joins, p->join_count, p->join_capacity);
        open->index = (uint32_t)p->join_count++;
        const uint32_t total = (uint32_t)from->pre_count;
        p->joins[open->index] = (struct lci_join){.needed = from->quorum > 0 ? from->quorum : total,
                                                  .total = total,
                                                  .task = p->tasks[g->task].model,
                                                  .precedence = precedence};
        open->owner = place;
    } else if (open->owner != NULL) {
        open->owner = common(open->owner, place);
        open->across |= open->owner == NULL;
    }
    struct arrival *arrival = lc_alloc(sizeof *arrival);
    *arrival = (struct arrival){lci_add_instruction(p, (struct lci_instruction){.code = LCI_JOIN, .a = open->index}),
                                place->depth, open->arrivals};
    open->arrivals = arrival;
    if (++open->arrived == from->pre_count)
        close_join(g, precedence, activity);
}

static void emit_replies(struct grapher *g, const struct lc_activity *a)
{
    struct lci_program *p = g->compiler->program;
    for (size_t i = 0; i < a->reply_count; i++)
        lci_compile_reply(g->compiler, p->model_entry[a->replies[i]]);
}

/* From `activity` to the end of the path. Sequences are a loop, branches a recursion. */
static void emit_path(struct grapher *g, int activity, const struct place *place)
{
    struct lci_program *p = g->compiler->program;
    const int task = p->tasks[g->task].model;
    if (++g->nesting > DEEPEST) {
        if (g->nesting == DEEPEST + 1)
            lc_error(g->compiler->diag, LC_INPUT, &g->source->place,
                     "task '%s': forks, branches and loops are nested more than %d deep", g->source->name, DEEPEST);
        return;
    }
    while (true) {
        if (g->address[activity] != LCI_NIL) { /* another branch of an or-join has been here */
            lci_add_instruction(p, (struct lci_instruction){.code = LCI_JUMP, .c = g->address[activity]});
            break;
        }
        g->address[activity] = (uint32_t)p->code_count;
        const struct lc_activity *a = &g->source->activities[activity];
        char *name = lc_format("%s/%s", g->source->name, a->name);
        lci_compile_activity(g->compiler, p->model_activity[task][activity], a, name, "");
        free(name);
        emit_replies(g, a);
        const int precedence = g->follows[activity];
        const struct lc_precedence *next = precedence == LC_NONE ? NULL : &g->source->precedences[precedence];
        if (next == NULL) {
            emit_end(g, place);
            break;
        }
        if (next->join == LC_JOIN_AND && next->pre_count > 1) {
            emit_join(g, precedence, activity, place);
            break;
        }
        if (next->post_count == 0 || next->fork == LC_FORK_OR || next->fork == LC_FORK_LOOP ||
            next->fork == LC_FORK_AND) {
            emit_fork_side(g, activity, next, place);
            break;
        }
        activity = next->post[0];
    }
    g->nesting--;
}

static void finish_grapher(struct grapher *g)
{
    for (size_t i = 0; i < g->source->precedence_count; i++) {
        struct open_join *open = &g->joins[i];
        if (open->arrived > 0 && open->arrived < g->source->precedences[i].pre_count)
            lc_error(g->compiler->diag, LC_INPUT, &g->source->precedences[i].place,
                     "task '%s': an and-join waits for %zu branches, of which only %u can come", g->source->name,
                     g->source->precedences[i].pre_count, open->arrived);
        while (open->arrivals != NULL) {
            struct arrival *next = open->arrivals->next;
            free(open->arrivals);
            open->arrivals = next;
        }
    }
    for (size_t i = 0; i < g->kept_count; i++)
        free(g->kept[i]);
    free(g->kept);
    free(g->address);
    free(g->follows);
    free(g->joins);
    free(g->roots);
}

static void start_grapher(struct grapher *g)
{
    const struct lc_task *t = g->source;
    g->address = lc_calloc(t->activity_count, sizeof *g->address);
    g->follows = lc_calloc(t->activity_count, sizeof *g->follows);
    g->joins = lc_calloc(t->precedence_count, sizeof *g->joins);
    g->roots = lc_calloc(g->compiler->model->entry_count, sizeof *g->roots);
    for (size_t i = 0; i < t->activity_count; i++) {
        g->address[i] = LCI_NIL;
        g->follows[i] = LC_NONE;
    }
    for (size_t i = 0; i < t->precedence_count; i++)
        for (size_t k = 0; k < t->precedences[i].pre_count; k++)
            g->follows[t->precedences[i].pre[k]] = (int)i;
}

void lci_compile_graph(struct lci_compiler *c, uint32_t task)
{
    struct lci_program *p = c->program;
    const struct lci_program_task *t = &p->tasks[task];
    struct grapher g = {.compiler = c, .task = task, .source = &c->model->tasks[t->model]};
    start_grapher(&g);
    for (uint32_t i = 0; i < t->entry_count; i++) {
        const uint32_t entry = p->task_entries[t->first_entry + i];
        const struct lc_entry *e = &c->model->entries[p->entries[entry].model];
        if (e->start == LC_NONE)
            continue;
        g.entry = entry;
        g.roots[entry] = (struct place){.fork = LCI_NIL, .entry = entry, .end = LCI_NIL};
        g.nesting = 0;
        p->entries[entry].start = (uint32_t)p->code_count;
        lci_compile_begin(p, entry, lc_is_source(g.source));
        lci_add_outcome(p, LCI_OUTCOME_BEGIN, entry);
        lci_compile_size_begin(p, e->name);
        lci_compile_gather_begin(p, lc_is_source(g.source));
        emit_path(&g, e->start, &g.roots[entry]);
        p->entries[entry].finish = (uint32_t)p->code_count;
        lci_compile_finish(c, entry);
    }
    finish_grapher(&g);
}
