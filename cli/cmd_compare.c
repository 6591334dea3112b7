/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast compare: two releases, results or models, side by side. */
#include "cli.h"

#include "commands.h"
#include "comparing.h"
#include "loadcast/format.h"
#include "loadcast/scenario.h"
#include "model_rows.h"
#include "render/comparison.h"
#include "render/differences.h"
#include "render/json.h"
#include "render/writers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
    const char *a, *b;
    double threshold; /* NaN: none */
    const struct cli_common *common;
    const char *scenario; /* whose gates decide about models; NULL: none */
};

static bool wants_text(const struct request *r)
{
    return !cli_is_stdout(r->common->json);
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

static bool results_differ(const struct request *r, const struct lci_figures *a, const struct lci_figures *b,
                           struct lc_diag *diag)
{
    struct comparison comparison;
    compare_figures(a, b, &comparison);
    if (comparison.figure_count == 0)
        lc_error(diag, LC_INPUT, NULL, "%s and %s have no figure in common; expected two results of one model", r->a,
                 r->b);
    comparison.a = r->a;
    comparison.b = r->b;
    comparison.threshold = r->threshold;
    if (comparison.figure_count > 0)
        write_all(comparison_writers, (const char *[WRITERS_MOST]){r->common->json},
                  &(struct page){.comparison = &comparison,
                                 .colour = !r->common->no_color && cli_is_terminal(STDOUT_FILENO),
                                 .out = stdout},
                  diag);
    const bool differ = comparison_exceeds(&comparison);
    comparison_free(&comparison);
    return differ;
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

/* What differs in numbers, and whether a gate of the scenario is broken by it; 0: none, or none stated. */
static size_t tell_models(const struct request *r, const struct lc_model *a, const struct lc_model *b,
                          const struct lc_scenario *scenario, json_t **document, struct lc_diag *diag)
{
    struct lci_measure_table before = {0}, after = {0};
    size_t broken = 0;
    if (model_rows_add(a, &before, diag) == 0 && model_rows_add(b, &after, diag) == 0) {
        struct lci_differences differences;
        struct gates gates;
        compare_tables(&before, &after, scenario, &differences, &gates);
        const struct differences_page page = {r->a, r->b, &differences, scenario != NULL ? &gates : NULL, true};
        if (wants_text(r))
            differences_text(stdout, &page);
        *document = differences_json(&page);
        broken = gates.broken;
        gates_free(&gates);
        lci_differences_free(&differences);
    }
    lci_measure_table_free(&before);
    lci_measure_table_free(&after);
    return broken;
}

static void write_models(const struct request *r, const char *difference, json_t *details, struct lc_diag *diag)
{
    json_t *document =
        json_pack("{s:s, s:o, s:o, s:b, s:o}", "schema", "loadcast.compare/1", "a", cli_json_text(r->a), "b",
                  cli_json_text(r->b), "equal", difference == NULL, "difference", cli_json_text(difference));
    json_object_update_missing(document, details);
    cli_json_write(document, CLI_JSON_ALL, r->common->json, diag);
}

static bool models_differ(const struct request *r, struct lc_diag *diag)
{
    char *difference = NULL;
    bool equal = true;
    size_t broken = 0;
    json_t *details = NULL;
    struct lc_scenario *s = r->scenario != NULL ? lc_scenario_read(r->scenario, diag) : NULL;
    struct lc_model *a = lc_model_read(r->a, diag), *b = lc_model_read(r->b, diag);
    if (a != NULL && b != NULL && (r->scenario == NULL || s != NULL)) {
        equal = lc_model_equal(a, b, &difference);
        if (wants_text(r))
            printf(equal ? "the models are equal\n" : "the models differ: %s\n", difference);
        if (!equal)
            broken = tell_models(r, a, b, s, &details, diag);
        if (r->common->json != NULL)
            write_models(r, difference, details, diag);
    }
    json_decref(details);
    free(difference);
    lc_scenario_free(s);
    lc_model_free(a);
    lc_model_free(b);
    return s != NULL ? broken > 0 : !equal;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static bool differ(const struct request *r, struct lc_diag *diag)
{
    struct lci_figures a, b;
    bool different = false;
    const int read_a = lci_figures_read(r->a, &a, diag), read_b = lci_figures_read(r->b, &b, diag);
    if (read_a == 0 && read_b == 0) {
        if (a.count > 0 && b.count > 0 && r->scenario != NULL)
            lc_error(diag, LC_INPUT, NULL,
                     "expected traces, measures, verdicts or models for the gates of %s, found results", r->scenario);
        else if (a.count > 0 && b.count > 0)
            different = results_differ(r, &a, &b, diag);
        else if (a.count == 0 && b.count == 0)
            different = models_differ(r, diag);
        else
            lc_error(diag, LC_INPUT, NULL, "%s has results and %s has none; expected two results, or two models",
                     a.count > 0 ? r->a : r->b, a.count > 0 ? r->b : r->a);
    }
    lci_figures_free(&a);
    lci_figures_free(&b);
    return different;
}

/* Of files that are compared; releases are named in traces that are read. */
static int check_files(const struct comparing *c, struct lc_diag *diag)
{
    const struct cli_output output = {"--json", c->common->json};
    const char **inputs = lc_calloc(c->trace_count + 5, sizeof *inputs);
    size_t count = 0;
    for (size_t i = 0; i < c->trace_count; i++)
        inputs[count++] = c->traces[i];
    const bool files = c->trace_count == 0 && c->history == NULL;
    inputs[count++] = files ? c->a : NULL;
    inputs[count++] = files ? c->b : NULL;
    inputs[count++] = c->history;
    inputs[count++] = c->scenario;
    inputs[count++] = c->measuring.activities;
    int status = cli_check_outputs(&(struct cli_outputs){&output, 1, inputs, count}, diag);
    if (status == 0)
        status = cli_check_read_again(inputs, count, diag);
    free(inputs);
    return status;
}

static bool compare(struct comparing *c, double threshold, struct lc_diag *diag)
{
    if (check_files(c, diag) != 0)
        return false;
    if (is_comparing(c, diag)) {
        if (diag->errors > 0)
            return false;
        if (!isnan(threshold))
            cli_usage_error(&cmd_compare, "--threshold is of two results; gates stand in a scenario (--scenario)");
        return compare_releases(c, diag);
    }
    return differ(&(struct request){c->a, c->b, threshold, c->common, c->scenario}, diag);
}

static int run(int argc, char **argv)
{
    double threshold = NAN;
    struct cli_common common;
    struct comparing c = {.common = &common};
    struct cli_texts traces = {0};
    struct measuring_clock clock = {0};
    struct cli_option options[] = {
        {"scenario", 0, CLI_TEXT, "FILE", "its gates decide; load and capacity are predicted with it", &c.scenario},
        {"traces", 0, CLI_TEXTS, "TRACES", "A and B are releases in these traces", &traces},
        {"history", 0, CLI_TEXT, "FILE", "A and B are releases in this history", &c.history},
        {"threshold", 't', CLI_FRACTION, "P",
         "of results: status 1 when a statistic's rms or a significant difference is above it", &threshold},
        MEASURING_OPTIONS(c.measuring, clock),
        {0},
    };
    const int operands = cli_parse(&cmd_compare, argc, argv, options, &common);
    if (operands != 2)
        cli_usage_error(&cmd_compare, "expected two files, and %d %s given", operands, operands == 1 ? "is" : "are");
    if (threshold < 0)
        cli_usage_error(&cmd_compare, "--threshold: expected 0 or more");
    if (traces.count > 0 && c.history != NULL)
        cli_usage_error(&cmd_compare, "A and B are releases in --traces or in --history, not in both");
    if (strcmp(argv[0], "-") == 0 || strcmp(argv[1], "-") == 0)
        cli_usage_error(&cmd_compare, "two files are compared; standard input can be read only once");
    measuring_check(&cmd_compare, &c.measuring, &clock);
    c.a = argv[0];
    c.b = argv[1];
    c.traces = traces.items;
    c.trace_count = traces.count;
    struct lc_diag diag = {0};
    const bool different = compare(&c, threshold, &diag);
    free(traces.items);
    const enum lc_status status = cli_report(&diag, &common);
    return status != LC_OK ? (int)status : different ? LC_MISSED : LC_OK;
}

const struct cli_command cmd_compare = {
    .name = "compare",
    .usage = "A B [options]",
    .summary = "Compares two releases by their traces, two results, or two models",
    .details =
        "A and B are traces (files, folders), measures (what 'measure --csv' wrote), verdicts (what 'run --json'\n"
        "wrote) or, with --traces or --history, two releases that are there: what changed, whether chance explains\n"
        "it, and which gates of a scenario are broken ('gates: {demand: +10 %, db_reads: +5 %, capacity: -5 %}').\n"
        "A and B may also be results: LQN XML with results (.lqnx, .lqxo), or what --json wrote, in any mixture:\n"
        "every figure that both have is shown with its 95 % interval and its difference relative to A; significant\n"
        "ones (beyond the two intervals, as for two independent samples) are marked. Of two models without results\n"
        "the first difference is named, and what entries do, call and load is held against each other.\n\n"
        "  loadcast compare nightly/5.3.0/ nightly/5.4.0/ --scenario shop.yaml\n"
        "  loadcast compare 5.3.0 5.4.0 --traces traces/ --activities activities.jsonl\n"
        "  loadcast compare 5.3.0 5.4.0 --history releases.db --scenario shop.yaml\n"
        "  loadcast compare before.json after.json --threshold '2 %'\n\n"
        "Exit status: 0 done, 1 a gate is broken, the threshold is exceeded, or the models differ.",
    .run = run,
};
