/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The second stage as a whole: visits without what nobody served and without waiting, which classes are treated alike,
 * the operations that requests reach with their patterns, and network latency.
 */
#include "network/patterns/timeline.h"
#include "network/patterns/waiting.h"

#include <stdlib.h>

size_t lci_callee_cluster(const struct lci_behaviour *behaviour, uint32_t caller, size_t cluster, uint32_t callee)
{
    const size_t *from = behaviour->clusters[caller].of, *to = behaviour->clusters[callee].of;
    for (size_t c = 0; c < behaviour->visits.class_count; c++)
        if (from[c] == cluster && to[c] != SIZE_MAX)
            return to[c];
    return 0;
}

/* ---- which operations -------------------------------------------------------------------------------------------- */

static struct lci_unit *unit_of(struct lci_behaviour *behaviour, uint32_t operation, size_t cluster)
{
    size_t *place = &behaviour->first_unit[operation];
    for (; *place != SIZE_MAX; place = &behaviour->units[*place].next)
        if (behaviour->units[*place].cluster == cluster)
            return &behaviour->units[*place];
    *place = behaviour->unit_count;
    LC_GROW(behaviour->units, behaviour->unit_count, behaviour->unit_capacity);
    struct lci_unit *unit = &behaviour->units[behaviour->unit_count++];
    *unit = (struct lci_unit){.operation = operation, .cluster = cluster, .next = SIZE_MAX};
    return unit;
}

static void gather_patterns(const struct lci_behaviour *behaviour, struct lci_unit *unit)
{
    const struct lci_visits *visits = &behaviour->visits;
    const struct lci_operation *operation = &visits->operations[unit->operation];
    bool *member = lc_calloc(visits->class_count, sizeof *member);
    for (size_t c = 0; c < visits->class_count; c++)
        member[c] = behaviour->clusters[unit->operation].of[c] == unit->cluster;
    struct lci_readings readings;
    lci_readings_make(visits, operation, &readings);
    lci_patterns_gather(visits, operation, member, &readings, &unit->patterns);
    lci_readings_free(&readings);
    free(member);
}

static void reach_callees(struct lci_behaviour *behaviour, size_t index)
{
    const uint32_t caller = behaviour->units[index].operation;
    const size_t cluster = behaviour->units[index].cluster;
    const struct lci_patterns patterns = behaviour->units[index].patterns;
    for (size_t p = 0; p < patterns.count; p++)
        for (size_t s = 0; s < patterns.items[p].step_count; s++) {
            const struct lci_pattern_step *step = &patterns.items[p].steps[s];
            for (size_t i = 0; i < step->call_count; i++) {
                const uint32_t callee = step->calls[i].operation;
                struct lci_unit *unit =
                    unit_of(behaviour, callee, lci_callee_cluster(behaviour, caller, cluster, callee));
                *(step->kind == LCI_STEP_SENDS ? &unit->async : &unit->sync) = true;
            }
        }
    for (size_t c = 0; c < behaviour->visits.class_count; c++) {
        const struct lci_variant *variant = &behaviour->visits.operations[caller].variants[c];
        for (size_t i = 0; behaviour->clusters[caller].of[c] == cluster && i < variant->call_count; i++) {
            const uint32_t callee = variant->calls[i].operation;
            if (variant->calls[i].forwarded)
                unit_of(behaviour, callee, lci_callee_cluster(behaviour, caller, cluster, callee))->sync = true;
        }
    }
}

static void find_units(struct lci_behaviour *behaviour)
{
    const struct lci_visits *visits = &behaviour->visits;
    const size_t classes = visits->options.class_count > 0 ? visits->options.class_count : 1;
    behaviour->first_unit = lc_alloc((visits->operation_count + 1) * sizeof *behaviour->first_unit);
    for (size_t o = 0; o < visits->operation_count; o++)
        behaviour->first_unit[o] = SIZE_MAX;
    for (size_t c = 0; c < classes; c++)
        for (uint32_t o = 0; o < visits->operation_count; o++)
            if (lci_is_root(visits, o, c))
                unit_of(behaviour, o, behaviour->clusters[o].of[c])->root = true;
    for (size_t i = 0; i < behaviour->unit_count; i++) {
        gather_patterns(behaviour, &behaviour->units[i]);
        reach_callees(behaviour, i);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

int lci_behaviour_make(const struct lci_visits *visits, struct lci_behaviour *behaviour, struct lc_diag *diag)
{
    *behaviour = (struct lci_behaviour){.recorded = visits, .visits = lci_served_of(visits)};
    if (lci_take_waiting_out(visits, &behaviour->visits, &behaviour->waiting, diag) != 0)
        return -1;
    behaviour->clusters = lci_partition(&behaviour->visits);
    find_units(behaviour);
    lci_latencies_gather(behaviour, &behaviour->latencies);
    lci_dependence_find(behaviour);
    return 0;
}

void lci_behaviour_free(struct lci_behaviour *behaviour)
{
    for (size_t i = 0; i < behaviour->unit_count; i++)
        lci_patterns_free(&behaviour->units[i].patterns);
    free(behaviour->units);
    free(behaviour->first_unit);
    for (size_t o = 0; behaviour->clusters != NULL && o < behaviour->visits.operation_count; o++)
        free(behaviour->clusters[o].of);
    free(behaviour->clusters);
    lci_latencies_free(&behaviour->latencies);
    free(behaviour->waiting.services);
    free(behaviour->dependence.operations);
    free(behaviour->waiting.pools);
    lci_served_free(&behaviour->visits);
    *behaviour = (struct lci_behaviour){0};
}
