/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions in documents: a number (exponential with that mean), {mean, cv2}, or {family: parameters}; each map may
 * have a shift and a correlation with the request's size. Parameters of a family of fixed size are a map (or the value
 * itself where there is one); those of a family of varying size are a list of components; a phase type has alpha and T.
 */
#include "base/text.h"
#include "format/schema.h"
#include "model/dist/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_CORRELATION "size_correlation"

static bool is_family(const struct lc_family *family, const char *name)
{
    return strcmp(family->name, name) == 0;
}

/* Times and rates may carry units; the others are plain numbers. */
static enum lc_dimension dimension_of(const struct lc_family *family, const char *parameter)
{
    static const char *const times[] = {"mean", "value", "minimum", "maximum", "scale", "sd", "x"};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (strcmp(parameter, times[i]) == 0)
            return LC_TIME;
    if (is_family(family, "inverse_gaussian")) /* its shape scales like a time */
        return LC_TIME;
    return strcmp(parameter, "rate") == 0 || strcmp(parameter, "T") == 0 ? LC_RATE : LC_NUMBER;
}

/* Parameters being gathered. */
struct parameters {
    double *values;
    size_t count, capacity;
    bool wrong;
};

static void gather(struct lci_reader *r, const struct lc_family *family, const char *name, const struct lci_node *node,
                   struct parameters *p)
{
    LC_GROW(p->values, p->count, p->capacity);
    if (lci_read_number(r, node, dimension_of(family, name), name, &p->values[p->count]) == 0)
        p->count++;
    else
        p->wrong = true;
}

/* A map with the parameters called `names`, of which the last ones may be missing when `partial`. */
static void gather_map(struct lci_reader *r, const struct lc_family *family, const struct lci_node *node, bool partial,
                       struct parameters *p)
{
    const char *const *names = family->parameter_names;
    if (lci_node_keys(node, names, family->name, r->build.diag) != 0) {
        p->wrong = true;
        return;
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct lci_node *value = lci_node_get(node, names[i]);
        if (value != NULL) {
            gather(r, family, names[i], value, p);
        } else if (!partial || i < node->count) {
            lc_error(r->build.diag, LC_INPUT, &node->place, "%s lacks its parameter '%s'", family->name, names[i]);
            p->wrong = true;
        }
    }
}

struct phase_nodes {
    const struct lci_node *alpha, *T;
};
const struct lci_field lci_phase_type_fields[] = {
    LCI_NODE(phase_nodes, alpha, "[number]", "the probabilities of beginning in each phase"),
    LCI_NODE(phase_nodes, T, "[[rate]]", "the rates of going from phase to phase, row by row"),
    {0},
};

/* alpha and the rows of T. */
static void gather_phase_type(struct lci_reader *r, const struct lc_family *family, const struct lci_node *node,
                              struct parameters *p)
{
    struct phase_nodes n = {0};
    const bool wrong = lci_read_nodes(node, family->name, lci_phase_type_fields, &n, r->build.diag) != 0;
    const struct lci_node *alpha = n.alpha, *rows = n.T;
    if (wrong || alpha == NULL || rows == NULL || alpha->kind != LCI_NODE_LIST || rows->kind != LCI_NODE_LIST ||
        rows->count != alpha->count) {
        lc_error(r->build.diag, LC_INPUT, &node->place,
                 "%s is incomplete; expected {alpha: [n probabilities], T: [n rows of n rates]}", family->name);
        p->wrong = true;
        return;
    }
    LC_GROW(p->values, p->count, p->capacity);
    p->values[p->count++] = (double)alpha->count;
    for (size_t i = 0; i < alpha->count; i++)
        gather(r, family, "alpha", &alpha->items[i], p);
    for (size_t i = 0; i < rows->count; i++) {
        const struct lci_node *row = &rows->items[i];
        if (row->kind != LCI_NODE_LIST || row->count != alpha->count) {
            lc_error(r->build.diag, LC_INPUT, &row->place, "a row of T needs %zu rates", alpha->count);
            p->wrong = true;
            return;
        }
        for (size_t j = 0; j < row->count; j++)
            gather(r, family, "T", &row->items[j], p);
    }
}

static void gather_parameters(struct lci_reader *r, const struct lc_family *family, const struct lci_node *node,
                              struct parameters *p)
{
    const bool single = family->parameter_names[0] != NULL && family->parameter_names[1] == NULL;
    if (is_family(family, "phase_type")) {
        gather_phase_type(r, family, node, p);
    } else if (family->fixed) {
        if (single && node->kind == LCI_NODE_SCALAR)
            gather(r, family, family->parameter_names[0], node, p);
        else
            gather_map(r, family, node, false, p);
    } else if (lci_node_is(node, LCI_NODE_LIST, family->name, r->build.diag) != 0) {
        p->wrong = true;
    } else {
        for (size_t i = 0; i < node->count; i++)
            if (single)
                gather(r, family, family->parameter_names[0], &node->items[i], p);
            else
                gather_map(r, family, &node->items[i], i + 1 == node->count, p);
    }
}

struct moments {
    const struct lci_node *mean, *cv2, *shift, *size_correlation;
};
const struct lci_field lci_moment_fields[] = {
    LCI_NODE(moments, mean, "time", "the mean"),
    LCI_NODE(moments, cv2, "number", "variance / mean²: 0 constant, 1 exponential"),
    LCI_NODE(moments, shift, "time", "added to every variate"),
    LCI_NODE(moments, size_correlation, "number", "how much it depends on the size of the request: −1 … 1"),
    {0},
};

/* {mean, cv2}: what is usually known. */
static void read_moments(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node,
                         struct lc_dist *dist)
{
    struct moments n = {0};
    double mean = 1, cv2 = 1;
    if (lci_read_nodes(node, f->name, lci_moment_fields, &n, r->build.diag) != 0)
        return;
    lci_read_number(r, n.mean, LC_TIME, "mean", &mean);
    if (n.cv2 != NULL)
        lci_read_number(r, n.cv2, LC_NUMBER, "cv2", &cv2);
    *dist = lci_dist_moments(mean, cv2);
    dist->assumed = n.cv2 == NULL;
}

/* The families' names for messages about one that does not exist. */
static void unknown_family(struct lci_reader *r, const struct lci_node *key)
{
    const char *names[64];
    size_t count = 0;
    for (const struct lc_family *const *f = lci_families(); *f != NULL && count < 63; f++)
        names[count++] = (*f)->name;
    names[count] = NULL;
    const char *nearest = lci_nearest(key->text, names);
    lc_error(r->build.diag, LC_INPUT, &key->place, "there is no family of distributions '%s'; %s%s%s", key->text,
             nearest ? "did you mean '" : "expected {mean: …, cv2: …} or {FAMILY: {PARAMETER: …}}",
             nearest ? nearest : "", nearest ? "'?" : "");
}

static void read_family(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node,
                        struct lc_dist *dist)
{
    const struct lc_family *family = NULL;
    const struct lci_node *value = NULL;
    for (size_t i = 0; i < node->count; i++) {
        if (strcmp(node->keys[i].text, "shift") == 0 || strcmp(node->keys[i].text, SIZE_CORRELATION) == 0)
            continue;
        if (value != NULL) {
            lc_error(r->build.diag, LC_INPUT, &node->keys[i].place,
                     "%s has a family already ('%s'); '%s' is one too many", f->name, family ? family->name : "?",
                     node->keys[i].text);
            return;
        }
        value = &node->items[i];
        family = lc_family_find(node->keys[i].text);
        if (family == NULL) {
            unknown_family(r, &node->keys[i]);
            return;
        }
    }
    if (family == NULL || value == NULL) {
        lc_error(r->build.diag, LC_INPUT, &node->place, "%s names no family; expected {FAMILY: {PARAMETER: …}}",
                 f->name);
        return;
    }
    struct parameters p = {0};
    gather_parameters(r, family, value, &p);
    if (!p.wrong)
        *dist = lc_dist_make(family, 0, p.values, p.count);
    free(p.values);
}

static void read_distribution(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_dist *dist = value;
    lc_dist_free(dist);
    if (node->kind == LCI_NODE_SCALAR) {
        double mean;
        if (lci_read_number(r, node, LC_TIME, f->name, &mean) != 0)
            return;
        *dist = lc_dist_exponential(mean);
        dist->assumed = true;
        return;
    }
    if (node->kind != LCI_NODE_MAP) {
        lc_error(r->build.diag, LC_INPUT, &node->place,
                 "%s is a list; expected a time, or a distribution such as {mean: 20 ms, cv2: 0.5}", f->name);
        return;
    }
    if (lci_node_get(node, "mean") != NULL)
        read_moments(r, f, node, dist);
    else
        read_family(r, f, node, dist);
    const struct lci_node *shift = lci_node_get(node, "shift");
    if (shift != NULL && dist->family != NULL)
        lci_read_number(r, shift, LC_TIME, "shift", &dist->shift);
    const struct lci_node *correlation = lci_node_get(node, SIZE_CORRELATION);
    if (correlation == NULL || dist->family == NULL ||
        lci_read_number(r, correlation, LC_NUMBER, SIZE_CORRELATION, &dist->size_correlation) != 0)
        return;
    if (!(fabs(dist->size_correlation) < 1))
        lc_error(r->build.diag, LC_INPUT, &correlation->place,
                 "size_correlation; expected more than -1 and less than 1, found %g", dist->size_correlation);
}

int lci_node_distribution(const struct lci_node *node, const char *what, struct lc_dist *dist, struct lc_diag *diag)
{
    struct lci_reader reader = {.build.diag = diag};
    const size_t before = diag->errors;
    *dist = (struct lc_dist){0};
    read_distribution(&reader, &(const struct lci_field){.name = what}, node, dist);
    if (diag->errors == before && lci_dist_check_alone(dist, diag, &node->place) == 0 && !(lc_dist_mean(dist) > 0))
        lc_error(diag, LC_INPUT, &node->place, "%s has a mean of 0; expected more than 0", what);
    if (diag->errors == before)
        return 0;
    lc_dist_free(dist);
    return -1;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static struct lci_doc named_numbers(const char *const *names, const double *values, size_t count)
{
    struct lci_doc map = lci_doc_map();
    for (size_t i = 0; i < count && names[i] != NULL; i++)
        lci_doc_put(&map, names[i], lci_doc_number(values[i]));
    return map;
}

static struct lci_doc phase_type(const struct lc_dist *d)
{
    const size_t n = d->count > 0 ? (size_t)d->parameters[0] : 0;
    struct lci_doc map = lci_doc_map(), rows = lci_doc_list();
    for (size_t i = 0; i < n; i++)
        lci_doc_add(&rows, lci_doc_numbers(d->parameters + 1 + n + i * n, n));
    lci_doc_put(&map, "alpha", lci_doc_numbers(d->parameters + 1, n));
    lci_doc_put(&map, "T", rows);
    return map;
}

static struct lci_doc parameters_of(const struct lc_dist *d)
{
    const char *const *names = d->family->parameter_names;
    size_t size = 0;
    while (names[size] != NULL)
        size++;
    if (is_family(d->family, "phase_type"))
        return phase_type(d);
    if (d->family->fixed)
        return size == 1 ? lci_doc_number(d->parameters[0]) : named_numbers(names, d->parameters, d->count);
    if (size == 1)
        return lci_doc_numbers(d->parameters, d->count);
    struct lci_doc list = lci_doc_list();
    for (size_t i = 0; i < d->count; i += size)
        lci_doc_add(&list, named_numbers(names, d->parameters + i, d->count - i));
    return list;
}

static bool write_distribution(const struct lci_layout *l, const struct lci_field *f, const void *value,
                               struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const struct lc_dist *d = value;
    if (d->family == NULL)
        return false;
    if (d->assumed && is_family(d->family, "exponential") && d->shift == 0 && d->size_correlation == 0) {
        *doc = lci_doc_number(d->parameters[0]);
        return true;
    }
    if (is_family(d->family, "moments")) {
        *doc = named_numbers(d->family->parameter_names, d->parameters, d->count);
    } else {
        *doc = lci_doc_map();
        lci_doc_put(doc, d->family->name, parameters_of(d));
    }
    if (d->shift != 0)
        lci_doc_put(doc, "shift", lci_doc_number(d->shift));
    if (d->size_correlation != 0)
        lci_doc_put(doc, SIZE_CORRELATION, lci_doc_number(d->size_correlation));
    return true;
}

const struct lci_type lci_type_distribution = {read_distribution, write_distribution, "distribution"};
