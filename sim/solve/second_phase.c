/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state: so many requests without a reply, so many servers behind one. Levels of requests follow each other, so
 * that elimination (Grassmann, Taksar & Heyman 1985: without a subtraction) stays within a band.
 */
#include "second_phase.h"

#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

#define LITTLE 1e-6    /* a part of a service that makes no phase */
#define NEVER  1e-30   /* a chance that is lost in the rounding of the others */
enum { WORK = 20000 }; /* states × width² of the band */

struct band {
    size_t states, width;
    double *rates; /* [from][to − from + width] */
};

static double *rate_of(const struct band *b, size_t from, size_t to)
{
    return &b->rates[from * (2 * b->width + 1) + to + b->width - from];
}

/* So many requests at a time that more have no chance that counts: if all of a service came before the reply, they
 * would be more. */
static size_t levels_of(const struct lcs_station *s, double mean, const struct lcs_callers *c)
{
    const size_t all = (size_t)ceil(c->others) + 1;
    double chance = 1, largest = 1;
    for (size_t n = 0; n < all; n++) {
        if (n > (size_t)s->servers && chance < NEVER * largest)
            return n;
        const double served = fmin((double)n + 1, s->servers);
        chance *= (c->others - (double)n) * c->calling * mean * lcs_crowding(s, served) / served;
        largest = fmax(largest, chance);
    }
    return all;
}

static void add_rates(const struct band *b, const struct lcs_station *s, double mean, const struct lcs_callers *c)
{
    const size_t servers = (size_t)s->servers, levels = b->states / (servers + 1);
    for (size_t n = 0; n < levels; n++)
        for (size_t after = 0; after <= servers; after++) {
            const size_t state = n * (servers + 1) + after, before = n < servers - after ? n : servers - after;
            const double service = mean * lcs_crowding(s, fmax(1, (double)(before + after)));
            if (n + 1 < levels)
                *rate_of(b, state, state + servers + 1) = fmax(0, c->others - (double)n) * c->calling;
            if (before > 0)
                *rate_of(b, state, state - servers) = (double)before / (service * (1 - c->after));
            if (after > 0)
                *rate_of(b, state, state - 1) = (double)after / (service * c->after);
        }
}

/* The rates from a state: [to]. */
static double *row_of(const struct band *b, size_t from)
{
    return b->rates + from * (2 * b->width + 1) + b->width - from;
}

/* Probabilities, but for their sum. */
static void eliminate(const struct band *b, double *p)
{
    for (size_t k = b->states; k-- > 1;) {
        const size_t first = k > b->width ? k - b->width : 0;
        const double *leads = row_of(b, k);
        double leaves = 0;
        for (size_t to = first; to < k; to++)
            leaves += leads[to];
        for (size_t from = first; from < k; from++) {
            double *restrict row = row_of(b, from);
            if (!(row[k] > 0))
                continue;
            const double part = row[k] /= leaves;
            for (size_t to = first; to < k; to++)
                row[to] += part * leads[to];
        }
    }
    p[0] = 1;
    for (size_t k = 1; k < b->states; k++)
        for (size_t from = k > b->width ? k - b->width : 0; from < k; from++)
            p[k] += p[from] * row_of(b, from)[k];
}

static void find_means(const struct band *b, const struct lcs_station *s, const struct lcs_callers *c, const double *p,
                       double *waits, double *all_busy, double *busy)
{
    const size_t servers = (size_t)s->servers;
    double sum = 0, line = 0, comes = 0, full = 0, finds_full = 0;
    for (size_t i = 0; i < b->states; i++) {
        const size_t n = i / (servers + 1), after = i % (servers + 1);
        const double calls = p[i] * fmax(0, c->others - (double)n) * c->calling;
        const bool is_full = n + after >= servers;
        sum += p[i];
        comes += calls;
        line += is_full ? p[i] * (double)(n + after - servers) : 0;
        full += is_full ? p[i] : 0;
        finds_full += is_full ? calls : 0;
        if (busy != NULL)
            busy[is_full ? servers : n + after] += p[i];
    }
    *waits = comes > 0 ? line / comes : 0;
    *all_busy = c->one ? (comes > 0 ? finds_full / comes : 0) : full / sum;
    for (size_t k = 0; busy != NULL && k <= servers; k++)
        busy[k] /= sum;
}

bool lcs_second_phase(const struct lcs_station *s, double mean, const struct lcs_callers *c, double *waits,
                      double *all_busy, double *busy)
{
    const double states = (ceil(c->others) + 1) * (s->servers + 1);
    if (c->open > 0 || c->after < LITTLE || c->after > 1 - LITTLE || !(c->others > 0) || !(c->calling > 0) ||
        !(mean > 0) || !(states * (s->servers + 1) * (s->servers + 1) <= WORK))
        return false;
    struct band b = {.states = levels_of(s, mean, c) * ((size_t)s->servers + 1), .width = (size_t)s->servers + 1};
    b.rates = lc_calloc(b.states * (2 * b.width + 1), sizeof *b.rates);
    double *p = lc_calloc(b.states, sizeof *p);
    add_rates(&b, s, mean, c);
    eliminate(&b, p);
    find_means(&b, s, c, p, waits, all_busy, busy);
    free(p);
    free(b.rates);
    return true;
}
