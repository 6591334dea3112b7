/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many requests began, counted over everything in bounded memory: by second where they enter, and by hour of the
 * day.
 */
#include "fit/trace/symbols.h"
#include "network/visits/collect.h"

#include <stdlib.h>
#include <string.h>

#define SECOND       INT64_C(1000000000) /* ns */
#define HOUR         3600                /* s */
#define LATEST_HOUR  (INT64_C(1) << 31)
#define LATEST_START (INT64_C(1) << 62)

/* ---- counting ---------------------------------------------------------------------------------------------------- */

static int64_t floored(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void add_hour(struct lci_visits *visits, const struct lci_hour *hour)
{
    size_t low = 0, at = visits->hour_count; /* of the first hour that is later */
    while (low < at) {
        const size_t middle = low + (at - low) / 2;
        if (visits->hours[middle].number > hour->number)
            at = middle;
        else
            low = middle + 1;
    }
    if (at > 0 && visits->hours[at - 1].number == hour->number) {
        struct lci_hour *known = &visits->hours[at - 1];
        known->first = hour->first < known->first ? hour->first : known->first;
        known->last = hour->last > known->last ? hour->last : known->last;
        return;
    }
    LC_GROW(visits->hours, visits->hour_count, visits->hour_capacity);
    memmove(visits->hours + at + 1, visits->hours + at, (visits->hour_count - at) * sizeof *visits->hours);
    visits->hours[at] = *hour;
    visits->hour_count++;
}

static uint64_t *hours_of(struct lci_operation *operation)
{
    if (operation->hours == NULL)
        operation->hours = lc_calloc(LC_HOURS, sizeof *operation->hours);
    return operation->hours;
}

void lci_starts_add(struct lci_visits *visits, const struct lc_tree *tree, uint32_t operation)
{
    const struct lc_tree_node *root = &tree->nodes[0];
    const int64_t second = floored(root->start, SECOND), hour = floored(second, HOUR);
    add_hour(visits, &(struct lci_hour){hour, root->start, root->start});
    hours_of(&visits->operations[operation])[lci_hour_of_day(hour)]++;
    lci_presence_count(&lci_task_add(visits, root->task)->starts, second);
}

void lci_starts_free(struct lci_visits *visits)
{
    for (size_t i = 0; i < visits->task_count; i++)
        lci_presence_free(&visits->tasks[i].starts);
    free(visits->hours);
    free(visits->files);
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static json_t *seconds_json(const struct lci_visits *visits)
{
    json_t *list = json_array();
    for (size_t t = 0; t < visits->task_count; t++) {
        const struct lci_presence *starts = &visits->tasks[t].starts;
        json_t *counts = json_array();
        int32_t scratch[LCI_MOST_INSTANTS];
        const int32_t *changes = lci_presence_changes(starts, scratch);
        for (size_t i = 0; i < starts->count; i++)
            json_array_append_new(counts, json_integer(changes[i]));
        json_array_append_new(list, json_pack("[s, i, I, o]", lci_text(visits, visits->tasks[t].name),
                                              (int)starts->shift, (json_int_t)starts->first, counts));
    }
    return list;
}

json_t *lci_starts_json(const struct lci_visits *visits)
{
    json_t *policies = json_array(), *hours = json_array(), *operations = json_array();
    for (size_t i = 0; i < visits->policy_count; i++)
        json_array_append_new(policies, json_pack("[s, I]", lci_text(visits, visits->policies[i].name),
                                                  (json_int_t)visits->policies[i].traces));
    for (size_t i = 0; i < visits->hour_count; i++)
        json_array_append_new(hours, json_pack("[I, I, I]", (json_int_t)visits->hours[i].number,
                                               (json_int_t)visits->hours[i].first, (json_int_t)visits->hours[i].last));
    for (size_t o = 0; o < visits->operation_count; o++) {
        const uint64_t *counts = visits->operations[o].hours;
        json_t *list = json_array();
        for (size_t h = 0; counts != NULL && h < LC_HOURS; h++)
            json_array_append_new(list, json_integer((json_int_t)counts[h]));
        json_array_append_new(operations, list);
    }
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "asked_for", (json_int_t)visits->forced_traces, "policies",
                     policies, "seconds", seconds_json(visits), "hours", hours, "files", lci_files_json(visits),
                     "operations", operations);
}

static bool read_seconds(struct lci_visits *visits, struct lc_symbols *symbols, json_t *row)
{
    const char *name;
    int shift;
    json_int_t first;
    json_t *list;
    if (json_unpack(row, "[s, i, I, o!]", &name, &shift, &first, &list) != 0 || *name == 0 || shift < 0 || shift > 32 ||
        first < -LATEST_HOUR * HOUR || first > LATEST_HOUR * HOUR || json_array_size(list) > LCI_MOST_INSTANTS)
        return false;
    int32_t counts[LCI_MOST_INSTANTS];
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_int_t count = json_integer_value(json_array_get(list, i));
        if (count < 0 || count > INT32_MAX)
            return false;
        counts[i] = (int32_t)count;
    }
    const struct lci_presence theirs = {
        .shift = (unsigned)shift, .first = first, .count = json_array_size(list), .changes = counts};
    lci_presence_merge(&lci_task_add(visits, lci_symbol_of(symbols, name, strlen(name)))->starts, &theirs);
    return true;
}

static bool read_hour(struct lci_visits *visits, json_t *row)
{
    json_int_t number, first, last;
    if (json_unpack(row, "[I, I, I!]", &number, &first, &last) != 0 || first > last || first < -LATEST_START ||
        last > LATEST_START || number != floored(first, HOUR * SECOND) || number != floored(last, HOUR * SECOND))
        return false;
    add_hour(visits, &(struct lci_hour){number, first, last});
    return true;
}

static bool read_hours(struct lci_operation *operation, const json_t *list)
{
    if (json_array_size(list) != 0 && json_array_size(list) != LC_HOURS)
        return false;
    for (size_t h = 0; h < json_array_size(list); h++) {
        const json_int_t count = json_integer_value(json_array_get(list, h));
        if (count < 0)
            return false;
        hours_of(operation)[h] += (uint64_t)count;
    }
    return true;
}

static bool read_policy(struct lci_visits *visits, struct lc_symbols *symbols, json_t *row)
{
    const char *name;
    json_int_t traces;
    if (json_unpack(row, "[s, I!]", &name, &traces) != 0 || *name == 0 || traces < 1)
        return false;
    lci_policy_of(visits, lci_symbol_of(symbols, name, strlen(name)))->traces += (uint64_t)traces;
    return true;
}

bool lci_starts_read(struct lci_visits *visits, struct lc_symbols *symbols, const uint32_t *operations,
                     size_t operation_count, json_t *starts)
{
    json_int_t asked_for;
    json_t *policies, *seconds, *hours, *files, *lists;
    if (json_unpack(starts, "{s:I, s:o, s:o, s:o, s:o, s:o}", "asked_for", &asked_for, "policies", &policies, "seconds",
                    &seconds, "hours", &hours, "files", &files, "operations", &lists) != 0 ||
        asked_for < 0 || json_array_size(lists) != operation_count)
        return false;
    visits->forced_traces += (uint64_t)asked_for;
    bool right = lci_files_read(visits, files);
    for (size_t i = 0; i < json_array_size(policies); i++)
        right = right && read_policy(visits, symbols, json_array_get(policies, i));
    for (size_t i = 0; i < json_array_size(seconds); i++)
        right = right && read_seconds(visits, symbols, json_array_get(seconds, i));
    for (size_t i = 0; i < json_array_size(hours); i++)
        right = right && read_hour(visits, json_array_get(hours, i));
    for (size_t i = 0; i < json_array_size(lists); i++)
        right = right && read_hours(&visits->operations[operations[i]], json_array_get(lists, i));
    return right;
}
