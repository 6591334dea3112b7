/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_goals_render.h"
#include "curves_render.h"
#include "json.h"
#include "questions_render.h"
#include "recorded_render.h"
#include "verdict_render.h"

void curves_verdict_text(const struct page *page)
{
    const struct lc_verdict *verdict = page->verdict;
    fprintf(page->out, "%s\n", verdict->scenario->name);
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        fprintf(page->out, "\n── load %s ──\n", p->label);
        curves_text(p->curves, verdict->time_unit, page->verbose, page->out);
        print_cost_curves(verdict, p, page->out);
        curve_goals_text(verdict, p, page->out);
    }
    print_recorded(page);
    fprintf(page->out, "\nTook %.1f s.\n", page->seconds);
}

int curves_verdict_json(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    json_t *points = json_array();
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        json_t *goals = json_array();
        for (size_t g = 0; g < p->goal_count; g++)
            json_array_append_new(goals, verdict_goal_json(verdict, &p->goals[g]));
        json_array_append_new(points,
                              json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "label", p->label, "factor",
                                        cli_json_number(p->load->factor), "change",
                                        p->change != NULL ? json_string(p->change->name) : json_null(), "result",
                                        json_null(), "goals", goals, "transient", curves_json(p->curves), "cost",
                                        (json_t *)cost_curves_json(verdict, p)));
    }
    json_t *root = json_pack("{s:s, s:o, s:s, s:i, s:o, s:f}", "schema", "loadcast.verdict/1", "summary",
                             verdict_summary_json(verdict, page->gates), "scenario", verdict->scenario->name, "status",
                             (int)verdict->status, "points", points, "elapsed_s", page->seconds);
    json_object_set_new(root, "partial", json_boolean(page->stopped_by != NULL));
    if (verdict->learned)
        json_object_set_new(root, "recorded", recorded_json(verdict));
    return cli_json_print(root, CLI_JSON_SIMULATED, page->out, diag);
}
