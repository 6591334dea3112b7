/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts everything that was collected into an order that depends on names and times alone, so that the same traces give
 * the same model bit for bit, whatever the order in which they were read.
 */
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ORDER(a, b)                                                                                                    \
    if ((a) != (b))                                                                                                    \
    return (a) < (b) ? -1 : 1

/* ---- visits ------------------------------------------------------------------------------------------------------ */

static int compare_calls(const void *a, const void *b)
{
    const struct lci_call *x = a, *y = b;
    ORDER(x->sent, y->sent);
    ORDER(x->operation, y->operation);
    ORDER(x->answered, y->answered);
    ORDER(x->outside, y->outside);
    for (int h = 0; h < LCI_HOPS; h++)
        ORDER(isnan(x->hops[h]) ? -1 : x->hops[h], isnan(y->hops[h]) ? -1 : y->hops[h]);
    ORDER(x->forget, y->forget);
    ORDER(x->paired, y->paired);
    ORDER(x->forwarded, y->forwarded);
    ORDER(x->hit, y->hit);
    ORDER(x->miss, y->miss);
    return 0;
}

void lci_calls_sort(struct lci_call *calls, size_t count)
{
    if (count > 1)
        qsort(calls, count, sizeof *calls, compare_calls);
}

struct sorting {
    const struct lci_visits *visits;
    const struct lci_variant *variant;
};

/* By time, as successive samples should be. Visits that are equal in everything may change places. */
static int compare_visits(const void *a, const void *b, void *context)
{
    const struct sorting *sorting = context;
    const struct lci_visit *x = a, *y = b;
    ORDER(x->start, y->start);
    ORDER(x->trace, y->trace);
    ORDER(x->duration, y->duration);
    ORDER(x->fit, y->fit);
    ORDER(x->root, y->root);
    if (x->instance != y->instance)
        return strcmp(lci_text(sorting->visits, x->instance), lci_text(sorting->visits, y->instance));
    ORDER(x->call_count, y->call_count);
    for (uint32_t i = 0; i < x->call_count; i++) {
        const int order =
            compare_calls(&sorting->variant->calls[x->first_call + i], &sorting->variant->calls[y->first_call + i]);
        if (order != 0)
            return order;
    }
    return 0;
}

/* `place`: operations' new places. */
static void order_variants(const struct lci_visits *visits, struct lci_variant *variants, const uint32_t *place,
                           size_t most)
{
    for (size_t c = 0; variants != NULL && c < visits->class_count; c++) {
        struct lci_variant *variant = &variants[c];
        lci_variant_bound(variant, most);
        for (size_t i = 0; i < variant->call_count; i++)
            variant->calls[i].operation = place[variant->calls[i].operation];
        for (size_t v = 0; v < variant->visit_count; v++)
            lci_calls_sort(lci_calls_of(variant, &variant->visits[v]), variant->visits[v].call_count);
        struct sorting sorting = {visits, variant};
        if (variant->visit_count > 1)
            qsort_r(variant->visits, variant->visit_count, sizeof *variant->visits, compare_visits, &sorting);
    }
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static int compare_texts(const struct lci_visits *visits, lc_symbol a, lc_symbol b)
{
    return a == b ? 0 : strcmp(lci_text(visits, a), lci_text(visits, b));
}

static int compare_operations(const void *a, const void *b, void *context)
{
    const struct lci_visits *visits = context;
    const struct lci_operation *x = &visits->operations[*(const uint32_t *)a],
                               *y = &visits->operations[*(const uint32_t *)b];
    int order = compare_texts(visits, x->task, y->task);
    order = order != 0 ? order : compare_texts(visits, x->entry, y->entry);
    order = order != 0 ? order : compare_texts(visits, x->caller, y->caller);
    if (order != 0)
        return order;
    ORDER(x->inside, y->inside);
    ORDER(x->around, y->around);
    ORDER(x->level, y->level);
    return 0;
}

static int compare_tasks(const void *a, const void *b, void *visits)
{
    return compare_texts(visits, ((const struct lci_task *)a)->name, ((const struct lci_task *)b)->name);
}

static int compare_said(const void *a, const void *b, void *visits)
{
    const struct lci_said_value *x = a, *y = b;
    return x->name != y->name ? (x->name < y->name ? -1 : 1) : compare_texts(visits, x->value, y->value);
}

static int compare_instances(const void *a, const void *b, void *visits)
{
    return compare_texts(visits, *(const lc_symbol *)a, *(const lc_symbol *)b);
}

static int compare_releases(const void *a, const void *b, void *context)
{
    const struct lci_visits *visits = context;
    const struct lci_release *x = &visits->releases[*(const uint32_t *)a], *y = &visits->releases[*(const uint32_t *)b];
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : compare_texts(visits, x->service, y->service);
}

static int compare_policies(const void *a, const void *b, void *visits)
{
    return compare_texts(visits, ((const struct lci_policy *)a)->name, ((const struct lci_policy *)b)->name);
}

/* The numbers below `count` in order, and with `place` the place of each. */
static uint32_t *sorted(struct lci_visits *visits, size_t count,
                        int (*compare)(const void *a, const void *b, void *context), uint32_t *place)
{
    uint32_t *order = lc_alloc((count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    if (count > 1)
        qsort_r(order, count, sizeof *order, compare, visits);
    for (size_t i = 0; i < count; i++)
        place[order[i]] = (uint32_t)i;
    return order;
}

/* The items in order, in a new array with room for one more; the old one is freed. */
static void *reordered(void *items, size_t count, size_t size, const uint32_t *order)
{
    char *array = lc_alloc((count + 1) * size);
    for (size_t i = 0; i < count; i++)
        memcpy(array + i * size, (const char *)items + order[i] * size, size);
    free(items);
    return array;
}

static void order_releases(struct lci_visits *visits)
{
    const size_t count = visits->release_count;
    uint32_t *place = lc_alloc((count + 1) * sizeof *place);
    uint32_t *order = sorted(visits, count, compare_releases, place);
    visits->releases = reordered(visits->releases, count, sizeof *visits->releases, order);
    visits->release_capacity = count + 1;
    for (size_t o = 0; o < visits->operation_count; o++) {
        struct lci_operation *operation = &visits->operations[o];
        struct lci_variant **elsewhere = lc_calloc(count + 1, sizeof(struct lci_variant *));
        for (size_t r = 0; r < operation->elsewhere_count; r++)
            elsewhere[place[r]] = operation->elsewhere[r];
        free(operation->elsewhere);
        operation->elsewhere = elsewhere;
        operation->elsewhere_count = count;
    }
    free(order);
    free(place);
}

bool lci_same_entry(const struct lci_operation *a, const struct lci_operation *b)
{
    return a->task == b->task && a->entry == b->entry;
}

/* Operations and what instances held are in the order of their tasks' names already. */
static void order_tasks(struct lci_visits *visits)
{
    if (visits->task_count > 1)
        qsort_r(visits->tasks, visits->task_count, sizeof *visits->tasks, compare_tasks, visits);
    uint32_t operation = 0, held = 0;
    for (size_t i = 0; i < visits->task_count; i++) {
        struct lci_task *task = &visits->tasks[i];
        visits->task_of[task->name] = (uint32_t)i + 1;
        task->first_operation = operation;
        while (operation < visits->operation_count && visits->operations[operation].task == task->name)
            operation++;
        task->end_operation = operation;
        task->first_held = held;
        while (held < visits->held_count && visits->held[held].task == task->name)
            held++;
        task->end_held = held;
    }
}

void lci_order(struct lci_visits *visits)
{
    const size_t count = visits->operation_count;
    uint32_t *place = lc_alloc((count + 1) * sizeof *place);
    uint32_t *order = sorted(visits, count, compare_operations, place);
    struct lci_operation *const operations = visits->operations =
        reordered(visits->operations, count, sizeof *visits->operations, order);
    visits->operation_capacity = count + 1;
    lci_table_fill(visits);
    for (size_t i = 0; i < count; i++) {
        const size_t most = lci_most_kept(visits, operations[i].task);
        order_variants(visits, operations[i].variants, place, most);
        for (size_t r = 0; r < operations[i].elsewhere_count; r++)
            order_variants(visits, operations[i].elsewhere[r], place, most);
    }
    free(order);
    free(place);
    order_releases(visits);
    lci_held_order(visits);
    if (visits->policy_count > 1)
        qsort_r(visits->policies, visits->policy_count, sizeof *visits->policies, compare_policies, visits);
    order_tasks(visits);
    for (size_t i = 0; i < visits->task_count; i++) {
        const struct lci_task *task = &visits->tasks[i];
        if (task->instance_count > 1)
            qsort_r(task->instances, task->instance_count, sizeof(lc_symbol), compare_instances, visits);
        if (task->said_count > 1)
            qsort_r(task->said, task->said_count, sizeof *task->said, compare_said, visits);
    }
}
