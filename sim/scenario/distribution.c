/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

/* Whether parameter `index` of the family is a time, a rate or a plain number, seen from what scaling the variate by
 * two does to it. */
static enum lc_dimension dimension_of(const struct lc_family *family, size_t index, double value)
{
    enum { MOST = 16 };
    double p[MOST];
    if (family->minimum_count > MOST || index >= MOST || !(value > 0))
        return LC_NUMBER;
    for (size_t i = 0; i < MOST; i++)
        p[i] = value;
    family->scale(p, family->minimum_count, 2);
    const double ratio = p[index] / value;
    return fabs(ratio - 2) < 1e-9 ? LC_TIME : fabs(ratio - 0.5) < 1e-9 ? LC_RATE : LC_NUMBER;
}

static int parameter(const struct lc_node *node, const struct lc_family *family, size_t index, double *value,
                     struct lc_diag *diag)
{
    return lc_node_quantity(node, dimension_of(family, index, 0.5), family->parameter_names[index], value, diag);
}

static size_t name_count(const struct lc_family *family)
{
    size_t n = 0;
    while (family->parameter_names[n] != NULL)
        n++;
    return n;
}

/* One set of named parameters; with a single name, its value is enough. */
static int component(const struct lc_node *node, const struct lc_family *family, double *values, struct lc_diag *diag)
{
    const size_t names = name_count(family);
    if (names == 1 && node->kind == LC_NODE_SCALAR)
        return parameter(node, family, 0, values, diag);
    int status = lc_node_keys(node, family->parameter_names, family->name, diag);
    for (size_t i = 0; i < names && node->kind == LC_NODE_MAP; i++) {
        const struct lc_node *value = lc_node_get(node, family->parameter_names[i]);
        if (value == NULL) {
            lc_error(diag, LC_INPUT, &node->place, "%s lacks '%s'", family->name, family->parameter_names[i]);
            status = -1;
        } else if (parameter(value, family, i, &values[i], diag) != 0) {
            status = -1;
        }
    }
    return status;
}

static int fill(const struct lc_node *node, const struct lc_family *family, struct lc_dist *dist, struct lc_diag *diag)
{
    const size_t names = name_count(family);
    size_t count = 1;
    const struct lc_node *parts = node;
    if (!family->fixed) {
        if (lc_node_is(node, LC_NODE_LIST, family->name, diag) != 0)
            return -1;
        count = node->count;
        parts = node->items;
    }
    double *values = lc_calloc(names * count, sizeof *values);
    int status = 0;
    for (size_t i = 0; i < count; i++)
        if (component(&parts[i], family, values + i * names, diag) != 0)
            status = -1;
    if (status == 0) {
        *dist = lc_dist_make(family, 0, values, names * count);
        status = lc_dist_check(dist, diag, &node->place);
        if (status != 0)
            lc_dist_free(dist);
    }
    free(values);
    return status;
}

static const struct lc_family *find_family(const struct lc_node *name, struct lc_diag *diag)
{
    const struct lc_family *family = lc_family_find(name->text);
    if (family != NULL && strcmp(family->name, "phase_type") != 0)
        return family;
    const char *names[64];
    size_t count = 0;
    for (const struct lc_family *const *f = lc_families(); *f != NULL && count < 63; f++)
        names[count++] = (*f)->name;
    names[count] = NULL;
    const char *nearest = lc_nearest(name->text, names);
    lc_error(diag, LC_INPUT, &name->place, "there is no distribution '%s' here; %s%s%s", name->text,
             nearest != NULL ? "did you mean '" : "for example gamma, lognormal, deterministic",
             nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return NULL;
}

int lci_read_distribution(const struct lc_node *node, const char *what, struct lc_dist *dist, struct lc_diag *diag)
{
    *dist = (struct lc_dist){0};
    if (node->kind == LC_NODE_SCALAR) {
        double mean;
        if (lci_read_positive(node, LC_TIME, what, &mean, diag) != 0)
            return -1;
        *dist = lc_dist_exponential(mean);
        return 0;
    }
    if (lc_node_is(node, LC_NODE_MAP, what, diag) != 0)
        return -1;
    if (node->count != 1) {
        lc_error(diag, LC_INPUT, &node->place,
                 "%s has %zu distributions; right is one, such as {gamma: {shape: 2, scale: 10 ms}}", what,
                 node->count);
        return -1;
    }
    const struct lc_family *family = find_family(&node->keys[0], diag);
    return family == NULL ? -1 : fill(&node->items[0], family, dist, diag);
}
