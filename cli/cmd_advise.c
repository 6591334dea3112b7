/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast advise: what would help. */
#include "base/text.h"
#include "commands.h"
#include "prepare.h"
#include "render/writers.h"

/* A signal ends what is before at once, this with what is known. */
static int advise(struct prepared *p, struct lc_advice *advice, struct lc_diag *diag)
{
    p->scenario->simulation.stop = cli_stop();
    return prepared_advise(p, advice, diag);
}

static int execute(int argc, char **argv)
{
    struct cli_common common = {0};
    struct prepared prepared = {.common = &common, .started = lci_seconds()};
    struct cli_option options[] = {CLI_OPTION_CACHE(&prepared.folder), {0}};
    const int operands = cli_parse(&cmd_advise, argc, argv, options, &common);
    if (operands != 1)
        cli_usage_error(&cmd_advise, operands == 0 ? "no scenario is named" : "one scenario at a time");
    struct lc_diag diag = {0};
    struct lc_advice advice = {.before = {0}};
    enum lc_status status = LC_OK;
    prepared.scenario = lc_scenario_read(argv[0], &diag);
    if (prepared.scenario != NULL) {
        struct lc_scenario *s = prepared.scenario;
        if (common.seed_given)
            s->simulation.seed = common.seed;
        const struct cli_output output = {"--json", common.json};
        if (check_scenario_outputs(&output, 1, argv[0], s, NULL, &diag) == 0 && prepare(&prepared, &diag) == 0 &&
            advise(&prepared, &advice, &diag) == 0) {
            cli_report(&diag, &common); /* warnings: the advice comes behind them */
            status = advice.complete || advice.limit.name == NULL ? LC_OK : LC_UNDECIDED;
            const char *files[WRITERS_MOST] = {common.json};
            write_all(advice_writers, files,
                      &(struct page){.verdict = prepared.verdict,
                                     .advice = &advice,
                                     .stopped_by = cli_stopped_by(),
                                     .verbose = common.verbose,
                                     .out = stdout},
                      &diag);
        }
    }
    const enum lc_status wrong = cli_report(&diag, &common);
    lc_advice_free(&advice);
    prepared_free(&prepared);
    return (int)(wrong != LC_OK ? wrong : status);
}

const struct cli_command cmd_advise = {
    .name = "advise",
    .usage = "SCENARIO.yaml [options]",
    .summary = "Tries the changes that a team can make, and says which of them help",
    .details =
        "For every component: one more thread, connection, replica or core, and 20 % less work; for every\n"
        "call: none, half of them answered by a cache, nobody waits for it; of policies: a higher maximum of\n"
        "replicas, a wider bulkhead or rate limit, no retries. All are ranked by the load that the traffic\n"
        "equations then allow; the best are simulated with the same random numbers as the unchanged system,\n"
        "at the highest load of the scenario that has a steady state. The last column can be copied into the\n"
        "what_if of the scenario.\n\n"
        "Exit status: 0 done; 2 wrong options; 3 wrong input; 4 the machine failed; 5 not all was simulated, or\n"
        "not to its precision, in the time allowed.\n\n"
        "example: loadcast advise scenarios/search/search.yaml",
    .ranks = true,
    .run = execute,
};
