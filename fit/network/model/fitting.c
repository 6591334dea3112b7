/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Samples → distributions. Families are fitted and chosen by maximum likelihood; then the distribution is scaled so
 * that its mean is the samples' own: utilizations depend on nothing but means, and the sample mean is unbiased whatever
 * the family. A family whose own mean is far from it does not describe the times and is passed over.
 */
#include "base/sort.h"
#include "mle/estimate.h"
#include "model/dist/dist.h"
#include "network/cache/store.h"
#include "network/model/fit_cache.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAR            0.2  /* relative difference of means above which a family is passed over */
#define COARSE         0.02 /* of the mean: a larger error of the clock is worth intervals */
#define SHORTEST       1e-6 /* s; shorter means are constants: clocks do not tell more */
#define MOST_INTERVALS 1000
#define MOST_VALUES    100 /* of an empirical distribution */

/* The sorted sample; of a large one the means of its hundredths, which have its mean. */
static struct lc_dist empirical(const double *values, size_t count)
{
    double *sorted = lc_alloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = fmax(0, values[i]);
    lci_sort_doubles(sorted, count);
    if (count > MOST_VALUES) {
        for (size_t i = 0; i < MOST_VALUES; i++) {
            const size_t first = i * count / MOST_VALUES, next = (i + 1) * count / MOST_VALUES;
            const double most = sorted[next - 1];
            double sum = 0;
            for (size_t k = first; k < next; k++)
                sum += sorted[k] - sorted[first];
            sorted[i] = fmin(sorted[first] + sum / (double)(next - first), most); /* sorted in spite of rounding */
        }
        count = MOST_VALUES;
    }
    struct lc_dist dist = lc_dist_make(lc_family_find("empirical"), 0, sorted, count);
    free(sorted);
    return dist;
}

/* Whether a distribution that was fitted to values of this mean describes them: its own mean is not far from it, and
 * its variance is finite. */
static bool describes(const struct lc_dist *dist, double mean)
{
    if (dist->family == NULL)
        return false;
    const double own = lc_dist_mean(dist), variance = lc_dist_variance(dist);
    return isfinite(own) && isfinite(variance) && fabs(own - mean) <= FAR * mean;
}

static struct lc_dist choose(double unit, const struct lci_samples *samples, const double *low, const double *high,
                             size_t count, double mean, struct lc_choice *choice)
{
    const struct lc_sample sample = {.low = low, .high = high, .count = count};
    lc_choose(&sample, &(struct lc_choice_options){.unit = unit}, choice);
    if (!choice->empirical) {
        if (choice->best < choice->count && describes(&choice->fits[choice->best].dist, mean))
            return lci_dist_copy(&choice->fits[choice->best].dist);
        for (size_t i = 0; i < choice->count; i++) {
            if (!lci_fits(choice, &choice->fits[i]) || !describes(&choice->fits[i].dist, mean))
                continue;
            choice->best = i;
            free(choice->reason);
            choice->reason = lc_format("%s has the lowest BIC of those that fit and have a variance, and a mean within "
                                       "%g %% of the sample's, n = %zu",
                                       choice->fits[i].dist.family->name, 100 * FAR, count);
            return lci_dist_copy(&choice->fits[i].dist);
        }
    }
    if (!choice->empirical) {
        free(choice->reason);
        choice->reason = lc_format("no family that fits has a variance, and a mean within %g %% of the sample's: "
                                   "empirical kept, n = %zu",
                                   100 * FAR, count);
    }
    choice->empirical = true;
    return empirical(samples->values, samples->count);
}

static struct lc_parameter *add_parameter(struct lc_learned *learned, const char *path)
{
    LC_GROW(learned->parameters, learned->parameter_count, learned->parameter_capacity);
    struct lc_parameter *parameter = &learned->parameters[learned->parameter_count++];
    *parameter = (struct lc_parameter){.path = lc_strdup(path)};
    return parameter;
}

/* Each sample is the difference of two readings of a clock, wrong by up to `error`: triangular, of variance error²/6.
 * That samples vary less is chance. */
static double standard_error(const struct lci_samples *samples, double error)
{
    if (samples->count < 2)
        return NAN;
    const double first = samples->values[0]; /* constants differ from it by exactly nothing */
    double mean = 0, squares = 0;
    for (size_t i = 0; i < samples->count; i++)
        mean += (samples->values[i] - first) / (double)samples->count;
    for (size_t i = 0; i < samples->count; i++)
        squares += (samples->values[i] - first - mean) * (samples->values[i] - first - mean);
    return sqrt(fmax(squares / (double)(samples->count - 1), error * error / 6) / (double)samples->count);
}

/* Likelihoods of intervals are slow: an evenly spread part of very many is enough. Returns how many are left. */
static size_t thin(double *low, double *high, size_t count)
{
    if (count <= MOST_INTERVALS)
        return count;
    for (size_t i = 0; i < MOST_INTERVALS; i++) {
        low[i] = low[i * count / MOST_INTERVALS];
        high[i] = high[i * count / MOST_INTERVALS];
    }
    return MOST_INTERVALS;
}

static void keep_quantiles(struct lc_parameter *parameter, const double *values, size_t count)
{
    double *sorted = lc_alloc(count * sizeof *sorted);
    memcpy(sorted, values, count * sizeof *sorted);
    lci_sort_doubles(sorted, count);
    for (size_t i = 0; i < LC_QUANTILES; i++)
        parameter->quantiles[i] = sorted[(2 * i + 1) * count / (2 * LC_QUANTILES)];
    free(sorted);
}

static struct lci_time_replicates replicate_time(const struct lc_learned *learned, const struct lci_samples *samples,
                                                 double mean, const struct lc_dist *fitted,
                                                 const struct lc_choice *choice)
{
    struct lci_time_replicates replicates = {.cv2 = lc_dist_cv2(fitted)};
    const bool varies = choice->count > 0; /* else it is constant, or nothing but a mean is known */
    if (learned->replicates > 0 && varies)
        replicates.table = lci_make_table(fitted);
    replicates.ratios = lci_replicate_ratios(learned, samples, mean, &replicates);
    if (learned->shapes > 0 && varies)
        replicates.powers = lci_replicate_powers(learned, samples, fitted, choice, &replicates);
    return replicates;
}

/* The samples as a clock of error `error` leaves them: values, and the intervals in which they lie. */
struct readings {
    double *values, *low, *high; /* one block, begins at `values` */
    double least, most, sum;     /* of the values */
};

static struct readings read_samples(const struct lci_samples *samples, double error)
{
    const size_t n = samples->count;
    double *block = lc_alloc(3 * n * sizeof *block);
    struct readings r = {block, block + n, block + 2 * n, INFINITY, 0, 0};
    for (size_t i = 0; i < n; i++) {
        r.values[i] = fmax(0, samples->values[i]); /* below 0: the clock's resolution */
        r.low[i] = fmax(0, samples->values[i] - error);
        r.high[i] = fmax(error, samples->values[i] + error);
        r.least = fmin(r.least, r.values[i]);
        r.most = fmax(r.most, r.values[i]);
        r.sum += r.values[i];
    }
    return r;
}

/* The most that the squared coefficient of variation of a short time may be. With the phase of the clock at random, an
 * error of the readings is 0 in the mean whatever the time is: they vary at least as much as it does. */
static double most_cv2(const struct lci_samples *samples, double mean)
{
    const double n = (double)samples->count;
    double own = 0, squares = 0;
    for (size_t i = 0; i < samples->count; i++)
        own += samples->values[i] / n;
    for (size_t i = 0; i < samples->count; i++)
        squares += (samples->values[i] - own) * (samples->values[i] - own);
    return samples->count > 1 ? squares / (n - 1) * (1 + 2 * sqrt(2 / n)) / (mean * mean) : INFINITY;
}

/* A time of which its own readings tell only the mean, and how much it may vary at the most. */
static void fit_brief(const struct lci_samples *samples, double mean, const struct lci_clock *clock,
                      struct lci_fitted *fitted)
{
    const double most = most_cv2(samples, mean), unit = 1e3 * clock->unit;
    if (clock->apart) {
        fitted->dist = lci_dist_moments(mean, clock->cv2);
        fitted->method = lc_format("mean; c² %.2g ± %.2g of the visits as wholes: shorter than the clock's unit, %g ms",
                                   clock->cv2, clock->error, unit);
    } else if (most < 1) {
        fitted->dist = lci_dist_moments(mean, most);
        fitted->method = lc_format("mean; c² %.2g at the most, as its readings vary no more: shorter than the "
                                   "clock's unit, %g ms",
                                   most, unit);
    } else if (clock->known) {
        fitted->dist = lc_dist_exponential(mean);
        fitted->method =
            lc_format("mean only, exponential: shorter than the clock's unit, %g ms; c² %.2g ± %.2g of the "
                      "visits as wholes does not tell it from 1",
                      unit, clock->cv2, clock->error);
    } else {
        fitted->dist = lc_dist_exponential(mean);
        fitted->method =
            lc_format("mean only, exponential: shorter than the clock's unit, %g ms; %s", unit, clock->why);
    }
}

static void fit_readings(const struct lc_learned *learned, const struct lci_samples *samples, struct readings *r,
                         double mean, const struct lci_clock *clock, struct lci_fitted *fitted)
{
    const bool coarse = clock->unit > COARSE * mean;
    if (mean < SHORTEST || !(r->most > r->least)) {
        fitted->dist = lc_dist_deterministic(mean);
        fitted->method = lc_strdup(samples->count == 1 ? "the only sample" : "constant");
    } else if (mean < clock->unit) {
        fit_brief(samples, mean, clock, fitted);
    } else {
        const double own = r->sum / (double)samples->count;
        if (coarse)
            fitted->dist = choose(LC_UNIT_NONE, samples, r->low, r->high, thin(r->low, r->high, samples->count), own,
                                  &fitted->choice);
        else
            fitted->dist = choose(learned->unit, samples, r->values, NULL, samples->count, own, &fitted->choice);
        fitted->method =
            lc_format("%s, scaled to the sample mean", fitted->choice.empirical ? "empirical"
                                                       : coarse ? "maximum likelihood of intervals of the clock"
                                                                : "maximum likelihood");
    }
    fitted->replicates = replicate_time(learned, samples, mean, &fitted->dist, &fitted->choice);
    lci_dist_scale(&fitted->dist, mean / lc_dist_mean(&fitted->dist));
}

/* A hash of all that shapes a fit. */
static char *name_of_fit(const struct lc_learned *learned, const struct lci_samples *samples, double mean,
                         const struct lci_clock *clock)
{
    const double times[] = {mean, clock->unit, clock->cv2, clock->error, samples->sum, learned->unit};
    const uint64_t counts[] = {samples->count, learned->replicates, learned->shapes, clock->known};
    uint64_t hash = lci_fnv(LCI_FNV_BEGIN, times, sizeof times);
    hash = lci_fnv(hash, counts, sizeof counts);
    hash = lci_fnv(hash, samples->values, samples->count * sizeof *samples->values);
    hash = lci_fnv(hash, samples->traces, samples->count * sizeof *samples->traces);
    return lc_format("%zu:%016" PRIx64, samples->count, hash);
}

/* Fits, unless that was done before. */
static void fit(const struct lc_learned *learned, const struct lci_samples *samples, struct readings *readings,
                double mean, const struct lci_clock *clock, struct lci_fitted *fitted)
{
    if (learned->cache == NULL) {
        fit_readings(learned, samples, readings, mean, clock, fitted);
        return;
    }
    char *name = name_of_fit(learned, samples, mean, clock);
    if (!lci_fitted_read(learned, lci_cache_find(learned->cache, name), fitted)) {
        fit_readings(learned, samples, readings, mean, clock, fitted);
        lci_cache_keep(learned->cache, name, lci_fitted_json(learned, fitted));
    }
    free(name);
}

struct lc_dist lci_fit_time(struct lc_learned *learned, const char *path, const struct lci_samples *samples,
                            double mean, const struct lci_clock *clock, struct lci_time_replicates *replicates)
{
    static const struct lci_clock exact = {0};
    if (clock == NULL)
        clock = &exact;
    if (replicates != NULL)
        *replicates = (struct lci_time_replicates){0};
    if (samples->count == 0 || !(mean > 0))
        return (struct lc_dist){0};
    struct lc_parameter *parameter = add_parameter(learned, path);
    parameter->n = samples->count;
    parameter->mean = mean;
    parameter->standard_error = standard_error(samples, clock->unit);
    struct readings readings = read_samples(samples, clock->unit);
    keep_quantiles(parameter, readings.values, samples->count);
    struct lci_fitted fitted = {0};
    fit(learned, samples, &readings, mean, clock, &fitted);
    free(readings.values);
    const bool guessed =
        mean < clock->unit && fitted.choice.count == 0 && fitted.dist.family == lc_family_find("exponential");
    parameter->shape_unit = guessed ? clock->unit : 0;
    parameter->choice = fitted.choice;
    parameter->method = fitted.method;
    if (replicates != NULL)
        *replicates = fitted.replicates;
    else
        lci_time_replicates_free(&fitted.replicates);
    if (!(mean < clock->unit)) /* the shape of a shorter one is not its own */
        fitted.dist.size_correlation = samples->size_correlation;
    return fitted.dist;
}

void lci_note_share(struct lc_learned *learned, const char *path, uint64_t count, uint64_t of)
{
    const double share = (double)count / (double)of;
    struct lc_parameter *parameter = add_parameter(learned, path);
    parameter->n = of;
    parameter->mean = share;
    parameter->standard_error = sqrt(share * (1 - share) / (double)of);
    parameter->method = lc_strdup("relative frequency");
}
