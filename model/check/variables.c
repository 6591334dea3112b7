/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variables and what uses them: everything but a line of a report has a name, and everything has an expression. */
#include "check/check.h"

static void check_pair(struct lci_check *c, const char *what, const char *name, bool unnamed, const char *expression,
                       const struct lc_place *place)
{
    if (!unnamed && (name == NULL || name[0] == 0))
        LCI_WRONG(c, place, "%s has no name; right is NAME: EXPRESSION", what);
    else if (expression == NULL || expression[0] == 0)
        LCI_WRONG(c, place, "%s%s%s has no expression; right is NAME: EXPRESSION", what, name != NULL ? " " : "",
                  name != NULL ? name : "");
}

void lci_check_variables(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    for (size_t i = 0; i < m->variable_count; i++)
        check_pair(c, "the variable", m->variables[i].name, false, m->variables[i].expression, &m->variables[i].place);
    for (size_t i = 0; i < m->binding_count; i++)
        check_pair(c, "the binding", m->bindings[i].path, false, m->bindings[i].expression, &m->bindings[i].place);
    for (size_t i = 0; i < m->observation_count; i++)
        check_pair(c, "the observation", m->observations[i].name, false, m->observations[i].expression,
                   &m->observations[i].place);
    for (size_t i = 0; i < m->report_count; i++)
        check_pair(c, "the report", m->reports[i].name, true, m->reports[i].expression, &m->reports[i].place);
}
