/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shapes of distributions in the replicates. Waiting grows with the mean square of service times, not with their mean
 * alone, and few samples tell the one less well than the other. So in a replicate a distribution is fitted anew, to the
 * samples as often as the replicate counts their traces. What that says of the squared coefficient of variation c² is
 * kept: a time X of the learned distribution becomes X^p, scaled to the replicate's mean, with the p that has this c².
 * Replicates are compared on the same random numbers, and a power of the same variate differs from it by what is
 * different and nothing else.
 *
 * Which family was chosen is uncertain as well: a replicate has the average, by their likelihoods for its weights, of
 * those with two parameters that the samples do not rule out, as in Bayesian model averaging (Hoeting, Madigan,
 * Raftery and Volinsky, Statistical Science 14, 1999). The exponential and Erlang's are members of the gamma family,
 * which stands for them: that few samples do not tell a shape from 1 does not make it 1. Of a mixture, and of an
 * empirical distribution, c² changes as that of the replicate's samples does. A shift stays.
 *
 * All of it works on groups of neighbouring values, so that a replicate of many samples costs little more than their
 * weights.
 */
#include "mle/estimate.h"
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS    256 /* equal steps of log x: over a factor of a million in values, a group is 5 % wide */
#define RULED_OUT 10  /* twice the logarithm of a Bayes factor that is very strong evidence (Kass & Raftery 1995) */

#define MOST_SCATTERED 2 /* times the replicate's own 1 + c²: what has more has its tail from somewhere else */

#define LEAST_POWER 0.01
#define HALVINGS    40
#define SETTLED     1e-11

/* Families of two parameters that may stand for each other. The uniform and Pareto distributions are not among them:
 * the likelihood of their ends gains from any few values. */
static const char *const two_parameters[] = {"gamma",  "lognormal", "weibull", "log_logistic", "inverse_gaussian",
                                             "normal", "lomax"};
enum { MOST_CANDIDATES = sizeof two_parameters / sizeof *two_parameters };

struct groups {
    double *x;       /* mean of each, > 0, sorted */
    double *all;     /* how many samples are in it */
    uint16_t *group; /* of each sample */
    size_t count;
    double *weights; /* scratch: in a replicate */
};

/* ---- groups ------------------------------------------------------------------------------------------------------ */

/* Leaves out groups without samples. */
static void close_up(struct groups *g, size_t samples)
{
    uint16_t place[GROUPS];
    size_t count = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        place[i] = (uint16_t)count;
        if (!(g->all[i] > 0))
            continue;
        g->x[count] = g->x[i] / g->all[i];
        g->all[count++] = g->all[i];
    }
    for (size_t i = 0; i < samples; i++)
        g->group[i] = place[g->group[i]];
    g->count = count;
}

/* Values are counted from `shift` on; what is not above it, because clocks are coarse, is half of the least that is. */
static struct groups make_groups(const struct lci_samples *samples, double shift)
{
    struct groups g = {lc_calloc(GROUPS, sizeof(double)), lc_calloc(GROUPS, sizeof(double)),
                       lc_alloc(samples->count * sizeof(uint16_t)), 0, lc_calloc(GROUPS, sizeof(double))};
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < samples->count; i++) {
        const double x = samples->values[i] - shift;
        least = x > 0 ? fmin(least, x) : least;
        most = fmax(most, x);
    }
    const double step = log(most / least) / (GROUPS - 1);
    for (size_t i = 0; i < samples->count; i++) {
        const double x = samples->values[i] - shift > 0 ? samples->values[i] - shift : least / 2;
        const double place = step > 0 ? fmax(0, log(x / least) / step) : 0;
        g.group[i] = (uint16_t)fmin(place, GROUPS - 1);
        g.all[g.group[i]]++;
        g.x[g.group[i]] += x;
    }
    close_up(&g, samples->count);
    return g;
}

static void free_groups(struct groups *g)
{
    free(g->x);
    free(g->all);
    free(g->group);
    free(g->weights);
}

/* ---- families of two parameters ---------------------------------------------------------------------------------- */

struct candidates {
    const struct lc_family *items[MOST_CANDIDATES];
    size_t count;
};

static struct candidates find_candidates(const struct lc_dist *fitted, const struct lc_choice *choice)
{
    struct candidates c = {.count = 0};
    const char *name = fitted->family->name;
    const bool gamma = strcmp(name, "exponential") == 0 || strcmp(name, "erlang") == 0;
    for (size_t k = 0; k < MOST_CANDIDATES; k++) {
        bool found = k == 0 && gamma;
        for (size_t i = 0; i < choice->count && fitted->shift == 0 && !found; i++)
            found = strcmp(choice->fits[i].dist.family->name, two_parameters[k]) == 0 &&
                    choice->fits[i].dist.shift == 0 &&
                    choice->fits[i].bic <= choice->fits[choice->best].bic + RULED_OUT;
        if (found)
            c.items[c.count++] = lc_family_find(two_parameters[k]);
    }
    if (c.count == 0)
        c.items[c.count++] = fitted->family;
    return c;
}

/* log c² over the candidates, averaged by their likelihoods, which have as many parameters; c² is NaN where none
 * describes the replicate. */
static double fitted_cv2(const struct groups *g, const struct candidates *candidates, double shift)
{
    const struct lc_sample sample = {.low = g->x, .weight = g->weights, .count = g->count};
    struct lci_data data;
    double top = -INFINITY, weights = 0, sum = 0;
    lci_data_read(&data, &sample, LC_UNIT_NONE);
    const double most = MOST_SCATTERED * (1 + data.variance / (data.mean * data.mean));
    for (size_t i = 0; i < candidates->count; i++) {
        struct lc_fit fit;
        const bool fitted = lci_fit(candidates->items[i], &data, &fit) == 0;
        const double own = fitted ? 1 + lc_dist_cv2(&fit.dist) : NAN;
        fit.dist.shift = shift;
        const double cv2 = fitted ? lc_dist_cv2(&fit.dist) : NAN;
        if (cv2 > 0 && own <= most) {
            const double change = exp(top - fmax(top, fit.log_likelihood));
            top = fmax(top, fit.log_likelihood);
            const double w = exp(fit.log_likelihood - top);
            weights = weights * change + w;
            sum = sum * change + w * log(cv2);
        }
        lc_fit_free(&fit);
    }
    lci_data_free(&data);
    return weights > 0 ? exp(sum / weights) : NAN;
}

/* That of the samples themselves. */
static double sample_cv2(const struct groups *g, const double *weights, double shift)
{
    double mean, variance;
    lci_moments(g->x, weights, g->count, &mean, &variance);
    return variance / ((shift + mean) * (shift + mean));
}

/* ---- powers ------------------------------------------------------------------------------------------------------ */

static double power_cv2(const double *table, double power)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < LC_SHAPE; i++) {
        const double x = pow(table[i], power);
        sum += x;
        squares += x * x;
    }
    return squares * LC_SHAPE / (sum * sum) - 1;
}

/* The power of the table's values that has this c², which grows with the power: about as its square, so that the secant
 * on logarithms takes a few steps; within a bracket that is halved where it would leave it. */
static double find_power(const double *table, double cv2)
{
    double low = log(LEAST_POWER), high = -low, at = 0, last = 0, before = NAN;
    for (int i = 0; i < HALVINGS && high - low > SETTLED; i++) {
        const double excess = log(power_cv2(table, exp(at)) / cv2), slope = (excess - before) / (at - last);
        const double next = at - excess / (slope > 0 ? slope : 2);
        *(excess < 0 ? &low : &high) = at;
        if (fabs(excess) < SETTLED)
            break;
        last = at;
        before = excess;
        at = next > low && next < high ? next : (low + high) / 2;
    }
    return exp(at);
}

/* Quantiles in the middles of equal parts, without the ends' tails: their power makes up for what c² lacks. */
double *lci_make_table(const struct lc_dist *dist)
{
    const double mean = lc_dist_mean(dist);
    double *table = lc_alloc(LC_SHAPE * sizeof *table);
    for (size_t i = 0; i < LC_SHAPE; i++)
        table[i] = lc_dist_quantile(dist, ((double)i + 0.5) / LC_SHAPE) / mean;
    const double power = find_power(table, lc_dist_cv2(dist));
    double sum = 0;
    for (size_t i = 0; i < LC_SHAPE; i++)
        sum += table[i] = pow(table[i], power);
    for (size_t i = 0; i < LC_SHAPE; i++)
        table[i] *= LC_SHAPE / sum;
    return table;
}

double lci_table_skewness(const double *table)
{
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < LC_SHAPE; i++) {
        const double x = table[i] - 1;
        squares += x * x;
        cubes += x * x * x;
    }
    return squares > 0 ? cubes / (squares * sqrt(squares / LC_SHAPE)) : 0;
}

double *lci_replicate_powers(const struct lc_learned *learned, const struct lci_samples *samples,
                             const struct lc_dist *fitted, const struct lc_choice *choice,
                             const struct lci_time_replicates *replicates)
{
    bool several = false;
    for (size_t i = 1; i < samples->count; i++)
        several |= samples->traces[i] != samples->traces[0];
    if (!several)
        return NULL;
    struct groups g = make_groups(samples, fitted->shift);
    const struct candidates candidates = find_candidates(fitted, choice);
    const double own = sample_cv2(&g, g.all, fitted->shift);
    double *powers = lc_alloc(learned->shapes * sizeof *powers);
    for (size_t b = 0; b < learned->shapes; b++) {
        lci_replicate_weights(samples, g.group, g.count, b, g.weights);
        const double cv2 = fitted->family->fixed ? fitted_cv2(&g, &candidates, fitted->shift)
                                                 : replicates->cv2 * sample_cv2(&g, g.weights, fitted->shift) / own;
        powers[b] = cv2 > 0 ? find_power(replicates->table, cv2) : 1;
    }
    free_groups(&g);
    return powers;
}
