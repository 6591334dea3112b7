/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict as Markdown, short enough for a comment on a pull request: the answer, what saturates at which load,
 * goals, and what each change does to that. */
#include <math.h>
#include <stdlib.h>

#include "findings.h"
#include "table.h"
#include "verdict_render.h"

/* Names are data: neither HTML nor a link nor the end of a cell. Takes the text over. */
static void put_text(FILE *out, char *text)
{
    for (const char *c = text; *c != 0; c++) {
        const bool link = *c == '(' && c > text && c[-1] == ']';
        if (*c == '<' || *c == '&') {
            fputs(*c == '<' ? "&lt;" : "&amp;", out);
            continue;
        }
        if (*c == '|' || *c == '`' || link)
            fputc('\\', out);
        fputc(*c, out);
    }
    free(text);
}

static void put_cell(FILE *out, char *text)
{
    fputs("| ", out);
    put_text(out, text);
    fputc(' ', out);
}

static void put_limits(FILE *out, const struct lc_limits *limits)
{
    if (limits->count == 0)
        return;
    fputs("\n| component | saturates at load | 95 % |\n| --- | ---: | ---: |\n", out);
    for (size_t i = 0; i < limits->count; i++) {
        const struct lc_limit *l = &limits->items[i];
        char *factor = number_text(l->factor), *low = number_text(l->low), *high = number_text(l->high);
        put_cell(out, verdict_component(l->component.name, l->component.processor));
        put_cell(out, lc_format("× %s", factor));
        put_cell(out, isnan(l->low) ? lc_strdup("") : lc_format("× %s to × %s", low, high));
        fputs("|\n", out);
        free(factor);
        free(low);
        free(high);
    }
}

static void put_goals(FILE *out, const struct lc_verdict *verdict)
{
    static const char *const words[] = {
        [LC_GOAL_MISSED] = "**missed**", [LC_GOAL_MET] = "met", [LC_GOAL_UNDECIDED] = "undecided"};
    if (verdict->scenario->goal_count == 0)
        return;
    fputs("\n| goal | load | | found |\n| --- | --- | --- | --- |\n", out);
    for (size_t g = 0; g < verdict->scenario->goal_count; g++)
        for (size_t i = 0; i < verdict->point_count; i++) {
            const struct lc_goal *goal = &verdict->scenario->goals[g];
            const struct lc_point *p = &verdict->points[i];
            if (p->change != NULL && p->change->swept)
                continue;
            put_cell(out, verdict_goal(goal));
            put_cell(out, lc_strdup(p->label));
            put_cell(out, lc_strdup(words[verdict_judgement(p, goal)]));
            put_cell(out, p->curves == NULL ? verdict_worst(verdict, p, goal) : lc_strdup(""));
            fputs("|\n", out);
        }
}

static void put_gates(FILE *out, const struct gate_outcomes *gates)
{
    if (gates == NULL || gates->count == 0)
        return;
    if (gates->against == NULL) {
        fputs("\nNo gate is judged: no release stands before this one.\n", out);
        return;
    }
    fputs("\n| gate against ", out);
    put_text(out, lc_strdup(gates->against));
    fprintf(out, "%s | | found |\n| --- | --- | --- |\n", gates->good ? "" : " (none before is good)");
    for (size_t i = 0; i < gates->count; i++) {
        put_cell(out, lc_strdup(gates->items[i].name));
        put_cell(out, lc_strdup(!gates->items[i].judged ? "not judged" : gates->items[i].met ? "met" : "**broken**"));
        put_cell(out, lc_strdup(gates->items[i].text));
        fputs("|\n", out);
    }
}

int verdict_markdown(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    (void)diag;
    fputs("### ", page->out);
    put_text(page->out, lc_strdup(verdict->scenario->name));
    fputs("\n\n", page->out);
    put_text(page->out, verdict_answer(verdict, NULL));
    fputc('\n', page->out);
    verdict_partial(page, "\n");
    if (verdict->limits != NULL)
        put_limits(page->out, &verdict->limits[0]);
    put_goals(page->out, verdict);
    put_gates(page->out, page->gates);
    for (size_t w = 0; w < verdict->scenario->what_if_count; w++) {
        const struct lc_what_if *change = &verdict->scenario->what_ifs[w];
        if (change->swept)
            continue;
        fputs("\nWith **", page->out);
        put_text(page->out, lc_strdup(change->name));
        fputs("**: ", page->out);
        put_text(page->out, verdict_answer(verdict, change));
        fputc('\n', page->out);
    }
    return 0;
}
