/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What matters of a verdict, for programs that show or keep it: small whatever the size of the model. */
#include <math.h>
#include <stdlib.h>

#include "findings.h"
#include "json.h"
#include "verdict_render.h"

enum { SHOWN = 10, LARGEST = 10000 }; /* goals in each list; bytes */
enum { NAME = 160, SENTENCES = 1000 };

/* What is too long to be looked at is cut. Takes the text over. */
static json_t *text_json(char *text, size_t most)
{
    json_t *json;
    size_t length = 0;
    while (length < most && text[length] != 0)
        length++;
    if (text[length] == 0) {
        json = cli_json_text(text);
    } else {
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--; /* not within a character */
        char *cut = lc_format("%.*s…", (int)length, text);
        json = cli_json_text(cut);
        free(cut);
    }
    free(text);
    return json;
}

static json_t *saturation_json(const struct lc_verdict *verdict, const struct lc_limits *limits)
{
    const struct lc_limit *first = &limits->items[0], *next = limits->count > 1 ? first + 1 : NULL;
    return json_pack(
        "{s:o, s:s, s:o, s:o, s:[o, o], s:o, s:o}", "component", text_json(lc_strdup(first->component.name), NAME),
        "kind", first->component.processor ? "processor" : "task", "of", cli_json_text(verdict->reference), "factor",
        cli_json_number(first->factor), "interval95", cli_json_number(first->low), cli_json_number(first->high), "rate",
        limits->rate > 0 ? cli_json_number(first->factor * limits->rate) : json_null(), "next",
        next != NULL ? json_pack("{s:o, s:o}", "component", text_json(lc_strdup(next->component.name), NAME), "factor",
                                 cli_json_number(next->factor))
                     : json_null());
}

/* "photo 86.6 ± 0.5 %" at the first load where it is so. */
static json_t *goal_json(const struct lc_verdict *verdict, const struct lc_goal *goal, const struct lc_point *first)
{
    return json_pack("{s:o, s:o, s:o, s:f}", "goal", text_json(verdict_goal(goal), NAME), "load",
                     text_json(lc_strdup(first->load->name), NAME), "found",
                     first->curves == NULL ? text_json(verdict_worst(verdict, first, goal), NAME) : json_null(),
                     "limit", goal->limit);
}

/* Against which release, how many gates hold, and what is beyond the others. */
static json_t *gates_json(const struct gate_outcomes *gates, size_t shown)
{
    json_t *list = json_array();
    size_t broken = 0;
    if (gates->against == NULL)
        return json_pack("{s:n, s:i, s:i, s:o}", "against", "met", 0, "broken", 0, "missed", list);
    for (size_t i = 0; i < gates->count; i++)
        if (!gates->items[i].met && broken++ < shown)
            json_array_append_new(list,
                                  json_pack("{s:o, s:o}", "gate", text_json(lc_strdup(gates->items[i].name), NAME),
                                            "found", text_json(lc_strdup(gates->items[i].text), 2 * NAME)));
    return json_pack("{s:o, s:I, s:I, s:o}", "against", text_json(lc_strdup(gates->against), NAME), "met",
                     (json_int_t)(gates->count - broken), "broken", (json_int_t)broken, "missed", list);
}

static json_t *summary_of(const struct lc_verdict *verdict, const struct gate_outcomes *gates, size_t shown)
{
    static const char *const names[] = {
        [LC_GOAL_MET] = "goals_met", [LC_GOAL_MISSED] = "goals_missed", [LC_GOAL_UNDECIDED] = "goals_undecided"};
    size_t counts[LC_GOAL_UNDECIDED + 1] = {0};
    json_t *lists[LC_GOAL_UNDECIDED + 1] = {[LC_GOAL_MISSED] = json_array(), [LC_GOAL_UNDECIDED] = json_array()};
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        const struct lc_point *first;
        const enum lc_judgement j = verdict_goal_judgement(verdict, goal, NULL, &first);
        if (counts[j]++ < shown && lists[j] != NULL)
            json_array_append_new(lists[j], goal_json(verdict, goal, first));
    }
    const struct lc_limits *limits = verdict->limits;
    json_t *o = json_pack("{s:o, s:i, s:o}", "answer", text_json(verdict_answer(verdict, NULL), SENTENCES), "status",
                          (int)verdict->status, "saturation",
                          limits != NULL && limits->count > 0 ? saturation_json(verdict, limits) : json_null());
    for (int j = 0; j <= LC_GOAL_UNDECIDED; j++)
        json_object_set_new(o, names[j], json_integer((json_int_t)counts[j]));
    json_object_set_new(o, "missed", lists[LC_GOAL_MISSED]);
    json_object_set_new(o, "undecided", lists[LC_GOAL_UNDECIDED]);
    if (gates != NULL)
        json_object_set_new(o, "gates", gates_json(gates, shown));
    json_object_set_new(o, "method", json_string(verdict_method(verdict)));
    json_object_set_new(o, "out_of_time", json_boolean(verdict->out_of_time));
    return o;
}

json_t *verdict_summary_json(const struct lc_verdict *verdict, const struct gate_outcomes *gates)
{
    return summary_of(verdict, gates, SHOWN);
}

int verdict_summary(const struct page *page, struct lc_diag *diag)
{
    json_t *root = NULL;
    for (size_t shown = SHOWN, size = LARGEST; size >= LARGEST; shown /= 2) {
        json_decref(root);
        root = json_pack("{s:s, s:s, s:b, s:o}", "schema", "loadcast.summary/1", "scenario",
                         page->verdict->scenario->name, "partial", (int)(page->stopped_by != NULL), "summary",
                         summary_of(page->verdict, page->gates, shown));
        size = json_dumpb(root, NULL, 0, JSON_INDENT(1) | JSON_REAL_PRECISION(CLI_JSON_SIMULATED));
        if (shown == 0)
            break;
    }
    return cli_json_print(root, CLI_JSON_SIMULATED, page->out, diag);
}
