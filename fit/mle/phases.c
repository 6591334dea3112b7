/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Coxian and general phase-type distributions by expectation–maximisation (Asmussen, Nerman & Olsson 1996), with the
 * integrals by uniformisation: P = I + T/q, v_k = alpha P^k, w_k = P^k t (t: exit rates), β_k(qx) Poisson
 * probabilities. density f(x) = Σ β_k v_k·t,   ∫ (alpha e^{Tu})_i (e^{T(x−u)} t)_j du = 1/q Σ_k β_{k+1} Σ_{l≤k} v_l(i)
 * w_{k−l}(j). Only the Poisson weights depend on x, so the rows are summed into c_k = Σ_x weight β_{k+1}(qx) / (q f(x))
 * first, and the integrals of all of them are Σ_l v_l yᵀ_l with y_l = c_l t + P y_{l+1}: one pass over k whatever the
 * number of rows. Intervals have the integrals of the Poisson weights in place of these; what is cut off at x is a path
 * seen up to x (Olsson 1996), with 1 in place of t. Zeros of alpha and T stay zeros, which keeps a Coxian what it is.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "groups.h"
#include "model/dist/dist.h"

enum { ORDER = 3, TERMS = 10000, GROUPS = 150, TRIAL_ROUNDS = 25, ROUNDS = 500, STARTS = 8, VECTORS = 8 };

#define THIN 1e-6 /* intervals narrower than this part of a mean step are points */

struct chain {
    size_t n;
    double alpha[ORDER], t[ORDER],
        m[ORDER * ORDER]; /* m: rates between states off the diagonal, the diagonal of T on it */
};

struct work {
    double *powers;          /* TERMS + 1 rows of v_k */
    double *visible, *alive; /* v_k · t, v_k · 1 */
    double *c, *d;           /* c_k as above; d_k = Σ weight β_k(qx) / f(x) */
    double *open_c, *open_d; /* the same of what is cut off, with P(X > x) in place of f(x) */
    double *beta, *other;    /* of one row */
};

struct expectations {
    double start[ORDER], time[ORDER], exits[ORDER], moves[ORDER * ORDER];
};

static double uniform_rate(const struct chain *chain)
{
    double q = 0;
    for (size_t i = 0; i < chain->n; i++)
        q = fmax(q, -chain->m[i * chain->n + i]);
    return q;
}

/* The Poisson probabilities of mean qx that matter, from `first` on, in beta; returns their number. */
static size_t poisson(double qx, size_t *first, double *beta)
{
    const double reach = 6 * sqrt(qx) + 10;
    *first = qx > reach ? (size_t)(qx - reach) : 0;
    const size_t last = (size_t)(qx + reach);
    double value = *first == 0 ? exp(-qx) : exp((double)*first * log(qx) - qx - lgamma((double)*first + 1));
    for (size_t k = *first; k <= last; k++) {
        beta[k - *first] = value;
        value *= qx / (double)(k + 1);
    }
    return last - *first + 1;
}

static void powers(const struct chain *chain, double q, size_t terms, struct work *work)
{
    const size_t n = chain->n;
    memcpy(work->powers, chain->alpha, n * sizeof(double));
    for (size_t k = 0; k <= terms; k++) {
        const double *v = work->powers + k * n;
        double *next = work->powers + (k + 1) * n;
        work->visible[k] = work->alive[k] = 0;
        for (size_t j = 0; j < n; j++) {
            next[j] = v[j];
            for (size_t i = 0; i < n; i++)
                next[j] += v[i] * chain->m[i * n + j] / q;
            work->visible[k] += v[j] * chain->t[j];
            work->alive[k] += v[j];
        }
    }
}

/* The Poisson weights of a row, from `first` on: probabilities of an exact value; their integral over an interval, by
 * ∫ β_k(qu) du = (P(N_qa ≤ k) − P(N_qb ≤ k)) / q. Returns their number. */
static size_t row_weights(const struct lci_data_group *row, double q, size_t *first, double *beta, double *other)
{
    if (!(row->high > row->low) || isinf(row->high))
        return poisson(q * row->low, first, beta);
    const bool thin = q * (row->high - row->low) < THIN;
    size_t last_of_low, begin = 0;
    const size_t at_high = poisson(q * (thin ? lci_group_middle(row) : row->high), &begin, other);
    if (thin) { /* a point: differences would lose their digits */
        for (size_t k = 0; k < at_high; k++)
            beta[k] = other[k] * (row->high - row->low);
        *first = begin;
        return at_high;
    }
    const size_t at_low = poisson(q * row->low, first, beta), end = begin + at_high;
    last_of_low = *first + at_low;
    double below_low = 0, below_high = 0;
    for (size_t k = *first; k < end; k++) {
        below_low += k < last_of_low ? beta[k - *first] : 0;
        below_high += k >= begin ? other[k - begin] : 0;
        beta[k - *first] = fmax(below_low - below_high, 0) / q;
    }
    return end - *first;
}

/* Adds one row to c and d, or of what is cut off to open_c and open_d; returns the logarithm of its probability. */
static double add_row(const struct lci_data_group *row, double q, struct work *work)
{
    const bool cut_off = isinf(row->high);
    const double *seen = cut_off ? work->alive : work->visible;
    double sum = 0, *beta = work->beta;
    size_t first;
    const size_t count = row_weights(row, q, &first, beta, work->other);
    for (size_t k = 0; k < count; k++)
        sum += beta[k] * seen[first + k];
    const double share = row->weight / sum;
    double *c = cut_off ? work->open_c : work->c;
    for (size_t k = 0; k < count; k++) {
        if (cut_off)
            work->open_d[first + k] += share * beta[k];
        else
            work->d[first + k] += share * beta[k];
        if (first + k > 0)
            c[first + k - 1] += share * beta[k] / q;
    }
    return log(sum);
}

/* One expectation step; returns the log-likelihood of the chain it came from. */
static double expectation(const struct chain *chain, const struct lci_groups *groups, size_t terms, struct work *work,
                          struct expectations *e)
{
    const size_t n = chain->n;
    const double q = uniform_rate(chain);
    double value = 0, y[ORDER] = {0}, z[ORDER] = {0};
    double *const sums[] = {work->c, work->d, work->open_c, work->open_d};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        memset(sums[i], 0, (terms + 2) * sizeof(double));
    memset(e, 0, sizeof *e);
    powers(chain, q, terms, work);
    for (size_t row = 0; row < groups->count; row++)
        value += groups->row[row].weight * add_row(&groups->row[row], q, work);
    for (size_t k = terms + 1; k-- > 0;) {
        const double *v = work->powers + k * n;
        double next_y[ORDER] = {0}, next_z[ORDER] = {0};
        for (size_t i = 0; i < n; i++) { /* z is to d what y is to c; its end z_0 is Σ e^{Tx} t / f */
            next_y[i] = work->c[k] * chain->t[i] + work->open_c[k] + y[i];
            next_z[i] = work->d[k] * chain->t[i] + work->open_d[k] + z[i];
            for (size_t j = 0; j < n; j++) {
                next_y[i] += chain->m[i * n + j] * y[j] / q;
                next_z[i] += chain->m[i * n + j] * z[j] / q;
            }
            e->exits[i] += work->d[k] * v[i] * chain->t[i];
        }
        memcpy(y, next_y, sizeof y);
        memcpy(z, next_z, sizeof z);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                e->moves[i * n + j] += v[i] * y[j];
    }
    for (size_t i = 0; i < n; i++) {
        e->start[i] = chain->alpha[i] * z[i];
        e->time[i] = e->moves[i * n + i];
        for (size_t j = 0; j < n; j++)
            e->moves[i * n + j] *= i == j ? 0 : chain->m[i * n + j];
    }
    return value;
}

static bool maximise(struct chain *chain, const struct expectations *e, double total)
{
    const size_t n = chain->n;
    for (size_t i = 0; i < n; i++) {
        if (!(e->time[i] > 1e-12 * total)) /* a state that is not visited any more */
            return false;
        chain->alpha[i] = e->start[i] / total;
        chain->t[i] = e->exits[i] / e->time[i];
        double out = chain->t[i];
        for (size_t j = 0; j < n; j++) {
            if (j == i)
                continue;
            chain->m[i * n + j] = e->moves[i * n + j] / e->time[i];
            out += chain->m[i * n + j];
        }
        chain->m[i * n + i] = -out;
    }
    return true;
}

/* The positive numbers of a chain by their logarithms, alpha, t and the moves, into or out of theta. Zeros stay. */
enum { NUMBERS = 2 * ORDER + ORDER * ORDER };

static void logarithms(const struct chain *chain, double *theta)
{
    const size_t n = chain->n;
    for (size_t i = 0; i < n; i++) {
        theta[i] = log(chain->alpha[i]);
        theta[ORDER + i] = log(chain->t[i]);
        for (size_t j = 0; j < n; j++)
            theta[2 * ORDER + i * n + j] = j == i ? -INFINITY : log(chain->m[i * n + j]);
    }
}

static void from_logarithms(struct chain *chain, const double *theta)
{
    const size_t n = chain->n;
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += exp(theta[i]);
    for (size_t i = 0; i < n; i++) {
        chain->alpha[i] = exp(theta[i]) / total;
        double out = chain->t[i] = exp(theta[ORDER + i]);
        for (size_t j = 0; j < n; j++)
            if (j != i)
                out += chain->m[i * n + j] = exp(theta[2 * ORDER + i * n + j]);
        chain->m[i * n + i] = -out;
    }
}

/* From three successive chains further along the curve through them (SQUAREM, step S3 of Varadhan & Roland 2008). */
static void leap(const struct chain *steps, struct chain *chain)
{
    enum { FAR = 64 };
    double theta[3][NUMBERS], r2 = 0, v2 = 0;
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < NUMBERS; k++)
            theta[i][k] = -INFINITY;
        logarithms(&steps[i], theta[i]);
    }
    for (int k = 0; k < NUMBERS; k++) {
        const double r = theta[1][k] - theta[0][k], v = theta[2][k] - theta[1][k] - r;
        r2 += isfinite(v) ? r * r : 0;
        v2 += isfinite(v) ? v * v : 0;
    }
    const double a = v2 > 0 ? fmin(fmax(sqrt(r2 / v2), 1), FAR) : 1;
    for (int k = 0; k < NUMBERS; k++) {
        const double r = theta[1][k] - theta[0][k], v = theta[2][k] - theta[1][k] - r;
        if (isfinite(v))
            theta[2][k] = theta[0][k] + 2 * a * r + a * a * v;
    }
    from_logarithms(chain, theta[2]);
}

/* The number of terms that uniformisation takes; more than TERMS: too many. */
static double terms_of(const struct chain *chain, double greatest)
{
    const double qx = uniform_rate(chain) * greatest;
    return qx + 6 * sqrt(qx) + 12;
}

/* Iterates towards the maximum; −∞ where a state dies out, or where rates grow beyond what uniformisation can follow.
 * After two steps a leap in their direction, which is taken back where it leads down. */
static double iterate(struct chain *chain, const struct lci_groups *groups, struct work *work, int rounds)
{
    struct chain steps[3];
    int step = 0;
    bool leapt = false;
    double greatest = 0, value = -INFINITY;
    for (size_t i = 0; i < groups->count; i++)
        greatest = fmax(greatest, isinf(groups->row[i].high) ? groups->row[i].low : groups->row[i].high);
    for (int round = 0; round < rounds; round++) {
        struct expectations e;
        const double terms = terms_of(chain, greatest);
        const bool possible = terms < TERMS;
        if (!possible && !leapt)
            return value; /* still a valid chain, and the likelihood of the step before */
        const double now = possible ? expectation(chain, groups, (size_t)terms, work, &e) : -INFINITY;
        if (leapt && !(now >= value)) {
            *chain = steps[2];
            leapt = false;
            continue;
        }
        if (!isfinite(now))
            return -INFINITY;
        const bool still = !leapt && now - value < 3e-8 * groups->total;
        value = now;
        if (still)
            break;
        steps[step++] = *chain;
        if (!maximise(chain, &e, groups->total))
            return -INFINITY;
        leapt = step == 2;
        if (leapt) {
            steps[2] = *chain;
            leap(steps, chain);
            step = 0;
        }
    }
    if (leapt) /* whose likelihood is not known */
        *chain = steps[2];
    return value;
}

/* ---- starts, and the number of phases ---------------------------------------------------------------------------- */

/* A Coxian whose phases' means lie a factor `spread` apart around the sample's (1 in these units). */
static struct chain coxian_start(size_t n, double spread, double onward)
{
    struct chain chain = {.n = n, .alpha = {1}};
    for (size_t i = 0; i < n; i++) {
        const double rate = (double)n * pow(spread, (double)(n - 1 - i)) / pow(spread, (double)(n - 1) / 2);
        chain.m[i * n + i] = -rate;
        chain.t[i] = i + 1 < n ? rate * (1 - onward) : rate;
        if (i + 1 < n)
            chain.m[i * n + i + 1] = rate * onward;
    }
    return chain;
}

/* Every move possible, at rates that differ so that no two states stay alike. */
static struct chain full_start(size_t n, double spread)
{
    struct chain chain = {.n = n};
    for (size_t i = 0; i < n; i++) {
        const double rate = (double)n * pow(spread, (double)i) / pow(spread, (double)(n - 1) / 2);
        chain.alpha[i] = (1 + 0.5 * (double)i) / ((double)n * (1 + 0.25 * (double)(n - 1)));
        double out = chain.t[i] = 0.5 * rate;
        for (size_t j = 0; j < n; j++)
            if (j != i)
                out += chain.m[i * n + j] = 0.5 * rate * (1 + (double)((i + 2 * j) % n)) / (double)(n * n);
        chain.m[i * n + i] = -out;
    }
    return chain;
}

/* The most likely chain of n phases: of all starts after some rounds the best one is iterated to the end. */
static double best_start(const struct lci_groups *groups, struct work *work, bool full, size_t n, int rounds,
                         struct chain *best)
{
    static const double spreads[] = {1, 4, 20, 100}, onwards[] = {0.9, 0.2};
    double greatest = -INFINITY;
    for (size_t s = 0; s < STARTS; s++) {
        struct chain chain = full ? full_start(n, spreads[s / 2] * (double)(1 + s % 2))
                                  : coxian_start(n, spreads[s / 2], onwards[s % 2]);
        const double value = iterate(&chain, groups, work, TRIAL_ROUNDS);
        if (value > greatest) {
            greatest = value;
            *best = chain;
        }
    }
    return isfinite(greatest) ? iterate(best, groups, work, rounds) : greatest;
}

/* Of all orders the chain of least BIC. A phase-type distribution of n phases has 2n − 1 degrees of freedom, however it
 * is written: poles and zeros of its transform. */
static struct chain best_chain(struct lci_data *data, bool full)
{
    struct lci_groups groups = lci_groups_make(data, GROUPS);
    struct work work = {.powers = lc_alloc((TERMS + 2) * ORDER * sizeof(double)),
                        .visible = lc_alloc(VECTORS * (TERMS + 2) * sizeof(double))};
    double **const vectors[VECTORS] = {&work.visible, &work.alive,  &work.c,    &work.d,
                                       &work.open_c,  &work.open_d, &work.beta, &work.other};
    for (size_t i = 1; i < VECTORS; i++)
        *vectors[i] = work.visible + i * (TERMS + 2);
    struct chain best = {.n = 0};
    double least = INFINITY;
    for (size_t n = 2; n <= ORDER; n++) {
        struct chain chain = {.n = 0};
        const double value = best_start(&groups, &work, full, n, data->rough ? ROUNDS / 10 : ROUNDS, &chain);
        const double score = (double)(2 * n - 1) * log(groups.total) - 2 * value;
        if (isfinite(value) && score < least - 1e-9 * fabs(score)) {
            least = score;
            best = chain;
        }
    }
    lci_groups_free(&groups);
    free(work.powers);
    free(work.visible);
    return best;
}

static const char *coxian_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    const struct chain chain = best_chain(data, false);
    double p[2 * ORDER];
    if (chain.n == 0)
        return "the iteration found no chain";
    for (size_t i = 0; i < chain.n; i++) {
        const double rate = -chain.m[i * chain.n + i];
        p[2 * i] = rate;
        p[2 * i + 1] = i + 1 < chain.n ? fmin(chain.m[i * chain.n + i + 1] / rate, 1) : 0;
    }
    *dist = lc_dist_make(lc_family_find("coxian"), 0, p, 2 * chain.n - 1);
    lci_dist_scale(dist, data->mean);
    *free_parameters = 2 * chain.n - 1;
    return dist->family->valid(dist->parameters, dist->count) ? NULL : "the iteration found no chain";
}

static const char *phase_type_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    const struct chain chain = best_chain(data, true);
    double p[1 + ORDER + ORDER * ORDER], total = 0;
    if (chain.n == 0)
        return "the iteration found no chain";
    p[0] = (double)chain.n;
    for (size_t i = 0; i < chain.n; i++)
        total += chain.alpha[i];
    for (size_t i = 0; i < chain.n; i++)
        p[1 + i] = chain.alpha[i] / total;
    memcpy(p + 1 + chain.n, chain.m, chain.n * chain.n * sizeof *p);
    *dist = lc_dist_make(lc_family_find("phase_type"), 0, p, 1 + chain.n + chain.n * chain.n);
    lci_dist_scale(dist, data->mean);
    *free_parameters = 2 * chain.n - 1;
    return dist->family->valid(dist->parameters, dist->count) ? NULL : "the iteration found no chain";
}

const struct lci_estimator lci_estimator_coxian = {
    .family = "coxian",
    .variation = "lo",
    .stage = LCI_DEAR,
    .origin = LCI_RISING_DEARLY,
    .whole = coxian_whole,
};

const struct lci_estimator lci_estimator_phase_type = {
    .family = "phase_type",
    .variation = "",
    .stage = LCI_DEAR,
    .origin = LCI_RISING_DEARLY,
    .whole = phase_type_whole,
};
