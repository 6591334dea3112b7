/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a model comes back after its load has risen and fallen again, or replicas have failed or slowed down.
 * Overload that feeds itself (retries of what was too slow) can keep it down although the load is as it was: a
 * metastable state.
 *
 * Judged by the response times of workloads and the queues of tasks. The band of before is that of single runs, at its
 * widest between half of the time before the disturbance and that; a curve is back from when on its mean over runs
 * stays in that band.
 */
#include "transient.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST = 3 }; /* bins before and after the disturbance */

/* The rise of a load: from when it is above its first value until it is back there for good. */
static bool rise_of(const struct lc_pattern *p, double factor, double *begin, double *end)
{
    const double base = p->values[0] * (1 + 1e-9);
    *begin = *end = NAN;
    for (size_t i = 1; i < p->count; i++) {
        if (p->values[i] > base && isnan(*begin))
            *begin = p->times[i - 1];
        if (p->values[i] <= base && p->values[i - 1] > base)
            *end = p->times[i];
    }
    *begin *= factor;
    *end *= factor;
    return *end > *begin && p->values[p->count - 1] <= base;
}

static void add_disturbance(struct lc_recovery *r, double begin, double end, enum lc_disturbed_by by, int task)
{
    const bool first = isnan(r->begin);
    r->begin = first ? begin : fmin(r->begin, begin);
    r->end = first ? end : fmax(r->end, end);
    r->by = first || (r->by == by && r->disturbed == task) ? by : LC_DISTURBED_BY_SEVERAL;
    r->disturbed = r->by == LC_DISTURBED_BY_SEVERAL ? LC_NONE : task;
}

static bool find_disturbance(const struct lc_model *model, struct lc_recovery *r)
{
    r->begin = r->end = NAN;
    for (size_t i = 0; i < model->task_count; i++) {
        const struct lc_pattern *p = &model->tasks[i].pattern;
        double begin, end;
        if ((p->kind == LC_PATTERN_RATES || p->kind == LC_PATTERN_USERS) && !(p->period > 0) &&
            rise_of(p, 1, &begin, &end))
            add_disturbance(r, begin, end, LC_DISTURBED_BY_LOAD, LC_NONE);
        const struct lc_disturbance *outage = &model->tasks[i].elastic.outage;
        if (outage->length > 0)
            add_disturbance(r, outage->at, outage->at + outage->length, LC_DISTURBED_BY_OUTAGE, (int)i);
        const struct lc_disturbance *slow = &model->tasks[i].elastic.slow_down;
        if (slow->length > 0)
            add_disturbance(r, slow->at, slow->at + slow->length, LC_DISTURBED_BY_SLOW_DOWN, (int)i);
    }
    return !isnan(r->begin);
}

static bool is_judged(const struct lc_curve *c)
{
    return c->quantity == LC_CURVE_QUEUE || c->quantity == LC_CURVE_RESPONSE;
}

/* The upper end of the band of before. */
static double band(const struct lc_curve *c, size_t first, size_t last)
{
    double most = NAN;
    for (size_t bin = first; bin < last; bin++)
        most = fmax(most, c->high[bin]);
    return most;
}

/* The first bin from which on the curve stays in the band; `bins` when it never does. */
static size_t back_at(const struct lc_curve *c, double upper, size_t bins)
{
    size_t at = bins;
    while (at > 0 && (c->mean[at - 1] <= upper || isnan(c->mean[at - 1])))
        at--;
    return at;
}

/* Whether the mean of the last bins of a run lies in the band. */
static bool run_is_back(const struct lci_curves *c, unsigned run, size_t curve, double upper, size_t bins)
{
    double sum = 0, count = 0;
    for (size_t bin = bins - LEAST; bin < bins; bin++) {
        const double value = (double)c->values[lci_curve_at(c, run, curve, bin)];
        sum += isnan(value) ? 0 : value;
        count += !isnan(value);
    }
    return count == 0 || sum / count <= upper;
}

void lci_find_recovery(const struct lci_curves *curves, struct lc_transient *to)
{
    struct lc_recovery *r = &to->recovery;
    *r = (struct lc_recovery){.disturbed = LC_NONE, .task = LC_NONE, .workload = LC_NONE, .time = NAN, .share = NAN};
    if (!find_disturbance(to->model, r))
        return;
    const size_t before = (size_t)fmax(r->begin / to->step, 0), after = (size_t)ceil(r->end / to->step);
    if (curves->runs < 2 || before < LEAST || after + LEAST > to->bins) /* a single run has no band to come back to */
        return;
    r->judged = true;
    size_t latest = after;
    bool *back = lc_calloc(curves->runs, sizeof *back);
    for (unsigned run = 0; run < curves->runs; run++)
        back[run] = true;
    for (size_t i = 0; i < to->count; i++) {
        const struct lc_curve *c = &to->curves[i];
        const double upper = is_judged(c) ? band(c, before / 2, before) : NAN;
        if (isnan(upper))
            continue;
        const size_t at = back_at(c, upper, to->bins);
        if (at > latest) {
            latest = at;
            r->task = c->quantity == LC_CURVE_QUEUE ? c->task : LC_NONE;
            r->workload = c->quantity == LC_CURVE_RESPONSE ? (int)i : LC_NONE;
        }
        for (unsigned run = 0; run < curves->runs; run++)
            back[run] = back[run] && run_is_back(curves, run, i, upper, to->bins);
    }
    double count = 0;
    for (unsigned run = 0; run < curves->runs; run++)
        count += back[run];
    free(back);
    r->share = count / curves->runs;
    r->recovered = latest < to->bins;
    r->time = r->recovered ? fmax((double)latest * to->step - r->end, 0) : NAN;
}
