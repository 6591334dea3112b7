/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For how long a lock inside a handler is held, from recordings that show neither its borders nor who waited for it.
 *
 * How likely a recording is cannot be written down, since every wait hangs on borders that nobody sees; but recordings
 * can be simulated, with the times at which the pieces really began. So (approximate Bayesian computation with
 * regression, Beaumont, Zhang and Balding, Genetics 162, 2002; on summaries that are themselves regressions, Fearnhead
 * and Prangle, Journal of the Royal Statistical Society B 74, 2012): holds, places and variabilities are drawn, each
 * gives a recording, and what was drawn is regressed on what the recordings look like in a few statistics. The
 * regression at the statistics of the real one is the estimate, and what it leaves is the error. A second round draws
 * near the estimate of the first, where the regression is all but linear.
 */
#include "calibrate/candidates.h"
#include "calibrate/jobs.h"
#include "calibrate/running.h"
#include "loadcast/random.h"
#include "model/dist/families.h"
#include "model/random/generator.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST 10 /* pieces, for their mean to be known */

enum {
    ROUNDS = 2,
    DRAWS = 400,
    NEAR = 200, /* draws that look most like what was recorded: the last regression is of them */
    STATISTICS = 15,
    TERMS = 1 + 2 * STATISTICS
};

/* What is drawn. Times are parts of the mean of a piece that waits for nobody, as it was recorded. */
enum { SHARE, BEHIND, PART, STRETCH, SPREAD, DRAWN };
static const double lowest[DRAWN] = {0.03, 0, 0.02, -3, -0.7}, highest[DRAWN] = {1, 1, 0.98, 3, 0.7};
/* SHARE: of a piece that the lock is held. BEHIND: part of the rest that lies behind it. PART: of a piece's variance
 * that is the hold's. STRETCH: by how many standard errors the mean of a piece is longer than recorded. SPREAD: by
 * which factor its variance is larger, as a logarithm. */

/* What is wanted of them: logarithms of the hold's mean and second moment, in the same unit. */
enum { HOLD, SQUARE, WANTED };

struct times { /* of a kind of piece that waits for nobody */
    double mean, variance;
};

struct study {
    const struct lci_jobs *jobs;
    struct times *times; /* per kind */
    double error;        /* standard error of a mean piece, as a part of it */
    double mean;         /* s: of a piece */
    uint32_t busiest, quietest;
    double *end;     /* simulated */
    double *ready;   /* room for one instance's */
    uint32_t *order; /* the same */
    struct lc_random random;
};

/* ---- what recordings look like ------------------------------------------------------------------------------------
 */

/* Indices 0 … count − 1 in the order of the keys, in which they nearly are. */
static void put_in_order(const double *key, size_t count, uint32_t *order)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && key[order[place - 1]] > key[i]; place--)
            order[place] = order[place - 1];
        order[place] = (uint32_t)i;
    }
}

struct looks { /* of a recording */
    struct lci_running busiest, quietest, others, alone,
        present[3]; /* times: at the loads; of who found nobody, 1, 2, more */
    struct lci_running long_between,
        between;                 /* ends, of which the second piece had been there for a piece, a third of one */
    struct lci_running products; /* of neighbouring ones of the former, less their mean */
    double overtaken;
};

static void look_at_order(const struct study *study, const struct lci_job *jobs, const double *end, size_t count,
                          struct looks *looks)
{
    double before = NAN;
    for (size_t i = 1; i < count; i++) {
        const uint32_t one = study->order[i - 1], next = study->order[i];
        const double there = end[one] - jobs[next].begin, between = end[next] - end[one];
        looks->overtaken += next < one;
        if (there > study->mean / 3)
            lci_running_add(&looks->between, between);
        if (!(there > study->mean)) {
            before = NAN;
            continue;
        }
        lci_running_add(&looks->long_between, between);
        if (!isnan(before))
            lci_running_add(&looks->products,
                            (between - looks->long_between.mean) * (before - looks->long_between.mean));
        before = between;
    }
}

static void look_at(struct study *study, const struct lci_job *jobs, const double *end, size_t count,
                    struct looks *looks)
{
    put_in_order(end, count, study->order);
    size_t gone = 0;
    for (size_t i = 0; i < count; i++) {
        while (gone < count && end[study->order[gone]] <= jobs[i].begin)
            gone++;
        const size_t present = i - gone;
        const double time = end[i] - jobs[i].begin;
        lci_running_add(jobs[i].level == study->busiest    ? &looks->busiest
                        : jobs[i].level == study->quietest ? &looks->quietest
                                                           : &looks->others,
                        time);
        lci_running_add(present == 0 ? &looks->alone : &looks->present[present > 3 ? 2 : present - 1], time);
    }
    look_at_order(study, jobs, end, count, looks);
}

/* On the logarithmic scale where that makes sense; what is not known is as long as a piece. */
static double level_of(const struct study *study, const struct lci_running *m)
{
    return m->count >= LEAST && m->mean > 0 ? log(m->mean / study->mean) : 0;
}

static double spread_of(const struct study *study, const struct lci_running *m)
{
    return m->count >= LEAST && m->squares > 0 ? log(lci_running_variance(m) / (study->mean * study->mean)) / 2 : 0;
}

static void statistics(struct study *study, const double *end, double *x)
{
    const struct lci_jobs *jobs = study->jobs;
    struct looks l = {0};
    for (size_t first = 0, next; first < jobs->count; first = next) {
        next = lci_next_instance(jobs, first);
        look_at(study, jobs->items + first, end + first, next - first, &l);
    }
    const struct lci_running *const levels[] = {&l.busiest,    &l.quietest,   &l.others,       &l.alone,  &l.present[0],
                                                &l.present[1], &l.present[2], &l.long_between, &l.between};
    const struct lci_running *const spreads[] = {&l.busiest, &l.alone, &l.long_between, &l.between};
    int n = 0;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        x[n++] = level_of(study, levels[i]);
    for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++)
        x[n++] = spread_of(study, spreads[i]);
    x[n++] = l.products.count >= LEAST ? l.products.mean / lci_running_variance(&l.long_between) : 0;
    x[n++] = l.overtaken / (double)jobs->count;
}

/* ---- simulated recordings -----------------------------------------------------------------------------------------
 */

/* A time of this mean and variance: gamma or lognormal, since nobody knows the family. */
static double time_of(struct lc_random *random, double mean, double variance, bool gamma)
{
    if (!(mean > 0) || !(variance > 1e-12 * mean * mean))
        return fmax(mean, 0);
    if (gamma)
        return lci_gamma_sample(mean * mean / variance, random) * variance / mean;
    const double log_variance = log1p(variance / (mean * mean));
    return mean * exp(sqrt(log_variance) * lci_random_normal(random) - log_variance / 2);
}

struct parts { /* of a piece: before the lock, held, behind it */
    double mean[3], variance[3];
};

static struct parts parts_of(const struct study *study, const struct times *times, const double *drawn)
{
    const double mean = times->mean * exp(drawn[STRETCH] * study->error);
    const double variance = times->variance * exp(drawn[SPREAD]);
    const double rest = 1 - drawn[SHARE], behind = drawn[BEHIND];
    const double apart = (1 - drawn[PART]) * variance / (behind * behind + (1 - behind) * (1 - behind));
    return (struct parts){
        {mean * rest * (1 - behind), mean * drawn[SHARE], mean * rest * behind},
        {apart * (1 - behind) * (1 - behind), drawn[PART] * variance, apart * behind * behind},
    };
}

static void simulate(struct study *study, const double *drawn)
{
    const struct lci_jobs *jobs = study->jobs;
    const bool gamma = lci_random_below(&study->random, 2) == 0;
    for (size_t first = 0, next; first < jobs->count; first = next) {
        next = lci_next_instance(jobs, first);
        const struct lci_job *job = jobs->items + first;
        double *end = study->end + first, released = -INFINITY;
        for (size_t i = 0; i < next - first; i++) {
            const struct parts parts = parts_of(study, &study->times[job[i].kind], drawn);
            study->ready[i] = job[i].begin + time_of(&study->random, parts.mean[0], parts.variance[0], gamma);
        }
        put_in_order(study->ready, next - first, study->order);
        for (size_t i = 0; i < next - first; i++) {
            const uint32_t at = study->order[i];
            const struct parts parts = parts_of(study, &study->times[job[at].kind], drawn);
            released =
                fmax(released, study->ready[at]) + time_of(&study->random, parts.mean[1], parts.variance[1], gamma);
            end[at] = released + time_of(&study->random, parts.mean[2], parts.variance[2], gamma);
        }
    }
}

/* ---- regression ---------------------------------------------------------------------------------------------------
 */

struct draws {
    double drawn[DRAWS][DRAWN], wanted[DRAWS][WANTED], x[DRAWS][STATISTICS];
};

static void draw(struct study *study, const double *low, const double *high, struct draws *draws)
{
    for (int d = 0; d < DRAWS; d++) {
        double *drawn = draws->drawn[d];
        for (int p = 0; p < DRAWN; p++)
            drawn[p] = low[p] + (high[p] - low[p]) * lci_random_uniform(&study->random);
        simulate(study, drawn);
        statistics(study, study->end, draws->x[d]);
        const struct times piece = {1, study->times->variance / pow(study->times->mean, 2)};
        const struct parts parts = parts_of(study, &piece, drawn);
        draws->wanted[d][HOLD] = log(parts.mean[1]);
        draws->wanted[d][SQUARE] = log(parts.mean[1] * parts.mean[1] + parts.variance[1]);
    }
}

struct regression { /* on a constant, the statistics and, where `terms` says so, their squares */
    double middle[STATISTICS], scale[STATISTICS], c[TERMS];
    size_t terms;
    double error; /* standard deviation of what it leaves */
};

/* Statistics are brought to one scale; constant ones say nothing. */
static void find_scale(const struct draws *draws, const int *chosen, size_t count, struct regression *r)
{
    for (int s = 0; s < STATISTICS; s++) {
        struct lci_running m = {0};
        for (size_t i = 0; i < count; i++)
            lci_running_add(&m, draws->x[chosen[i]][s]);
        r->middle[s] = m.mean;
        r->scale[s] = lci_running_variance(&m) > 0 ? sqrt(lci_running_variance(&m)) : 1;
    }
}

static double term_of(const struct regression *r, const double *x, size_t term)
{
    const size_t s = (term - 1) % STATISTICS;
    const double value = term > 0 ? (x[s] - r->middle[s]) / r->scale[s] : 1;
    return term > STATISTICS ? value * value : value;
}

static double value_at(const struct regression *r, const double *x)
{
    double sum = 0;
    for (size_t k = 0; k < r->terms; k++)
        sum += r->c[k] * term_of(r, x, k);
    return sum;
}

/* Of y[chosen[i]·stride]. */
static struct regression regress(const struct draws *draws, const int *chosen, size_t count, size_t terms,
                                 const double *y, size_t stride)
{
    struct regression r = {.terms = terms};
    double squares = 0;
    gsl_matrix *x = gsl_matrix_alloc(count, terms), *covariance = gsl_matrix_alloc(terms, terms);
    gsl_vector *values = gsl_vector_alloc(count), *c = gsl_vector_alloc(terms);
    gsl_multifit_linear_workspace *room = gsl_multifit_linear_alloc(count, terms);
    find_scale(draws, chosen, count, &r);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < terms; k++)
            gsl_matrix_set(x, i, k, term_of(&r, draws->x[chosen[i]], k));
        gsl_vector_set(values, i, y[(size_t)chosen[i] * stride]);
    }
    gsl_multifit_linear(x, values, c, covariance, &squares, room);
    for (size_t k = 0; k < terms; k++)
        r.c[k] = gsl_vector_get(c, k);
    r.error = sqrt(squares / (double)(count - terms));
    gsl_multifit_linear_free(room);
    gsl_matrix_free(x);
    gsl_matrix_free(covariance);
    gsl_vector_free(values);
    gsl_vector_free(c);
    return r;
}

struct distance {
    double value;
    int draw;
};

static int by_distance(const void *a, const void *b)
{
    const struct distance *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* The draws whose recordings look most like the real one: in what a regression says of them. */
static void choose_nearest(const struct draws *draws, const double *recorded, int *chosen)
{
    struct distance distances[DRAWS];
    int all[DRAWS];
    for (int d = 0; d < DRAWS; d++) {
        distances[d] = (struct distance){0, d};
        all[d] = d;
    }
    for (int p = 0; p < DRAWN + WANTED; p++) {
        const double *y = p < DRAWN ? &draws->drawn[0][p] : &draws->wanted[0][p - DRAWN];
        const struct regression r = regress(draws, all, DRAWS, TERMS, y, p < DRAWN ? DRAWN : WANTED);
        const double at = value_at(&r, recorded);
        for (int d = 0; d < DRAWS; d++)
            distances[d].value += pow((value_at(&r, draws->x[d]) - at) / r.error, 2);
    }
    qsort(distances, DRAWS, sizeof *distances, by_distance);
    for (int d = 0; d < DRAWS; d++)
        chosen[d] = distances[d].draw;
}

/* Where the nearest ones were drawn. */
static void narrow(const struct draws *draws, const int *chosen, double *low, double *high)
{
    for (int p = 0; p < DRAWN; p++) {
        struct lci_running m = {0};
        for (int i = 0; i < NEAR / 4; i++)
            lci_running_add(&m, draws->drawn[chosen[i]][p]);
        low[p] = fmax(lowest[p], m.mean - 2.5 * sqrt(lci_running_variance(&m)));
        high[p] = fmin(highest[p], m.mean + 2.5 * sqrt(lci_running_variance(&m)));
    }
}

/* ---- all of it ----------------------------------------------------------------------------------------------------
 */

/* Of pieces that found nobody: they did not wait, but for who overtook them. */
static void find_times(struct study *study, size_t kinds)
{
    const struct lci_jobs *jobs = study->jobs;
    struct lci_running all = {0}, *own = lc_calloc(kinds + 1, sizeof *own);
    double latest = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        const struct lci_job *job = &jobs->items[i];
        const bool first = i == 0 || job->instance != job[-1].instance;
        if (first || job->begin >= latest) {
            lci_running_add(&all, job->end - job->begin);
            lci_running_add(&own[job->kind], job->end - job->begin);
        }
        latest = first ? job->end : fmax(latest, job->end);
    }
    study->mean = all.mean;
    study->error = all.count >= LEAST && all.mean > 0 ? sqrt(lci_running_variance(&all) / all.count) / all.mean : NAN;
    for (size_t k = 0; k < kinds; k++) {
        const struct lci_running *best = own[k].count >= LEAST ? &own[k] : &all;
        study->times[k] = (struct times){best->mean, lci_running_variance(best)};
    }
    free(own);
}

static void size_from(struct study *study, struct lci_calibrated_lock *lock)
{
    struct draws *draws = lc_alloc(sizeof *draws);
    double low[DRAWN], high[DRAWN], recorded[STATISTICS], at[WANTED], error = 0;
    int chosen[DRAWS];
    memcpy(low, lowest, sizeof low);
    memcpy(high, highest, sizeof high);
    for (size_t i = 0; i < study->jobs->count; i++)
        study->end[i] = study->jobs->items[i].end;
    statistics(study, study->end, recorded);
    for (int round = 0; round < ROUNDS; round++) {
        draw(study, low, high, draws);
        choose_nearest(draws, recorded, chosen);
        narrow(draws, chosen, low, high);
    }
    for (int w = WANTED - 1; w >= 0; w--) {
        const struct regression r = regress(draws, chosen, NEAR, 1 + STATISTICS, &draws->wanted[0][w], WANTED);
        at[w] = value_at(&r, recorded);
        error = r.error;
    }
    lock->piece = study->mean;
    lock->hold = study->mean * exp(at[HOLD]);
    lock->low = lock->hold * exp(-1.96 * error);
    lock->high = lock->hold * exp(1.96 * error);
    lock->variance = study->mean * study->mean * fmax(0, exp(at[SQUARE]) - exp(2 * at[HOLD]));
    free(draws);
}

void lci_size_lock(const struct lci_stays *stays, struct lci_calibrated_lock *lock)
{
    struct lci_jobs jobs = lci_jobs_of(stays, lock->last_pieces);
    struct study study = {.jobs = &jobs,
                          .times = lc_calloc(stays->kinds + 1, sizeof *study.times),
                          .quietest = UINT32_MAX,
                          .end = lc_alloc((jobs.count + 1) * sizeof *study.end),
                          .ready = lc_alloc((jobs.count + 1) * sizeof *study.ready),
                          .order = lc_alloc((jobs.count + 1) * sizeof *study.order)};
    lc_random_init(&study.random, 1, 0, "lock", "hold");
    for (size_t i = 0; i < jobs.count; i++) {
        study.busiest = jobs.items[i].level > study.busiest ? jobs.items[i].level : study.busiest;
        study.quietest = jobs.items[i].level < study.quietest ? jobs.items[i].level : study.quietest;
    }
    find_times(&study, stays->kinds);
    if (!isnan(study.error))
        size_from(&study, lock);
    lci_jobs_free(&jobs);
    free(study.times);
    free(study.end);
    free(study.ready);
    free(study.order);
}
