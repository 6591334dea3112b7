/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast solve: the analytic answer for one model. */
#include "cli.h"

#include "commands.h"
#include "loadcast/format.h"
#include "loadcast/solve.h"
#include "result_output.h"
#include "sweep.h"

#include <math.h>
#include <string.h>

static enum lc_status solve(const struct lc_model *model, const struct lc_solve_options *options, const char *format,
                            const struct cli_common *common, struct lc_diag *diag)
{
    struct lc_result *result = lc_solve(model, options, diag);
    if (result == NULL)
        return LC_OK;
    const enum lc_status status = result->converged ? LC_OK : LC_UNDECIDED;
    if (status == LC_UNDECIDED)
        lc_warn(diag, NULL,
                "not converged: after %u iterations the largest relative change is %.3g; expected %.3g or less "
                "(--tolerance, --iterations), or simulate the model instead",
                result->iterations, result->residual, options->tolerance);
    cli_report(diag, common); /* warnings: the report comes behind them */
    result_write(result, format, false, common, diag);
    lc_result_free(result);
    return status;
}

static enum lc_status solve_file(const char *file, const struct lc_solve_options *options, const char *format,
                                 const struct cli_common *common)
{
    struct lc_diag diag = {0};
    enum lc_status done = LC_OK;
    const struct cli_output outputs[] = {{"--json", common->json}};
    struct lc_model *model =
        cli_check_outputs(&(struct cli_outputs){outputs, 1, &file, 1}, &diag) == 0 ? lc_model_read(file, &diag) : NULL;
    struct lci_sweep *sweep = model != NULL && diag.errors == 0 ? sweep_of(model, format, &diag) : NULL;
    const bool csv = format != NULL && strcmp(format, "csv") == 0;
    if (sweep != NULL && (csv || lci_sweep_points(sweep) > 1))
        done = sweep_solve(sweep, model, options, format, common, &diag);
    else if (csv)
        lc_error(&diag, LC_INPUT, NULL, "%s: the model has neither lists of values nor a report (R) for csv", file);
    else if (model != NULL && diag.errors == 0)
        done = solve(model, options, format != NULL ? format : "table", common, &diag);
    lci_sweep_free(sweep);
    const enum lc_status status = cli_report(&diag, common);
    lc_model_free(model);
    return status != LC_OK ? status : done;
}

static int run(int argc, char **argv)
{
    struct lc_solve_options solving = lc_solve_defaults();
    const char *format = NULL;
    struct cli_common common;
    struct cli_option options[] = {
        {"tolerance", 0, CLI_NUMBER, "T",
         "ends when values change by less from one iteration to the next, relative (1e-7)", &solving.tolerance},
        {"iterations", 0, CLI_COUNT, "N", "iterations at the most (500)", &solving.iterations},
        {"format", 'f', CLI_TEXT, "FORMAT", "table, text (with phases and calls), json, csv (sweeps), lqnx, p",
         &format},
        {0},
    };
    const int operands = cli_parse(&cmd_solve, argc, argv, options, &common);
    if (operands != 1)
        cli_usage_error(&cmd_solve, operands == 0 ? "a model is missing" : "one model at a time");
    if (format != NULL && !result_format_known(format))
        cli_usage_error(&cmd_solve,
                        "there is no format '%s' for results; expected one of table, text, json, csv, lqnx, p", format);
    if (!(solving.tolerance > 0 && solving.tolerance < 1) || solving.iterations == 0)
        cli_usage_error(&cmd_solve, "expected --tolerance between 0 and 1 and --iterations of 1 or more");
    return (int)solve_file(argv[0], &solving, format, &common);
}

const struct cli_command cmd_solve = {
    .name = "solve",
    .usage = "MODEL [options]",
    .summary = "Solves a layered queueing network without simulating it, in milliseconds: what simulate measures",
    .details =
        "MODEL may be LQN XML, LQN text, YAML or JSON. The answer is exact where the model is a queueing network\n"
        "in product form, and an approximation elsewhere; percentiles are always approximate. What has no\n"
        "analytic treatment is named: such a model is simulated instead. A model with lists of values\n"
        "($x = [1, 2, 5]) is a sweep: every point is solved, beginning with the solution of the one before.\n\n"
        "  loadcast solve web-shop.lqnx\n"
        "  loadcast solve web-shop.lqnx --format text --json result.json\n\n"
        "Exit status: 0 done, 3 the model is wrong, has no steady state or no analytic treatment, 5 the\n"
        "iterations did not converge.",
    .run = run,
};
