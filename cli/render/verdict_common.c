/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "loadcast/edit.h"
#include "sim/scenario/edits.h"
#include "table.h"
#include "verdict_render.h"

char *verdict_component(const char *name, bool processor)
{
    return processor ? lc_format("%s (processor)", name) : lc_strdup(name);
}

const char *verdict_method(const struct lc_verdict *verdict)
{
    static const char *const names[] = {
        [LC_METHOD_SIMULATE] = "simulate", [LC_METHOD_ANALYTIC] = "analytic", [LC_METHOD_BOTH] = "both"};
    return names[verdict->method];
}

char *verdict_goal(const struct lc_goal *goal)
{
    char *limit, *text;
    switch (goal->kind) {
    case LC_GOAL_LOAD:
        limit = percent_text(goal->limit);
        text = lc_format("load of %s ≤ %s", goal->component != NULL ? goal->component : "every component", limit);
        break;
    case LC_GOAL_RESPONSE:
        limit = time_text(goal->limit);
        text = goal->percentile == 0 ? lc_format("mean %s of %s ≤ %s", goal->completion ? "completion" : "response",
                                                 goal->workload, limit)
                                     : lc_format("p%g %s of %s ≤ %s", goal->percentile,
                                                 goal->completion ? "completion" : "response", goal->workload, limit);
        break;
    case LC_GOAL_ERRORS:
        limit = percent_text(goal->limit);
        text = lc_format("failed requests of %s ≤ %s", goal->workload, limit);
        break;
    default:
        limit = number_text(goal->limit);
        text = lc_format("throughput of %s ≥ %s/s", goal->workload, limit);
        break;
    }
    free(limit);
    return text;
}

/* Keys of assumptions are "deployment.services.NAME.ATTRIBUTE", paths of edits "NAME.ATTRIBUTE". A service that is
 * declared a delay has neither threads nor cores to assume. */
bool verdict_assumed(const struct lc_verdict *verdict, const struct lc_assumption *assumption)
{
    static const char prefix[] = "deployment.services.";
    const char *key = assumption->key;
    if (strncmp(key, prefix, sizeof prefix - 1) != 0)
        return true;
    for (size_t i = 0; i < verdict->scenario->stated_count; i++) /* the deployment states it, because a source did */
        if (strcmp(verdict->scenario->stated[i].key, key) == 0)
            return true;
    key += sizeof prefix - 1;
    const char *dot = strrchr(key, '.');
    const size_t length = dot != NULL ? (size_t)(dot - key) : strlen(key);
    for (size_t i = 0; i < verdict->scenario->deployment.count; i++) {
        const struct lc_edit *edit = &verdict->scenario->deployment.edits[i];
        const bool same = edit->service == length && strncmp(edit->path, key, length) == 0;
        if (strcmp(edit->path, key) == 0 || (same && strcmp(lci_edit_attribute(edit, NULL), "kind") == 0))
            return false;
    }
    return true;
}

enum lc_judgement verdict_judgement(const struct lc_point *point, const struct lc_goal *goal)
{
    enum lc_judgement all = LC_GOAL_MET;
    bool any = goal->kind != LC_GOAL_LOAD; /* without a limit there is no load to judge */
    for (size_t i = 0; i < point->goal_count; i++) {
        if (point->goals[i].goal != goal)
            continue;
        any = true;
        if (point->goals[i].judgement == LC_GOAL_MISSED)
            return LC_GOAL_MISSED;
        if (point->goals[i].judgement == LC_GOAL_UNDECIDED)
            all = LC_GOAL_UNDECIDED;
    }
    return any ? all : LC_GOAL_UNDECIDED;
}

char *verdict_undecided(const struct lc_verdict *verdict, const struct lc_goal_result *goal)
{
    const double times = fmax(goal->traces, 1.1); /* at least a few more */
    if (goal->traces == 0)
        return lc_strdup(isnan(goal->value.mean) ? ""
                                                 : "; the simulation is too short to decide it: allow more time or "
                                                   "replications");
    if (!isfinite(times))
        return lc_strdup("; the traces are too few to decide it; how many would is not known");
    char *number = number_text(times), *traces = lc_format("%.0f", times * (double)verdict->evidence.traces);
    char *text = lc_format("; the traces are too few to decide it: about %s times as many (%s) would", number, traces);
    free(number);
    free(traces);
    return text;
}

char *verdict_difference(double mean, double low, double high, const struct lc_estimate *of, double scale,
                         const char *unit)
{
    const bool sure = low > 0 || high < 0;
    char *text = difference_estimate(mean, low, high, of, scale, unit);
    if (text == NULL)
        return lc_strdup("0 ");
    struct lci_buffer shown = {0};
    lci_buffer_add(&shown, "%s", sure ? "" : "(");
    for (char *part = text, *next; part != NULL; part = next) { /* hyphens become minus signs */
        next = strchr(part, '-');
        if (next != NULL)
            *next++ = 0;
        lci_buffer_add(&shown, "%s%s", part, next != NULL ? "−" : sure ? " " : ")");
    }
    free(text);
    return lci_buffer_take(&shown);
}

/* ---- whose samples ----------------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* The number of the model by which most of a part of an interval comes, for people. */
static char *number_of(const struct lc_verdict *verdict, const struct lc_replicated *d)
{
    struct verdict_number n = verdict_number(verdict, d);
    char *samples = n.samples > 0 ? lc_format("%llu samples", (unsigned long long)n.samples) : lc_strdup("");
    char *text;
    if (ends_with(d->path, ".demand") || ends_with(d->path, ".think_time")) {
        char *mean = time_text(n.mean * verdict->time_unit), *error = time_text(n.standard_error * verdict->time_unit);
        text = lc_format("%s, mean %s with a standard error of %s", samples, mean, error);
        free(mean);
        free(error);
    } else {
        char *mean = number_text(n.mean), *error = number_text(n.standard_error);
        text = lc_format("%s, %s %s with a standard error of %s", samples,
                         ends_with(d->path, ".probability") ? "a share of" : "calls:", mean, error);
        free(mean);
        free(error);
    }
    free(samples);
    return text;
}

struct verdict_number verdict_number(const struct lc_verdict *verdict, const struct lc_replicated *d)
{
    struct verdict_number n = {0, NAN, NAN};
    struct lc_diag own = {0};
    if (lc_edit_get(verdict->base, d->path, &n.mean, &own, NULL) != 0)
        n.mean = NAN;
    lc_diag_free(&own);
    double mean = 0, squares = 0;
    const double replicates = (double)verdict->evidence.replicates;
    for (size_t b = 0; b < verdict->evidence.replicates; b++)
        mean += d->ratios[b] / replicates;
    for (size_t b = 0; b < verdict->evidence.replicates; b++)
        squares += (d->ratios[b] - mean) * (d->ratios[b] - mean) / (replicates - 1);
    n.standard_error = n.mean * sqrt(squares);
    n.samples = verdict->evidence.samples[d - verdict->evidence.replicated];
    if (n.samples == 0 && d->entry != LC_NONE)
        n.samples = verdict->evidence.entry_samples[d->entry];
    return n;
}

const char *verdict_rate_unit(const struct lc_verdict *verdict)
{
    size_t sessions = 0, open = 0;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        if (!verdict->scenario->workloads[w].closed) {
            open++;
            sessions += verdict->scenario->workloads[w].steps != NULL;
        }
    return sessions == 0 ? "requests/s" : sessions == open ? "sessions/s" : "requests and sessions/s";
}

const char *verdict_operation(const struct lc_verdict *verdict, int entry)
{
    return entry != LC_NONE ? verdict->base->entries[entry].name : "which requests the workloads make";
}

/* "; about 900 more recorded requests of keyword would halve the interval" */
static char *more_requests(const struct lc_verdict *verdict, const struct lc_sensitivity *s, const char *purpose)
{
    if (!isfinite(s->requests))
        return lc_strdup("");
    const double step = pow(10, floor(log10(fmax(s->requests, 1))) - 1); /* two digits tell enough */
    char *number = lc_format("%.0f", ceil(ceil(s->requests / step - 0.01) * step));
    char *text = s->workload != LC_NONE
                     ? lc_format("; about %s more recorded requests of %s would %s", number,
                                 verdict->scenario->workloads[s->workload].name, purpose)
                     : lc_format("; about %s more recorded requests, of all workloads, would %s", number, purpose);
    free(number);
    return text;
}

char *verdict_sensitivity(const struct lc_verdict *verdict, const struct lc_sensitivity *s, const char *purpose)
{
    enum { SHOWN = 3 };
    struct lci_buffer parts = {0};
    for (size_t i = 0; i < s->count && i < SHOWN && (i == 0 || s->parts[i].share >= 0.05); i++) {
        const struct lc_sensitivity_part *part = &s->parts[i];
        char *number = number_of(verdict, part->most);
        lci_buffer_join(&parts, ", ", "%.0f %%%s from %s (%s)", 100 * part->share, i == 0 ? " of the variance" : "",
                        verdict_operation(verdict, part->entry), number);
        free(number);
    }
    char *text = lci_buffer_take(&parts);
    char *more = more_requests(verdict, s, purpose), *all = lc_format("%s%s", text, more);
    free(more);
    free(text);
    return all;
}
