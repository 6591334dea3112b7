/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * While at least one server is free, requests leave as from a birth and death process; while all of c are busy the time
 * to the next end is that of a service on a server that is c times as fast. With x requests coming per time unit the
 * chances p of j of them are (Tijms, van Hoorn & Federgruen 1981)
 *     p_j = x α_{j−c} p_{c−1} + x Σ_{k=c}^{j} β_{j−k} p_k,  c ≤ j < c + room,
 * where x β_n is the chance of more than n arrivals in such a service, and x α_n the same for the rest of the services
 * that go on when the last free server is taken. The last p follows from what comes in and goes out.
 */
#include "limited.h"

#include "loadcast/base.h"
#include "model/dist/dist.h"
#include "station.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define REGULAR 1e-11 /* relative change of the ratio of two chances in a row, from which on it stays */
#define NEVER   1e-17
enum {
    POINTS = 400,  /* of the integral for α */
    LONGEST = 4000 /* terms of the sum over β; far beyond what services vary */
};

/* ---- arrivals during services ------------------------------------------------------------------------------------ */

/* A time of mean 1: gamma distributed below the variation of an exponential one, balanced hyperexponential above. */
struct shape {
    double cv2, weight, first, second; /* hyperexponential: of the first mean */
};

static struct shape shape_of(double cv2)
{
    struct shape s = {.cv2 = cv2};
    if (cv2 > 1) {
        s.weight = (1 + sqrt((cv2 - 1) / (cv2 + 1))) / 2;
        s.first = 1 / (2 * s.weight);
        s.second = 1 / (2 * (1 - s.weight));
    }
    return s;
}

/* P(X > t), and ∫ of it from t on: the survival of a service under way. */
static void survivals(const struct shape *s, double t, double *new, double *rest)
{
    if (s->cv2 > 1) {
        const double a = s->weight * exp(-t / s->first), b = (1 - s->weight) * exp(-t / s->second);
        *new = a + b;
        *rest = a * s->first + b * s->second;
    } else if (s->cv2 < 1e-6) {
        *new = t < 1 ? 1 : 0;
        *rest = fmax(0, 1 - t);
    } else {
        const double shape = 1 / s->cv2;
        *new = gsl_cdf_gamma_Q(t, shape, s->cv2);
        *rest = fmax(0, gsl_cdf_gamma_Q(t, shape + 1, s->cv2) - t * *new);
    }
}

/* The chances of more than n Poisson arrivals, so many of them in the mean of a time of this shape. */
static void more_than(const struct shape *s, double arrivals, double *more, int count)
{
    double left = 1, chance, a = 0, b = 0;
    if (s->cv2 > 1) {
        a = arrivals * s->first / (1 + arrivals * s->first);
        b = arrivals * s->second / (1 + arrivals * s->second);
    }
    chance = s->cv2 > 1      ? s->weight * (1 - a) + (1 - s->weight) * (1 - b)
             : s->cv2 < 1e-6 ? exp(-arrivals)
                             : pow(1 + arrivals * s->cv2, -1 / s->cv2);
    double first = s->weight * (1 - a), second = (1 - s->weight) * (1 - b);
    for (int n = 0; n < count; n++) {
        left = fmax(0, left - chance);
        more[n] = left;
        if (s->cv2 > 1) {
            chance = (first *= a) + (second *= b);
            more[n] = first / (1 - a) + second / (1 - b);
        } else if (s->cv2 < 1e-6) {
            chance *= arrivals / (n + 1);
        } else {
            chance *= (1 / s->cv2 + n) / (n + 1) * arrivals * s->cv2 / (1 + arrivals * s->cv2);
        }
    }
}

/* x α_n for services of mean 1: ∫ (1 − B_e)^{c−1} (1 − B) x e^{−xt} (xt)^n / n! dt. */
static void more_at_first(const struct shape *s, double servers, double arrivals, double *more, int count)
{
    const double longest = s->cv2 < 1e-6 ? 1 : s->cv2 > 1 ? 40 * s->second / servers : 1 + 12 * sqrt(s->cv2);
    const double step = longest / POINTS;
    for (int n = 0; n < count; n++)
        more[n] = 0;
    for (int i = 0; i < POINTS; i++) { /* by midpoints */
        const double t = (i + 0.5) * step, x = arrivals * t;
        double new, rest;
        survivals(s, t, &new, &rest);
        double density = new *pow(rest, servers - 1) * arrivals *exp(-x) * step;
        for (int n = 0; n < count && density > 0; n++) {
            more[n] += density;
            density *= x / (n + 1);
        }
    }
}

/* ---- chances ----------------------------------------------------------------------------------------------------- */

/* The sums so far, all relative to the same chance. */
struct chances {
    const struct lcs_station *s;
    const struct lcs_demand *d;
    double servers, room;
    double p, i;                           /* of i requests */
    double all, here, queue, coming, late; /* Σ p, Σ i p, those who wait, arrivals, services that these wait for */
    double square;                         /* of the latter */
    double going, free;                    /* ends of services; Σ p while servers are free */
};

static double coming_at(const struct chances *c, double i)
{
    const double closed = c->d->calling * c->d->others,
                 share = closed > 0 ? closed / (closed + c->d->open) : 0; /* of those who are there */
    return c->d->open + c->d->calling * fmax(0, c->d->others - share * i);
}

static double going_at(const struct chances *c, double i)
{
    const double busy = fmin(i, c->servers);
    return busy > 0 ? busy / (c->d->mean * lcs_crowding(c->s, busy)) : 0;
}

static void rescale(struct chances *c, double by)
{
    double *const sums[] = {&c->p, &c->all, &c->here, &c->queue, &c->coming, &c->late, &c->square, &c->going, &c->free};
    for (size_t k = 0; k < sizeof sums / sizeof *sums; k++)
        *sums[k] *= by;
}

static void count(struct chances *c, bool full)
{
    const double in = full ? 0 : coming_at(c, c->i) * c->p;
    c->all += c->p;
    c->here += c->i * c->p;
    c->queue += fmax(0, c->i - c->servers) * c->p;
    c->coming += in;
    const double before = fmax(0, c->i - c->servers + 1); /* services that who is let in must wait for */
    c->late += in * before;
    c->square += in * before * (before + c->d->cv2);
    c->going += going_at(c, c->i) * c->p;
    c->free += c->i < c->servers ? c->p : 0;
}

static void walk_free(struct chances *c, double *busy)
{
    for (; c->i < c->servers; c->i++) {
        count(c, false);
        if (busy != NULL)
            busy[(size_t)c->i] = c->p;
        c->p *= coming_at(c, c->i) / going_at(c, c->i + 1);
        if (c->p > 1e200) {
            for (size_t k = 0; busy != NULL && k <= (size_t)c->i; k++)
                busy[k] *= 1e-200;
            rescale(c, 1e-200);
        }
    }
}

/* So many more states, each r times as likely as the one before; c->p is of the first of them. */
static void walk_regular(struct chances *c, double r, double states)
{
    if (r > 1) { /* from the last one down */
        const double up = -log(r) * (states - 1), last = c->p;
        rescale(c, exp(up));
        c->p = last;
    }
    const double end = c->i + states, q = r > 1 ? 1 / r : r, top = c->p;
    for (double k = 0; k < states && c->p > NEVER * c->all; k++) {
        c->i = r > 1 ? end - 1 - k : end - states + k;
        count(c, false);
        c->p *= q;
    }
    c->p = r > 1 ? top * r : c->p;
    c->i = end;
}

static void walk_full_exponential(struct chances *c)
{
    const bool regular = !(c->d->others > 0);
    const double last = c->servers + c->room;
    if (regular) {
        walk_regular(c, c->d->open / going_at(c, c->servers), c->room);
        return;
    }
    for (; c->i < last; c->i++) {
        count(c, false);
        c->p *= coming_at(c, c->i) / going_at(c, c->servers);
        if (c->p > 1e200)
            rescale(c, 1e-200);
    }
}

/* Up to the last but one; that one follows from the flows. */
static void walk_full_general(struct chances *c, double first)
{
    const struct shape shape = shape_of(c->d->cv2);
    const int most = (int)fmin(c->room, LONGEST);
    const double service = c->d->mean * lcs_crowding(c->s, c->servers), x = c->d->open * service;
    double *alpha = lc_calloc((size_t)most + 1, sizeof *alpha), *beta = lc_calloc((size_t)most + 1, sizeof *beta);
    double *p = lc_calloc((size_t)most + 1, sizeof *p), ratio = 0;
    more_than(&shape, x / c->servers, beta, most + 1);
    if (c->servers > 1)
        more_at_first(&shape, c->servers, x, alpha, most + 1);
    const double *a = c->servers > 1 ? alpha : beta;
    for (int j = 0; j < most; j++, c->i++) {
        double sum = a[j] * first;
        for (int k = 0; k < j; k++)
            sum += beta[j - k] * p[k];
        p[j] = sum / (1 - beta[0]);
        const double now = j > 0 ? p[j] / p[j - 1] : 0, before = ratio;
        ratio = now;
        if (j > 2 && fabs(now - before) <= REGULAR * now) {
            c->p = p[j];
            walk_regular(c, now, c->servers + c->room - c->i);
            break;
        }
        c->p = p[j];
        count(c, false);
        if (p[j] > 1e200) {
            for (int k = 0; k <= j; k++)
                p[k] *= 1e-200;
            first *= 1e-200;
            rescale(c, 1e-200);
        }
    }
    c->i = c->servers + c->room;
    c->p = fmax(0, (c->coming - c->going) / going_at(c, c->servers));
    free(alpha);
    free(beta);
    free(p);
}

struct lcs_limited lcs_limited_queue(const struct lcs_station *s, const struct lcs_demand *d, double *busy)
{
    struct chances c = {.s = s, .d = d, .servers = s->servers, .room = s->room, .p = 1};
    for (size_t k = 0; busy != NULL && k <= (size_t)s->servers; k++)
        busy[k] = 0;
    if (busy != NULL)
        busy[0] = 1;
    if (!(d->mean > 0) || !(d->open > 0 || d->others * d->calling > 0))
        return (struct lcs_limited){0};
    const bool general = !(d->others > 0) && fabs(d->cv2 - 1) > 1e-9 && c.room > 0;
    walk_free(&c, busy);
    const double free_part = c.free, before = c.p * going_at(&c, c.servers) / coming_at(&c, c.servers - 1);
    if (general)
        walk_full_general(&c, before);
    else
        walk_full_exponential(&c);
    const double lost = coming_at(&c, c.i) * c.p;
    count(&c, true);
    for (size_t k = 0; busy != NULL && k < (size_t)s->servers; k++)
        busy[k] *= c.free / free_part / c.all;
    if (busy != NULL)
        busy[(size_t)s->servers] = fmax(0, 1 - c.free / c.all);
    return (struct lcs_limited){.lost = lost / (c.coming + lost),
                                .waits = c.coming > 0 ? c.queue / c.coming : 0,
                                .delayed = c.late > 0 ? fmin(2, 2 * c.late * c.late / (c.square * c.coming)) : 0,
                                .throughput = c.coming / c.all};
}

/* ---- again ------------------------------------------------------------------------------------------------------- */

double lcs_full_again(const struct lcs_station *s, const struct lcs_demand *d, double mean, double cv2)
{
    enum { STATES = 2000, STAGES = 32 };
    const struct chances c = {.s = s, .d = d, .servers = s->servers, .room = s->room};
    if (!(mean > 0))
        return 1;
    /* From a longer queue the time until the first one below is out of reach is that of the last states. */
    const double all = s->servers + s->room, lowest = fmax(0, all - STATES);
    const size_t n = (size_t)(all - lowest) + 1;
    const int stages = cv2 > 1.0 / STAGES ? (int)lrint(1 / cv2) : STAGES;
    const double rate = stages / mean;
    double *x = lc_calloc(n, sizeof *x), *factor = lc_calloc(n, sizeof *factor);
    x[n - 1] = 1;
    for (int stage = 0; stage < stages; stage++) {
        /* x (rate I − Q) = rate x before, by elimination from the lowest state up. */
        for (size_t k = 0; k < n; k++) {
            const double i = lowest + (double)k, up = k + 1 < n ? coming_at(&c, i) : 0,
                         down = k > 0 ? going_at(&c, i) : 0;
            const double back = k > 0 ? coming_at(&c, i - 1) : 0;
            const double pivot = rate + up + down - (k > 0 ? back * factor[k - 1] : 0);
            x[k] = (rate * x[k] + (k > 0 ? back * x[k - 1] : 0)) / pivot;
            factor[k] = k + 1 < n ? going_at(&c, i + 1) / pivot : 0;
        }
        for (size_t k = n - 1; k-- > 0;)
            x[k] += factor[k] * x[k + 1];
    }
    const double full = x[n - 1];
    free(x);
    free(factor);
    return fmin(1, fmax(0, full));
}
