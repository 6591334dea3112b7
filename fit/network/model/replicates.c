/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Replicates of the learned numbers: bootstrap of whole traces (Efron, "Bootstrap methods: another look at the
 * jackknife", Annals of Statistics 7, 1979). In replicate b a trace counts as often as a Poisson variable of mean 1
 * says, which depends on the trace's id and b alone: numbers that come from the same traces move together, whatever the
 * order of the input.
 *
 * A replicate that leaves out every trace of a number is repeated for that number (with the same weights for all
 * numbers of the same traces). Among n traces a mean's bootstrap is too narrow: its variance is (n − 1)/n × E[n/N | N >
 * 0] times the right one, with N the Poisson number of traces drawn. Its deviations are widened by the root of that,
 * and by what Student's quantile at 97.5 % is above the normal one, and cut where the number would be negative. What
 * was seen in one trace only has no spread that could be known: ratio 1.
 *
 * Quantiles of a mean's bootstrap are those of its distribution about the truth; what is wanted are the truths about
 * which the mean could lie. For values of skewness γ these reach further up: to z + γ(2z² + 1)/(6√n) standard errors
 * instead of z + γ(z² - 1)/(6√n) (Hall, "Theoretical comparison of bootstrap confidence intervals", Annals of
 * Statistics 16, 1988). So t standard errors become t + k (t² - 1) with k = 0.343 γ/√n, which is the difference at z
 * = 1.96: it moves no mean, and skewness adds up over the numbers of a model as it should. With k² t³/3 added it rises
 * for any skewness (Hall, "On the removal of skewness by transformation", JRSS B 54, 1992).
 */
#include "network/model/build.h"

#include "base/sort.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UPPER       0.343 /* (z² + 2)/6 / (z² - 1) at z = 1.96: see the top */
#define MOST_TIMES  2     /* see heed_fit() */
#define MANY_TRACES 200   /* from here on a bootstrap has the right variance within 1e-4 */

/* ---- weights ----------------------------------------------------------------------------------------------------- */

static uint64_t key_of(size_t replicate, size_t attempt)
{
    return lci_mix(((uint64_t)replicate + 1) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)attempt);
}

/* Poisson of mean 1, by inversion; without branches, for this is all that a replicate does. */
static double weight(uint32_t trace, uint64_t key)
{
    static const double below[] = {/* P(X ≤ k) */
                                   0.36787944117144233, 0.73575888234288467, 0.91969860292860584, 0.98101184312384626,
                                   0.99634015317265634, 0.99940581518241833, 0.99991675885071196, 0.99998975080332525,
                                   0.99999887479740199, 0.99999988857452166};
    const double u = (double)(lci_mix(key ^ trace) >> 11) * 0x1p-53;
    int count = 0;
    for (size_t k = 0; k < sizeof below / sizeof *below; k++)
        count += u >= below[k];
    return count;
}

struct pair {
    double deviation;
    uint32_t trace;
};

/* How skewed a mean's error is, for what deviations lack (see the top). Values of one trace count together. */
struct skewness {
    double k;
    double standard_error;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return (x->trace > y->trace) - (x->trace < y->trace);
}

static struct skewness find_skewness(const struct lci_samples *samples)
{
    const double mean = samples->sum / (double)samples->count;
    struct pair *pairs = lc_alloc(samples->count * sizeof *pairs);
    for (size_t i = 0; i < samples->count; i++)
        pairs[i] = (struct pair){samples->values[i] - mean, samples->traces[i]};
    qsort(pairs, samples->count, sizeof *pairs, compare_pairs);
    double squares = 0, cubes = 0, sum = 0;
    for (size_t i = 0; i < samples->count; i++) {
        sum += pairs[i].deviation;
        if (i + 1 < samples->count && pairs[i + 1].trace == pairs[i].trace)
            continue;
        squares += sum * sum;
        cubes += sum * sum * sum;
        sum = 0;
    }
    free(pairs);
    if (!(squares > 0))
        return (struct skewness){0, 0};
    return (struct skewness){UPPER * cubes / (squares * sqrt(squares)), sqrt(squares) / (double)samples->count};
}

/* Variance and skewness of few values of a skewed distribution are mostly too small, because the rare long ones are
 * missing; the distribution fitted to them knows of those. A fit that says more than MOST_TIMES the standard error is
 * at odds with the samples. `traces`: how many there are. */
static void heed_fit(struct skewness *s, const struct lci_samples *samples, const struct lci_time_replicates *time,
                     size_t traces)
{
    const double n = (double)samples->count, mean = samples->sum / n;
    double squares = 0;
    for (size_t i = 0; i < samples->count; i++)
        squares += (samples->values[i] - mean) * (samples->values[i] - mean);
    if (squares > 0 && time->table != NULL) {
        s->standard_error *= fmax(1, fmin(sqrt(time->cv2 / squares * n) * mean, MOST_TIMES));
        s->k = fmax(s->k, UPPER * lci_table_skewness(time->table) / sqrt((double)traces));
    }
}

static size_t different(const uint32_t *traces, size_t count)
{
    uint32_t *sorted = lc_alloc((count + 1) * sizeof *sorted);
    if (count > 0)
        memcpy(sorted, traces, count * sizeof *sorted);
    lci_sort_uint32(sorted, count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += i == 0 || sorted[i] != sorted[i - 1];
    free(sorted);
    return found;
}

/* What deviations are multiplied with, for n traces; 0 for one. */
static double widening(size_t n)
{
    if (n < 2)
        return 0;
    const double student = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) / gsl_cdf_ugaussian_Pinv(0.975);
    if (n > MANY_TRACES)
        return student;
    double probability = exp(-(double)n), inverse = 0; /* Σ P(N = k) / k */
    const double none = probability;
    for (size_t k = 1; k < 10 * n + 50; k++) {
        probability *= (double)n / (double)k;
        inverse += probability / (double)k;
    }
    return student * sqrt((1 - none) / inverse / (double)(n - 1));
}

/* ---- means ------------------------------------------------------------------------------------------------------- */

void lci_replicate_weights(const struct lci_samples *samples, const uint16_t *group, size_t groups, size_t replicate,
                           double *weights)
{
    double sum = 0;
    for (size_t attempt = 0; !(sum > 0); attempt++) {
        const uint64_t key = key_of(replicate, attempt);
        memset(weights, 0, groups * sizeof *weights);
        for (size_t i = 0; i < samples->count; i++) {
            const double w = weight(samples->traces[i], key);
            weights[group[i]] += w;
            sum += w;
        }
    }
}

static double replicate_mean(const struct lci_samples *samples, size_t replicate)
{
    for (size_t attempt = 0;; attempt++) {
        const uint64_t key = key_of(replicate, attempt);
        double weights = 0, sum = 0;
        for (size_t i = 0; i < samples->count; i++) {
            const double w = weight(samples->traces[i], key);
            weights += w;
            sum += w * samples->values[i];
        }
        if (weights > 0)
            return sum / weights;
    }
}

double *lci_replicate_ratios(const struct lc_learned *learned, const struct lci_samples *samples, double mean,
                             const struct lci_time_replicates *time)
{
    if (learned->replicates == 0 || samples->count == 0 || !(mean > 0))
        return NULL;
    double *ratios = lc_alloc(learned->replicates * sizeof *ratios);
    const size_t traces = different(samples->traces, samples->count);
    const double wider = widening(traces), own = samples->sum / (double)samples->count;
    struct skewness s = wider > 0 ? find_skewness(samples) : (struct skewness){0, 0};
    const double standard_error = s.standard_error;
    heed_fit(&s, samples, time, traces);
    for (size_t b = 0; b < learned->replicates; b++) {
        const double t = standard_error > 0 ? (replicate_mean(samples, b) - own) / standard_error : 0;
        ratios[b] = fmax(0, 1 + wider * s.standard_error * (t + s.k * (t * t - 1) + s.k * s.k * t * t * t / 3) / mean);
    }
    return ratios;
}

void lci_replicated_add(struct lc_learned *learned, char *path, const double *ratios)
{
    if (ratios == NULL) {
        free(path);
        return;
    }
    LC_GROW(learned->replicated, learned->replicated_count, learned->replicated_capacity);
    struct lc_replicated *replicated = &learned->replicated[learned->replicated_count++];
    *replicated = (struct lc_replicated){
        .path = path, .ratios = lc_alloc(learned->replicates * sizeof *ratios), .entry = LC_NONE};
    memcpy(replicated->ratios, ratios, learned->replicates * sizeof *ratios);
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

static double *copy(const double *values, size_t count)
{
    double *copied = lc_alloc(count * sizeof *copied);
    memcpy(copied, values, count * sizeof *copied);
    return copied;
}

void lci_replicated_add_time(struct lc_learned *learned, char *path, const struct lci_time_replicates *time)
{
    lci_replicated_add(learned, path, time->ratios);
    if (time->ratios == NULL || time->powers == NULL)
        return;
    struct lc_replicated *replicated = &learned->replicated[learned->replicated_count - 1];
    replicated->cv2 = time->cv2;
    replicated->table = copy(time->table, LC_SHAPE);
    replicated->powers = copy(time->powers, learned->shapes);
}

void lci_replicated_copy(struct lc_learned *learned, const char *from, char *path)
{
    for (size_t i = 0; i < learned->replicated_count; i++) {
        const struct lc_replicated d = learned->replicated[i];
        if (strcmp(d.path, from) != 0)
            continue;
        lci_replicated_add_time(learned, path, &(struct lci_time_replicates){d.ratios, d.table, d.powers, d.cv2});
        learned->replicated[learned->replicated_count - 1].entry = d.entry;
        return;
    }
    free(path);
}

void lci_time_replicates_free(struct lci_time_replicates *time)
{
    free(time->ratios);
    free(time->table);
    free(time->powers);
    *time = (struct lci_time_replicates){0};
}

/* ---- shares ------------------------------------------------------------------------------------------------------ */

/* The weight of each list of traces; returns their sum. */
static double weigh(const struct lci_traces *const *lists, size_t count, size_t replicate, double *weights)
{
    for (size_t attempt = 0;; attempt++) {
        const uint64_t key = key_of(replicate, attempt);
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            weights[i] = 0;
            for (size_t t = 0; t < lists[i]->count; t++)
                weights[i] += weight(lists[i]->items[t], key);
            sum += weights[i];
        }
        if (sum > 0)
            return sum;
    }
}

/* The spread of shares and numbers is known from all traces of the lists together. */
static double widening_of(const struct lci_traces *const *lists, size_t count)
{
    struct lci_traces all = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t t = 0; t < lists[i]->count; t++)
            lci_traces_add(&all, lists[i]->items[t]);
    const double wider = widening(different(all.items, all.count));
    free(all.items);
    return wider;
}

double *lci_replicate_shares(const struct lc_learned *learned, const struct lci_traces *const *lists, size_t count)
{
    size_t visits = 0;
    for (size_t i = 0; i < count; i++)
        visits += lists[i]->count;
    if (learned->replicates == 0 || visits == 0)
        return NULL;
    double *ratios = lc_alloc(count * learned->replicates * sizeof *ratios);
    double *shares = lc_alloc(count * sizeof *shares);
    const double wider = widening_of(lists, count);
    for (size_t b = 0; b < learned->replicates; b++) {
        const double sum = weigh(lists, count, b, shares);
        double cut = 0;
        for (size_t i = 0; i < count; i++) {
            const double own = (double)lists[i]->count / (double)visits;
            shares[i] = fmax(0, own + wider * (shares[i] / sum - own));
            cut += shares[i];
        }
        for (size_t i = 0; i < count; i++) {
            const double own = (double)lists[i]->count / (double)visits;
            ratios[i * learned->replicates + b] = own > 0 ? shares[i] / cut / own : 1;
        }
    }
    free(shares);
    return ratios;
}

double *lci_replicate_numbers(const struct lc_learned *learned, const struct lci_traces *const *lists,
                              const double *numbers, size_t count, double mean)
{
    double *ratios = lci_replicate_shares(learned, lists, count);
    if (ratios == NULL || !(mean > 0)) {
        free(ratios);
        return NULL;
    }
    size_t visits = 0;
    for (size_t i = 0; i < count; i++)
        visits += lists[i]->count;
    double *result = lc_alloc(learned->replicates * sizeof *result);
    for (size_t b = 0; b < learned->replicates; b++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += ratios[i * learned->replicates + b] * (double)lists[i]->count / (double)visits * numbers[i];
        result[b] = sum / mean;
    }
    free(ratios);
    return result;
}
