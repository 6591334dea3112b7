/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "loadcast/format.h"
#include "model/edit/edit.h"
#include "predict.h"

/* A model that is written with its load as a parameter. */
struct export
{
    struct lc_model *model;
    char *variable; /* its name */
    double first;   /* its value in the model */
};

static char *free_variable(const struct lc_model *model)
{
    char *name = lc_strdup("load");
    for (size_t i = 0; i < model->variable_count; i++)
        if (strcmp(model->variables[i].name, name) == 0) {
            char *longer = lc_format("%s_", name);
            free(name);
            name = longer;
            i = (size_t)-1;
        }
    return name;
}

/* Whether two paths, which may name the same element differently, lead to one number. */
static bool same_number(struct lc_model *m, const char *a, const char *b)
{
    struct lci_slot x, y;
    return strcmp(a, b) == 0 ||
           (lci_path_slot(m, a, &x) && lci_path_slot(m, b, &y) && x.at == y.at && x.kind == y.kind);
}

/* The number that the path leads to, which is `value` now, becomes a multiple of the load; users are whole. */
static void bind(struct export *x, char *path, double value, bool whole)
{
    const char *before = whole ? "round(" : "", *after = whole ? ")" : "";
    struct lc_model *m = x->model;
    char number[32];
    for (size_t i = 0; i < m->binding_count; i++)
        if (same_number(m, m->bindings[i].path, path)) { /* a parameter of the model that the scenario names */
            char *product = lc_format("%s(%s) * $%s%s", before, m->bindings[i].expression, x->variable, after);
            free(m->bindings[i].expression);
            m->bindings[i].expression = product;
            free(path);
            return;
        }
    LC_GROW(m->bindings, m->binding_count, m->binding_capacity);
    m->bindings[m->binding_count++] = (struct lc_binding){
        .path = path,
        .expression = lc_format("%s%s * $%s%s", before, lci_number_text(value / x->first, number), x->variable, after)};
}

static void bind_sources(struct export *x)
{
    const struct lc_model *m = x->model;
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        if (task->scheduling == LC_OPEN)
            bind(x, lc_format("task:%s.rate", task->name), 1 / lc_dist_mean(&task->arrivals), false);
        else if (lc_is_source(task))
            bind(x, lc_format("task:%s.users", task->name), task->multiplicity, true);
    }
    for (size_t e = 0; e < m->entry_count; e++)
        if (m->entries[e].open_rate > 0)
            bind(x, lc_format("entry:%s.open_rate", m->entries[e].name), m->entries[e].open_rate, false);
}

/* The factors of all levels, each of them once, as a list of values. Levels that are no multiple of the load cannot be
 * one. */
static char *factors(const struct lc_scenario *s, double *first, struct lc_diag *diag)
{
    struct lci_buffer list = {0};
    for (size_t i = 0; i < s->point_count; i++) {
        const struct lc_load_point *p = &s->points[i];
        if (p->levels != NULL || p->alone) {
            lc_note(
                diag, NULL,
                "the level '%s' is no multiple of the load and is left out; 'run --model FILE --at \"%s\"' writes it",
                p->name, p->name);
            continue;
        }
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again || (s->points[k].levels == NULL && !s->points[k].alone && s->points[k].factor == p->factor);
        if (again)
            continue;
        char number[32];
        if (list.length == 0)
            *first = p->factor;
        lci_buffer_join(&list, ", ", "%s", lci_number_text(p->factor, number));
    }
    if (list.length == 0)
        *first = 1;
    return list.text;
}

/* "$NAME" of an element, with '_' for what a variable's name cannot hold. */
static char *variable_of(const char *name, const char *what)
{
    char *variable = lc_format("%s_%s", name, what);
    for (char *c = variable; *c != 0; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    return variable;
}

static void observe(struct lc_model *m, char *key, char *variable)
{
    char *report = lc_format("$%s", variable);
    LC_GROW(m->observations, m->observation_count, m->observation_capacity);
    m->observations[m->observation_count++] = (struct lc_variable){.name = variable, .expression = key};
    LC_GROW(m->reports, m->report_count, m->report_capacity);
    m->reports[m->report_count++] = (struct lc_variable){.name = lc_strdup(""), .expression = report};
}

/* LQNS makes nothing of a list of values when nothing is observed: throughputs of the loads, utilizations of all that
 * has a limit. */
static void observe_all(struct export *x)
{
    struct lc_model *m = x->model;
    if (m->report_count > 0)
        return;
    LC_GROW(m->reports, m->report_count, m->report_capacity);
    m->reports[m->report_count++] =
        (struct lc_variable){.name = lc_strdup(""), .expression = lc_format("$%s", x->variable)};
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        if (lc_is_source(task))
            observe(m, lc_format("task/%s/%%f", task->name), variable_of(task->name, "throughput"));
        else if (task->service && task->multiplicity != LC_INFINITE)
            observe(m, lc_format("task/%s/%%u", task->name), variable_of(task->name, "utilization"));
    }
}

struct lc_model *lc_verdict_model(const struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    struct export x = {.first = 1};
    char *list = factors(s, &x.first, diag);
    const struct lc_load_point level = {.factor = x.first};
    x.model = lcp_model(verdict, &level, NULL, diag);
    if (x.model == NULL || lc_model_check(x.model, diag) != 0) {
        lc_model_free(x.model);
        free(list);
        return NULL;
    }
    x.variable = free_variable(x.model);
    LC_GROW(x.model->variables, x.model->variable_count, x.model->variable_capacity);
    x.model->variables[x.model->variable_count++] =
        (struct lc_variable){.name = lc_strdup(x.variable),
                             .expression = list == NULL                ? lc_strdup("1")
                                           : strchr(list, ',') != NULL ? lc_format("[%s]", list)
                                                                       : lc_strdup(list)};
    bind_sources(&x);
    observe_all(&x);
    if (s->what_if_count > 0)
        lc_note(diag, NULL, "what-ifs and sweeps of the scenario are left out: the model is the system as it stands");
    free(list);
    free(x.variable);
    return x.model;
}

/* The level that is meant by its name or by a factor, which need not be one of the scenario's; false: by neither. */
static bool find_level(const struct lc_scenario *s, const char *at, struct lc_load_point *level)
{
    char *end;
    const double factor = at != NULL ? strtod(at, &end) : NAN;
    if (at == NULL) {
        *level = s->points[0];
        return true;
    }
    for (size_t i = 0; i < s->point_count; i++)
        if (strcmp(s->points[i].name, at) == 0) {
            *level = s->points[i];
            return true;
        }
    *level = (struct lc_load_point){.factor = factor};
    return end != at && *end == 0 && factor > 0 && isfinite(factor);
}

struct lc_model *lc_verdict_model_at(const struct lc_verdict *verdict, const char *at, struct lc_diag *diag)
{
    struct lc_load_point level;
    if (!find_level(verdict->scenario, at, &level)) {
        lc_error(diag, LC_USAGE, NULL,
                 "--at '%s' is no level of the scenario; expected a factor above 0 or a name like '%s'", at,
                 verdict->scenario->points[0].name);
        return NULL;
    }
    return lcp_model(verdict, &level, NULL, diag);
}
