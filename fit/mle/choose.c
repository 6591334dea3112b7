/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "goodness.h"

/* A family fits when its distances from the sample are below about the 1 % points of their distributions, D √n, A² and,
 * where that is infinite since the support ends at a value, W²; or when D is so small that no prediction would notice,
 * however many values prove that no family is exactly true. D is blind at the ends, where a second mode shows in small
 * samples; A² is not. The 1 % points are those of an exponential with an estimated mean, and of a uniform distribution,
 * whose ends are as good as known (Stephens 1986). Those of two parameters are lower, about 1.04 in D √n and A², but
 * that is for independent values, and more mixtures predict measured systems less well. */
static const struct {
    double d, a2, w2;
} known = {1.63, 3.86, 0.743}, estimated = {1.25, 1.96, 0.337};
#define SMALL_DISTANCE 0.03
#define LEAST_P        0.05

/* A shift is chosen only where it gains clearly: twice the logarithm of a Bayes factor of 20 (Kass & Raftery 1995). */
#define CLEARLY 6

#define MOST_SCATTERED 2
enum { STEPS = 4 };

void lc_choice_free(struct lc_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++)
        lc_fit_free(&choice->fits[i]);
    free(choice->fits);
    free(choice->reason);
    *choice = (struct lc_choice){0};
}

/* Insertion keeps families of equal BIC in the order of the list. */
static void insert(struct lc_choice *choice, struct lc_fit fit)
{
    size_t i = choice->count++;
    for (; i > 0 && choice->fits[i - 1].bic > fit.bic; i--)
        choice->fits[i] = choice->fits[i - 1];
    choice->fits[i] = fit;
}

/* Parameters that are ends of the support. */
static size_t ends_of(const struct lc_fit *fit)
{
    const struct lci_estimator *e = lci_estimator_find(fit->dist.family->name);
    return e != NULL ? e->ends : 0;
}

/* From few values only families of at most two parameters are chosen, and none whose support ends at the least or
 * greatest value: their likelihood gains more from few values than BIC's penalty takes away. */
static bool too_free_for_few(const struct lc_fit *fit)
{
    return fit->free_parameters > 2 || ends_of(fit) > 0;
}

/* Waiting at a given load is proportional to 1 + c². A family that has more than twice the sample's has its tail from
 * somewhere else than the data. */
static bool too_scattered(const struct lc_choice *choice, const struct lc_fit *fit)
{
    const double cv2 = lc_dist_cv2(&fit->dist);
    return !isnan(choice->cv2) && !(1 + cv2 <= MOST_SCATTERED * (1 + choice->cv2));
}

static bool near_enough(const struct lc_choice *choice, const struct lc_fit *fit)
{
    if (isnan(fit->ks)) /* overlapping intervals: nothing to measure, BIC decides alone */
        return true;
    if (fit->ks <= SMALL_DISTANCE)
        return true;
    if (!isnan(fit->p_value))
        return fit->p_value >= LEAST_P;
    const bool ends = ends_of(fit) == fit->dist.count; /* as good as known */
    if (fit->ks * sqrt(choice->total) > (ends ? known.d : estimated.d))
        return false;
    return isfinite(fit->ad) ? fit->ad <= (ends ? known.a2 : estimated.a2)
                             : fit->cvm <= (ends ? known.w2 : estimated.w2);
}

bool lci_fits(const struct lc_choice *choice, const struct lc_fit *fit)
{
    return !(choice->few && too_free_for_few(fit)) && !too_scattered(choice, fit) && near_enough(choice, fit);
}

/* In which step a fit takes part, from 0 on. Families of many parameters follow where no simple one fits. */
static int step_of(const struct lc_choice *choice, const struct lc_fit *fit)
{
    const struct lci_estimator *e = lci_estimator_find(fit->dist.family->name);
    if (e == NULL || e->stage == LCI_SIMPLE || (e->stage == LCI_SCATTERED && choice->cv2 > 1))
        return 0;
    return e->stage == LCI_DEAR ? 3 : e->stage == LCI_MIXTURE && fit->dist.shift > 0 ? 2 : 1;
}

/* The first that fits, unless that is a shifted one which gains too little over one without a shift, of those up to a
 * step. Returns the number of fits when none does. */
static size_t first_up_to(const struct lc_choice *choice, int step)
{
    size_t found = choice->count;
    for (size_t i = 0; i < choice->count; i++) {
        const struct lc_fit *fit = &choice->fits[i];
        if (step_of(choice, fit) > step || !lci_fits(choice, fit))
            continue;
        if (found == choice->count)
            found = i;
        if (fit->bic > choice->fits[found].bic + CLEARLY)
            break;
        if (fit->dist.shift == 0)
            return i;
    }
    return found;
}

/* Step by step, so that it does not matter which more families were tried than it took. */
static size_t first_that_fits(const struct lc_choice *choice)
{
    size_t found = choice->count;
    for (int step = 0; step < STEPS && found == choice->count; step++)
        found = first_up_to(choice, step);
    return found;
}

/* Why the first family was passed over; "" where it was chosen. */
static char *passed_over(const struct lc_choice *choice)
{
    const struct lc_fit *first = &choice->fits[0];
    if (choice->best == 0)
        return lc_strdup("");
    char *name = lc_fit_name(first, ""), *text;
    if (choice->few && too_free_for_few(first))
        text = lc_format(" leaving out %s (BIC %.1f), which few values cannot tell,", name, first->bic);
    else if (too_scattered(choice, first))
        text =
            lc_format(" leaving out %s (BIC %.1f), which varies more than twice as much as the sample (1 + c² %.3g for "
                      "%.3g),",
                      name, first->bic, 1 + lc_dist_cv2(&first->dist), 1 + choice->cv2);
    else if (step_of(choice, first) > step_of(choice, &choice->fits[choice->best]))
        text = lc_format(" leaving out %s (BIC %.1f), as a simpler one fits,", name, first->bic);
    else if (lci_fits(choice, first))
        text = lc_format(" leaving out %s (BIC %.1f), whose shift gains too little,", name, first->bic);
    else
        text = lc_format(" among those that fit (%s, BIC %.1f, does not: KS %.3f, AD %.3g),", name, first->bic,
                         first->ks, first->ad);
    free(name);
    return text;
}

static char *why(const struct lc_choice *choice)
{
    const struct lc_fit *best = &choice->fits[choice->best];
    if (strcmp(best->dist.family->name, "deterministic") == 0)
        return lc_format("all values %s equal, n = %zu", best->note != NULL ? "can be" : "are", choice->n);
    char *name = lc_fit_name(best, ""), *next = lc_strdup(""), *passed = passed_over(choice);
    if (choice->best + 1 < choice->count) {
        const struct lc_fit *other = &choice->fits[choice->best + 1];
        char *other_name = lc_fit_name(other, "");
        free(next);
        next = lc_format("; next %s, BIC +%.1f", other_name, other->bic - best->bic);
        free(other_name);
    }
    char *ks = isnan(best->ks) ? lc_strdup("") : lc_format(" KS %.3f,", best->ks);
    char *text =
        lc_format("%s has the lowest BIC, %.1f,%s of %zu candidates,%s n = %zu%s%s", name, best->bic, passed,
                  choice->count, ks, choice->n, next, choice->few ? "; too few values to tell families apart" : "");
    free(name);
    free(ks);
    free(next);
    free(passed);
    return text;
}

/* Whether all there is to see is how often the clock ticked: the readings' mean is right then — that of the difference
 * of two readings is always —, but what families make of the intervals depends on their shape within the first one. */
static bool too_coarse(const struct lci_data *data)
{
    return data->unit > 0 && data->x[0] == 0 && data->weight[0] > data->total / 2 &&
           data->variance < data->unit * data->unit;
}

/* The empirical distribution takes its place at the end of the list. */
static void keep_empirical(struct lc_choice *choice, struct lci_data *data)
{
    struct lc_fit fit;
    lci_fit(lc_family_find("empirical"), data, &fit);
    lci_empirical_errors(data, &fit);
    for (int i = 0; i < LC_CHARACTERISTICS && lci_all_cut_off(data); i++)
        fit.characteristic_errors[i] = NAN;
    fit.ks = fit.ad = fit.cvm = NAN;
    choice->empirical = true;
    if (too_coarse(data)) {
        choice->reason = lc_format("most values are 0: a unit of %.4g tells no shape: empirical kept, n = %zu",
                                   data->unit, choice->n);
    } else if (choice->count == 0) {
        choice->reason = lc_format("no family can be fitted%s: empirical kept, n = %zu",
                                   lci_all_cut_off(data) ? " as every value is cut off" : "", choice->n);
    } else {
        size_t nearest = 0;
        for (size_t i = 1; i < choice->count; i++)
            if (choice->fits[i].ks < choice->fits[nearest].ks)
                nearest = i;
        char *name = lc_fit_name(&choice->fits[nearest], "");
        choice->reason = lc_format("no family fits: empirical kept, KS %.2f at best (%s), n = %zu",
                                   choice->fits[nearest].ks, name, choice->n);
        free(name);
    }
    choice->best = choice->count;
    choice->fits[choice->count++] = fit;
}

struct attempt {
    struct lci_data *data;
    const struct lc_choice_options *options;
    struct lc_choice *choice;
    size_t capacity;
};

static void add(struct attempt *attempt, struct lc_fit fit)
{
    const struct lc_choice_options *options = attempt->options;
    if (options->exhaustive)
        lci_fit_statistics(attempt->data, &fit);
    else /* standard errors take longer than many a fit: only the chosen one gets them */
        lci_goodness(attempt->data, &fit);
    if (options->exhaustive && options->intervals)
        lci_profile_intervals(attempt->data, &fit);
    if (options->bootstrap > 0)
        lci_bootstrap(&fit, attempt->data, options->bootstrap, options->seed);
    LC_GROW(attempt->choice->fits, attempt->choice->count, attempt->capacity);
    insert(attempt->choice, fit);
}

/* Adds the family with a shift where that lowers its BIC. */
static void try_shifted(struct attempt *attempt, const struct lc_family *family, double bic)
{
    struct lc_fit shifted;
    if (lci_fit_shifted(family, attempt->data, &shifted) != 0)
        return;
    if (shifted.bic < bic)
        add(attempt, shifted);
    else
        lc_fit_free(&shifted);
}

/* Fits the family, and with `shifts` with a shift that lowers the BIC. Returns whether it can be fitted. */
static bool try_family(struct attempt *attempt, const struct lc_family *family, bool shifts)
{
    struct lc_fit fit;
    if (lci_fit(family, attempt->data, &fit) != 0)
        return false;
    const double bic = fit.bic;
    add(attempt, fit);
    if (shifts)
        try_shifted(attempt, family, bic);
    return true;
}

static void try_stage(struct attempt *attempt, enum lci_stage stage, bool shifts)
{
    for (const struct lci_estimator *const *e = lci_estimators(); *e != NULL; e++)
        if ((*e)->stage == stage)
            try_family(attempt, lc_family_find((*e)->family), shifts);
}

/* With shifts what was fitted without. */
static void try_shifts(struct attempt *attempt, enum lci_stage stage)
{
    const struct lc_choice *choice = attempt->choice;
    for (const struct lci_estimator *const *e = lci_estimators(); *e != NULL; e++)
        for (size_t k = 0; (*e)->stage == stage && k < choice->count; k++)
            if (choice->fits[k].dist.shift == 0 && strcmp(choice->fits[k].dist.family->name, (*e)->family) == 0) {
                try_shifted(attempt, choice->fits[k].dist.family, choice->fits[k].bic);
                break;
            }
}

static bool nothing_fits(const struct attempt *attempt)
{
    return first_that_fits(attempt->choice) == attempt->choice->count;
}

/* One candidate after the other, until one fits. */
static void try_in_steps(struct attempt *attempt)
{
    const bool few = attempt->choice->few, exhaustive = attempt->options->exhaustive;
    for (const char *const *name = attempt->options->families; name != NULL && *name != NULL; name++)
        if (lc_family_find(*name) != NULL && strcmp(*name, "empirical") != 0)
            try_family(attempt, lc_family_find(*name), false);
    if (attempt->options->families != NULL || try_family(attempt, lc_family_find("deterministic"), false))
        return; /* nothing varies, or nothing else is asked for */
    try_stage(attempt, LCI_SIMPLE, !few);
    const bool scattered = attempt->choice->cv2 > 1 && !few;
    if (scattered)
        try_stage(attempt, LCI_SCATTERED, true);
    if (!exhaustive && (few || too_coarse(attempt->data) || !nothing_fits(attempt)))
        return;
    if (!scattered)
        try_stage(attempt, LCI_SCATTERED, !few);
    try_stage(attempt, LCI_MIXTURE, false);
    if (exhaustive)
        try_stage(attempt, LCI_DEAR, !few);
    if (!few && (exhaustive || nothing_fits(attempt)))
        try_shifts(attempt, LCI_MIXTURE);
}

static bool anything_cut_off(const struct lci_data *data)
{
    for (size_t i = 0; i < data->n && data->high != NULL; i++)
        if (isinf(data->high[i]))
            return true;
    return false;
}

/* Whether the data do not tell a fit from the chosen one. The weight of those left out is below 1 %. */
#define ALIKE 10

static bool alike(const struct lc_choice *choice, const struct lc_fit *fit)
{
    const struct lc_fit *best = &choice->fits[choice->best];
    return fit->bic <= best->bic + ALIKE && step_of(choice, fit) <= step_of(choice, best) && lci_fits(choice, fit);
}

static void average_one(struct lc_choice *choice, int which)
{
    struct lci_said *said = lc_calloc(choice->count, sizeof *said);
    size_t count = 0;
    for (size_t i = 0; i < choice->count; i++) {
        const struct lc_fit *fit = &choice->fits[i];
        const double value = fit->characteristics[which], low = fit->characteristic_low[which],
                     high = fit->characteristic_high[which];
        if (alike(choice, fit) && value > 0 && isfinite(value) && low > 0 && low <= value && value <= high)
            said[count++] = (struct lci_said){value, low, high, exp((choice->fits[choice->best].bic - fit->bic) / 2)};
    }
    if (count > 0)
        lci_average(said, count, &choice->averaged[which], &choice->averaged_low[which], &choice->averaged_high[which]);
    free(said);
}

/* Every family that counts needs an interval of its own, which takes some thousand likelihoods of few values. */
static void average(struct lc_choice *choice, struct lci_data *data)
{
    for (size_t i = 0; i < choice->count && !choice->empirical; i++)
        choice->averaged_families += alike(choice, &choice->fits[i]);
    for (size_t i = 0; i < choice->count && choice->averaged_families > 1; i++)
        if (i != choice->best && alike(choice, &choice->fits[i]))
            lci_characteristic_intervals(data, &choice->fits[i]);
    for (int i = 0; i < LC_CHARACTERISTICS; i++) {
        choice->averaged[i] = choice->averaged_low[i] = choice->averaged_high[i] = NAN;
        if (choice->averaged_families > 1)
            average_one(choice, i);
    }
}

void lc_choose(const struct lc_sample *sample, const struct lc_choice_options *options, struct lc_choice *choice)
{
    static const struct lc_choice_options defaults = {0};
    struct lci_data data;
    *choice = (struct lc_choice){.n = sample->count, .few = sample->count < 30};
    struct attempt attempt = {&data, options != NULL ? options : &defaults, choice, 0};
    lci_data_read(&data, sample, attempt.options->unit);
    choice->unit = data.unit;
    choice->odd = data.odd;
    choice->total = data.total;
    choice->cv2 = anything_cut_off(&data) ? NAN : data.variance / (data.mean * data.mean);
    choice->lag1 = lci_lag1(sample->low, sample->count);
    choice->ljung_box_lags = lci_ljung_box(sample->low, sample->count, &choice->ljung_box, &choice->ljung_box_p);
    try_in_steps(&attempt);
    choice->best = too_coarse(&data) ? choice->count : first_that_fits(choice);
    if (choice->best == choice->count) {
        LC_GROW(choice->fits, choice->count, attempt.capacity);
        keep_empirical(choice, &data);
    } else {
        struct lc_fit *best = &choice->fits[choice->best];
        if (!attempt.options->exhaustive)
            lci_standard_errors(&data, best);
        if (!attempt.options->exhaustive && attempt.options->intervals)
            lci_profile_intervals(&data, best);
        if (attempt.options->intervals)
            lci_characteristic_intervals(&data, best);
        choice->reason = why(choice);
    }
    if (attempt.options->exhaustive && attempt.options->intervals)
        average(choice, &data);
    lci_data_free(&data);
}
