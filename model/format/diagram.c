/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagrams through Graphviz: processors are boxes around tasks, tasks tables of their entries, calls are edges by kind.
 * With results, tasks and processors are coloured by their load. */
#include "format/formats.h"
#include "format/graphviz.h"

#include "base/buffer.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- names and colours ------------------------------------------------------------------------------------------- */

/* From green at no load through yellow to red at full load, in Graphviz's hue, saturation, value. */
static void colour(double load, const char *otherwise, char text[32])
{
    if (isnan(load))
        snprintf(text, 32, "%s", otherwise);
    else
        snprintf(text, 32, "%.3f 0.45 1.000", 0.333 * (1 - fmin(fmax(load, 0), 1)));
}

struct drawing {
    const struct lc_model *model;
    const struct lc_result *result; /* NULL: none */
    Agraph_t *graph;
};

/* Graphviz takes texts that it does not change as writable ones. */
static void set(void *object, const char *attribute, const char *value)
{
    char *name = lc_strdup(attribute), *copy = lc_strdup(value), *none = lc_strdup("");
    agsafeset(object, name, copy, none);
    free(name);
    free(copy);
    free(none);
}

static void set_html(struct drawing *d, void *object, const char *attribute, const char *value)
{
    char *text = lc_strdup(value);
    char *html = agstrdup_html(d->graph, text);
    char *name = lc_strdup(attribute), *none = lc_strdup("");
    agsafeset(object, name, html, none);
    agstrfree(d->graph, html);
    free(text);
    free(name);
    free(none);
}

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

/* " × 4", " × ∞", or nothing for 1; with replicas. */
static void multiplicity(char text[64], uint32_t count, uint32_t replicas)
{
    char own[24] = "", copies[24] = "";
    if (count == LC_INFINITE)
        snprintf(own, sizeof own, " × ∞");
    else if (count != 1)
        snprintf(own, sizeof own, " × %u", count);
    if (replicas != 1)
        snprintf(copies, sizeof copies, ", %u replicas", replicas);
    snprintf(text, 64, "%s%s", own, copies);
}

static double demand(const struct lc_entry *e)
{
    double sum = 0;
    for (int p = 0; p < LC_PHASES; p++)
        if (e->phases[p].demand.family != NULL)
            sum += lc_dist_mean(&e->phases[p].demand);
    return sum;
}

static char *task_label(const struct drawing *d, size_t task)
{
    const struct lc_task *t = &d->model->tasks[task];
    char many[64], background[32], load[32] = "", *name = lci_xml_escaped(t->name);
    struct lci_buffer out = {0};
    multiplicity(many, t->multiplicity, t->replicas);
    const double known = d->result != NULL ? d->result->tasks[task].load.mean : NAN;
    colour(known, "white", background);
    if (!isnan(known))
        snprintf(load, sizeof load, "<br/>load %.0f %%", 100 * known);
    lci_buffer_add(&out, "<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\" bgcolor=\"%s\">",
                   background);
    lci_buffer_add(&out, "<tr><td><b>%s</b>%s<br/>%s%s</td></tr>", name, many, lc_scheduling_name(t->scheduling), load);
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &d->model->entries[t->entries[i]];
        char *entry = lci_xml_escaped(e->name);
        lci_buffer_add(&out, "<tr><td port=\"e%d\">%s", t->entries[i], entry);
        if (demand(e) > 0)
            lci_buffer_add(&out, " [%.4g]", demand(e));
        if (e->start != LC_NONE)
            lci_buffer_add(&out, " (%zu activities)", t->activity_count);
        lci_buffer_add(&out, "</td></tr>");
        free(entry);
    }
    lci_buffer_add(&out, "</table>");
    free(name);
    return lci_buffer_take(&out);
}

static Agnode_t *node(struct drawing *d, Agraph_t *inside, const char *prefix, int index)
{
    char *name = lc_format("%s%d", prefix, index);
    Agnode_t *n = agnode(inside, name, 1);
    free(name);
    (void)d;
    return n;
}

static void draw_processor(struct drawing *d, int processor)
{
    const struct lc_processor *p = &d->model->processors[processor];
    char *name = lc_format("cluster_p%d", processor), many[64], background[32];
    Agraph_t *box = agsubg(d->graph, name, 1);
    free(name);
    multiplicity(many, p->multiplicity, p->replicas);
    const double load = d->result != NULL ? d->result->processors[processor].load.mean : NAN;
    colour(load, "grey95", background);
    char *title = lci_xml_escaped(p->name), *label;
    if (isnan(load))
        label = lc_format("%s%s<br/>%s", title, many, lc_scheduling_name(p->scheduling));
    else
        label = lc_format("%s%s<br/>%s, load %.0f %%", title, many, lc_scheduling_name(p->scheduling), 100 * load);
    set_html(d, box, "label", label);
    set(box, "style", "rounded,filled");
    set(box, "fillcolor", background);
    free(label);
    free(title);
    for (size_t t = 0; t < d->model->task_count; t++) {
        if (d->model->tasks[t].processor != processor)
            continue;
        Agnode_t *n = node(d, box, "t", (int)t);
        char *text = task_label(d, t);
        set(n, "shape", "plaintext");
        set(n, "fontname", "Helvetica");
        set_html(d, n, "label", text);
        free(text);
    }
}

/* ---- edges ------------------------------------------------------------------------------------------------------- */

struct line {
    const char *style, *head, *prefix;
};
static const struct line lines[] = {
    {"solid", "normal", ""},    /* synchronous */
    {"dashed", "open", ""},     /* asynchronous */
    {"dotted", "normal", "→ "}, /* forwarded */
};

static void edge(struct drawing *d, Agnode_t *from, int from_entry, int to_entry, const struct line *line, double value)
{
    /* From right sides to left ones: names that stand above an entry are not crossed. */
    char *tail = from_entry != LC_NONE ? lc_format("e%d:e", from_entry) : lc_strdup("e");
    char *head = lc_format("e%d:w", to_entry);
    Agnode_t *to = node(d, d->graph, "t", d->model->entries[to_entry].task);
    Agedge_t *e = agedge(d->graph, from, to, NULL, 1);
    char *label = value != 1 ? lc_format("%s%.4g", line->prefix, value) : lc_strdup("");
    set(e, "tailport", tail);
    set(e, "headport", head);
    set(e, "style", line->style);
    set(e, "arrowhead", line->head);
    set(e, "fontname", "Helvetica");
    set(e, "label", label);
    free(label);
    free(tail);
    free(head);
}

static void draw_calls(struct drawing *d, int task, int entry, const struct lc_activity *a)
{
    Agnode_t *from = node(d, d->graph, "t", task);
    for (size_t i = 0; i < a->call_count; i++)
        edge(d, from, entry, a->calls[i].entry, &lines[a->calls[i].kind == LC_CALL_SYNC ? 0 : 1], a->calls[i].mean);
}

/* The arrivals at an entry come from nowhere. */
static void draw_arrivals(struct drawing *d, int entry)
{
    const struct lc_entry *e = &d->model->entries[entry];
    const double rate = e->open_arrivals.family != NULL ? 1 / lc_dist_mean(&e->open_arrivals) : e->open_rate;
    if (!(rate > 0))
        return;
    Agnode_t *n = node(d, d->graph, "open", entry);
    char *label = lc_format("%.4g/s", rate);
    if (d->model->time_unit != NULL && strcmp(d->model->time_unit, "s") != 0) {
        free(label);
        label = lc_format("%.4g/%s", rate, d->model->time_unit);
    }
    set(n, "shape", "plaintext");
    set(n, "fontname", "Helvetica");
    set(n, "label", label);
    free(label);
    edge(d, n, LC_NONE, entry, &lines[1], 1);
}

static void draw(struct drawing *d)
{
    const struct lc_model *m = d->model;
    set(d->graph, "rankdir", "LR");
    set(d->graph, "ranksep", "0.9");
    set(d->graph, "fontname", "Helvetica");
    char *name = m->name != NULL ? lci_xml_escaped(m->name) : lc_strdup("");
    set_html(d, d->graph, "label", name);
    free(name);
    for (size_t p = 0; p < m->processor_count; p++)
        draw_processor(d, (int)p);
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lc_entry *entry = &m->entries[e];
        for (int p = 0; p < LC_PHASES; p++)
            draw_calls(d, entry->task, (int)e, &entry->phases[p]);
        for (size_t f = 0; f < entry->forward_count; f++)
            edge(d, node(d, d->graph, "t", entry->task), (int)e, entry->forwards[f].entry, &lines[2],
                 entry->forwards[f].probability);
        draw_arrivals(d, (int)e);
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            draw_calls(d, (int)t, LC_NONE, &m->tasks[t].activities[a]);
}

/* ---- output ------------------------------------------------------------------------------------------------------ */

static Agraph_t *make(const void *context)
{
    char name[] = "model";
    struct drawing d = *(const struct drawing *)context;
    d.graph = agopen(name, *lci_Agdirected, NULL);
    if (d.graph != NULL)
        draw(&d);
    return d.graph;
}

static int write_dot(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag)
{
    return lci_graphviz(make, &(struct drawing){model, result, NULL}, "dot", out, diag);
}

static int write_svg(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag)
{
    return lci_graphviz(make, &(struct drawing){model, result, NULL}, "svg", out, diag);
}

static const char *const dot_endings[] = {".dot", ".gv", NULL};
const struct lc_format lci_format_dot = {.name = "dot", .endings = dot_endings, .write = write_dot};
static const char *const svg_endings[] = {".svg", NULL};
const struct lc_format lci_format_svg = {.name = "svg", .endings = svg_endings, .write = write_svg};
