/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/measured.h"
#include "model/measured.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALIKE 1.25 /* ratio of rates that are one load */

const char *lc_measure_name(enum lc_measure measure)
{
    static const char *const names[] = {"response_time", "call_time", "present", "throughput", "utilization"};
    return names[measure];
}

struct lc_measured_level *lci_measured_add(struct lc_measured *measured, char *name)
{
    LC_GROW(measured->levels, measured->count, measured->capacity);
    measured->levels[measured->count] = (struct lc_measured_level){.name = name, .rate = NAN, .factor = NAN};
    return &measured->levels[measured->count++];
}

struct lc_measured_cell *lci_measured_cell_add(struct lc_measured_level *level, enum lc_measure measure, char *subject,
                                               double value)
{
    LC_GROW(level->cells, level->count, level->capacity);
    level->cells[level->count] =
        (struct lc_measured_cell){.measure = measure, .subject = subject, .value = value, .low = value, .high = value};
    return &level->cells[level->count++];
}

static void free_level(struct lc_measured_level *level)
{
    for (size_t k = 0; k < level->count; k++) {
        free(level->cells[k].subject);
        free(level->cells[k].caller);
    }
    free(level->cells);
    free(level->rates);
    free(level->workloads);
    free(level->name);
}

/* ---- series over time -------------------------------------------------------------------------------------------- */

static void find_rate(struct lc_measured_level *level, const char *const *entrances, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < level->count; k++)
        for (size_t i = 0; i < count; i++)
            if (level->cells[k].measure == LC_MEASURED_THROUGHPUT &&
                strcmp(level->cells[k].subject, entrances[i]) == 0) {
                sum += level->cells[k].value;
                break;
            }
    level->rate = sum > 0 ? sum : NAN;
    level->summed = true;
}

static int by_rate(const void *a, const void *b)
{
    const struct lc_measured_level *x = a, *y = b;
    return (x->rate > y->rate) - (x->rate < y->rate);
}

static int by_what(const void *a, const void *b)
{
    const struct lc_measured_cell *x = a, *y = b;
    if (x->measure != y->measure)
        return x->measure < y->measure ? -1 : 1;
    if (x->percentile != y->percentile)
        return x->percentile < y->percentile ? -1 : 1;
    const int order = strcmp(x->subject, y->subject);
    return order != 0 ? order : (x->value > y->value) - (x->value < y->value);
}

static bool same_figure(const struct lc_measured_cell *a, const struct lc_measured_cell *b)
{
    return a->measure == b->measure && a->percentile == b->percentile && strcmp(a->subject, b->subject) == 0;
}

/* Figures of one kind become their mean; Student's interval of it. */
static void average(struct lc_measured_level *level)
{
    size_t kept = 0;
    if (level->count > 1)
        qsort(level->cells, level->count, sizeof *level->cells, by_what);
    for (size_t first = 0, next; first < level->count; first = next) {
        double sum = 0, squares = 0;
        for (next = first; next < level->count && same_figure(&level->cells[next], &level->cells[first]); next++)
            sum += level->cells[next].value;
        const double n = (double)(next - first), mean = sum / n;
        for (size_t i = first; i < next; i++) {
            squares += pow(level->cells[i].value - mean, 2);
            if (i > first)
                free(level->cells[i].subject);
        }
        const double half_width = n > 1 ? gsl_cdf_tdist_Pinv(0.975, n - 1) * sqrt(squares / (n - 1) / n) : 0;
        struct lc_measured_cell *cell = &level->cells[kept++];
        *cell = level->cells[first];
        cell->value = mean;
        cell->low = fmax(0, mean - half_width);
        cell->high = mean + half_width;
    }
    level->count = kept;
}

/* Takes the other level's figures. */
static void join(struct lc_measured_level *level, struct lc_measured_level *other)
{
    for (size_t k = 0; k < other->count; k++) {
        LC_GROW(level->cells, level->count, level->capacity);
        level->cells[level->count++] = other->cells[k];
    }
    other->count = 0;
    free_level(other);
}

size_t lci_measured_settle(struct lc_measured *measured, const char *const *entrances, size_t entrance_count)
{
    struct lc_measured timed = {0}, others = {0};
    size_t left_out = 0;
    for (size_t i = 0; i < measured->count; i++) {
        struct lc_measured_level *level = &measured->levels[i];
        const bool has_load = !isnan(level->factor) || level->rate > 0;
        if (!has_load)
            find_rate(level, entrances, entrance_count);
        if (!has_load && !(level->rate > 0)) {
            free_level(level);
            left_out++;
            continue;
        }
        struct lc_measured *to = has_load ? &others : &timed;
        LC_GROW(to->levels, to->count, to->capacity);
        to->levels[to->count++] = *level;
    }
    if (timed.count > 1)
        qsort(timed.levels, timed.count, sizeof *timed.levels, by_rate);
    for (size_t first = 0, next; first < timed.count; first = next) {
        struct lc_measured_level level = timed.levels[first];
        double sum = level.rate;
        for (next = first + 1; next < timed.count && timed.levels[next].rate <= ALIKE * level.rate; next++) {
            sum += timed.levels[next].rate;
            join(&level, &timed.levels[next]);
        }
        level.rate = sum / (double)(next - first);
        free(level.name);
        level.name = lc_format("%.3g/s", level.rate);
        average(&level);
        LC_GROW(others.levels, others.count, others.capacity);
        others.levels[others.count++] = level;
    }
    free(timed.levels);
    free(measured->levels);
    *measured = others;
    return left_out;
}

void lc_measured_free(struct lc_measured *measured)
{
    for (size_t i = 0; i < measured->count; i++)
        free_level(&measured->levels[i]);
    free(measured->levels);
    *measured = (struct lc_measured){0};
}
