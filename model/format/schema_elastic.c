/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capacity that changes: the keys `scaling`, `failures` and `slow_down` of a task. */
#include "format/schema_policy.h"
#include "loadcast/elastic.h"

#include <string.h>

static void read_fraction(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node, void *value)
{
    lci_read_number(r, node, LC_FRACTION, f->name, value);
}

static bool write_fraction(const struct lci_layout *l, const struct lci_field *f, const void *value,
                           struct lci_doc *doc)
{
    return lci_type_number.write(l, f, value, doc);
}

static const struct lci_type type_fraction = {read_fraction, write_fraction};

/* A distribution that is constant where a plain time stands for it. */
static void read_constant(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node, void *value)
{
    double time;
    if (node->kind != LC_NODE_SCALAR)
        lci_type_distribution.read(r, f, node, value);
    else if (lci_read_number(r, node, LC_TIME, f->name, &time) == 0 && time > 0)
        *(struct lc_dist *)value = lc_dist_deterministic(time);
}

static bool write_constant(const struct lci_layout *l, const struct lci_field *f, const void *value,
                           struct lci_doc *doc)
{
    const struct lc_dist *d = value;
    if (d->family == NULL || strcmp(d->family->name, "deterministic") != 0 || d->shift != 0)
        return lci_type_distribution.write(l, f, value, doc);
    *doc = lci_doc_number(lc_dist_mean(d));
    return true;
}

static const struct lci_type type_constant = {read_constant, write_constant};

#define AT(member) offsetof(struct lc_elastic, member)

static const struct lci_field scaling_fields[] = {
    {"min", &lci_type_size, AT(minimum), 0, NULL},
    {"max", &lci_type_size, AT(maximum), 0, NULL},
    {"target_load", &type_fraction, AT(target_load), 0, NULL},
    {"target_queue", &lci_type_number, AT(target_queue), 0, NULL},
    {"period", &lci_type_time, AT(period), 0, NULL},
    {"cooldown", &lci_type_time, AT(cooldown), 0, NULL},
    {"down_delay", &lci_type_time, AT(down_delay), 0, NULL},
    {"keep_alive", &type_constant, AT(keep_alive), 0, NULL},
    {"start_up", &lci_type_distribution, AT(start_up), 0, NULL},
    {0},
};
static const struct lci_field failure_fields[] = {
    {"up", &lci_type_distribution, AT(up), 0, NULL},
    {"down", &lci_type_distribution, AT(down), 0, NULL},
    {"at", &lci_type_time, AT(outage.at), 0, NULL},
    {"for", &lci_type_time, AT(outage.length), 0, NULL},
    {"replicas", &lci_type_size, AT(outage.replicas), 0, NULL},
    {0},
};
static const struct lci_field slow_down_fields[] = {
    {"at", &lci_type_time, AT(slow_down.at), 0, NULL},
    {"for", &lci_type_time, AT(slow_down.length), 0, NULL},
    {"speed", &type_fraction, AT(slow_down.speed), 0, NULL},
    {"replicas", &lci_type_size, AT(slow_down.replicas), 0, NULL},
    {0},
};

static void read_part(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node,
                      const struct lci_field *fields, void *value)
{
    lci_read_fields(r, node, f->name, &(const struct lci_part){fields, value}, 1);
}

static bool write_part(const struct lci_layout *l, const struct lci_field *fields, const void *value,
                       struct lci_doc *doc)
{
    *doc = lci_doc_map();
    lci_write_fields(l, fields, value, doc);
    if (doc->count > 0)
        return true;
    lci_doc_free(doc);
    return false;
}

static void read_scaling(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node, void *value)
{
    read_part(r, f, node, scaling_fields, value);
}
static bool write_scaling(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    return write_part(l, scaling_fields, value, doc);
}
static void read_failures(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node, void *value)
{
    read_part(r, f, node, failure_fields, value);
}
static bool write_failures(const struct lci_layout *l, const struct lci_field *f, const void *value,
                           struct lci_doc *doc)
{
    (void)f;
    return write_part(l, failure_fields, value, doc);
}
static void read_slow_down(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node, void *value)
{
    read_part(r, f, node, slow_down_fields, value);
}
static bool write_slow_down(const struct lci_layout *l, const struct lci_field *f, const void *value,
                            struct lci_doc *doc)
{
    (void)f;
    return write_part(l, slow_down_fields, value, doc);
}

const struct lci_type lci_type_scaling = {read_scaling, write_scaling};
const struct lci_type lci_type_failures = {read_failures, write_failures};
const struct lci_type lci_type_slow_down = {read_slow_down, write_slow_down};
