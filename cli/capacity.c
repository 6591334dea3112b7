/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"
#include "base/text.h"
#include "model/edit/edit_paths.h"
#include "sim/scenario/edits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The capacity of the service that the first `length` characters of `path` name. */
static struct lc_capacity *capacity_of(struct cli_capacities *capacities, const char *path, size_t length)
{
    for (size_t i = 0; i < capacities->count; i++)
        if (strlen(capacities->names[i]) == length && strncmp(capacities->names[i], path, length) == 0)
            return &capacities->items[i];
    const size_t i = capacities->count++;
    capacities->items = lc_realloc(capacities->items, capacities->count, sizeof *capacities->items);
    capacities->names = lc_realloc(capacities->names, capacities->count, sizeof(char *));
    capacities->names[i] = lc_strndup(path, length);
    capacities->items[i] = (struct lc_capacity){.task = capacities->names[i]};
    return &capacities->items[i];
}

#define LEAST 1e-9 /* stands for none: 0 is what is not stated */

/* A number, share or time as an edit of the model reads it; 0: the value is none. */
static double quantity(const char *value, enum lc_dimension dimension)
{
    struct lc_diag unsaid = {0}; /* whoever edits the model says what is wrong */
    struct lc_change change = {0};
    const bool is_number = value != NULL && !lci_change_is_relative(value) &&
                           lci_change_read("", value, dimension, &change, &unsaid, NULL) == 0;
    lc_diag_free(&unsaid);
    return is_number && change.plus >= 0 ? fmax(change.plus, LEAST) : 0;
}

static struct lc_entry_work *work_of_entry(struct lc_capacity *capacity, const char *entry, size_t length)
{
    for (size_t i = 0; i < capacity->entry_count; i++)
        if (strlen(capacity->entries[i].entry) == length && strncmp(capacity->entries[i].entry, entry, length) == 0)
            return &capacity->entries[i];
    capacity->entries = lc_realloc(capacity->entries, capacity->entry_count + 1, sizeof *capacity->entries);
    capacity->entries[capacity->entry_count] = (struct lc_entry_work){.entry = lc_strndup(entry, length)};
    return &capacity->entries[capacity->entry_count++];
}

/* "cpu", "entries.GET /.cpu". */
static void read_work(struct cli_capacities *capacities, const struct lc_edit *edit, const char *attribute)
{
    static const char of_entry[] = "entries.";
    const bool is_entry = strncmp(attribute, of_entry, strlen(of_entry)) == 0;
    const char *entry = attribute + strlen(of_entry), *kind = is_entry ? strrchr(entry, '.') + 1 : attribute;
    const bool is_share = strcmp(kind, "cpu_share") == 0;
    if (!is_share && strcmp(kind, "cpu") != 0)
        return;
    const double value = quantity(edit->value, is_share ? LC_FRACTION : LC_TIME);
    struct lc_capacity *capacity = capacity_of(capacities, edit->path, edit->service);
    if (is_entry) {
        struct lc_entry_work *work = work_of_entry(capacity, entry, (size_t)(kind - 1 - entry));
        *(is_share ? &work->cpu_share : &work->cpu) = value;
    } else {
        *(is_share ? &capacity->cpu_share : &capacity->cpu) = value;
    }
}

/* "connections.db". */
static void read_pool(struct cli_capacities *capacities, const struct lc_edit *edit, const char *attribute)
{
    static const char connections[] = "connections.";
    const double value = quantity(edit->value, LC_NUMBER);
    if (strncmp(attribute, connections, strlen(connections)) != 0 || !(value > LEAST) || value > 1e9)
        return;
    struct lc_capacity *capacity = capacity_of(capacities, edit->path, edit->service);
    capacity->pools = lc_realloc(capacity->pools, capacity->pool_count + 1, sizeof *capacity->pools);
    capacity->pools[capacity->pool_count++] =
        (struct lc_pool){lc_strdup(attribute + strlen(connections)), (uint32_t)lround(value)};
}

/* "lock.hold", "locks.NAME.hold", of a service or of one of its entries. */
static bool is_lock(const char *attribute)
{
    const size_t length = strlen(attribute);
    return length > 5 && strcmp(attribute + length - 5, ".hold") == 0;
}

static void read_capacity(struct cli_capacities *capacities, const struct lc_edit *edit)
{
    const char *attribute = lci_edit_attribute(edit, NULL);
    read_pool(capacities, edit, attribute);
    if (is_lock(attribute))
        capacity_of(capacities, edit->path, edit->service)->locks = true;
    const bool threads = strcmp(attribute, "concurrency") == 0 || strcmp(attribute, "multiplicity") == 0;
    const bool cores = strcmp(attribute, "cores") == 0;
    read_work(capacities, edit, attribute);
    if (!threads && !cores && strcmp(attribute, "replicas") != 0)
        return;
    const double value = quantity(edit->value, LC_NUMBER);
    if (threads && strcmp(edit->value, "infinite") == 0)
        capacity_of(capacities, edit->path, edit->service)->unlimited = true;
    if (!(value > LEAST) || value > 1e9) /* "infinite" is no limit */
        return;
    struct lc_capacity *capacity = capacity_of(capacities, edit->path, edit->service);
    if (cores)
        capacity->cores = value;
    else
        *(threads ? &capacity->threads : &capacity->replicas) = (uint32_t)lround(value);
}

struct cli_capacities cli_capacities(const struct lc_deployment *deployment)
{
    struct cli_capacities capacities = {0};
    for (size_t i = 0; i < deployment->count; i++)
        read_capacity(&capacities, &deployment->edits[i]);
    return capacities;
}

struct lc_tree_slot *cli_slots(const struct lc_deployment *deployment)
{
    struct lc_tree_slot *slots = lc_calloc(deployment->slot_count + 1, sizeof *slots);
    for (size_t i = 0; i < deployment->slot_count; i++)
        slots[i] =
            (struct lc_tree_slot){deployment->slots[i].service, deployment->slots[i].span, deployment->slots[i].place};
    return slots;
}

void cli_capacities_free(struct cli_capacities *capacities)
{
    for (size_t i = 0; i < capacities->count; i++) {
        for (size_t e = 0; e < capacities->items[i].entry_count; e++)
            free(capacities->items[i].entries[e].entry);
        for (size_t k = 0; k < capacities->items[i].pool_count; k++)
            free(capacities->items[i].pools[k].target);
        free(capacities->items[i].pools);
        free(capacities->items[i].entries);
        free(capacities->names[i]);
    }
    free(capacities->names);
    free(capacities->items);
}
