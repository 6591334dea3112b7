/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict as Markdown, short enough for a comment on a pull request: the answer, what saturates at which load,
 * goals, and what each change does to that. */
#include <math.h>
#include <stdlib.h>

#include "findings.h"
#include "table.h"
#include "verdict_render.h"

static void put_cell(FILE *out, char *text)
{
    fputs("| ", out);
    for (const char *c = text; *c != 0; c++) {
        if (*c == '|')
            fputc('\\', out);
        fputc(*c, out);
    }
    fputc(' ', out);
    free(text);
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
    fprintf(out, "\n| gate against %s%s | | found |\n| --- | --- | --- |\n", gates->against,
            gates->good ? "" : " (none before is good)");
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
    char *answer = verdict_answer(verdict, NULL);
    fprintf(page->out, "### %s\n\n%s\n", verdict->scenario->name, answer);
    free(answer);
    verdict_partial(page, "\n");
    if (verdict->limits != NULL)
        put_limits(page->out, &verdict->limits[0]);
    put_goals(page->out, verdict);
    put_gates(page->out, page->gates);
    for (size_t w = 0; w < verdict->scenario->what_if_count; w++) {
        const struct lc_what_if *change = &verdict->scenario->what_ifs[w];
        if (change->swept)
            continue;
        char *after = verdict_answer(verdict, change);
        fprintf(page->out, "\nWith **%s**: %s\n", change->name, after);
        free(after);
    }
    return 0;
}
