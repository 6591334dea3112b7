/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "findings.h"

#include <stdlib.h>

#include "verdict_render.h"

size_t gates_broken(const struct gate_outcomes *gates)
{
    size_t broken = 0;
    for (size_t i = 0; gates != NULL && i < gates->count; i++)
        broken += gates->against != NULL && !gates->items[i].met;
    return broken;
}

void gate_outcomes_free(struct gate_outcomes *gates)
{
    for (size_t i = 0; i < gates->count; i++) {
        free(gates->items[i].name);
        free(gates->items[i].text);
    }
    free(gates->items);
    free(gates->against);
    *gates = (struct gate_outcomes){0};
}

static struct finding *add(struct findings *f)
{
    LC_GROW(f->items, f->count, f->room);
    f->items[f->count] = (struct finding){.place = LC_NOWHERE};
    return &f->items[f->count++];
}

static void add_overload(struct findings *f, const struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->change != NULL || !p->overloaded)
            continue;
        struct finding *found = add(f);
        char *name = verdict_component(p->limit.name, p->limit.processor);
        found->check = "overload";
        found->name = lc_format("a steady state at load %s", p->load->name);
        found->text = lc_format("%s would be busy %.1f %% of the time, limit 100 %%", name, 100 * p->traffic.load);
        free(name);
        return; /* higher loads are too much as well */
    }
}

static void add_goals(struct findings *f, const struct lc_verdict *verdict)
{
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        const struct lc_point *first;
        const enum lc_judgement j = verdict_goal_judgement(verdict, goal, NULL, &first);
        if (j == LC_GOAL_MET)
            continue;
        struct finding *found = add(f);
        char *worst = first->curves == NULL ? verdict_worst(verdict, first, goal) : lc_strdup("");
        found->undecided = j == LC_GOAL_UNDECIDED;
        found->check = "goal";
        found->name = verdict_goal(goal);
        found->text = lc_format("at load %s%s%s", first->load->name, *worst != 0 ? ": " : "", worst);
        found->place = goal->place;
        free(worst);
    }
}

struct findings findings_of(const struct page *page)
{
    struct findings f = {0};
    add_overload(&f, page->verdict);
    add_goals(&f, page->verdict);
    for (size_t i = 0; page->gates != NULL && page->gates->against != NULL && i < page->gates->count; i++) {
        const struct gate_outcome *gate = &page->gates->items[i];
        if (gate->met)
            continue;
        struct finding *found = add(&f);
        found->check = "gate";
        found->name = lc_format("%s against %s", gate->name, page->gates->against);
        found->text = lc_strdup(gate->text);
        found->place = gate->place;
    }
    return f;
}

void findings_free(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->items[i].name);
        free(f->items[i].text);
    }
    free(f->items);
    *f = (struct findings){0};
}
