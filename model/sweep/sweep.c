/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/sweep/sweep.h"

#include "loadcast/edit.h"
#include "model/edit/edit_paths.h"
#include "model/expression.h"
#include "model/observe.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct values {
    struct lci_sweep_value *list;
    size_t count, capacity;
};

struct lci_sweep {
    const struct lc_model *model;
    struct lci_scope *scope; /* parameters */
    size_t point;
    struct values variables, observations, report;
    char **names; /* of observations; owned */
    size_t name_count, name_capacity;
};

static void add_value(struct values *values, const char *name, double value)
{
    LC_GROW(values->list, values->count, values->capacity);
    values->list[values->count++] = (struct lci_sweep_value){name, value};
}

/* ---- what the model needs ---------------------------------------------------------------------------------------- */

/* Does the expression use the variable? */
static bool uses(const char *expression, const char *name)
{
    const size_t length = strlen(name);
    for (const char *c = strchr(expression, '$'); c != NULL; c = strchr(c + 1, '$'))
        if (strncmp(c + 1, name, length) == 0 && !isalnum((unsigned char)c[1 + length]) && c[1 + length] != '_')
            return true;
    return false;
}

static bool depends_on(const struct lc_model *m, const char *name)
{
    for (size_t i = 0; i < m->binding_count; i++)
        if (uses(m->bindings[i].expression, name))
            return true;
    for (size_t i = 0; i < m->variable_count; i++)
        if (uses(m->variables[i].expression, name))
            return true;
    return false;
}

static bool is_convergence(const struct lc_variable *report)
{
    return report->name != NULL && report->name[0] == '!';
}

/* plot() and splot() make files for a drawing program of LQNS's users. */
static bool is_plot(const struct lc_variable *report)
{
    const char *c = report->expression + strspn(report->expression, " \t\r\n");
    return strncmp(c, "plot(", 5) == 0 || strncmp(c, "splot(", 6) == 0;
}

static int check_sections(const struct lc_model *m, struct lc_diag *diag)
{
    int status = 0;
    for (size_t i = 0; i < m->report_count; i++) {
        const struct lc_variable *v = &m->reports[i];
        if (is_convergence(v) && depends_on(m, v->name + 1)) {
            lc_error(diag, LC_INPUT, &v->place,
                     "the convergence section (C) assigns $%s, on which the model depends; runs repeated until they "
                     "converge are not supported: give $%s the value it has at the end",
                     v->name + 1, v->name + 1);
            status = -1;
        } else if (is_convergence(v)) {
            lc_warn(diag, &v->place, "$%s = … of the convergence section (C) is ignored: nothing depends on it",
                    v->name + 1);
        } else if (is_plot(v)) {
            lc_warn(diag, &v->place, "plot() is not supported; the report has no column for it");
        }
    }
    return status;
}

static void check_observation(const struct lc_result *empty, const struct lc_variable *v, struct lc_diag *diag)
{
    struct lc_estimate estimate;
    const char *part = lci_observed_part(v->expression);
    if (!lci_observe(empty, v->expression, &estimate))
        lc_warn(diag, &v->place, "$%s observes %s, which is nothing that a result tells here", v->name,
                part != NULL ? part : v->expression);
}

/* ---- start and end ----------------------------------------------------------------------------------------------- */

/* The name is taken over. */
static void add_observed(struct lci_sweep *s, char *name)
{
    LC_GROW(s->names, s->name_count, s->name_capacity);
    s->names[s->name_count++] = name;
    add_value(&s->observations, name, NAN);
}

/* "mean" or "mean, $half": each variable is a value of its own. */
static void add_observation(struct lci_sweep *s, const struct lc_variable *v)
{
    const char *comma = strchr(v->name, ',');
    add_observed(s, lc_strndup(v->name, comma != NULL ? (size_t)(comma - v->name) : strlen(v->name)));
    if (comma != NULL)
        add_observed(s, lc_strdup(comma + strspn(comma, ", $")));
}

/* Is the expression nothing but "$x"? */
static bool is_variable(const char *text)
{
    const char *c = text + 1;
    while (*text == '$' && (isalnum((unsigned char)*c) || *c == '_'))
        c++;
    return *text == '$' && *c == 0 && c > text + 1;
}

static bool is_known(const struct lci_sweep *s, const char *name, size_t line)
{
    double value;
    for (size_t i = 0; i < s->observations.count; i++)
        if (strcmp(s->observations.list[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < line; i++)
        if (s->model->reports[i].name != NULL && strcmp(s->model->reports[i].name, name) == 0)
            return true;
    return strcmp(name, "0") == 0 || lci_scope_number(s->scope, name, &value);
}

/* A line that is only a variable which nothing gives a value, as lqngen writes them: the column stays empty. */
static bool is_empty(const struct lci_sweep *s, size_t line)
{
    const char *expression = s->model->reports[line].expression, *text = expression + strspn(expression, " \t\r\n");
    return is_variable(text) && !is_known(s, text + 1, line);
}

static void say_empty(const struct lci_sweep *s, struct lc_diag *diag)
{
    for (size_t i = 0; i < s->model->report_count; i++)
        if (!is_convergence(&s->model->reports[i]) && is_empty(s, i))
            lc_warn(diag, &s->model->reports[i].place, "nothing gives %s a value; its column of the report is nan",
                    s->model->reports[i].expression);
}

static void start_report(struct lci_sweep *s)
{
    const struct lc_model *m = s->model;
    for (size_t i = 0; i < m->report_count; i++) {
        const struct lc_variable *v = &m->reports[i];
        if (is_convergence(v) || is_plot(v))
            continue;
        if (s->report.count == 0)
            add_value(&s->report, "0", NAN);
        const char *text = v->expression + strspn(v->expression, " \t\r\n");
        if (v->name != NULL && v->name[0] != 0)
            add_value(&s->report, v->name, NAN);
        else if (strcmp(text, "$0") != 0) /* the first column is that already */
            add_value(&s->report, text + is_variable(text), NAN);
    }
}

static void take_report(struct lci_sweep *s, struct lc_diag *diag);

struct lci_sweep *lci_sweep_new(const struct lc_model *model, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    struct lci_sweep *s = lc_calloc(1, sizeof *s);
    s->model = model;
    s->scope = lci_scope_of(model, diag);
    if (check_sections(model, diag) != 0 || s->scope == NULL) {
        lci_sweep_free(s);
        return NULL;
    }
    struct lc_result *empty = lc_result_new(model);
    for (size_t i = 0; i < model->observation_count; i++) {
        check_observation(empty, &model->observations[i], diag);
        add_observation(s, &model->observations[i]);
    }
    lc_result_free(empty);
    start_report(s);
    say_empty(s, diag);
    take_report(s, diag); /* finds what is wrong with it before the simulations */
    if (diag->errors == errors)
        return s;
    lci_sweep_free(s);
    return NULL;
}

void lci_sweep_free(struct lci_sweep *s)
{
    if (s == NULL)
        return;
    lci_scope_free(s->scope);
    for (size_t i = 0; i < s->name_count; i++)
        free(s->names[i]);
    free(s->names);
    free(s->variables.list);
    free(s->observations.list);
    free(s->report.list);
    free(s);
}

size_t lci_sweep_points(const struct lci_sweep *s)
{
    return lci_scope_points(s->scope);
}

bool lci_sweep_has_report(const struct lci_sweep *s)
{
    return s->report.count > 0;
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

/* A variation scales what the mean has been set to, so that it comes behind. */
static bool is_variation(const char *path)
{
    const size_t length = strlen(path);
    return length >= 4 && strcmp(path + length - 4, ".cv2") == 0;
}

static int bind(const struct lci_sweep *s, struct lc_model *m, struct lc_diag *diag)
{
    int status = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < s->model->binding_count; i++) {
            const struct lc_binding *b = &s->model->bindings[i];
            double value;
            if (is_variation(b->path) != (pass == 1))
                continue;
            if (lci_evaluate(s->scope, b->expression, &value, diag, &b->place) != 0 ||
                lci_edit_number(m, b->path, value, diag, &b->place) != 0)
                status = -1;
        }
    return status;
}

static void take_variables(struct lci_sweep *s)
{
    s->variables.count = 0;
    for (size_t i = 0; i < s->model->variable_count; i++) {
        const char *dollar = strrchr(s->model->variables[i].name, '$');
        const char *name = dollar != NULL ? dollar + 1 : s->model->variables[i].name;
        double value;
        if (lci_scope_number(s->scope, name, &value))
            add_value(&s->variables, name, value);
    }
}

struct lc_model *lci_sweep_select(struct lci_sweep *s, size_t point, struct lc_diag *diag)
{
    s->point = point;
    if (lci_scope_select(s->scope, point, diag) != 0)
        return NULL;
    take_variables(s);
    lci_sweep_observe(s, NULL, diag);
    struct lc_model *m = lc_model_copy(s->model);
    if (bind(s, m, diag) == 0 && lc_model_check(m, diag) == 0)
        return m;
    lc_model_free(m);
    return NULL;
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

static void take_observations(struct lci_sweep *s, const struct lc_result *result)
{
    size_t at = 0;
    for (size_t i = 0; i < s->model->observation_count; i++) {
        const struct lc_variable *v = &s->model->observations[i];
        const char *part = lci_observed_part(v->expression);
        struct lc_estimate estimate = {NAN, NAN, NAN};
        struct lci_observed what;
        if (result != NULL)
            lci_observe(result, v->expression, &estimate);
        s->observations.list[at++].value = estimate.mean;
        if (strchr(v->name, ',') != NULL) {
            const bool wide = part != NULL && lci_observed_parse(part, &what) && what.interval == 99;
            s->observations.list[at++].value = wide ? estimate.ci99 : estimate.ci95;
        }
    }
}

/* The lines of the report one after the other: later ones may use earlier ones. */
static void take_report(struct lci_sweep *s, struct lc_diag *diag)
{
    if (s->report.count == 0)
        return;
    struct lci_scope *scope = lci_scope_copy(s->scope);
    for (size_t i = 0; i < s->observations.count; i++)
        lci_scope_set(scope, s->observations.list[i].name, s->observations.list[i].value);
    size_t at = 0;
    s->report.list[at++].value = (double)s->point + 1;
    lci_scope_set(scope, "0", (double)s->point + 1);
    for (size_t i = 0; i < s->model->report_count; i++) {
        const struct lc_variable *v = &s->model->reports[i];
        const char *text = v->expression + strspn(v->expression, " \t\r\n");
        const bool named = v->name != NULL && v->name[0] != 0;
        if (is_convergence(v) || is_plot(v) || (!named && strcmp(text, "$0") == 0))
            continue;
        double value = NAN;
        if (!is_empty(s, i))
            lci_evaluate_any(scope, v->expression, &value, diag, &v->place);
        s->report.list[at++].value = value;
        if (named)
            lci_scope_set(scope, v->name, value);
    }
    lci_scope_free(scope);
}

void lci_sweep_observe(struct lci_sweep *s, const struct lc_result *result, struct lc_diag *diag)
{
    take_observations(s, result);
    if (result != NULL) {
        take_report(s, diag);
        return;
    }
    for (size_t i = 0; i < s->report.count; i++)
        s->report.list[i].value = i == 0 ? (double)s->point + 1 : NAN;
}

static size_t values_of(const struct values *values, const struct lci_sweep_value **list)
{
    *list = values->list;
    return values->count;
}

size_t lci_sweep_variables(const struct lci_sweep *s, const struct lci_sweep_value **values)
{
    return values_of(&s->variables, values);
}

size_t lci_sweep_observations(const struct lci_sweep *s, const struct lci_sweep_value **values)
{
    return values_of(&s->observations, values);
}

size_t lci_sweep_report(const struct lci_sweep *s, const struct lci_sweep_value **values)
{
    return values_of(&s->report, values);
}
