/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screen.h"

#include <math.h>
#include <stdlib.h>

static double part_of(const struct lc_goal_result *g)
{
    return g->goal->kind == LC_GOAL_THROUGHPUT ? g->goal->limit / g->value.mean : g->value.mean / g->goal->limit;
}

static struct lcp_screened seen(const struct lc_search *s, const struct lc_point *p)
{
    struct lcp_screened load = {.known = true, .goals = p->goal_count};
    load.overloaded = p->overloaded && (s->goal == NULL || s->goal->kind != LC_GOAL_LOAD);
    load.parts = lc_calloc(p->goal_count, sizeof *load.parts);
    for (size_t g = 0; g < p->goal_count; g++)
        load.parts[g] = lcp_search_asks(s, &p->goals[g]) ? part_of(&p->goals[g]) : 0;
    return load;
}

struct lcp_screened lcp_screen_load(const struct lc_verdict *verdict, const struct lc_search *s, double factor)
{
    struct lcp_screened load = {0};
    struct lc_diag unheard = {0}; /* what there is to say the simulation says */
    struct lc_trial *trial = lcp_search_trial(verdict, s, factor);
    struct lc_point *p = &trial->point;
    p->solved = true;
    if (lcp_build_point(verdict, p, &unheard) == 0) {
        if (p->overloaded)
            lcp_judge(verdict, p);
        else
            lcp_simulate_point(verdict, p, INFINITY, 0, NULL, &unheard);
        if (p->overloaded || (p->result != NULL && p->result->converged))
            load = seen(s, p);
    }
    lcp_trial_free(trial);
    lc_diag_free(&unheard);
    return load;
}

static double scaled(const struct lcp_screen *screen, const struct lcp_screened *load, size_t goal)
{
    return load->parts[goal] * (screen->scale != NULL ? screen->scale[goal] : 1);
}

enum lc_judgement lcp_screen_judge(const struct lcp_screen *screen, const struct lcp_screened *load)
{
    enum lc_judgement all = LC_GOAL_MET;
    if (!load->known || isinf(screen->margin))
        return LC_GOAL_UNDECIDED;
    if (load->overloaded)
        return LC_GOAL_MISSED;
    for (size_t g = 0; g < load->goals; g++) {
        const double part = scaled(screen, load, g);
        if (part > 1 + screen->margin)
            return LC_GOAL_MISSED;
        if (!(part <= 1 - screen->margin))
            all = LC_GOAL_UNDECIDED;
    }
    return all;
}

void lcp_screen_compare(struct lcp_screen *screen, const struct lcp_screened *load, const struct lc_point *simulated,
                        enum lc_judgement judgement)
{
    const enum lc_judgement solved = lcp_screen_judge(screen, load);
    const bool wrong = solved != judgement && solved != LC_GOAL_UNDECIDED && judgement != LC_GOAL_UNDECIDED;
    if (!load->known)
        return;
    if (load->goals != simulated->goal_count || (wrong && (load->overloaded || simulated->overloaded))) {
        screen->margin = INFINITY; /* where the queues begin to grow it does not know */
        return;
    }
    double *scale = lc_calloc(load->goals, sizeof *scale), margin = screen->margin;
    for (size_t g = 0; g < load->goals; g++) {
        const struct lc_goal_result *goal = &simulated->goals[g];
        const struct lc_estimate *e = &goal->value;
        const double part = part_of(goal), half = (e->learned ? e->simulation_ci95 : e->ci95) / e->mean;
        const double ratio = part / load->parts[g];
        scale[g] = fabs(ratio - 1) > half && isfinite(ratio) ? ratio : 1;
        if (!(load->parts[g] > 0) || !isfinite(ratio))
            continue;
        if (judgement == LC_GOAL_UNDECIDED && fabs(part - 1) <= 2 * half)
            margin = fmax(margin, 2 * half);
        if (wrong && screen->scale != NULL)
            margin = fmax(margin, fabs(scaled(screen, load, g) / part - 1));
    }
    free(screen->scale);
    screen->scale = scale;
    screen->margin = margin;
}
