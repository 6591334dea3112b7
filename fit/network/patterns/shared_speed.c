/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast jobs go on that share servers: the closed network of a delay and an M/M/servers station, with processor
 * sharing among the jobs there.
 *
 * Of several kinds of jobs, kind k with the share s_k of work: the weight of m jobs at the station is
 * W(m) = m! / (min(1, servers) … min(m, servers)), times the probability that m of all jobs would be there were each
 * there with its s_k. With G the sum of the weights, the speed of kind k among the jobs n is G(n without one of k) /
 * G(n) (the product form of Baskett, Chandy, Muntz and Palacios, JACM 1975).
 */
#include "network/patterns/waiting_estimators.h"

#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HUGE_WEIGHT 1e200 /* beyond which sums of weights are scaled */

enum {
    MOST = 128,   /* jobs of several kinds that are computed so: 128! is a number */
    SLOTS = 4096, /* of numbers of jobs whose speeds are kept */
};

struct lci_speeds {
    double servers;
    const double *share;
    size_t kinds;
    size_t *present; /* SLOTS × kinds: whose speeds are kept */
    double *speed;   /* SLOTS × kinds */
};

double lci_speed(double servers, double share, size_t present)
{
    const double n = (double)present;
    if (share >= 1)
        return fmin(1, servers / n);
    double weight = 1, all = 1, busy = 0; /* of k jobs at the servers, k = 0 first */
    for (size_t i = 1; i <= present; i++) {
        const double k = (double)i;
        weight *= (n - k + 1) * share / (1 - share) / fmin(k, servers);
        all += weight;
        busy += weight * fmin(k, servers);
        if (all > HUGE_WEIGHT) {
            weight /= all;
            busy /= all;
            all = 1;
        }
    }
    return fmin(1, busy / all / (n * share));
}

/* G without one job of the kind `without` (`kinds`: with all of them). Weights and shares are scaled where there is
 * less than a server, so that m! is the largest number. */
static double weights(const struct lci_speeds *s, const size_t *present, size_t without)
{
    const double scale = fmin(1, s->servers);
    double weight[MOST + 1] = {1};
    size_t left = 0;
    for (size_t k = 0; k < s->kinds; k++)
        left += present[k] - (k == without);
    for (size_t m = 1; m <= left; m++)
        weight[m] = weight[m - 1] * (double)m * scale / fmin((double)m, s->servers);
    for (size_t k = 0; k < s->kinds; k++) /* one job after the other: it is at the station, or it is not */
        for (size_t i = k == without; i < present[k]; i++, left--)
            for (size_t m = 0; m < left; m++)
                weight[m] = (1 - s->share[k]) * weight[m] + s->share[k] / scale * weight[m + 1];
    return weight[0];
}

/* Of many jobs: how much longer work takes when as many are at the station as are served there. */
static double stretch_of_many(const struct lci_speeds *s, const size_t *present)
{
    double low = 1, high = 1;
    for (size_t k = 0; k < s->kinds; k++)
        high += (double)present[k] / s->servers;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        double served = 0;
        for (size_t k = 0; k < s->kinds; k++)
            served += (double)present[k] * s->share[k] / (1 - s->share[k] + s->share[k] * middle);
        *(served > s->servers ? &low : &high) = middle;
    }
    return low;
}

static void compute(const struct lci_speeds *s, const size_t *present, double *speed)
{
    size_t all = 0;
    for (size_t k = 0; k < s->kinds; k++)
        all += present[k];
    if (s->kinds == 1) {
        speed[0] = lci_speed(s->servers, s->share[0], all);
        return;
    }
    const double whole = all <= MOST ? weights(s, present, s->kinds) : 0;
    const double stretch = all <= MOST ? 0 : stretch_of_many(s, present);
    for (size_t k = 0; k < s->kinds; k++)
        speed[k] = present[k] == 0 ? 1
                   : all <= MOST   ? weights(s, present, k) / whole
                                   : 1 / (1 - s->share[k] + s->share[k] * stretch);
}

struct lci_speeds *lci_speeds_new(double servers, const double *share, size_t kinds)
{
    struct lci_speeds *s = lc_calloc(1, sizeof *s);
    *s = (struct lci_speeds){servers, share, kinds, lc_calloc(SLOTS * kinds, sizeof *s->present),
                             lc_calloc(SLOTS * kinds, sizeof *s->speed)};
    return s;
}

const double *lci_speeds_of(struct lci_speeds *s, const size_t *present)
{
    size_t slot = 0;
    for (size_t k = 0; k < s->kinds; k++)
        slot = slot * 31 + present[k];
    size_t *kept = s->present + slot % SLOTS * s->kinds;
    double *speed = s->speed + slot % SLOTS * s->kinds;
    if (memcmp(kept, present, s->kinds * sizeof *present) != 0) {
        memcpy(kept, present, s->kinds * sizeof *present);
        compute(s, present, speed);
    }
    return speed;
}

void lci_speeds_free(struct lci_speeds *s)
{
    free(s->present);
    free(s->speed);
    free(s);
}
