/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
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

/* The model as it was learned is searched: what its traces leave open comes after that. */
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

/* ---- the way of the bisection -------------------------------------------------------------------------------------
 */

struct bracket {
    double keeps, misses;
    double low, high; /* loads that cannot be told from the limit lie between these */
    bool undecided;   /* there are some */
    double lowest;    /* the load that tells whether any keeps the goals; 0: not asked */
};

struct tried { /* a load */
    double factor;
    struct lcp_screened screened;
    bool undecided; /* by its simulation */
};

/* The loads that a bisection comes to, by what is known of each: by the simulations, which the search holds as its
 * bracket, and otherwise by the solver. */
struct way {
    struct lc_search *search;
    double keeps, misses; /* of the search at its beginning */
    bool screens;
    struct lcp_screen screen;
    struct tried *tried;
    size_t count, capacity;
};

/* Which load comes next; NaN: none would tell more. The side that is wider goes first. */
static double next_load(const struct lc_search *s, const struct bracket *b)
{
    const double fine = s->within / 2;
    if (isinf(b->misses))
        return b->keeps > 0 || b->undecided ? 1.5 * fmax(b->keeps, b->high) : 1;
    if (!b->undecided)
        return b->misses - b->keeps > s->within * b->misses ? (b->keeps + b->misses) / 2 : NAN;
    const double below = b->low - b->keeps, above = b->misses - b->high;
    if (fmax(below, above) <= fine * b->misses)
        return NAN;
    return below >= above ? (b->keeps + b->low) / 2 : (b->high + b->misses) / 2;
}

/* A load that keeps the goals decides all below it, one that misses them all above: chance may leave one undecided that
 * lies there. */
static void narrow(struct bracket *b, double factor, enum lc_judgement judgement)
{
    if (judgement == LC_GOAL_UNDECIDED) {
        b->low = b->undecided ? fmin(b->low, factor) : factor;
        b->high = b->undecided ? fmax(b->high, factor) : factor;
        b->undecided = true;
    } else if (judgement == LC_GOAL_MET) {
        b->keeps = factor;
        b->undecided &= b->high > factor;
    } else {
        b->misses = factor;
        b->undecided &= b->low < factor;
    }
}

static struct tried *find_tried(const struct way *way, double factor)
{
    for (size_t i = 0; i < way->count; i++)
        if (way->tried[i].factor == factor)
            return &way->tried[i];
    return NULL;
}

/* Whether a load needs no simulation (any more). */
static bool is_judged(const struct way *way, double factor, enum lc_judgement *judgement)
{
    const struct lc_search *s = way->search;
    const struct tried *t = find_tried(way, factor);
    if (factor <= s->keeps || factor >= s->misses) {
        *judgement = factor <= s->keeps ? LC_GOAL_MET : LC_GOAL_MISSED;
        return true;
    }
    *judgement = t != NULL && !t->undecided ? lcp_screen_judge(&way->screen, &t->screened) : LC_GOAL_UNDECIDED;
    return t != NULL && (t->undecided || *judgement != LC_GOAL_UNDECIDED);
}

/* The first load that is not judged; NaN: there is none, and this is the bracket. */
static double follow(const struct way *way, struct bracket *b)
{
    *b = (struct bracket){.keeps = way->keeps, .misses = way->misses};
    for (;;) {
        double factor = next_load(way->search, b);
        enum lc_judgement judgement;
        if (b->keeps == 0 && b->misses < way->misses) { /* perhaps none keeps them: that is told by a hundredth */
            if (b->lowest > 0)
                return NAN;
            factor = b->lowest = b->misses / 100;
        }
        if (isnan(factor) || !is_judged(way, factor, &judgement))
            return factor;
        narrow(b, factor, judgement);
    }
}

/* An end of the bracket that only the solver told; NaN: both were simulated. */
static double unproved(const struct lc_search *s, const struct bracket *b)
{
    return b->keeps > s->keeps ? b->keeps : b->misses < s->misses ? b->misses : NAN;
}

/* ---- simulations ------------------------------------------------------------------------------------------------- */

/* The part of the progress bar that the next load takes of what is left for the search: as many more are expected as it
 * takes to halve the bracket so often. */
static struct lcp_part take_part(struct lcp_part *whole, const struct lc_search *s)
{
    enum { UNKNOWN = 4 };
    if (whole == NULL)
        return (struct lcp_part){0};
    const double wide = isfinite(s->misses) ? (s->misses - s->keeps) / (s->within * s->misses) : 1 << UNKNOWN;
    const double weight = whole->weight / (1 + fmax(1, ceil(log2(wide))));
    whole->weight -= weight;
    return (struct lcp_part){.bar = whole->bar, .weight = weight};
}

/* What a load said becomes an end of the search's bracket, or of what cannot be told. Takes the trial over. */
static void learn(struct way *way, struct tried *tried, struct lc_trial *trial, enum lc_judgement judgement)
{
    struct lc_search *s = way->search;
    lcp_screen_compare(&way->screen, &tried->screened, &trial->point, judgement);
    tried->undecided = judgement == LC_GOAL_UNDECIDED;
    if (tried->undecided) {
        lcp_trial_free(trial);
        return;
    }
    struct lc_trial **end = judgement == LC_GOAL_MISSED ? &s->miss : &s->keep;
    *(judgement == LC_GOAL_MISSED ? &s->misses : &s->keeps) = tried->factor;
    lcp_trial_free(*end);
    *end = trial;
    if (judgement == LC_GOAL_MET)
        s->kept = &trial->point;
}

static int simulate(const struct lc_verdict *verdict, struct way *way, struct tried *tried, struct lc_diag *diag)
{
    struct lcp_part part = take_part(way->search->part, way->search);
    struct lc_trial *trial = NULL;
    enum lc_judgement judgement = LC_GOAL_UNDECIDED;
    const int status = try_load(verdict, way->search, tried->factor, &part, &trial, &judgement, diag);
    lcp_show(&part, 1, 0);
    way->search->simulated++;
    if (status == 0)
        learn(way, tried, trial, judgement);
    else
        lcp_trial_free(trial);
    return status;
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

/* A load that nobody has looked at: by the solver, if it is asked. */
static struct tried *try_first(const struct lc_verdict *verdict, struct way *way, double factor)
{
    LC_GROW(way->tried, way->count, way->capacity);
    struct tried *t = &way->tried[way->count++];
    *t = (struct tried){.factor = factor};
    if (way->screens)
        t->screened = lcp_screen_load(verdict, way->search, factor);
    way->search->screened += t->screened.known;
    return t;
}

/* The point at the highest load that is known to keep the goals tells how far the solver is off. */
static struct way new_way(const struct lc_verdict *verdict, struct lc_search *s)
{
    struct way way = {.search = s, .keeps = s->keeps, .misses = s->misses};
    way.screens = !s->solved && !verdict->unscreened && lcp_decides(verdict) == LC_METHOD_SIMULATE;
    if (way.screens && s->kept != NULL && s->kept->result != NULL)
        lcp_screen_compare(&way.screen, &try_first(verdict, &way, s->keeps)->screened, s->kept, LC_GOAL_MET);
    return way;
}

/* The solver finds no load that is too much: nothing says where to begin. */
static void forget_solver(struct way *way)
{
    way->screens = false;
    way->screen.margin = INFINITY;
}

static void free_way(struct way *way)
{
    for (size_t i = 0; i < way->count; i++)
        free(way->tried[i].screened.parts);
    free(way->tried);
    free(way->screen.scale);
}

int lcp_search(const struct lc_verdict *verdict, struct lc_search *s, struct lc_diag *diag)
{
    enum { TRIALS = 40 };
    const double highest = 1e6;
    struct way way = new_way(verdict, s);
    struct bracket b;
    int status = 0;
    while (status == 0 && s->simulated < TRIALS && lci_seconds() < s->deadline) {
        double factor = follow(&way, &b);
        if (isnan(factor))
            factor = unproved(s, &b);
        if (factor > highest && way.screens)
            forget_solver(&way);
        else if (isnan(factor) || factor > highest)
            break;
        else if (find_tried(&way, factor) == NULL)
            try_first(verdict, &way, factor);
        else
            status = simulate(verdict, &way, find_tried(&way, factor), diag);
    }
    follow(&way, &b);
    s->decided = s->misses - s->keeps <= 2.5 * s->within * s->misses || (b.lowest > 0 && s->misses == b.lowest);
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
