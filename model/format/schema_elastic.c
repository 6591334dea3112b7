/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capacity that changes: the keys `scaling`, `failures` and `slow_down` of a task. */
#include "base/text.h"
#include "format/schema_policy.h"
#include "loadcast/elastic.h"

#include <string.h>

static void read_fraction(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_read_number(r, node, LC_FRACTION, f->name, value);
}

static bool write_fraction(const struct lci_layout *l, const struct lci_field *f, const void *value,
                           struct lci_doc *doc)
{
    return lci_type_number.write(l, f, value, doc);
}

static const struct lci_type type_fraction = {read_fraction, write_fraction, "fraction"};

/* A distribution that is constant where a plain time stands for it. */
static void read_constant(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    double time;
    if (node->kind != LCI_NODE_SCALAR)
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

static const struct lci_type type_constant = {read_constant, write_constant, "distribution"};

#define AT(member) offsetof(struct lc_elastic, member)

const struct lci_field lci_scaling_fields[] = {
    {"min", &lci_type_size, AT(minimum), .about = "replicas at the least"},
    {"max", &lci_type_size, AT(maximum), .about = "replicas at the most"},
    {"target_load", &type_fraction, AT(target_load),
     .about = "the load of threads or servers that the number of replicas aims at"},
    {"target_queue", &lci_type_number, AT(target_queue),
     .about = "the number of waiting requests of a replica that the number of replicas aims at"},
    {"period", &lci_type_time, AT(period), .about = "the time between two looks"},
    {"cooldown", &lci_type_time, AT(cooldown),
     .about = "replicas are not taken away earlier than this after the last change"},
    {"down_delay", &lci_type_time, AT(down_delay),
     .about = "nor before fewer have been wanted at every look for so long"},
    {"keep_alive", &type_constant, AT(keep_alive),
     .about =
         "on demand, as functions: an instance that has been idle for so long is stopped; a plain time is constant"},
    {"start_up", &lci_type_distribution, AT(start_up), .about = "the time until a new replica serves"},
    {0},
};
const struct lci_field lci_failure_fields[] = {
    {"up", &lci_type_distribution, AT(up), .about = "the time until a replica fails"},
    {"down", &lci_type_distribution, AT(down), .about = "the time until it is repaired"},
    {"at", &lci_type_time, AT(outage.at), .about = "the time of the curves at which replicas fail"},
    {"for", &lci_type_time, AT(outage.length), .about = "the time until they are repaired"},
    {"replicas", &lci_type_size, AT(outage.replicas), .about = "how many of them fail; all unless given"},
    {0},
};
const struct lci_field lci_slow_down_fields[] = {
    {"at", &lci_type_time, AT(slow_down.at), .about = "the time of the curves at which replicas become slow"},
    {"for", &lci_type_time, AT(slow_down.length), .about = "how long they are slow"},
    {"speed", &type_fraction, AT(slow_down.speed), .about = "the part of their speed at which their processors go on"},
    {"replicas", &lci_type_size, AT(slow_down.replicas), .about = "how many of them are slow; all unless given"},
    {0},
};
