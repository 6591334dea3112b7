/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Advice for people and for programs. */
#include "advice_render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quoted.h"
#include "json.h"
#include "model/edit/edit_paths.h"
#include "paragraph.h"
#include "table.h"
#include "verdict_render.h"

enum { SHOWN = 16 };
#define NOTHING 1.0005 /* a gain that is none */

/* "p95 response of users ≤ 900 ms", or what stands in for a goal. */
static char *goal_text(const struct lc_advice *a)
{
    return a->goal != NULL ? verdict_goal(a->goal) : lc_format("mean response of %s", a->goal_workload);
}

/* The scale and the unit of the goal's values and differences. */
static struct time_scale scale_of(const struct lc_advice *a, double value)
{
    if (a->goal == NULL || a->goal->kind == LC_GOAL_RESPONSE)
        return time_scale_of(fabs(value));
    return a->goal->kind == LC_GOAL_THROUGHPUT ? (struct time_scale){"/s", 1} : (struct time_scale){"%", 0.01};
}

static char *value_text(const struct lc_advice *a, double value)
{
    const struct time_scale scale = scale_of(a, value);
    char *number = strcmp(scale.unit, "%") == 0 ? percent_text(value) : number_text(value / scale.seconds);
    char *text = strcmp(scale.unit, "%") == 0 ? lc_strdup(number) : lc_format("%s %s", number, scale.unit);
    free(number);
    return text;
}

/* "≈ −41 ms". */
static char *solved_text(const struct lc_advice *a, const struct lc_advised_change *o)
{
    char *size = value_text(a, fabs(o->solved));
    char *text = lc_format("≈ %s%s ", o->solved < 0 ? "−" : "", size);
    free(size);
    return text;
}

/* "−41 ms [−48, −35]"; in brackets when it may be none at all. */
static char *difference_text(const struct lc_advice *a, const struct lc_advised_change *o)
{
    if (o->overloaded)
        return lc_strdup("overloaded ");
    if (!o->simulated && isnan(o->solved))
        return lc_strdup("");
    if (!o->simulated)
        return solved_text(a, o);
    const struct time_scale scale = scale_of(a, a->before.mean);
    char *unit = lc_format(" %s", scale.unit);
    char *text = verdict_difference(o->difference.mean, o->low, o->high, &a->before, scale.seconds, unit);
    free(unit);
    return text;
}

/* What saturates, and the change that lets most load through: the first line. */
static void print_answer(const struct page *page, const struct lc_advice *a)
{
    if (a->limit.name == NULL) {
        paint(page, PAINT_BOLD, "Nothing saturates: no component that is used has a limit.");
        fputs(" State concurrency or cores under 'deployment'.\n", page->out);
        return;
    }
    char *name = verdict_component(a->limit.name, a->limit.processor), *factor = number_text(a->factor);
    const struct lc_advised_change *best = a->count > 0 && a->options[0].gain > NOTHING ? &a->options[0] : NULL;
    char *next = best != NULL && best->next.name != NULL ? verdict_component(best->next.name, best->next.processor)
                                                         : lc_strdup("nothing");
    char *help = best != NULL ? lc_format("Best single change: %s, for × %.3g of that load; then %s saturates.",
                                          best->what, best->gain, next)
                              : lc_strdup("No single change lets more load through.");
    char *text = lc_format("%s saturates first, at load × %s. %s", name, factor, help);
    paint(page, PAINT_BOLD, text);
    fputc('\n', page->out);
    free(text);
    free(help);
    free(next);
    free(factor);
    free(name);
}

/* Threads that are full while their processor is not. */
static void print_software_bottleneck(const struct lc_verdict *verdict, const struct lc_advice *a, FILE *out)
{
    if (a->limit.processor || a->hold.processor >= 0.9)
        return;
    const struct lc_task *task = &verdict->base->tasks[a->limit.index];
    struct lci_buffer text = {0};
    lci_buffer_add(&text, "A software bottleneck: its %s are full while ",
                   strchr(task->name, '>') != NULL ? "connections" : "threads");
    if (isnan(a->hold.processor))
        lci_buffer_add(&text, "its processor has no limit");
    else
        lci_buffer_add(&text, "its processor is busy %.0f %% of the time", 100 * a->hold.processor);
    if (a->hold.longest != NULL && a->hold.below > 0)
        lci_buffer_add(&text, "; they wait for others %.0f %% of the time, longest for %s", 100 * a->hold.below,
                       a->hold.longest);
    else if (a->hold.longest != NULL)
        lci_buffer_add(&text, "; of others they wait longest for %s", a->hold.longest);
    paragraph(out, 0, 2, "%s.\n", text.text);
    free(text.text);
}

/* As it stands in a scenario: "{db.concurrency: + 1}". */
static char *change_text(const struct lc_what_if *change)
{
    struct lci_buffer all = {0};
    lci_buffer_add(&all, "{");
    for (size_t i = 0; i < change->edit_count; i++) {
        const char *path = change->edits[i].path;
        const bool quoted =
            strpbrk(path, ",[]{}\"'") != NULL || strstr(path, ": ") != NULL || strstr(path, " #") != NULL;
        char *key = quoted ? lci_json_quoted(path) : lc_strdup(path);
        lci_buffer_add(&all, "%s%s: %s", i > 0 ? ", " : "", key, change->edits[i].value);
        free(key);
    }
    lci_buffer_add(&all, "}");
    return lci_buffer_take(&all);
}

static bool is_tied(const struct lc_advice *a, const struct lc_advised_change *o)
{
    size_t sharing = 0;
    for (size_t i = 0; i < a->count; i++)
        sharing += a->options[i].rank == o->rank;
    return sharing > 1;
}

static char *rank_text(const struct lc_advice *a, const struct lc_advised_change *o)
{
    return o->rank > 0 ? lc_format("%zu%s", o->rank, is_tied(a, o) ? "=" : "") : lc_strdup("");
}

static void add_row(const struct lc_advice *a, const struct lc_advised_change *o, struct table *table)
{
    char *cells[] = {
        lc_strdup(o->what),
        o->gain > NOTHING || o->gain < 1 / NOTHING ? lc_format("× %.3g", o->gain) : lc_strdup("–"),
        o->next.name != NULL ? verdict_component(o->next.name, o->next.processor) : lc_strdup("nothing"),
        difference_text(a, o),
        rank_text(a, o),
        change_text(&o->change),
    };
    table_add(table, cells);
}

static bool is_about(struct lc_model *model, const struct lc_advised_change *o, const char *name)
{
    const char *second = "";
    const size_t length = o->change.edit_count > 1 ? lci_path_element(model, o->change.edits[1].path, &second) : 0;
    return strcmp(o->about, name) == 0 || (length == strlen(name) && strncmp(second, name, length) == 0);
}

/* Components that no change of theirs helps, because another one limits. */
static void print_useless(const struct lc_verdict *verdict, const struct lc_advice *a, FILE *out)
{
    size_t count;
    struct lci_buffer names = {0};
    struct lc_component *components = lc_components(verdict->base, &count);
    for (size_t i = 0; i < count; i++) {
        bool tried = false, helps = false;
        for (size_t k = 0; k < a->count; k++)
            if (is_about(verdict->base, &a->options[k], components[i].name)) {
                tried = true;
                helps |= a->options[k].gain > NOTHING;
            }
        if (tried && !helps)
            lci_buffer_join(&names, ", ", "%s", components[i].name);
    }
    if (names.text != NULL)
        paragraph(out, 0, 2,
                  "No change of these alone lets more load through, because the bottleneck is elsewhere: %s.\n",
                  names.text);
    free(names.text);
    free(components);
}

int advice_text(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_advice *a = page->advice;
    FILE *out = page->out;
    (void)diag;
    print_answer(page, a);
    fprintf(out, "%s\n", verdict->scenario->name);
    verdict_partial(page, "");
    if (a->limit.name == NULL)
        return 0;
    fputc('\n', out);
    print_software_bottleneck(verdict, a, out);
    if (a->goal_workload != NULL || a->goal_component != NULL) {
        char *goal = goal_text(a), *value = value_text(a, a->before.mean), *load = number_text(a->load->factor);
        paragraph(out, 0, 2, "At load × %s, the goal nearest to its limit or furthest beyond it is %s: %s%s%s now.\n",
                  load, goal, a->goal_component != NULL ? a->goal_component : "", a->goal_component != NULL ? " " : "",
                  value);
        free(load);
        free(value);
        free(goal);
    }
    static const char *const headers[] = {"change",    "capacity", "then saturates",
                                          "that goal", "rank",     "to copy: change:"};
    struct table table = table_new(6, headers);
    table.ends_with_words = true;
    size_t shown = 0, more = 0, none = 0;
    bool solved = false, tied = false;
    for (size_t i = 0; i < a->count; i++) {
        const struct lc_advised_change *o = &a->options[i];
        const bool known = o->simulated || !isnan(o->solved);
        const bool helps = o->gain > NOTHING || known || o->overloaded;
        none += !(o->gain > NOTHING);
        if (!helps)
            continue;
        if (shown < SHOWN || page->verbose || known) {
            add_row(a, o, &table);
            solved |= known && !o->simulated;
            tied |= o->rank > 0 && is_tied(a, o);
            shown++;
        } else {
            more++;
        }
    }
    fputc('\n', out);
    if (shown > 0)
        table_print(&table, out, "  ");
    table_free(&table);
    if (solved)
        fputs("  (≈: by the analytic solver; the changes that decide were simulated)\n", out);
    if (tied)
        fputs("  (=: what these do for that goal cannot be told apart)\n", out);
    if (more > 0)
        fprintf(out, "  … and %zu more (--verbose shows all)\n", more);
    fprintf(out, "\n%zu changes were tried; %zu of them do not let more load through.\n", a->count, none);
    print_useless(verdict, a, out);
    if (!a->complete && page->stopped_by == NULL)
        fputs(
            "Not all of these were simulated, or not to their precision, in the time allowed (simulation: max_time).\n",
            out);
    return 0;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *option_json(const struct lc_advice *a, const struct lc_advised_change *o)
{
    json_t *change = json_object();
    for (size_t i = 0; i < o->change.edit_count; i++)
        json_object_set_new(change, o->change.edits[i].path, json_string(o->change.edits[i].value));
    json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "what", o->what, "component", o->about, "change",
                               change, "capacity", cli_json_number(o->gain), "factor",
                               cli_json_number(o->gain * a->factor), "next", cli_json_text(o->next.name));
    if (o->simulated)
        json_object_set_new(object, "goal",
                            json_pack("{s:s, s:o, s:o, s:o, s:[o, o], s:o}", "method", "simulation", "value",
                                      cli_json_number(o->after), "difference", cli_json_number(o->difference.mean),
                                      "ci95", cli_json_number(o->difference.ci95), "simultaneous95",
                                      cli_json_number(o->low), cli_json_number(o->high), "rank",
                                      o->rank > 0 ? json_integer((json_int_t)o->rank) : json_null()));
    else if (!isnan(o->solved))
        json_object_set_new(object, "goal",
                            json_pack("{s:s, s:o, s:o, s:n, s:n, s:o}", "method", "analytic", "value",
                                      cli_json_number(a->before.mean + o->solved), "difference",
                                      cli_json_number(o->solved), "ci95", "simultaneous95", "rank",
                                      o->rank > 0 ? json_integer((json_int_t)o->rank) : json_null()));
    return object;
}

int advice_json(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_advice *a = page->advice;
    json_t *options = json_array();
    for (size_t i = 0; i < a->count; i++)
        json_array_append_new(options, option_json(a, &a->options[i]));
    char *goal = a->goal != NULL || a->goal_workload != NULL ? goal_text(a) : NULL;
    const bool task = a->limit.name != NULL && !a->limit.processor;
    json_t *root =
        json_pack("{s:s, s:s, s:{s:o, s:o, s:o}, s:o, s:{s:o, s:o, s:o, s:o}, s:o}", "schema", "loadcast.advice/1",
                  "scenario", verdict->scenario->name, "limit", "component", cli_json_text(a->limit.name), "kind",
                  a->limit.name == NULL ? json_null() : json_string(task ? "task" : "processor"), "factor",
                  cli_json_number(a->factor), "hold",
                  task ? json_pack("{s:o, s:o, s:o, s:o}", "own", cli_json_number(a->hold.own), "below",
                                   cli_json_number(a->hold.below), "longest", cli_json_text(a->hold.longest),
                                   "processor_load", cli_json_number(a->hold.processor))
                       : json_null(),
                  "goal", "load", cli_json_number(a->load->factor), "goal", cli_json_text(goal), "component",
                  cli_json_text(a->goal_component), "before", cli_json_number(a->before.mean), "changes", options);
    free(goal);
    json_object_set_new(root, "partial", json_boolean(page->stopped_by != NULL));
    json_object_set_new(root, "complete", json_boolean(a->complete));
    return cli_json_print(root, CLI_JSON_SIMULATED, page->out, diag);
}
