/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_bindings.h"

#include "edit/edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct lci_bound_slot {
    struct lci_slot slot;
    size_t binding;
};

static int by_place(const void *a, const void *b)
{
    const struct lci_bound_slot *x = a, *y = b;
    const uintptr_t p = (uintptr_t)x->slot.at, q = (uintptr_t)y->slot.at;
    if (p != q)
        return p < q ? -1 : 1;
    return (x->slot.kind > y->slot.kind) - (x->slot.kind < y->slot.kind);
}

long lci_generated_variable(const char *name)
{
    static const char prefix[] = "bound_";
    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return -1;
    const char *digits = name + strlen(prefix);
    const size_t length = strlen(digits);
    if (length == 0 || length > 9 || digits[strspn(digits, "0123456789")] != 0)
        return -1;
    return strtol(digits, NULL, 10);
}

void lci_bindings_start(struct lci_bindings *bindings, struct lc_model *model)
{
    *bindings = (struct lci_bindings){.model = model};
    bindings->slots = lc_calloc(model->binding_count, sizeof *bindings->slots);
    bindings->asked = lc_calloc(model->binding_count, sizeof *bindings->asked);
    for (size_t i = 0; i < model->binding_count; i++) {
        struct lci_bound_slot *s = &bindings->slots[bindings->slot_count];
        s->binding = i;
        if (lci_path_slot(model, model->bindings[i].path, &s->slot))
            bindings->slot_count++;
    }
    if (bindings->slot_count > 0)
        qsort(bindings->slots, bindings->slot_count, sizeof *bindings->slots, by_place);
    for (size_t i = 0; i < model->variable_count; i++) {
        const long number = lci_generated_variable(model->variables[i].name);
        if (number >= 0 && (size_t)number >= bindings->first)
            bindings->first = (size_t)number + 1;
    }
}

void lci_bindings_end(struct lci_bindings *bindings, struct lc_diag *diag)
{
    for (size_t i = 0; i < bindings->model->binding_count; i++) {
        const struct lc_binding *b = &bindings->model->bindings[i];
        if (!bindings->asked[i])
            lc_warn(diag, &b->place, "'%s' cannot be a variable in LQN files; its value now is written, not '%s'",
                    b->path, b->expression);
    }
    free(bindings->slots);
    free(bindings->asked);
}

const struct lc_binding *lci_bindings_find(const struct lci_bindings *bindings, struct lci_owner owner,
                                           const char *attribute)
{
    struct lci_bound_slot wanted = {0};
    if (bindings->slot_count == 0 || attribute == NULL ||
        !lci_owner_slot(bindings->model, owner, attribute, &wanted.slot))
        return NULL;
    const struct lci_bound_slot *found =
        bsearch(&wanted, bindings->slots, bindings->slot_count, sizeof wanted, by_place);
    if (found == NULL)
        return NULL;
    bindings->asked[found->binding] = true;
    return &bindings->model->bindings[found->binding];
}

bool lci_is_variable(const char *expression)
{
    if (*expression++ != '$' || *expression == 0)
        return false;
    while (isalnum((unsigned char)*expression) || *expression == '_')
        expression++;
    return *expression == 0;
}

/* Is "$name" in the text, as a whole? */
static bool names_variable(const char *text, const char *name, size_t length)
{
    for (const char *at = strchr(text, '$'); at != NULL; at = strchr(at + 1, '$'))
        if (strncmp(at + 1, name, length) == 0 && !isalnum((unsigned char)at[1 + length]) && at[1 + length] != '_')
            return true;
    return false;
}

bool lci_report_is_lost(const struct lc_model *model, const bool *observed, const char *expression)
{
    for (size_t i = 0; i < model->observation_count; i++) {
        const char *name = model->observations[i].name, *half = strchr(name, '$'); /* "mean, $half" */
        if (!observed[i] && (names_variable(expression, name, strcspn(name, ",")) ||
                             (half != NULL && names_variable(expression, half + 1, strlen(half + 1)))))
            return true;
    }
    return false;
}
