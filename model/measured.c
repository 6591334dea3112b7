/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/measured.h"

#include <math.h>
#include <stdlib.h>

const char *lc_measure_name(enum lc_measure measure)
{
    static const char *const names[] = {"response_time", "call_time", "present", "throughput", "utilization"};
    return names[measure];
}

struct lc_measured_level *lc_measured_add(struct lc_measured *measured, char *name)
{
    LC_GROW(measured->levels, measured->count, measured->capacity);
    measured->levels[measured->count] = (struct lc_measured_level){.name = name, .rate = NAN, .factor = NAN};
    return &measured->levels[measured->count++];
}

struct lc_measured_cell *lc_measured_cell_add(struct lc_measured_level *level, enum lc_measure measure, char *subject,
                                              double value)
{
    LC_GROW(level->cells, level->count, level->capacity);
    level->cells[level->count] =
        (struct lc_measured_cell){.measure = measure, .subject = subject, .value = value, .low = value, .high = value};
    return &level->cells[level->count++];
}

void lc_measured_free(struct lc_measured *measured)
{
    for (size_t i = 0; i < measured->count; i++) {
        struct lc_measured_level *level = &measured->levels[i];
        for (size_t k = 0; k < level->count; k++) {
            free(level->cells[k].subject);
            free(level->cells[k].caller);
        }
        free(level->cells);
        free(level->rates);
        free(level->name);
    }
    free(measured->levels);
    *measured = (struct lc_measured){0};
}
