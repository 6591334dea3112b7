/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/attribution.h"

#include <stdlib.h>
#include <string.h>

#include "loadcast/traffic.h"
#include "walk.h"

#define LEAST 0.001 /* of all use: smaller paths are the rest */

struct edge { /* calls and forwards of one invocation of an entry to another one */
    int to;
    double count;
};

struct use {
    const struct lc_model *model;
    struct edge **edges; /* per entry, each target once */
    size_t *edge_count;
    double *own;   /* per entry: use of the component by one invocation itself */
    double *below; /* with all that it calls */
    double total;
    struct lci_attribution *result;
};

static void add_edge(struct use *u, int from, int to, double count, size_t *capacity)
{
    if (!(count > 0))
        return;
    for (size_t i = 0; i < u->edge_count[from]; i++)
        if (u->edges[from][i].to == to) {
            u->edges[from][i].count += count;
            return;
        }
    LC_GROW(u->edges[from], u->edge_count[from], *capacity);
    u->edges[from][u->edge_count[from]++] = (struct edge){to, count};
}

/* Edges and own use of one entry. */
static int read_entry(struct use *u, int entry, int processor, int task, const struct lc_traffic *traffic,
                      struct lc_diag *diag)
{
    const struct lc_model *m = u->model;
    const struct lc_entry *e = &m->entries[entry];
    const struct lc_task *t = &m->tasks[e->task];
    struct lci_walk_step *steps;
    size_t count, capacity = 0;
    if (lci_entry_steps(m, entry, &steps, &count, diag) != 0)
        return -1;
    for (size_t s = 0; s < count; s++) {
        const struct lc_activity *a = steps[s].activity;
        if (processor != LC_NONE && t->processor == processor && a->demand.family != NULL)
            u->own[entry] += steps[s].visits * lc_dist_mean(&a->demand);
        for (size_t c = 0; c < a->call_count; c++) {
            const int to = a->calls[c].entry, below = m->entries[to].task;
            const double made = a->calls[c].kind == LC_CALL_SYNC ? lci_uncached(m, e->task, below) : 1;
            add_edge(u, entry, to, steps[s].visits * a->calls[c].mean * made * lci_fan_out(m, e->task, below),
                     &capacity);
        }
    }
    for (size_t f = 0; f < e->forward_count; f++)
        add_edge(u, entry, e->forwards[f].entry, e->forwards[f].probability, &capacity);
    if (task != LC_NONE && e->task == task)
        u->own[entry] = traffic->entry_total[entry];
    free(steps);
    return 0;
}

/* What an invocation uses with all that it calls: callees first. The traffic equations were solved, so there is no
 * cycle. */
static void add_up(struct use *u)
{
    const size_t entries = u->model->entry_count;
    struct lci_graph graph = lci_graph_start(entries);
    int *order = lc_calloc(entries + 1, sizeof *order);
    for (size_t e = 0; e < entries; e++) {
        lci_graph_node(&graph, e);
        for (size_t i = 0; i < u->edge_count[e]; i++)
            lci_graph_edge(&graph, u->edges[e][i].to);
    }
    for (int i = lci_graph_order(&graph, LC_NONE, order); i-- > 0;) {
        const int e = order[i];
        u->below[e] = u->own[e];
        for (size_t k = 0; k < u->edge_count[e]; k++)
            u->below[e] += u->edges[e][k].count * u->below[u->edges[e][k].to];
    }
    free(order);
    lci_graph_free(&graph);
}

static void add_use(struct lci_load_uses *uses, const char *name, double share)
{
    for (size_t i = 0; i < uses->count; i++)
        if (strcmp(uses->items[i].name, name) == 0) {
            uses->items[i].share += share;
            return;
        }
    LC_GROW(uses->items, uses->count, uses->capacity);
    uses->items[uses->count++] = (struct lci_load_use){lc_strdup(name), share};
}

/* ---- ways -------------------------------------------------------------------------------------------------------- */

struct visit { /* where the walk stands: an entry on the way and its next edge */
    int entry;
    size_t next;
    double rate;
    size_t length; /* of the text before it */
};

struct way {
    char *text;
    size_t length, capacity;
    struct visit *stack;
    size_t depth, stack_capacity;
};

static void arrive(struct use *u, struct way *way, int entry, double rate)
{
    const struct lc_entry *e = &u->model->entries[entry];
    const struct lc_task *task = &u->model->tasks[e->task];
    LC_GROW(way->stack, way->depth, way->stack_capacity);
    way->stack[way->depth++] = (struct visit){entry, 0, rate, way->length};
    if (task->service && !lc_is_source(task)) {
        static const char arrow[] = " → ";
        const size_t longer = way->length + strlen(arrow) + strlen(e->name);
        if (longer + 1 > way->capacity) {
            way->capacity = 2 * (longer + 1);
            way->text = lc_realloc(way->text, way->capacity, 1);
        }
        memcpy(way->text + way->length, arrow, strlen(arrow));
        memcpy(way->text + way->length + strlen(arrow), e->name, strlen(e->name) + 1);
        way->length = longer;
    }
    const double share = rate * u->own[entry] / u->total;
    if (share >= LEAST)
        add_use(&u->result->paths, way->text, share);
    else
        u->result->rest += share;
}

/* All ways down from an entry of a source. */
static void walk(struct use *u, const char *source, int entry, double rate)
{
    struct way way = {.text = lc_strdup(source), .length = strlen(source), .capacity = strlen(source) + 1};
    arrive(u, &way, entry, rate);
    while (way.depth > 0) {
        struct visit *v = &way.stack[way.depth - 1];
        if (v->next == u->edge_count[v->entry]) {
            way.length = v->length;
            way.text[way.length] = 0;
            way.depth--;
            continue;
        }
        const struct edge *edge = &u->edges[v->entry][v->next++];
        const double there = v->rate * edge->count, share = there * u->below[edge->to] / u->total;
        if (share >= LEAST)
            arrive(u, &way, edge->to, there);
        else
            u->result->rest += share;
    }
    free(way.text);
    free(way.stack);
}

/* Calls `visit` with every source's name, entry and rate. */
static void each_source(struct use *u, void (*visit)(struct use *, const char *, int, double))
{
    const struct lc_model *m = u->model;
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        if (task->scheduling != LC_OPEN || task->arrivals.family == NULL)
            continue;
        double sum = 0;
        for (size_t i = 0; i < task->entry_count; i++)
            sum += m->entries[task->entries[i]].probability;
        for (size_t i = 0; i < task->entry_count; i++) {
            const double part =
                sum > 0 ? m->entries[task->entries[i]].probability / sum : 1 / (double)task->entry_count;
            visit(u, task->name, task->entries[i], part * task->replicas / lc_dist_mean(&task->arrivals));
        }
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lc_entry *entry = &m->entries[e];
        const double rate =
            entry->open_arrivals.family != NULL ? 1 / lc_dist_mean(&entry->open_arrivals) : entry->open_rate;
        if (rate > 0)
            visit(u, entry->name, (int)e, rate);
    }
}

static void add_total(struct use *u, const char *source, int entry, double rate)
{
    (void)source;
    u->total += rate * u->below[entry];
}

static void add_source(struct use *u, const char *source, int entry, double rate)
{
    if (rate * u->below[entry] > 0)
        add_use(&u->result->sources, source, rate * u->below[entry] / u->total);
}

static int by_share(const void *a, const void *b)
{
    const struct lci_load_use *x = a, *y = b;
    return x->share != y->share ? (x->share > y->share ? -1 : 1) : strcmp(x->name, y->name);
}

static void attribute(struct use *u, const struct lc_traffic *traffic)
{
    struct lci_load_uses *const lists[] = {&u->result->sources, &u->result->entries, &u->result->paths};
    each_source(u, add_total);
    if (!(u->total > 0))
        return;
    each_source(u, add_source);
    each_source(u, walk);
    double sum = 0;
    for (size_t e = 0; e < u->model->entry_count; e++)
        sum += traffic->entry_rate[e] * u->own[e];
    for (size_t e = 0; e < u->model->entry_count; e++)
        if (traffic->entry_rate[e] * u->own[e] > 0)
            add_use(&u->result->entries, u->model->entries[e].name, traffic->entry_rate[e] * u->own[e] / sum);
    for (int i = 0; i < 3; i++)
        if (lists[i]->count > 1)
            qsort(lists[i]->items, lists[i]->count, sizeof *lists[i]->items, by_share);
}

int lci_attribute_uses(const struct lc_model *model, int processor, int task, struct lci_attribution *attribution,
                       struct lc_diag *diag)
{
    const size_t entries = model->entry_count;
    struct lc_traffic traffic = {0};
    *attribution = (struct lci_attribution){0};
    if (lc_traffic_solve(model, &traffic, diag) != 0)
        return -1;
    struct use u = {.model = model,
                    .edges = lc_calloc(entries, sizeof(struct edge *)),
                    .edge_count = lc_calloc(entries, sizeof(size_t)),
                    .own = lc_calloc(entries, sizeof(double)),
                    .below = lc_calloc(entries, sizeof(double)),
                    .result = attribution};
    int status = 0;
    for (size_t e = 0; e < entries && status == 0; e++)
        status = read_entry(&u, (int)e, processor, task, &traffic, diag);
    if (status == 0) {
        add_up(&u);
        attribute(&u, &traffic);
    }
    for (size_t e = 0; e < entries; e++)
        free(u.edges[e]);
    free(u.edges);
    free(u.edge_count);
    free(u.own);
    free(u.below);
    lc_traffic_free(&traffic);
    return status;
}

static void free_uses(struct lci_load_uses *uses)
{
    for (size_t i = 0; i < uses->count; i++)
        free(uses->items[i].name);
    free(uses->items);
}

void lci_attribution_free(struct lci_attribution *attribution)
{
    free_uses(&attribution->sources);
    free_uses(&attribution->entries);
    free_uses(&attribution->paths);
    *attribution = (struct lci_attribution){0};
}
