/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learner's helpers (pools, what stands around an entry) are part of a call's way, not of the picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "figures.h"
#include "format/graphviz.h"
#include "model/networks.h"
#include "table.h"
#include "walk.h"

enum { MOST_TASKS = 2000, MOST_SERVICES = 150 }; /* more than that nobody can look at */

struct map {
    const struct lc_model *model;
    const struct lc_result *result;
    double *rates;  /* [from × tasks + to] calls per second; 0: none */
    double *ways;   /* likewise: mean time on the way, s; 0: none is known */
    char *kinds;    /* likewise: 's' synchronous, 'a' asynchronous (where not all are synchronous) */
    double *visits; /* [entry] per second */
};

static bool is_shown(const struct lc_task *task)
{
    return task->service || lc_is_source(task);
}

static void add_call(struct map *map, int from, int entry, double rate, bool waits)
{
    const size_t place = (size_t)from * map->model->task_count + (size_t)map->model->entries[entry].task;
    if (!(rate > 0))
        return;
    map->rates[place] += rate;
    map->kinds[place] = waits ? (char)(map->kinds[place] == 'a' ? 'a' : 's') : 'a';
}

/* The calls of one step, from `from`. */
static void add_step(struct map *map, int from, const struct lc_activity *activity, double rate)
{
    for (size_t i = 0; i < activity->call_count; i++) {
        const struct lc_call *call = &activity->calls[i];
        add_call(map, from, call->entry, rate * call->mean, call->kind == LC_CALL_SYNC);
    }
}

static int add_entry(struct map *map, int entry, struct lc_diag *diag)
{
    const struct lc_entry *e = &map->model->entries[entry];
    struct lci_walk_step *steps;
    size_t count;
    if (lci_entry_steps(map->model, entry, &steps, &count, diag) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        add_step(map, e->task, steps[i].activity, map->visits[entry] * steps[i].visits);
    free(steps);
    for (size_t i = 0; i < e->forward_count; i++)
        add_call(map, e->task, e->forwards[i].entry, map->visits[entry] * e->forwards[i].probability, true);
    return 0;
}

/* Calls to a helper become those that it makes: its callers' shares of them. */
static void pass_on(struct map *map, size_t helper)
{
    const size_t n = map->model->task_count;
    double in = 0;
    for (size_t from = 0; from < n; from++)
        in += from != helper ? map->rates[from * n + helper] : 0;
    for (size_t from = 0; from < n && in > 0; from++)
        for (size_t to = 0; to < n; to++) {
            const double rate = map->rates[from * n + helper] / in * map->rates[helper * n + to];
            if (from == helper || to == helper || !(rate > 0))
                continue;
            map->rates[from * n + to] += rate;
            const bool waits = map->kinds[from * n + helper] == 's' && map->kinds[helper * n + to] == 's';
            map->kinds[from * n + to] = waits && map->kinds[from * n + to] != 'a' ? 's' : 'a';
        }
}

/* A source of load goes by its workload's name. */
static const char *node_name(const struct map *map, size_t task)
{
    for (size_t i = 0; i < map->result->workload_count; i++)
        if (map->result->workloads[i].task == (int)task)
            return lc_source_name(map->model, &map->result->workloads[i]);
    return map->model->tasks[task].name;
}

static void put_node(struct lci_buffer *dot, const struct map *map, size_t task)
{
    const struct lc_task *t = &map->model->tasks[task];
    char *name = lci_xml_escaped(node_name(map, task));
    lci_buffer_add(dot, "t%zu [id=\"component-%zu\", class=\"%s\", label=<%s>, shape=%s];\n", task, task,
                   lc_is_source(t)                  ? "source"
                   : t->multiplicity == LC_INFINITE ? "unlimited"
                                                    : "limited",
                   name, lc_is_source(t) ? "plaintext" : "box");
    free(name);
}

static bool is_used(const struct map *map, size_t task)
{
    const size_t n = map->model->task_count;
    for (size_t other = 0; other < n; other++)
        if (map->rates[task * n + other] > 0 || map->rates[other * n + task] > 0)
            return true;
    return false;
}

static void put_edge(struct lci_buffer *dot, const struct map *map, size_t from, size_t to)
{
    const size_t place = from * map->model->task_count + to;
    char *way = map->ways[place] > 0 ? time_text(map->ways[place]) : NULL;
    lci_buffer_add(dot, "t%zu -> t%zu [style=%s, label=\"%.3g/s%s%s\"];\n", from, to,
                   map->kinds[place] == 's' ? "solid" : "dashed", map->rates[place], way != NULL ? "\\n+ " : "",
                   way != NULL ? way : "");
    free(way);
}

static void find_ways(struct map *map, double time_unit)
{
    size_t count;
    struct lci_network *networks = lci_networks(map->result, &count);
    for (size_t i = 0; i < count; i++)
        map->ways[(size_t)networks[i].from * map->model->task_count + (size_t)networks[i].to] +=
            networks[i].mean * time_unit;
    free(networks);
}

static char *dot_of(const struct map *map)
{
    const size_t n = map->model->task_count;
    struct lci_buffer dot = {0};
    lci_buffer_add(&dot, "digraph {\nbgcolor=transparent; rankdir=LR; ranksep=0.6; nodesep=0.2;\n"
                         "node [style=\"filled,rounded\", fillcolor=white, fontname=Helvetica, fontsize=12, "
                         "margin=\"0.15,0.06\", height=0.35];\n"
                         "edge [fontname=Helvetica, fontsize=9, arrowsize=0.6];\n");
    for (size_t i = 0; i < n; i++)
        if (is_shown(&map->model->tasks[i]) && is_used(map, i))
            put_node(&dot, map, i);
    for (size_t from = 0; from < n; from++)
        for (size_t to = 0; to < n; to++)
            if (map->rates[from * n + to] > 0 && from != to && is_shown(&map->model->tasks[from]) &&
                is_shown(&map->model->tasks[to]))
                put_edge(&dot, map, from, to);
    lci_buffer_add(&dot, "}\n");
    return lci_buffer_take(&dot);
}

static const struct lc_point *first_simulated(const struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->change == NULL && p->result != NULL && lc_point_is_steady(p))
            return p;
    }
    return NULL;
}

static size_t count_shown(const struct lc_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->task_count; i++)
        count += is_shown(&model->tasks[i]);
    return count;
}

static int draw(struct map *map, double time_unit, FILE *out, struct lc_diag *diag)
{
    for (size_t e = 0; e < map->model->entry_count; e++) {
        map->visits[e] = map->result->entries[e].throughput.mean / time_unit;
        if (add_entry(map, (int)e, diag) != 0)
            return -1;
    }
    for (size_t t = 0; t < map->model->task_count; t++)
        if (!is_shown(&map->model->tasks[t]))
            pass_on(map, t);
    char *svg = NULL;
    size_t length = 0;
    char *dot = dot_of(map);
    FILE *drawn = open_memstream(&svg, &length);
    const int status = drawn != NULL ? lci_svg_of_dot(dot, drawn, diag) : -1;
    free(dot);
    if (drawn == NULL || fclose(drawn) != 0)
        lci_no_memory(length);
    const char *begin = strstr(svg, "<svg"); /* what stands before it is for files of their own */
    fputs(status == 0 && begin != NULL ? begin : "", out);
    free(svg);
    return status;
}

int figures_map(const struct lc_verdict *verdict, FILE *out, struct lc_diag *diag)
{
    const struct lc_point *p = first_simulated(verdict);
    if (p == NULL)
        return 0;
    const size_t n = p->model->task_count, shown = count_shown(p->model);
    if (n > MOST_TASKS || shown > MOST_SERVICES) {
        fprintf(out, "<p>Not drawn: the system has %zu services; up to %d are drawn.</p>\n", shown, MOST_SERVICES);
        return 0;
    }
    struct map map = {p->model,
                      p->result,
                      lc_calloc(n * n, sizeof(double)),
                      lc_calloc(n * n, sizeof(double)),
                      lc_calloc(n * n, 1),
                      lc_calloc(p->model->entry_count, sizeof(double))};
    find_ways(&map, verdict->time_unit);
    const int status = draw(&map, verdict->time_unit, out, diag);
    free(map.rates);
    free(map.ways);
    free(map.kinds);
    free(map.visits);
    return status;
}
