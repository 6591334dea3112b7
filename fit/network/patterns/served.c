/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Visits as they were served: a copy of the recorded ones that may be changed. Calls that were refused are not in it,
 * and waiting.c takes the waiting out. What does not change is borrowed: arrays of a variant whose capacities are 0.
 */
#include "network/patterns/waiting.h"

#include <stdlib.h>
#include <string.h>

static void *copied(const void *items, size_t count, size_t size)
{
    void *copy = lc_alloc((count + 1) * size);
    if (count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

static bool is_own(const struct lci_variant *variant)
{
    return variant->visit_capacity > 0;
}

void lci_variant_own(struct lci_variant *variant)
{
    if (is_own(variant))
        return;
    variant->visits = copied(variant->visits, variant->visit_count, sizeof *variant->visits);
    variant->calls = copied(variant->calls, variant->call_count, sizeof *variant->calls);
    variant->visit_capacity = variant->visit_count + 1;
    variant->call_capacity = variant->call_count + 1;
}

/* Nobody has served them; how long they took is their caller's time. */
static void leave_out_refused(struct lci_variant *variant)
{
    bool any = false;
    for (size_t i = 0; i < variant->call_count && !any; i++)
        any = variant->calls[i].refused;
    if (!any)
        return;
    const struct lci_call *recorded = variant->calls;
    lci_variant_own(variant);
    size_t kept = 0;
    for (size_t v = 0; v < variant->visit_count; v++) {
        struct lci_visit *visit = &variant->visits[v];
        const struct lci_call *calls = recorded + visit->first_call;
        const uint32_t count = visit->call_count;
        visit->first_call = (uint32_t)kept;
        for (uint32_t i = 0; i < count; i++)
            if (!calls[i].refused)
                variant->calls[kept++] = calls[i];
        visit->call_count = (uint32_t)kept - visit->first_call;
    }
    variant->call_count = kept;
}

static struct lci_variant *serve(const struct lci_variant *recorded, size_t class_count)
{
    if (recorded == NULL)
        return NULL;
    struct lci_variant *variants = copied(recorded, class_count, sizeof *variants);
    for (size_t c = 0; c < class_count; c++) {
        variants[c].visit_capacity = variants[c].call_capacity = 0;
        leave_out_refused(&variants[c]);
    }
    return variants;
}

struct lci_visits lci_served_of(const struct lci_visits *recorded)
{
    struct lci_visits served = *recorded;
    served.operations = copied(recorded->operations, recorded->operation_count, sizeof *served.operations);
    for (size_t o = 0; o < served.operation_count; o++) {
        struct lci_operation *operation = &served.operations[o];
        const struct lci_variant *const *elsewhere = (const struct lci_variant *const *)operation->elsewhere;
        operation->variants = serve(operation->variants, served.class_count);
        operation->elsewhere = lc_calloc(operation->elsewhere_count + 1, sizeof(struct lci_variant *));
        for (size_t r = 0; r < operation->elsewhere_count; r++)
            operation->elsewhere[r] = serve(elsewhere[r], served.class_count);
    }
    return served;
}

static void free_variants(struct lci_variant *variants, size_t class_count)
{
    for (size_t c = 0; variants != NULL && c < class_count; c++)
        if (is_own(&variants[c])) {
            free(variants[c].visits);
            free(variants[c].calls);
        }
    free(variants);
}

void lci_served_drop_releases(const struct lci_visits *served, struct lci_operation *operation)
{
    for (size_t r = 0; r < operation->elsewhere_count; r++)
        free_variants(operation->elsewhere[r], served->class_count);
    free(operation->elsewhere);
    operation->elsewhere = NULL;
    operation->elsewhere_count = 0;
}

void lci_served_free(struct lci_visits *served)
{
    for (size_t o = 0; o < served->operation_count; o++) {
        free_variants(served->operations[o].variants, served->class_count);
        lci_served_drop_releases(served, &served->operations[o]);
    }
    free(served->operations);
    *served = (struct lci_visits){0};
}
