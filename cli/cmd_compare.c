/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast compare: two results, or two models, side by side. */
#include "cli.h"

#include "commands.h"
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

static int run(int argc, char **argv)
{
    struct request r = {.threshold = NAN};
    struct cli_common common;
    struct cli_option options[] = {
        {"threshold", 't', CLI_FRACTION, "P", "status 1 when a statistic's rms or a significant difference is above it",
         &r.threshold},
        {0},
    };
    const int operands = cli_parse(&cmd_compare, argc, argv, options, &common);
    if (operands != 2)
        cli_usage_error(&cmd_compare, "expected two files, and %d %s given", operands, operands == 1 ? "is" : "are");
    if (r.threshold < 0)
        cli_usage_error(&cmd_compare, "--threshold is not negative");
    if (strcmp(argv[0], "-") == 0 || strcmp(argv[1], "-") == 0)
        cli_usage_error(&cmd_compare, "two files are compared; standard input can be read only once");
    r.a = argv[0];
    r.b = argv[1];
    r.common = &common;
    struct lc_diag diag = {0};
    const struct cli_output output = {"--json", common.json};
    const char *inputs[] = {r.a, r.b};
    const bool different =
        cli_check_outputs(&(struct cli_outputs){&output, 1, inputs, 2}, &diag) == 0 && differ(&r, &diag);
    const enum lc_status status = cli_report(&diag, &common);
    return status != LC_OK ? (int)status : different ? LC_MISSED : LC_OK;
}

const struct cli_command cmd_compare = {
    .name = "compare",
    .usage = "A B [options]",
    .summary = "Compare two results, or two models",
    .details = "A and B are results: LQN XML with results (.lqnx, .lqxo), or what --json wrote, in any mixture. Every\n"
               "figure that both have is shown with its 95 % interval and its difference relative to A; significant\n"
               "ones (beyond the two intervals, as for two independent samples) are marked. Two models without\n"
               "results are compared element by element: the first difference is named.\n\n"
               "  loadcast compare before.json after.json --threshold '2 %'\n"
               "  loadcast compare lqsim.lqxo loadcast.lqnx\n\n"
               "Exit status: 0 done, 1 the threshold is exceeded, or the models differ.",
    .run = run,
};
