/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict in a sentence or two: what saturates first, at which load and when, what is next, and how goals stand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/growth.h"
#include "table.h"
#include "verdict_render.h"

/* Takes both over. */
static char *joined(char *text, char *more)
{
    char *all = lc_format("%s%s", text, more);
    free(text);
    free(more);
    return all;
}

static const struct lc_limits *limits_of(const struct lc_verdict *verdict, const struct lc_what_if *change)
{
    for (size_t i = 0; verdict->limits != NULL && i <= verdict->scenario->what_if_count; i++)
        if (verdict->limits[i].change == change)
            return &verdict->limits[i];
    return NULL;
}

/* " (30.1 requests/s; 95 %: × 4.57 to × 5.13)" */
static char *extent(const struct lc_verdict *verdict, const struct lc_limits *limits)
{
    const struct lc_limit *l = &limits->items[0];
    char *rate = number_text(limits->rate * l->factor), *low = number_text(l->low), *high = number_text(l->high);
    const bool open = l->uncertainty > 0.001;
    char *interval = open ? lc_format("95 %%: × %s to × %s", low, high) : lc_strdup("");
    char *text = limits->rate > 0
                     ? lc_format(" (%s %s%s%s)", rate, verdict_rate_unit(verdict), open ? "; " : "", interval)
                 : open ? lc_format(" (%s)", interval)
                        : lc_strdup("");
    free(interval);
    free(high);
    free(low);
    free(rate);
    return text;
}

/* ", on 2027-03-01 (95 %: 2027-02-14 to 2027-03-20)" where growth reaches it; "" where it does not. */
static char *date(const struct lc_verdict *verdict, const struct lc_what_if *change)
{
    char day[32], early[32], late[32];
    for (size_t i = 0; i < verdict->crossing_count; i++) {
        const struct lc_crossing *c = &verdict->crossings[i];
        if (c->change != change || c->goal != NULL)
            continue;
        if (!isfinite(c->day))
            return lc_strdup("");
        lci_date_text(c->day, day);
        return isfinite(c->early) && isfinite(c->late) && c->late - c->early >= 1
                   ? lc_format(", on %s (95 %%: %s to %s)", day, lci_date_text(c->early, early),
                               lci_date_text(c->late, late))
                   : lc_format(", on %s", day);
    }
    return lc_strdup("");
}

static char *saturation(const struct lc_verdict *verdict, const struct lc_limits *limits)
{
    if (limits->count == 0)
        return lc_strdup(verdict->lacks_limits
                             ? "What saturates is not known: no limit is stated of any component that is used."
                             : "Nothing saturates: no component that is used has a limit.");
    const struct lc_component *first = &limits->items[0].component;
    char *name = verdict_component(first->name, first->processor), *factor = number_text(limits->items[0].factor);
    char *of = verdict->reference != NULL ? lc_format(" of the load '%s'", verdict->reference) : lc_strdup("");
    char *text = joined(lc_format("%s saturates first, at load × %s%s", name, factor, of), extent(verdict, limits));
    text = joined(text, date(verdict, limits->change));
    free(of);
    free(factor);
    free(name);
    if (limits->count > 1) {
        const struct lc_component *next = &limits->items[1].component;
        char *other = verdict_component(next->name, next->processor);
        char *number = number_text(limits->items[1].factor);
        text = joined(text, lc_format("; next is %s at × %s", other, number));
        free(number);
        free(other);
    }
    return joined(text, lc_strdup("."));
}

enum lc_judgement verdict_goal_judgement(const struct lc_verdict *verdict, const struct lc_goal *goal,
                                         const struct lc_what_if *change, const struct lc_point **first)
{
    enum lc_judgement all = LC_GOAL_MET;
    *first = NULL;
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        const enum lc_judgement j = p->change == change ? verdict_judgement(p, goal) : LC_GOAL_MET;
        if ((j == LC_GOAL_MISSED && all != LC_GOAL_MISSED) || (j == LC_GOAL_UNDECIDED && all == LC_GOAL_MET))
            all = j, *first = p;
    }
    return all;
}

/* " Goals: 2 met, 1 missed, 1 undecided." */
static char *goals(const struct lc_verdict *verdict, const struct lc_what_if *change)
{
    size_t counts[LC_GOAL_UNDECIDED + 1] = {0}, kinds = 0;
    for (size_t g = 0; g < verdict->scenario->goal_count; g++)
        counts[verdict_goal_judgement(verdict, &verdict->scenario->goals[g], change, &(const struct lc_point *){0})]++;
    static const enum lc_judgement order[] = {LC_GOAL_MET, LC_GOAL_MISSED, LC_GOAL_UNDECIDED};
    static const char *const words[] = {
        [LC_GOAL_MET] = "met", [LC_GOAL_MISSED] = "missed", [LC_GOAL_UNDECIDED] = "undecided"};
    char *text = lc_strdup("");
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        if (counts[order[k]] > 0)
            text = joined(text,
                          lc_format("%s%zu %s", kinds++ == 0 ? " Goals: " : ", ", counts[order[k]], words[order[k]]));
    return kinds > 0 ? joined(text, lc_strdup(".")) : text;
}

/* Retries and what holds threads up may overload what the requests alone do not. */
static char *seen(const struct lc_verdict *verdict, const struct lc_what_if *change)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->change != change || p->result == NULL || lc_point_is_steady(p) || !(p->traffic.load < 1))
            continue;
        const char *why = p->result->overload.why;
        char *name = verdict_component(p->limit.name, p->limit.processor);
        char *text = lc_format("%s is overloaded at load %s%s%s. Without that, ", name, p->load->name,
                               why != NULL ? ", because " : " by what its threads wait for", why != NULL ? why : "");
        free(name);
        return text;
    }
    return lc_strdup("");
}

void verdict_partial(const struct page *page, const char *before)
{
    if (page->stopped_by != NULL)
        fprintf(page->out, "%sPartial: stopped by %s; this is what was known then.\n", before, page->stopped_by);
}

char *verdict_answer(const struct lc_verdict *verdict, const struct lc_what_if *change)
{
    const struct lc_limits *limits = limits_of(verdict, change);
    if (limits != NULL)
        return joined(joined(seen(verdict, change), saturation(verdict, limits)), goals(verdict, change));
    size_t overdue = 0;
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_transient *t = verdict->points[i].change == change ? verdict->points[i].curves : NULL;
        overdue += t != NULL && t->recovery.judged && !t->recovery.recovered;
    }
    char *text = goals(verdict, change);
    text = joined(text, lc_strdup(overdue > 0 ? " The system does not recover from the load." : ""));
    char *own = lc_strdup(text[0] == ' ' ? text + 1 : "Curves over time; no goal is stated.");
    free(text);
    return own;
}
