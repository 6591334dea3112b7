/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "bisect.h"
#include "screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.99 /* of each of the decisions, of which a search takes several */
#define STRETCH    1.44 /* from 95 to 99 % with ten replications, Student's 3.25 / 2.26; with more it is less */

void lcp_trial_free(struct lc_trial *trial)
{
    if (trial == NULL)
        return;
    lcp_point_free(&trial->point);
    free(trial);
}

bool lcp_search_asks(const struct lc_search *s, const struct lc_goal_result *g)
{
    return (s->goal == NULL || g->goal == s->goal) &&
           (s->component == NULL || (g->processor == s->processor && strcmp(g->component, s->component) == 0));
}

/* The model as it was learned is searched: the sampling error of its traces comes after that. */
static enum lc_judgement judge_own(const struct lc_goal_result *g, const struct lc_point *point)
{
    struct lc_estimate own = g->value;
    if (point->result == NULL)
        return point->overloaded && own.mean > g->goal->limit ? LC_GOAL_MISSED : g->judgement;
    if (own.learned) {
        own.learned = false;
        own.ci95 = own.simulation_ci95;
        own.ci99 = STRETCH * own.simulation_ci95;
    }
    return lc_goal_judge(g->goal, &own, CONFIDENCE);
}

enum lc_judgement lc_search_judge(const struct lc_search *s, const struct lc_point *point)
{
    if (point->overloaded && (s->goal == NULL || s->goal->kind != LC_GOAL_LOAD))
        return LC_GOAL_MISSED;
    enum lc_judgement all = point->result != NULL || point->overloaded ? LC_GOAL_MET : LC_GOAL_UNDECIDED;
    for (size_t i = 0; i < point->goal_count; i++) {
        const struct lc_goal_result *g = &point->goals[i];
        if (!lcp_search_asks(s, g))
            continue;
        const enum lc_judgement j = judge_own(g, point);
        if (j == LC_GOAL_MISSED)
            return LC_GOAL_MISSED;
        if (j == LC_GOAL_UNDECIDED)
            all = LC_GOAL_UNDECIDED;
    }
    return all;
}

struct lc_load_point lcp_search_load(const struct lc_search *s, double factor)
{
    return (struct lc_load_point){.factor = factor,
                                  .alone = s->workload != LC_NONE,
                                  .workload = s->workload != LC_NONE ? (size_t)s->workload : 0};
}

struct lc_trial *lcp_search_trial(const struct lc_verdict *verdict, const struct lc_search *s, double factor)
{
    struct lc_trial *trial = lc_calloc(1, sizeof *trial);
    trial->load = lcp_search_load(s, factor);
    trial->point.load = &trial->load;
    trial->point.change = s->change;
    trial->point.solved = s->solved;
    trial->point.precision = verdict->scenario->simulation.precision;
    return trial;
}

/* Simulates a load until it is clear what it says, or that this cannot be told with four times the effort and again. */
static int try_load(const struct lc_verdict *verdict, const struct lc_search *s, double factor, struct lcp_part *part,
                    struct lc_trial **trial, enum lc_judgement *judgement, struct lc_diag *diag)
{
    enum { ROUNDS = 3 };
    *trial = lcp_search_trial(verdict, s, factor);
    struct lc_point *p = &(*trial)->point;
    if (lcp_build_point(verdict, p, diag) != 0)
        return -1;
    if (p->overloaded)
        lcp_judge(verdict, p);
    for (int round = 0; round < ROUNDS; round++) {
        *judgement = lc_search_judge(s, p);
        const double left = s->deadline - lci_seconds();
        if ((*judgement != LC_GOAL_UNDECIDED) || left <= 0 || p->exhausted ||
            (round > 0 && verdict->scenario->simulation.replications > 0))
            return 0;
        p->precision /= round > 0 ? 2 : 1;
        if (lcp_simulate_point(verdict, p, left, s->events, part, diag) != 0)
            return -1;
    }
    *judgement = lc_search_judge(s, p);
    return 0;
}

/* ---- what the solver says ---------------------------------------------------------------------------------------- */

struct solved { /* a load */
    double factor;
    struct lcp_screened screened;
};

struct way {
    const struct lc_verdict *verdict;
    struct lc_search *search;
    struct lc_diag *diag;
    struct lcp_bisection bisection;
    struct lcp_screen screen;
    struct solved *solved;
    size_t count, capacity;
};

/* Each load is solved once. */
static struct lcp_screened *solve(struct way *way, double factor)
{
    for (size_t i = 0; i < way->count; i++)
        if (way->solved[i].factor == factor)
            return &way->solved[i].screened;
    LC_GROW(way->solved, way->count, way->capacity);
    struct solved *new = &way->solved[way->count++];
    *new = (struct solved){.factor = factor, .screened = lcp_screen_load(way->verdict, way->search, factor)};
    way->search->screened += new->screened.known;
    return &new->screened;
}

static enum lc_judgement screen(void *context, double factor)
{
    struct way *way = context;
    return lcp_screen_judge(&way->screen, solve(way, factor));
}

/* ---- simulations ------------------------------------------------------------------------------------------------- */

/* The part of the progress bar that the next load takes of what is left for the search: as many more are expected as it
 * takes to halve the bracket so often. */
static struct lcp_part take_part(struct lcp_part *whole, const struct lcp_bisection *s)
{
    enum { UNKNOWN = 4 };
    if (whole == NULL)
        return (struct lcp_part){0};
    const double wide = isfinite(s->misses) ? (s->misses - s->keeps) / (s->within * s->misses) : 1 << UNKNOWN;
    const double weight = whole->weight / (1 + fmax(1, ceil(log2(wide))));
    whole->weight -= weight;
    return (struct lcp_part){.bar = whole->bar, .weight = weight};
}

/* What a load said tells how far the solver is off, and may become an end of the bracket. Takes the trial over. */
static void learn(struct way *way, struct lc_trial *trial, enum lc_judgement judgement)
{
    struct lc_search *s = way->search;
    if (way->bisection.screens)
        lcp_screen_compare(&way->screen, solve(way, trial->load.factor), &trial->point, judgement);
    if (judgement == LC_GOAL_UNDECIDED) {
        lcp_trial_free(trial);
        return;
    }
    struct lc_trial **end = judgement == LC_GOAL_MISSED ? &s->miss : &s->keep;
    lcp_trial_free(*end);
    *end = trial;
    if (judgement == LC_GOAL_MET)
        s->kept = &trial->point;
}

static int simulate(void *context, double factor, enum lc_judgement *judgement)
{
    struct way *way = context;
    struct lcp_part part = take_part(way->search->part, &way->bisection);
    struct lc_trial *trial = NULL;
    const int status = try_load(way->verdict, way->search, factor, &part, &trial, judgement, way->diag);
    lcp_show(&part, 1, 0);
    way->search->simulated++;
    if (status == 0)
        learn(way, trial, *judgement);
    else
        lcp_trial_free(trial);
    return status;
}

static bool has_time(void *context)
{
    return lci_seconds() < ((const struct way *)context)->search->deadline;
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

/* The point at the highest load that is known to keep the goals tells how far the solver is off. */
static struct way new_way(const struct lc_verdict *verdict, struct lc_search *s, struct lc_diag *diag)
{
    struct way way = {.verdict = verdict,
                      .search = s,
                      .diag = diag,
                      .bisection = {.within = s->within, .keeps = s->keeps, .misses = s->misses}};
    way.bisection.screens = !s->solved && !verdict->unscreened && lcp_decides(verdict) == LC_METHOD_SIMULATE;
    if (way.bisection.screens && s->kept != NULL && s->kept->result != NULL)
        lcp_screen_compare(&way.screen, solve(&way, s->keeps), s->kept, LC_GOAL_MET);
    return way;
}

static void free_way(struct way *way)
{
    for (size_t i = 0; i < way->count; i++)
        free(way->solved[i].screened.parts);
    free(way->solved);
    free(way->screen.scale);
}

int lcp_search(const struct lc_verdict *verdict, struct lc_search *s, struct lc_diag *diag)
{
    struct way way = new_way(verdict, s, diag);
    const struct lcp_decider decider = {screen, simulate, has_time, &way};
    const int status = lcp_bisect(&way.bisection, &decider);
    s->keeps = way.bisection.keeps;
    s->misses = way.bisection.misses;
    s->decided = way.bisection.narrow;
    free_way(&way);
    return status;
}

void lcp_search_points(const struct lc_verdict *verdict, struct lc_search *s)
{
    for (int pass = 0; pass < 2 && s->workload == LC_NONE; pass++)
        for (size_t i = 0; i < verdict->point_count; i++) {
            const struct lc_point *p = &verdict->points[i];
            if (p->change != s->change || p->load->levels != NULL)
                continue;
            const enum lc_judgement j = lc_search_judge(s, p);
            if (pass == 0 && j == LC_GOAL_MISSED)
                s->misses = fmin(s->misses, p->load->factor);
            if (pass == 1 && j == LC_GOAL_MET && p->load->factor < s->misses && p->load->factor > s->keeps) {
                s->keeps = p->load->factor;
                s->kept = p;
            }
        }
}

void lcp_search_free(struct lc_search *s)
{
    lcp_trial_free(s->keep);
    lcp_trial_free(s->miss);
    free(s->ratios);
}
