/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cycles of waiting. A request that comes back to a task which still holds a thread for it can use up the threads that
 * it waits for: deadlock. What matters is the way of a request through entries, so the search goes from the calls of
 * each task on a cycle until it meets an entry of the same task. Tasks without a limit of threads cannot run out, but
 * an entry that calls itself again never ends. */
#include "base/buffer.h"
#include "check/check.h"
#include "walk.h"

#include <stdlib.h>
#include <string.h>

char *lci_path_text(const int *nodes, const char *(*name)(const void *context, int node), const void *context)
{
    enum { SHOWN = 20 };
    struct lci_buffer text = {0};
    int i = 0;
    for (; i < SHOWN && nodes[i] != LC_NONE; i++)
        lci_buffer_add(&text, "%s → ", name(context, nodes[i]));
    lci_buffer_add(&text, "%s%s", nodes[i] != LC_NONE ? "… → " : "", name(context, nodes[0]));
    return lci_buffer_take(&text);
}

/* ---- what an entry waits for ------------------------------------------------------------------------------------- */

/* The activities of a task that follow activity `a`, as edges of `graph`. */
static void add_successors(struct lci_graph *graph, const struct lc_precedence *p)
{
    for (size_t i = 0; i < p->post_count; i++)
        lci_graph_edge(graph, p->post[i]);
    if (p->end != LC_NONE)
        lci_graph_edge(graph, p->end);
}

static struct lci_graph activity_graph(const struct lc_task *t)
{
    struct lci_graph graph = lci_graph_start(t->activity_count);
    const struct lc_precedence **next = lc_calloc(t->activity_count, sizeof(struct lc_precedence *));
    for (size_t i = 0; i < t->precedence_count; i++)
        for (size_t j = 0; j < t->precedences[i].pre_count; j++)
            next[t->precedences[i].pre[j]] = &t->precedences[i];
    for (size_t i = 0; i < t->activity_count; i++) {
        lci_graph_node(&graph, i);
        if (next[i] != NULL)
            add_successors(&graph, next[i]);
    }
    free(next);
    return graph;
}

static void add_waits(struct lci_graph *graph, const struct lc_activity *a)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_SYNC && a->calls[i].mean > 0)
            lci_graph_edge(graph, a->calls[i].entry);
}

/* Edges for the calls of all activities that the entry runs. */
static void add_activity_waits(struct lci_graph *graph, const struct lc_task *t, int start,
                               const struct lci_graph *flow, int *queue, char *seen)
{
    int count = 1;
    queue[0] = start;
    seen[start] = 1;
    for (int i = 0; i < count; i++) {
        add_waits(graph, &t->activities[queue[i]]);
        for (size_t e = flow->first[queue[i]]; e < flow->first[queue[i] + 1]; e++)
            if (!seen[flow->targets[e]]) {
                seen[flow->targets[e]] = 1;
                queue[count++] = flow->targets[e];
            }
    }
    for (int i = 0; i < count; i++)
        seen[queue[i]] = 0;
}

struct lci_graph lci_wait_graph(const struct lc_model *m)
{
    struct lci_graph graph = lci_graph_start(m->entry_count);
    struct lci_graph *flows = lc_calloc(m->task_count, sizeof *flows);
    size_t most = 1;
    for (size_t i = 0; i < m->task_count; i++) {
        flows[i] = activity_graph(&m->tasks[i]);
        most = m->tasks[i].activity_count > most ? m->tasks[i].activity_count : most;
    }
    int *queue = lc_calloc(most, sizeof *queue);
    char *seen = lc_calloc(most, 1);
    for (size_t i = 0; i < m->entry_count; i++) {
        const struct lc_entry *e = &m->entries[i];
        lci_graph_node(&graph, i);
        for (int j = 0; j < LC_PHASES; j++)
            add_waits(&graph, &e->phases[j]);
        if (e->start != LC_NONE)
            add_activity_waits(&graph, &m->tasks[e->task], e->start, &flows[e->task], queue, seen);
        for (size_t j = 0; j < e->forward_count; j++)
            lci_graph_edge(&graph, e->forwards[j].entry);
    }
    for (size_t i = 0; i < m->task_count; i++)
        lci_graph_free(&flows[i]);
    free(flows);
    free(queue);
    free(seen);
    return graph;
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

bool lci_may_cycle(const struct lc_model *m)
{
    for (size_t i = 0; i < m->pragma_count; i++)
        if (strcmp(m->pragmas[i].name, "cycles") == 0 && strcmp(m->pragmas[i].value, "no") != 0 &&
            strcmp(m->pragmas[i].value, "false") != 0 && strcmp(m->pragmas[i].value, "disallow") != 0)
            return true;
    return false;
}

static const char *task_of_entry(const void *model, int entry)
{
    const struct lc_model *m = model;
    return m->tasks[m->entries[entry].task].name;
}

static void report(struct lci_check *c, const int *path, bool endless)
{
    const struct lc_entry *e = &c->model->entries[path[0]];
    for (int i = 0; path[i] != LC_NONE; i++)
        if (lc_is_source(&c->model->tasks[c->model->entries[path[i]].task]))
            return; /* nothing may call a source, which lci_check_calls() says */
    if (path[1] == LC_NONE)
        return; /* so is a call of the own task */
    char *text = lci_path_text(path, task_of_entry, c->model);
    if (lci_may_cycle(c->model) && !endless)
        lc_warn(c->diag, &e->place, "deadlock is possible: %s", text);
    else if (endless)
        LCI_WRONG(c, &e->place, "deadlock is possible: %s, and the requests of entry '%s' never end; break the cycle",
                  text, e->name);
    else
        LCI_WRONG(c, &e->place, "deadlock is possible: %s; break the cycle, or let one call of it be asynchronous",
                  text);
    free(text);
}

struct search {
    const struct lci_graph *graph;
    int *queue, *before; /* before[]: the entry from which another was reached, LC_NONE: not reached */
    int *path;
    char *told; /* tasks whose cycle was reported, as part of one */
};

/* Breadth first from the entry `from` to another of its task. Leaves the way in path[]. */
static bool find_way_back(struct lci_check *c, struct search *s, int from)
{
    const int home = c->model->entries[from].task;
    int count = 1, found = LC_NONE;
    s->queue[0] = from;
    s->before[from] = from;
    for (int i = 0; i < count && found == LC_NONE; i++)
        for (size_t e = s->graph->first[s->queue[i]]; e < s->graph->first[s->queue[i] + 1] && found == LC_NONE; e++) {
            const int to = s->graph->targets[e];
            if (c->model->entries[to].task == home) {
                found = s->queue[i];
            } else if (s->before[to] == LC_NONE) {
                s->before[to] = s->queue[i];
                s->queue[count++] = to;
            }
        }
    int length = 0;
    for (int at = found; at != LC_NONE; at = at == from ? LC_NONE : s->before[at])
        s->path[length++] = at;
    for (int i = 0; i < length / 2; i++) {
        const int swapped = s->path[i];
        s->path[i] = s->path[length - 1 - i];
        s->path[length - 1 - i] = swapped;
    }
    s->path[length] = LC_NONE;
    for (int i = 0; i < count; i++)
        s->before[s->queue[i]] = LC_NONE;
    return found != LC_NONE;
}

/* Each task is named in one cycle at the most. */
static void find_deadlocks(struct lci_check *c, const struct lci_graph *graph)
{
    const struct lc_model *m = c->model;
    struct search s = {.graph = graph,
                       .queue = lc_calloc(m->entry_count + 1, sizeof(int)),
                       .before = lc_calloc(m->entry_count + 1, sizeof(int)),
                       .path = lc_calloc(m->entry_count + 1, sizeof(int)),
                       .told = lc_calloc(m->task_count, 1)};
    for (size_t i = 0; i < m->entry_count; i++)
        s.before[i] = LC_NONE;
    for (size_t i = 0; i < m->entry_count; i++) {
        const int task = m->entries[i].task;
        if (s.told[task] || m->tasks[task].multiplicity == LC_INFINITE || m->tasks[task].scheduling == LC_INF ||
            !find_way_back(c, &s, (int)i))
            continue;
        report(c, s.path, false);
        for (int j = 0; s.path[j] != LC_NONE; j++)
            s.told[m->entries[s.path[j]].task] = 1;
    }
    free(s.queue);
    free(s.before);
    free(s.path);
    free(s.told);
}

bool lci_tasks_have_cycle(const struct lc_model *m, const struct lci_graph *entries)
{
    struct lci_graph graph = lci_graph_start(m->task_count);
    for (size_t i = 0; i < m->task_count; i++) {
        lci_graph_node(&graph, i);
        for (size_t j = 0; j < m->tasks[i].entry_count; j++) {
            const int e = m->tasks[i].entries[j];
            for (size_t k = entries->first[e]; k < entries->first[e + 1]; k++)
                lci_graph_edge(&graph, m->entries[entries->targets[k]].task);
        }
    }
    int *order = lc_calloc(m->task_count + 1, sizeof *order);
    const bool cycle = lci_graph_order(&graph, LC_NONE, order) < 0;
    free(order);
    lci_graph_free(&graph);
    return cycle;
}

void lci_check_cycles(struct lci_check *c)
{
    struct lci_graph graph = lci_wait_graph(c->model);
    if (lci_tasks_have_cycle(c->model, &graph)) {
        const size_t before = c->diag->errors;
        find_deadlocks(c, &graph);
        int *order = lc_calloc(c->model->entry_count + 1, sizeof *order);
        if (c->diag->errors == before && lci_graph_order(&graph, LC_NONE, order) < 0)
            report(c, order, true);
        free(order);
    }
    lci_graph_free(&graph);
}
