/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the rate of requests changes within a recording: recordings at several loads that follow each other without a
 * pause, in one file or in several. The likelihood ratio of two Poisson rates against one, over the index of
 * dispersion, so that bursts are not taken for changes.
 */
#include "network/visits/visits.h"

#include <math.h>
#include <stdlib.h>

#define LEAST   50   /* requests at a rate */
#define APART   1.25 /* ratio of two rates that is worth telling apart */
#define CERTAIN 15   /* log likelihood ratio: beyond chance, wherever the change may be */
#define WINDOWS 20   /* in which the requests of a rate are counted */
#define FEW     10   /* requests at a rate, where the place of the change is known beforehand */
#define LIKELY  6    /* log likelihood ratio at such a place: by chance once in 2,000 (χ² of one degree of freedom) */

static double seconds_between(int64_t from, int64_t to)
{
    return (double)(to - from) * 1e-9;
}

/* How much more the counts of successive windows differ than those of a Poisson process; 1 at the least. Successive
 * ones, because a rate may change once more. */
static double dispersion(const int64_t *starts, size_t count)
{
    double counts[WINDOWS] = {0}, squares = 0;
    const double length = (double)(starts[count - 1] - starts[0]) + 1;
    for (size_t i = 0; i < count; i++)
        counts[(size_t)((double)(starts[i] - starts[0]) / length * WINDOWS)]++;
    for (int w = 1; w < WINDOWS; w++)
        squares += pow(counts[w] - counts[w - 1], 2);
    return fmax(1, squares / 2 / (WINDOWS - 1) / ((double)count / WINDOWS));
}

static double log_likelihood(double requests, double seconds)
{
    return requests * log(requests / seconds);
}

size_t lci_rate_change(const int64_t *starts, size_t count)
{
    size_t at = 0;
    double most = 0;
    for (size_t i = LEAST; i + LEAST <= count; i++) {
        const double before = seconds_between(starts[0], starts[i]),
                     after = seconds_between(starts[i], starts[count - 1]);
        if (!(before > 0 && after > 0))
            continue;
        const double gain = log_likelihood((double)i, before) + log_likelihood((double)(count - i), after) -
                            log_likelihood((double)count, before + after);
        if (gain > most) {
            most = gain;
            at = i;
        }
    }
    if (at == 0)
        return 0;
    const double ratio = (double)at / seconds_between(starts[0], starts[at]) /
                         ((double)(count - at) / seconds_between(starts[at], starts[count - 1]));
    const double spread = fmax(dispersion(starts, at), dispersion(starts + at, count - at));
    return fmax(ratio, 1 / ratio) >= APART && most > CERTAIN * spread ? at : 0;
}

bool lci_rates_differ(const int64_t *before, size_t before_count, const int64_t *after, size_t after_count)
{
    if (before_count < FEW || after_count < FEW)
        return false;
    const double n[2] = {(double)before_count - 1, (double)after_count - 1}; /* times between requests */
    const double seconds[2] = {seconds_between(before[0], before[before_count - 1]),
                               seconds_between(after[0], after[after_count - 1])};
    if (!(seconds[0] > 0 && seconds[1] > 0))
        return false;
    const double gain = log_likelihood(n[0], seconds[0]) + log_likelihood(n[1], seconds[1]) -
                        log_likelihood(n[0] + n[1], seconds[0] + seconds[1]);
    const double ratio = n[0] / seconds[0] / (n[1] / seconds[1]);
    const double spread = fmax(dispersion(before, before_count), dispersion(after, after_count));
    return fmax(ratio, 1 / ratio) >= APART && gain > LIKELY * spread;
}
