/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bisect.h"

#include <math.h>

struct bracket {
    double keeps, misses;
    double low, high; /* loads that cannot be told from the limit lie between these */
    bool undecided;   /* there are some */
    double lowest;    /* the load that tells whether any keeps the goals; 0: not asked */
};

struct search {
    struct lcp_bisection *bisection;
    const struct lcp_decider *decider;
    double keeps, misses;            /* of the bisection at its beginning */
    double undecided[LCP_DECISIONS]; /* loads of which nothing more is to be learned */
    size_t undecided_count;
    unsigned wrong; /* decisions that the screening had told otherwise */
};

/* Which load comes next; NaN: none would tell more. The side that is wider goes first. */
static double next_load(const struct bracket *b, double within)
{
    const double fine = within / 2;
    if (isinf(b->misses))
        return b->keeps > 0 || b->undecided ? 1.5 * fmax(b->keeps, b->high) : 1;
    if (!b->undecided)
        return b->misses - b->keeps > within * b->misses ? (b->keeps + b->misses) / 2 : NAN;
    const double below = b->low - b->keeps, above = b->misses - b->high;
    if (fmax(below, above) <= fine * b->misses)
        return NAN;
    return below >= above ? (b->keeps + b->low) / 2 : (b->high + b->misses) / 2;
}

/* A load that keeps the goals decides all below it, one that misses them all above: chance may leave one undecided that
 * lies there. */
static void narrow(struct bracket *b, double load, enum lc_judgement judgement)
{
    if (judgement == LC_GOAL_UNDECIDED) {
        b->low = b->undecided ? fmin(b->low, load) : load;
        b->high = b->undecided ? fmax(b->high, load) : load;
        b->undecided = true;
    } else if (judgement == LC_GOAL_MET) {
        b->keeps = load;
        b->undecided &= b->high > load;
    } else {
        b->misses = load;
        b->undecided &= b->low < load;
    }
}

static bool is_undecided(const struct search *s, double load)
{
    for (size_t i = 0; i < s->undecided_count; i++)
        if (s->undecided[i] == load)
            return true;
    return false;
}

/* Whether a load needs no decision (any more). */
static bool is_judged(const struct search *s, double load, enum lc_judgement *judgement)
{
    const struct lcp_bisection *b = s->bisection;
    *judgement = LC_GOAL_UNDECIDED;
    if (is_undecided(s, load))
        return true;
    if (load <= b->keeps || load >= b->misses)
        *judgement = load <= b->keeps ? LC_GOAL_MET : LC_GOAL_MISSED;
    else if (b->screens)
        *judgement = s->decider->screen(s->decider->context, load);
    return *judgement != LC_GOAL_UNDECIDED;
}

/* The first load that is not judged, or is too high to be tried; NaN: there is none, and this is the bracket. */
static double follow(const struct search *s, struct bracket *b)
{
    *b = (struct bracket){.keeps = s->keeps, .misses = s->misses};
    for (;;) {
        double load = next_load(b, s->bisection->within);
        enum lc_judgement judgement;
        if (b->keeps == 0 && b->misses < s->misses) { /* perhaps none keeps them: that is told by a hundredth */
            if (b->lowest > 0)
                return NAN;
            load = b->lowest = b->misses / 100;
        }
        if (isnan(load) || load > LCP_HIGHEST_LOAD || !is_judged(s, load, &judgement))
            return load;
        narrow(b, load, judgement);
    }
}

/* An end of the bracket that only the screening told; NaN: both were decided. */
static double unproved(const struct search *s, const struct bracket *b)
{
    return b->keeps > s->bisection->keeps ? b->keeps : b->misses < s->bisection->misses ? b->misses : NAN;
}

/* A screening that is wrong once may know better after it; from the second time on it is not asked any more, or the
 * search would follow it step by step. */
static void compare(struct search *s, enum lc_judgement screened, enum lc_judgement judgement)
{
    enum { PATIENCE = 2 };
    s->wrong += screened != judgement && screened != LC_GOAL_UNDECIDED && judgement != LC_GOAL_UNDECIDED;
    s->bisection->screens &= s->wrong < PATIENCE;
}

static int decide(struct search *s, double load)
{
    struct lcp_bisection *b = s->bisection;
    enum lc_judgement judgement = LC_GOAL_UNDECIDED;
    const enum lc_judgement screened = b->screens ? s->decider->screen(s->decider->context, load) : LC_GOAL_UNDECIDED;
    b->decisions++;
    const int status = s->decider->decide(s->decider->context, load, &judgement);
    compare(s, screened, judgement);
    if (judgement == LC_GOAL_UNDECIDED)
        s->undecided[s->undecided_count++] = load;
    else
        *(judgement == LC_GOAL_MET ? &b->keeps : &b->misses) = load;
    return status;
}

int lcp_bisect(struct lcp_bisection *b, const struct lcp_decider *decider)
{
    struct search s = {.bisection = b, .decider = decider, .keeps = b->keeps, .misses = b->misses};
    struct bracket bracket;
    int status = 0;
    while (status == 0 && b->decisions < LCP_DECISIONS &&
           (decider->may_go_on == NULL || decider->may_go_on(decider->context))) {
        double load = follow(&s, &bracket);
        if (isnan(load))
            load = unproved(&s, &bracket);
        if (load > LCP_HIGHEST_LOAD && b->screens)
            b->screens = false;
        else if (isnan(load) || load > LCP_HIGHEST_LOAD)
            break;
        else
            status = decide(&s, load);
    }
    follow(&s, &bracket);
    b->narrow =
        b->misses - b->keeps <= 2.5 * b->within * b->misses || (bracket.lowest > 0 && b->misses == bracket.lowest);
    return status;
}
