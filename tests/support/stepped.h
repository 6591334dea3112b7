/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Series whose steps are known, and how well they are found. Noise has the standard deviation 1 about a level of 20;
 * steps are 0.5 to 3 of them. */
#ifndef STEPPED_H
#define STEPPED_H

#include <math.h>
#include <string.h>

#include "fit/series/changes.h"
#include "model/random/generator.h"

enum stepped_kind { STEPPED_PLAIN, STEPPED_NEAR, STEPPED_DRIFT, STEPPED_OUTLIERS, STEPPED_VARIANCE, STEPPED_KINDS };
static const char *const stepped_names[] = {"steps", "steps near each other", "steps and drift", "steps and outliers",
                                            "steps, changing variance"};
enum { STEPPED_MOST = 500, STEPPED_STEPS = 6 };

struct stepped {
    double values[STEPPED_MOST];
    size_t count, steps[STEPPED_STEPS], step_count;
};

static double stepped_uniform(struct lc_random *random, double low, double high)
{
    return low + (high - low) * lci_random_uniform(random);
}

static double stepped_normal(struct lc_random *random) /* Box and Muller */
{
    const double radius = sqrt(-2 * log(1 - lci_random_uniform(random)));
    return radius * cos(2 * M_PI * lci_random_uniform(random));
}

static inline void stepped_noise(size_t seed, double *values, size_t count)
{
    struct lc_random random;
    lc_random_init(&random, seed, 0, "noise", "series");
    for (size_t i = 0; i < count; i++)
        values[i] = 20 + stepped_normal(&random);
}

/* 60 to 300 values with up to 4 steps, 10 or more values apart; near ones are 5 to 10 apart, up and down. */
static struct stepped stepped_series(size_t seed)
{
    struct stepped s = {0};
    struct lc_random random;
    const enum stepped_kind kind = (enum stepped_kind)(seed % STEPPED_KINDS);
    lc_random_init(&random, seed, 0, "stepped", "series");
    s.count = (size_t)stepped_uniform(&random, 60, 300);
    const size_t wanted = (size_t)stepped_uniform(&random, 0, 5), apart = s.count / 6;
    size_t at = 0;
    double level = 20, levels[STEPPED_STEPS + 1] = {20};
    for (size_t i = 0; i < wanted && s.step_count < STEPPED_STEPS; i++) {
        at += 10 + (size_t)stepped_uniform(&random, 0, (double)apart);
        if (at + 10 > s.count)
            break;
        const double size = stepped_uniform(&random, 0.5, 3), sign = stepped_uniform(&random, -1, 1) < 0 ? -1 : 1;
        level += sign * size;
        s.steps[s.step_count++] = at;
        levels[s.step_count] = level;
        const size_t next = at + 5 + (size_t)stepped_uniform(&random, 0, 6);
        if (kind == STEPPED_NEAR && s.step_count < STEPPED_STEPS && next + 10 <= s.count) {
            level -= sign * stepped_uniform(&random, 0.5, 3);
            s.steps[s.step_count++] = at = next;
            levels[s.step_count] = level;
        }
    }
    const double drift = kind == STEPPED_DRIFT ? stepped_uniform(&random, -4, 4) / (double)s.count : 0;
    const double rate = kind == STEPPED_OUTLIERS ? 0.03 : 0;
    const size_t louder = (size_t)stepped_uniform(&random, 0, (double)s.count);
    size_t step = 0;
    for (size_t i = 0; i < s.count; i++) {
        while (step < s.step_count && i >= s.steps[step])
            step++;
        const double sd = kind == STEPPED_VARIANCE && i >= louder ? 2.5 : 1;
        const double outlier = lci_random_uniform(&random) < rate ? stepped_uniform(&random, 5, 12) : 0;
        s.values[i] = levels[step] + sd * stepped_normal(&random) + drift * (double)i + outlier;
    }
    return s;
}

struct score {
    size_t steps, found, right;
};

/* A change that is found within 5 values of a step is right; each step is found once. */
static void score_changes(const struct stepped *s, const struct lci_change_options *options, struct score *score)
{
    struct lci_level_change changes[STEPPED_MOST];
    bool taken[STEPPED_STEPS] = {0};
    const size_t found = lci_changes(s->values, s->count, options, changes);
    for (size_t i = 0; i < found; i++) {
        size_t best = STEPPED_STEPS;
        double nearest = 6;
        for (size_t k = 0; k < s->step_count; k++) {
            const double off = fabs((double)changes[i].at - (double)s->steps[k]);
            if (!taken[k] && off < nearest) {
                nearest = off;
                best = k;
            }
        }
        if (best < STEPPED_STEPS) {
            taken[best] = true;
            score->right++;
        }
    }
    score->found += found;
    score->steps += s->step_count;
}

static inline double precision(const struct score *s)
{
    return s->found > 0 ? (double)s->right / (double)s->found : 1;
}

static inline double recall(const struct score *s)
{
    return s->steps > 0 ? (double)s->right / (double)s->steps : 1;
}

#endif
