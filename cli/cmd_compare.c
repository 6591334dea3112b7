/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast compare: two releases, results or models, side by side. */
#include "cli.h"

#include "commands.h"
#include "comparing.h"
#include "loadcast/format.h"
#include "render/comparison.h"
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
};

static bool wants_text(const struct request *r)
{
    return r->common->json == NULL || strcmp(r->common->json, "-") != 0;
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
                                 .colour = !r->common->no_color && isatty(STDOUT_FILENO),
                                 .out = stdout},
                  diag);
    const bool differ = comparison_exceeds(&comparison);
    comparison_free(&comparison);
    return differ;
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static bool models_differ(const struct request *r, struct lc_diag *diag)
{
    char *difference = NULL;
    bool equal = true;
    struct lc_model *a = lc_model_read(r->a, diag), *b = lc_model_read(r->b, diag);
    if (a != NULL && b != NULL) {
        equal = lc_model_equal(a, b, &difference);
        if (wants_text(r))
            printf(equal ? "the models are equal\n" : "the models differ: %s\n", difference);
        if (r->common->json != NULL)
            cli_json_write(json_pack("{s:s, s:o, s:o, s:b, s:o}", "schema", "loadcast.compare/1", "a",
                                     cli_json_text(r->a), "b", cli_json_text(r->b), "equal", difference == NULL,
                                     "difference", cli_json_text(difference)),
                           CLI_JSON_ALL, r->common->json, diag);
    }
    free(difference);
    lc_model_free(a);
    lc_model_free(b);
    return !equal;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static bool differ(const struct request *r, struct lc_diag *diag)
{
    struct lci_figures a, b;
    bool different = false;
    const int read_a = lci_figures_read(r->a, &a, diag), read_b = lci_figures_read(r->b, &b, diag);
    if (read_a == 0 && read_b == 0) {
        if (a.count > 0 && b.count > 0)
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
static int check_outputs(const struct comparing *c, struct lc_diag *diag)
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
    const int status = cli_check_outputs(&(struct cli_outputs){&output, 1, inputs, count}, diag);
    free(inputs);
    return status;
}

static bool compare(struct comparing *c, double threshold, struct lc_diag *diag)
{
    if (check_outputs(c, diag) != 0)
        return false;
    if (is_comparing(c)) {
        if (!isnan(threshold))
            cli_usage_error(&cmd_compare, "--threshold is of two results; gates stand in a scenario (--scenario)");
        return compare_releases(c, diag);
    }
    if (c->scenario != NULL)
        cli_usage_error(&cmd_compare, "--scenario has gates for traces, measures and verdicts; these are others");
    return differ(&(struct request){c->a, c->b, threshold, c->common}, diag);
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
        cli_usage_error(&cmd_compare, "--threshold is not negative");
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
    .summary = "Compare two releases by their traces, two results, or two models",
    .details =
        "A and B are traces (files, folders), measures (what 'measure --csv' wrote), verdicts (what 'run --json'\n"
        "wrote) or, with --traces or --history, two releases that are there: what changed, whether chance explains\n"
        "it, and which gates of a scenario are broken ('gates: {demand: +10 %, db_reads: +5 %, capacity: -5 %}').\n"
        "A and B may also be results: LQN XML with results (.lqnx, .lqxo), or what --json wrote, in any mixture:\n"
        "every figure that both have is shown with its 95 % interval and its difference relative to A; significant\n"
        "ones (beyond the two intervals, as for two independent samples) are marked. Two models without results\n"
        "are compared element by element: the first difference is named.\n\n"
        "  loadcast compare nightly/5.3.0/ nightly/5.4.0/ --scenario shop.yaml\n"
        "  loadcast compare 5.3.0 5.4.0 --traces traces/ --activities activities.jsonl\n"
        "  loadcast compare 5.3.0 5.4.0 --history releases.db --scenario shop.yaml\n"
        "  loadcast compare before.json after.json --threshold '2 %'\n\n"
        "Exit status: 0 done, 1 a gate is broken, the threshold is exceeded, or the models differ.",
    .run = run,
};
