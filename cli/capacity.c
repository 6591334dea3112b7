/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The capacity of the service that the first `length` characters of `path` name. */
static struct lc_capacity *capacity_of(struct lc_capacity **capacities, size_t *count, const char *path, size_t length)
{
    for (size_t i = 0; i < *count; i++)
        if (strlen((*capacities)[i].task) == length && strncmp((*capacities)[i].task, path, length) == 0)
            return &(*capacities)[i];
    *capacities = lc_realloc(*capacities, *count + 1, sizeof **capacities);
    struct lc_capacity *made = &(*capacities)[(*count)++];
    *made = (struct lc_capacity){.task = lc_strndup(path, length)};
    return made;
}

struct lc_capacity *cli_capacities(const struct lc_deployment *deployment, size_t *count)
{
    struct lc_capacity *capacities = NULL;
    *count = 0;
    for (size_t i = 0; i < deployment->count; i++) {
        const char *path = deployment->edits[i].path, *attribute = strrchr(path, '.');
        char *end;
        const double value = strtod(deployment->edits[i].value, &end);
        /* "infinite" is no limit, and relative values ("x 2") have nothing to be relative to. */
        if (attribute == NULL || end == deployment->edits[i].value || *end != 0 || !(value > 0) || value > 1e9)
            continue;
        const size_t length = (size_t)(attribute++ - path);
        if (strcmp(attribute, "concurrency") == 0 || strcmp(attribute, "multiplicity") == 0)
            capacity_of(&capacities, count, path, length)->threads = (uint32_t)lround(value);
        else if (strcmp(attribute, "cores") == 0)
            capacity_of(&capacities, count, path, length)->cores = value;
        else if (strcmp(attribute, "replicas") == 0)
            capacity_of(&capacities, count, path, length)->replicas = (uint32_t)lround(value);
    }
    return capacities;
}

void cli_capacities_free(struct lc_capacity *capacities, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)(uintptr_t)capacities[i].task);
    free(capacities);
}
