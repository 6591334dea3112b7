/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measured_mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/measured.h"

#define SAME_RATE 0.02 /* two measurements of one rate differ by no more than this part of it */

/* The names under which the requests that enter the system are counted: those of the workloads, or of the services that
 * they enter at. */
size_t measured_leave_out_unknown(const struct lc_scenario *s, struct lc_measured *measured)
{
    const char **names = lc_calloc(s->workload_count + 1, sizeof *names);
    char **services = lc_calloc(s->workload_count + 1, sizeof *services);
    size_t count = 0;
    bool by_name = false;
    for (size_t i = 0; i < measured->count; i++)
        for (size_t k = 0; k < measured->levels[i].count; k++)
            for (size_t w = 0; w < s->workload_count; w++)
                by_name |= strcmp(measured->levels[i].cells[k].subject, s->workloads[w].name) == 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        const char *entry = s->workloads[w].mix_count > 0 ? s->workloads[w].mix[0].entry : NULL;
        services[w] = entry != NULL ? lc_strndup(entry, strcspn(entry, "/")) : NULL;
        if (by_name || services[w] != NULL)
            names[count++] = by_name ? s->workloads[w].name : services[w];
    }
    const size_t left_out = lci_measured_settle(measured, names, count);
    for (size_t w = 0; w < s->workload_count; w++)
        free(services[w]);
    free(services);
    free(names);
    return left_out;
}

/* The throughput of the workload that was measured; NaN: none was. */
static double measured_rate(const struct lc_measured_level *level, const char *workload)
{
    for (size_t k = 0; k < level->count; k++)
        if (level->cells[k].measure == LC_MEASURED_THROUGHPUT && strcmp(level->cells[k].subject, workload) == 0)
            return level->cells[k].value;
    return NAN;
}

static void set_rate(struct lc_measured_level *level, double rate)
{
    level->rate = rate;
    free(level->name);
    level->name = lc_format("%.3g/s", rate);
}

/* A rate of all that the workloads' throughputs cannot sum to gives way to these. */
static void settle_contradiction(struct lc_measured_level *level, double known, bool all, struct lc_diag *diag)
{
    const double beyond = all ? fabs(known - level->rate) : known - level->rate;
    if (!(beyond > SAME_RATE * level->rate))
        return;
    lc_warn(
        diag, NULL,
        "the rate of all requests was measured as %.4g/s, but the throughputs of %s sum to %.4g/s; expected %s, the "
        "throughputs are taken",
        level->rate, all ? "the workloads" : "some of the workloads", known, all ? "the same" : "no more than that");
    set_rate(level, known);
}

/* Whether a part of the mix was assumed. */
static bool find_mix(const struct lc_scenario *s, struct lc_measured_level *level, struct lc_diag *diag)
{
    double *rates = lc_calloc(s->workload_count + 1, sizeof *rates);
    double known = 0, known_stated = 0, stated = 0;
    bool closed = false;
    for (size_t w = 0; w < s->workload_count; w++) {
        rates[w] = measured_rate(level, s->workloads[w].name);
        closed |= s->workloads[w].closed;
        known += isnan(rates[w]) ? 0 : rates[w];
        known_stated += isnan(rates[w]) ? 0 : s->workloads[w].rate;
        stated += s->workloads[w].rate;
    }
    const double left = stated - known_stated;
    if (closed || !(known > 0) || !isnan(level->factor) || (level->summed && !(known_stated > 0))) {
        free(rates);
        return false;
    }
    if (!level->summed)
        settle_contradiction(level, known, !(left > 0), diag);
    const double scale = level->summed ? known / known_stated : left > 0 ? fmax(0, level->rate - known) / left : 0;
    for (size_t w = 0; w < s->workload_count; w++)
        if (isnan(rates[w]))
            rates[w] = scale * s->workloads[w].rate;
    level->workloads = rates;
    if (level->summed && left > 0)
        set_rate(level, known + scale * left);
    return level->summed && left > 0;
}

void measured_find_mixes(const struct lc_scenario *s, struct lc_measured *measured, struct lc_diag *diag)
{
    bool guessed = false;
    for (size_t i = 0; i < measured->count; i++)
        guessed |= find_mix(s, &measured->levels[i], diag);
    if (guessed)
        lc_warn(diag, NULL,
                "the throughput of some workloads was measured, of others not: these are assumed to come as often for "
                "each request of those as in the scenario; with 'rate', that of all requests, they share what is left");
}
