/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When requests began: counts of seconds tell a constant rate; hours of the day give the profile of a day.
 */
#include "network/facts/facts.h"

#include "base/buffer.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define SECOND      INT64_C(1000000000) /* ns */
#define HOUR        3600                /* s */
#define LEAST_CELL  5                   /* expected requests in a cell of the χ² test (Cochran 1954) */
#define LEAST_SPANS 30                  /* of time, to speak of their variance */
#define CONSTANT    0.2                 /* index of dispersion: 5 in a span, give or take one */
#define CERTAIN     1e-6                /* probability that as constant counts are Poisson's */
#define LEAST_HOURS 3                   /* of a day, to speak of the time of day */
#define LEAST_KNOWN 600                 /* s of an hour, to speak of its rate */

/* ---- constant rates ---------------------------------------------------------------------------------------------- */

struct spans { /* of time, and the requests that began in them */
    double *counts;
    size_t count;
    double seconds, mean, dispersion, p;
};

/* Whole ones, each as long as it takes for enough requests. */
static struct spans spans_of(const struct lci_presence *starts)
{
    struct spans s = {.seconds = ldexp(1, (int)starts->shift)};
    s.counts = lc_calloc(starts->count + 1, sizeof *s.counts);
    int32_t scratch[LCI_MOST_INSTANTS];
    const int32_t *changes = lci_presence_changes(starts, scratch);
    for (size_t i = 1; i + 1 < starts->count; i++) { /* the first and the last are cut */
        s.counts[s.count++] = changes[i];
        s.mean += changes[i];
    }
    s.mean /= s.count > 0 ? (double)s.count : 1;
    while (s.mean < LEAST_CELL && s.count >= 2 * LEAST_SPANS) {
        s.count /= 2;
        s.seconds *= 2;
        s.mean = 0;
        for (size_t i = 0; i < s.count; i++) {
            s.counts[i] = s.counts[2 * i] + s.counts[2 * i + 1];
            s.mean += s.counts[i] / (double)s.count;
        }
    }
    return s;
}

/* Whether counts vary far less than those of a Poisson process; then (n − 1) × variance / mean is χ² distributed. */
static bool is_constant(struct spans *s)
{
    if (s->count < LEAST_SPANS || s->mean < LEAST_CELL)
        return false;
    double squares = 0;
    for (size_t i = 0; i < s->count; i++)
        squares += pow(s->counts[i] - s->mean, 2);
    s->dispersion = squares / (double)(s->count - 1) / s->mean;
    s->p = gsl_cdf_chisq_P(squares / s->mean, (double)(s->count - 1));
    return s->dispersion < CONSTANT && s->p < CERTAIN;
}

/* Counts alone do not tell who made them constant. */
static void tell_constant(const struct lci_visits *visits, const struct lci_task *task, struct lc_learned *learned)
{
    struct spans spans = spans_of(&task->starts);
    if (is_constant(&spans)) {
        const char *name = lci_text(visits, task->name);
        char *seen =
            lc_format("%.3g requests in each of %zu spans of %.3g s, with an index of dispersion of %.2g, 1 of "
                      "a Poisson process (χ²: p < %.0e)",
                      spans.mean, spans.count, spans.seconds, spans.dispersion, CERTAIN);
        lci_say(learned, "constant rate", lc_strdup(name), lc_format("%.3g/s", spans.mean / spans.seconds),
                lc_strdup(seen));
        lci_assume(
            learned, lc_format("%s is asked at a constant rate, by a load generator or users who wait", name),
            lc_strdup("the rate of the traces is that of the requests"),
            lc_format("%s; a sampler that lets so many through would look the same, and then there were more", seen),
            lc_strdup("workloads.NAME.rate"));
        free(seen);
    }
    free(spans.counts);
}

/* ---- time of day ------------------------------------------------------------------------------------------------- */

/* How long each hour of the day was recorded: from the first trace to the last, without hours in which none began. */
static void recorded_of(const struct lci_visits *visits, double *seconds)
{
    for (size_t i = 0; i < visits->hour_count; i++) {
        const struct lci_hour *hour = &visits->hours[i];
        const bool before = i > 0 && hour[-1].number == hour->number - 1,
                   after = i + 1 < visits->hour_count && hour[1].number == hour->number + 1;
        const int64_t begin = hour->number * HOUR * SECOND;
        const int64_t from = before ? begin : hour->first, to = after ? begin + HOUR * SECOND : hour->last;
        seconds[lci_hour_of_day(hour->number)] += (double)(to - from) * LCI_NANOSECOND;
    }
}

/* What a scenario reads: a whole day from midnight on, or steps from the first hour on. */
static char *pattern_of(const struct lc_arrivals *arrivals, size_t known)
{
    size_t first = 0;
    while (known < LC_HOURS && first < LC_HOURS &&
           (isnan(arrivals->rates[first]) || !isnan(arrivals->rates[(first + LC_HOURS - 1) % LC_HOURS])))
        first++; /* an hour without one before it */
    struct lci_buffer text = {0};
    lci_buffer_add(&text, known == LC_HOURS ? "{diurnal: [" : "{steps: [");
    for (size_t i = 0; i < known; i++) {
        const double rate = arrivals->rates[(first + i) % LC_HOURS];
        if (isnan(rate)) { /* hours that are not known lie between others */
            free(text.text);
            return NULL;
        }
        lci_buffer_add(&text, "%s", i > 0 ? ", " : "");
        if (known == LC_HOURS)
            lci_buffer_add(&text, "%.4g/s", rate);
        else
            lci_buffer_add(&text, "[%zu h, %.4g/s]", i, rate);
    }
    lci_buffer_add(&text, "]}");
    return lci_buffer_take(&text);
}

static size_t find_rates(struct lc_arrivals *a, double sampled)
{
    double requests = 0, seconds = 0, statistic = 0, least = INFINITY;
    size_t known = 0;
    for (size_t h = 0; h < LC_HOURS; h++) {
        const bool enough = a->seconds[h] >= LEAST_KNOWN;
        a->rates[h] = enough ? (double)a->requests[h] / a->seconds[h] / sampled : NAN;
        known += enough;
        requests += enough ? (double)a->requests[h] : 0;
        seconds += enough ? a->seconds[h] : 0;
    }
    for (size_t h = 0; h < LC_HOURS; h++) {
        if (isnan(a->rates[h]))
            continue;
        const double expected = requests * a->seconds[h] / seconds;
        statistic += pow((double)a->requests[h] - expected, 2) / expected;
        least = fmin(least, expected);
    }
    if (known < LEAST_HOURS || least < LEAST_CELL)
        return 0;
    a->p = gsl_cdf_chisq_Q(statistic, (double)(known - 1));
    return known;
}

static void tell_day(const struct lci_visits *visits, const struct lci_operation *operation, const double *seconds,
                     struct lc_learned *learned)
{
    struct lc_arrivals arrivals = {0};
    uint64_t requests = 0;
    for (size_t h = 0; h < LC_HOURS; h++) {
        arrivals.requests[h] = operation->hours[h];
        arrivals.seconds[h] = seconds[h];
        requests += operation->hours[h];
    }
    const size_t known = find_rates(&arrivals, lci_sampled(visits));
    if (known == 0)
        return;
    size_t low = LC_HOURS, high = LC_HOURS;
    for (size_t h = 0; h < LC_HOURS; h++) {
        if (isnan(arrivals.rates[h]))
            continue;
        low = low == LC_HOURS || arrivals.rates[h] < arrivals.rates[low] ? h : low;
        high = high == LC_HOURS || arrivals.rates[h] > arrivals.rates[high] ? h : high;
    }
    arrivals.operation = lc_format("%s/%s", lci_text(visits, operation->task), lci_text(visits, operation->entry));
    arrivals.pattern = pattern_of(&arrivals, known);
    lci_say(learned, "time of day", lc_strdup(arrivals.operation),
            lc_format("%.3g/s from %02zu:00 to %.3g/s from %02zu:00 UTC", arrivals.rates[low], low,
                      arrivals.rates[high], high),
            lc_format("%llu requests in %zu hours of the day; that hours differ so much by chance has a probability of "
                      "%.2g (χ²)",
                      (unsigned long long)requests, known, arrivals.p));
    LC_GROW(learned->arrivals, learned->arrival_count, learned->arrival_capacity);
    learned->arrivals[learned->arrival_count++] = arrivals;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

void lci_tell_starts(const struct lci_visits *visits, struct lc_learned *learned)
{
    double seconds[LC_HOURS] = {0};
    if (visits->limited_traces > 0)
        return; /* the traces tell when the sampler let some through */
    recorded_of(visits, seconds);
    for (size_t t = 0; t < visits->task_count; t++)
        tell_constant(visits, &visits->tasks[t], learned);
    for (size_t o = 0; o < visits->operation_count; o++)
        if (visits->operations[o].hours != NULL)
            tell_day(visits, &visits->operations[o], seconds, learned);
}
