/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variables and what uses them: names that LQN files can hold, and expressions that have values. */
#include "check/check.h"

#include "expression.h"

#include <ctype.h>
#include <string.h>

/* "x", and "i, $x" where `several` is allowed. */
static bool is_name(const char *name, bool several)
{
    for (;;) {
        const char *c = name;
        while (isalnum((unsigned char)*c) || *c == '_')
            c++;
        if (c == name)
            return false;
        if (*c == 0)
            return true;
        if (!several || strncmp(c, ", $", 3) != 0)
            return false;
        name = c + 3;
    }
}

static bool is_set(struct lci_check *c, const char *what, const char *name, const char *expression,
                   const struct lc_place *place)
{
    if (expression != NULL && expression[0] != 0)
        return true;
    LCI_WRONG(c, place, "%s%s%s has no expression; expected NAME: EXPRESSION", what, name != NULL ? " " : "",
              name != NULL ? name : "");
    return false;
}

/* Variables and observations, whose names stand in expressions behind a '$'. */
static bool check_named(struct lci_check *c, const char *what, const struct lc_variable *list, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        if (list[i].name == NULL || !is_name(list[i].name, true)) {
            LCI_WRONG(c, &list[i].place, "%s is called '%s'; expected letters, digits and '_'", what,
                      list[i].name != NULL ? list[i].name : "");
            good = false;
        }
        good = is_set(c, what, list[i].name, list[i].expression, &list[i].place) && good;
    }
    return good;
}

static void check_bindings(struct lci_check *c, bool evaluate)
{
    const struct lc_model *m = c->model;
    struct lci_scope *scope = evaluate && m->variable_count + m->binding_count > 0 ? lci_scope_of(m, c->diag) : NULL;
    for (size_t i = 0; i < m->binding_count; i++) {
        const struct lc_binding *b = &m->bindings[i];
        double value;
        if (is_set(c, "the binding", b->path, b->expression, &b->place) && scope != NULL)
            lci_evaluate(scope, b->expression, &value, c->diag, &b->place);
    }
    lci_scope_free(scope);
}

void lci_check_variables(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    const bool good = check_named(c, "a variable", m->variables, m->variable_count);
    check_bindings(c, good);
    check_named(c, "an observation", m->observations, m->observation_count);
    for (size_t i = 0; i < m->report_count; i++) {
        const struct lc_variable *r = &m->reports[i];
        const char *name = r->name != NULL ? r->name + (r->name[0] == '!') : "";
        if (name[0] != 0 && !is_name(name, false))
            LCI_WRONG(c, &r->place, "a line of the report is called '%s'; expected letters, digits and '_'", name);
        is_set(c, "the report", r->name, r->expression, &r->place);
    }
}
