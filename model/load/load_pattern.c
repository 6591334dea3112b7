/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/pattern.h"
#include "model/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING 1e-9

/* ---- copies ------------------------------------------------------------------------------------------------------ */

static double *numbers_copy(const double *from, size_t count)
{
    if (from == NULL)
        return NULL;
    double *to = lc_calloc(count, sizeof *to);
    memcpy(to, from, count * sizeof *to);
    return to;
}

static bool numbers_equal(const double *a, const double *b, size_t count)
{
    if (a == NULL || b == NULL)
        return a == b;
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

struct lc_pattern lci_pattern_copy(const struct lc_pattern *p)
{
    struct lc_pattern copy = *p;
    copy.times = numbers_copy(p->times, p->count);
    copy.values = numbers_copy(p->values, p->count);
    copy.generator = numbers_copy(p->generator, p->count * p->count);
    copy.script = p->script != NULL ? lc_strdup(p->script) : NULL;
    copy.batch_sizes = numbers_copy(p->batch_sizes, p->batch_count);
    copy.batch_probabilities = numbers_copy(p->batch_probabilities, p->batch_count);
    return copy;
}

void lci_pattern_free(struct lc_pattern *p)
{
    free(p->times);
    free(p->values);
    free(p->generator);
    free(p->script);
    free(p->batch_sizes);
    free(p->batch_probabilities);
    *p = (struct lc_pattern){0};
}

bool lci_pattern_equal(const struct lc_pattern *a, const struct lc_pattern *b)
{
    if (a->kind != b->kind || a->count != b->count || a->period != b->period || a->batch_mean != b->batch_mean ||
        a->batch_count != b->batch_count || a->script_unit != b->script_unit ||
        (a->script == NULL) != (b->script == NULL))
        return false;
    return numbers_equal(a->times, b->times, a->count) && numbers_equal(a->values, b->values, a->count) &&
           numbers_equal(a->generator, b->generator, a->count * a->count) &&
           numbers_equal(a->batch_sizes, b->batch_sizes, a->batch_count) &&
           numbers_equal(a->batch_probabilities, b->batch_probabilities, a->batch_count) &&
           (a->script == NULL || strcmp(a->script, b->script) == 0);
}

/* ---- what they come to ------------------------------------------------------------------------------------------- */

bool lci_pattern_varies(const struct lc_pattern *p)
{
    if (p->kind == LC_PATTERN_NONE || p->kind == LC_PATTERN_MMPP)
        return false;
    if (p->values == NULL || p->count == 0 || p->values[0] == 0)
        return true;
    for (size_t i = 1; i < p->count; i++)
        if (p->values[i] != p->values[0])
            return true;
    return false;
}

/* ∫ value dt from the first point to the last, and on to the period. */
static double area_of(const struct lc_pattern *p)
{
    double area = 0;
    for (size_t i = 1; i < p->count; i++)
        area += (p->times[i] - p->times[i - 1]) * (p->values[i] + p->values[i - 1]) / 2;
    if (p->period > 0)
        area += (p->period - p->times[p->count - 1]) * p->values[p->count - 1];
    return area;
}

/* Gaussian elimination on π Q = 0, Σ π = 1: the last equation is the sum. */
int lci_pattern_stationary(const struct lc_pattern *p, double *probabilities)
{
    const size_t n = p->count;
    double *a = lc_calloc(n * (n + 1), sizeof *a); /* rows of equations, the right side last */
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            a[i * (n + 1) + j] = i + 1 < n ? p->generator[j * n + i] : 1;
    a[(n - 1) * (n + 1) + n] = 1;
    int status = 0;
    for (size_t column = 0; column < n && status == 0; column++) {
        size_t pivot = column;
        for (size_t i = column + 1; i < n; i++)
            if (fabs(a[i * (n + 1) + column]) > fabs(a[pivot * (n + 1) + column]))
                pivot = i;
        if (!(fabs(a[pivot * (n + 1) + column]) > 1e-300))
            status = -1;
        for (size_t j = 0; j <= n && status == 0; j++) {
            const double swapped = a[pivot * (n + 1) + j];
            a[pivot * (n + 1) + j] = a[column * (n + 1) + j];
            a[column * (n + 1) + j] = swapped;
        }
        for (size_t i = 0; i < n && status == 0; i++) {
            const double factor = a[i * (n + 1) + column] / a[column * (n + 1) + column];
            for (size_t j = column; j <= n && i != column; j++)
                a[i * (n + 1) + j] -= factor * a[column * (n + 1) + j];
        }
    }
    for (size_t i = 0; i < n && status == 0; i++) {
        probabilities[i] = fmax(a[i * (n + 1) + n] / a[i * (n + 1) + i], 0);
        if (!isfinite(probabilities[i]))
            status = -1;
    }
    free(a);
    return status;
}

static double mmpp_rate(const struct lc_pattern *p)
{
    double *probabilities = lc_calloc(p->count, sizeof *probabilities), rate = 0;
    if (lci_pattern_stationary(p, probabilities) != 0)
        rate = NAN;
    for (size_t i = 0; i < p->count; i++)
        rate += probabilities[i] * p->values[i];
    free(probabilities);
    return rate;
}

static double script_rate(const struct lc_pattern *p)
{
    struct lc_diag diag = {0};
    struct lc_script *script = lci_script_parse(p->script, &diag, NULL);
    double rate = NAN;
    if (script != NULL) {
        const double duration = lci_script_duration(script) * p->script_unit;
        rate = lci_script_creations(script) / (duration > 0 ? duration : 1);
    }
    lci_script_free(script);
    lc_diag_free(&diag);
    return rate;
}

double lci_pattern_rate(const struct lc_pattern *p)
{
    switch (p->kind) {
    case LC_PATTERN_RATES: {
        const double length = p->period > 0 ? p->period : p->times[p->count - 1];
        return length > 0 ? area_of(p) / length : p->values[p->count - 1];
    }
    case LC_PATTERN_MMPP: return mmpp_rate(p);
    case LC_PATTERN_TIMES: {
        const double length = p->period > 0 ? p->period : p->times[p->count - 1];
        return (double)p->count / (length > 0 ? length : 1);
    }
    case LC_PATTERN_SCRIPT: return script_rate(p);
    case LC_PATTERN_NONE:
    case LC_PATTERN_USERS: break;
    }
    return NAN;
}

double lci_pattern_batch(const struct lc_pattern *p)
{
    double mean = 0;
    for (size_t i = 0; i < p->batch_count; i++)
        mean += p->batch_sizes[i] * p->batch_probabilities[i];
    return p->batch_mean > 0 ? p->batch_mean : p->batch_count > 0 ? mean : 1;
}

void lci_pattern_stretch(struct lc_pattern *p, double factor)
{
    for (size_t i = 0; p->times != NULL && i < p->count; i++)
        p->times[i] *= factor;
    for (size_t i = 0; p->values != NULL && p->kind != LC_PATTERN_USERS && i < p->count; i++)
        p->values[i] /= factor;
    for (size_t i = 0; p->generator != NULL && i < p->count * p->count; i++)
        p->generator[i] /= factor;
    p->period *= factor;
    p->script_unit *= factor;
}

double lci_pattern_value(const struct lc_pattern *p, double time)
{
    size_t i = 0;
    while (i < p->count && p->times[i] <= time)
        i++;
    if (i == 0 || i == p->count)
        return p->values[i == 0 ? 0 : p->count - 1];
    const double part = (time - p->times[i - 1]) / (p->times[i] - p->times[i - 1]);
    return p->values[i - 1] + part * (p->values[i] - p->values[i - 1]);
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

#define WRONG(...) (lc_error(diag, LC_INPUT, place, __VA_ARGS__), -1)

static int check_times(const struct lc_pattern *p, const char *what, struct lc_diag *diag, const struct lc_place *place)
{
    const bool points = p->kind != LC_PATTERN_TIMES;
    for (size_t i = 0; i < p->count; i++) {
        if (!(p->times[i] >= 0) || !isfinite(p->times[i]))
            return WRONG("%s has the time %g; expected 0 or more", what, p->times[i]);
        if (i > 0 && p->times[i] < p->times[i - 1])
            return WRONG("%s has the time %g after %g; expected times that do not fall", what, p->times[i],
                         p->times[i - 1]);
    }
    if (points && p->times[0] != 0)
        return WRONG("%s begins at the time %g; expected 0", what, p->times[0]);
    if (!(p->period >= 0) || !isfinite(p->period))
        return WRONG("%s has a period of %g; expected 0 or more", what, p->period);
    if (p->period > 0 && p->times[p->count - 1] > p->period)
        return WRONG("%s goes to the time %g, beyond its period of %g", what, p->times[p->count - 1], p->period);
    return 0;
}

static int check_chain(const struct lc_pattern *p, const char *what, struct lc_diag *diag, const struct lc_place *place)
{
    const size_t n = p->count;
    for (size_t i = 0; i < n; i++) {
        double sum = 0, out = 0;
        for (size_t j = 0; j < n; j++) {
            const double rate = p->generator[i * n + j];
            if (!isfinite(rate) || (i != j && rate < 0))
                return WRONG("%s goes from state %zu to %zu at a rate of %g; expected 0 or more", what, i + 1, j + 1,
                             rate);
            sum += rate;
            out += i != j ? rate : 0;
        }
        if (fabs(sum) > ROUNDING * fmax(out, 1e-300) || (n > 1 && !(out > 0)))
            return WRONG("row %zu of the generator of %s sums to %g and leaves the state at a rate of %g; expected a "
                         "sum of 0 and more than 0",
                         i + 1, what, sum, out);
    }
    double *probabilities = lc_calloc(n, sizeof *probabilities);
    const int status = lci_pattern_stationary(p, probabilities);
    free(probabilities);
    return status == 0 ? 0 : WRONG("the states of %s fall apart; expected states that lead to each other", what);
}

static int check_batches(const struct lc_pattern *p, const char *what, struct lc_diag *diag,
                         const struct lc_place *place)
{
    double sum = 0;
    if (p->batch_mean != 0 && !(p->batch_mean >= 1 && p->batch_mean <= 1e6))
        return WRONG("%s has batches of %g on the average; expected 1 to 1,000,000", what, p->batch_mean);
    for (size_t i = 0; i < p->batch_count; i++) {
        if (!(p->batch_sizes[i] >= 1 && p->batch_sizes[i] <= 1e6) || p->batch_sizes[i] != floor(p->batch_sizes[i]))
            return WRONG("%s has a batch of %g; expected a whole number from 1 to 1,000,000", what, p->batch_sizes[i]);
        if (!(p->batch_probabilities[i] >= 0))
            return WRONG("%s has a batch with probability %g; expected 0 or more", what, p->batch_probabilities[i]);
        sum += p->batch_probabilities[i];
    }
    if (p->batch_count > 0 && fabs(sum - 1) > 1e-6)
        return WRONG("the probabilities of the batches of %s sum to %g; expected 1", what, sum);
    return 0;
}

int lci_pattern_check(const struct lc_pattern *p, const char *what, struct lc_diag *diag, const struct lc_place *place)
{
    if (check_batches(p, what, diag, place) != 0)
        return -1;
    if (p->period != 0 && p->kind != LC_PATTERN_RATES && p->kind != LC_PATTERN_TIMES)
        return WRONG("%s has a period, which only rates and times do", what);
    if (p->kind == LC_PATTERN_NONE)
        return 0;
    if (p->kind == LC_PATTERN_SCRIPT) {
        struct lc_script *script = lci_script_parse(p->script, diag, place);
        const bool creates = script != NULL && lci_script_creations(script) > 0;
        if (script != NULL && !creates)
            lc_error(diag, LC_INPUT, place, "script '%s' creates nothing", p->script);
        lci_script_free(script);
        return creates ? 0 : -1;
    }
    if (p->count == 0)
        return WRONG("%s is empty; expected one time or state at the least", what);
    if (p->times != NULL && check_times(p, what, diag, place) != 0)
        return -1;
    double largest = 0;
    for (size_t i = 0; p->values != NULL && i < p->count; i++) {
        if (!(p->values[i] >= 0) || !isfinite(p->values[i]) || (p->kind == LC_PATTERN_USERS && p->values[i] > 1e8))
            return WRONG("%s has the value %g; expected 0 or more", what, p->values[i]);
        largest = fmax(largest, p->values[i]);
    }
    if (p->values != NULL && !(largest > 0))
        return WRONG("%s is 0 all the time; expected a value above 0", what);
    if (p->kind == LC_PATTERN_MMPP && check_chain(p, what, diag, place) != 0)
        return -1;
    const double rate = p->kind == LC_PATTERN_USERS ? 1 : lci_pattern_rate(p);
    if (!(rate > 0) || !isfinite(rate))
        return WRONG("%s has a mean rate of %g; expected more than 0", what, rate);
    return 0;
}
