/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "verdict.h"

char *verdict_component(const char *name, bool processor)
{
    return processor ? lc_format("%s (processor)", name) : lc_strdup(name);
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
        text = goal->percentile == 0 ? lc_format("mean response of %s ≤ %s", goal->workload, limit)
                                     : lc_format("p%d response of %s ≤ %s", goal->percentile, goal->workload, limit);
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
bool verdict_assumed(const struct run *run, const struct lc_assumption *assumption)
{
    static const char prefix[] = "deployment.services.";
    const char *key = assumption->key;
    if (strncmp(key, prefix, sizeof prefix - 1) != 0)
        return true;
    key += sizeof prefix - 1;
    const char *dot = strrchr(key, '.');
    const size_t length = dot != NULL ? (size_t)(dot - key) : strlen(key);
    for (size_t i = 0; i < run->scenario->deployment.count; i++) {
        const char *path = run->scenario->deployment.edits[i].path;
        if (strcmp(path, key) == 0)
            return false;
        if (strncmp(path, key, length) == 0 && strcmp(path + length, ".kind") == 0)
            return false;
    }
    return true;
}

enum lc_judgement verdict_judgement(const struct run_point *point, const struct lc_goal *goal)
{
    enum lc_judgement all = LC_GOAL_MET;
    for (size_t i = 0; i < point->goal_count; i++) {
        if (point->goals[i].goal != goal)
            continue;
        if (point->goals[i].judgement == LC_GOAL_MISSED)
            return LC_GOAL_MISSED;
        if (point->goals[i].judgement == LC_GOAL_UNDECIDED)
            all = LC_GOAL_UNDECIDED;
    }
    return all;
}

char *verdict_undecided(const struct run *run, const struct run_goal *goal)
{
    enum { HOPELESS = 1000 };
    const double times = fmax(goal->traces, 1.1); /* at least a few more */
    if (goal->traces == 0)
        return lc_strdup("");
    if (!(times < HOPELESS))
        return lc_strdup("; the traces leave it open, and only very many more would decide it");
    char *number = number_text(times), *traces = number_text(round(times * (double)run->extraction.reading.traces));
    char *text = lc_format("; the traces leave it open: about %s times as many (%s) would decide it", number, traces);
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
    char *shown = lc_strdup(sure ? "" : "(");
    for (char *part = text, *next; part != NULL; part = next) { /* hyphens become minus signs */
        next = strchr(part, '-');
        if (next != NULL)
            *next++ = 0;
        char *longer = lc_format("%s%s%s", shown, part, next != NULL ? "−" : sure ? " " : ")");
        free(shown);
        shown = longer;
    }
    free(text);
    return shown;
}
