/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_goals_render.h"

#include <math.h>
#include <stdlib.h>

#include "table.h"
#include "verdict_render.h"

static char *value_text(const struct lc_goal_result *g)
{
    char *value, *text;
    switch (g->goal->kind) {
    case LC_GOAL_LOAD: return percent_estimate(&g->value, 0.95);
    case LC_GOAL_ERRORS:
        value = percent_estimate(&g->value, 0.95);
        text = lc_format("%s fail", value);
        break;
    case LC_GOAL_RESPONSE:
        if (g->goal->percentile == 0)
            return time_estimate(&g->value, 0.95);
        value = percent_estimate(&g->value, 0.95);
        text = lc_format("%s are slower", value);
        break;
    default:
        value = estimate_text(&g->value, 1, 0.95);
        text = lc_format("%s/s", value);
        break;
    }
    free(value);
    return text;
}

static char *moment(double seconds)
{
    return seconds > 0 ? time_text(seconds) : lc_strdup("0 s");
}

char *curve_goal_text(const struct lc_verdict *verdict, const struct lc_goal_result *g)
{
    const struct lc_goal_course *c = &g->course;
    const size_t bins = (size_t)fmax(round(verdict->scenario->curves.duration / verdict->scenario->curves.step), 1);
    if (c->judged == 0)
        return lc_strdup(
            "in no bin are there enough requests to judge; longer bins or more replications would give more");
    char *worst = moment(c->worst), *value = value_text(g), *text;
    char *silent = c->judged < bins
                       ? lc_format("; %zu of %zu bins have too few requests to judge", bins - c->judged, bins)
                       : lc_strdup("");
    if (g->judgement == LC_GOAL_MISSED) {
        char *from = moment(c->from), *until = moment(c->until), *all = time_text(c->beyond);
        const bool again = c->beyond > 1.0001 * (c->until - c->from);
        text =
            lc_format("%s it from %s to %s%s%s%s%s, furthest at %s: %s",
                      g->goal->kind == LC_GOAL_THROUGHPUT ? "below" : "above", from, c->to_end ? "the end (" : "",
                      until, c->to_end ? ")" : "", again ? ", and again: in all " : "", again ? all : "", worst, value);
        free(from);
        free(until);
        free(all);
    } else if (g->judgement == LC_GOAL_MET) {
        text = lc_format("nearest at %s: %s%s", worst, value, silent);
    } else {
        text = lc_format("open in %zu of %zu bins, nearest or furthest at %s: %s; more replications would decide",
                         c->open, bins, worst, value);
    }
    free(silent);
    free(worst);
    free(value);
    return text;
}

static void print_line(const struct lc_verdict *verdict, const struct lc_goal_result *g, FILE *out)
{
    static const char *const words[] = {
        [LC_GOAL_MISSED] = "missed", [LC_GOAL_MET] = "met", [LC_GOAL_UNDECIDED] = "undecided"};
    char *name = verdict_goal(g->goal), *text = curve_goal_text(verdict, g);
    char *component = g->component != NULL ? verdict_component(g->component, g->processor) : lc_strdup("");
    fprintf(out, "  %-9s  %s: %s%s%s\n", words[g->judgement], name, component, *component != 0 ? " " : "", text);
    free(component);
    free(text);
    free(name);
}

/* Of a goal for every component those that decide it; where all meet it, the one that is nearest to the limit. */
void curve_goals_text(const struct lc_verdict *verdict, const struct lc_point *p, FILE *out)
{
    if (p->goal_count > 0)
        fputs("\nGoals\n", out);
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        const enum lc_judgement all = verdict_judgement(p, goal);
        const struct lc_goal_result *nearest = NULL;
        for (size_t k = 0; k < p->goal_count; k++) {
            const struct lc_goal_result *g = &p->goals[k];
            if (g->goal != goal || g->judgement != all)
                continue;
            if (all != LC_GOAL_MET)
                print_line(verdict, g, out);
            else if (nearest == NULL || g->value.mean > nearest->value.mean)
                nearest = g;
        }
        if (nearest != NULL)
            print_line(verdict, nearest, out);
    }
}
