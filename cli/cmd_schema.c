/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast schema: the JSON schemas of what is read and written. */
#include "cli.h"

#include "commands.h"
#include "loadcast/format.h"
#include "loadcast/scenario.h"
#include "render/json.h"
#include "render/measures.h"
#include "render/schema.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    char *(*text)(void);
} schemas[] = {{"scenario", lc_scenario_schema},
               {"model", lc_model_schema},
               {"result", cli_result_schema},
               {"measure", measures_schema},
               {"fit", fit_schema},
               {"advise", advice_schema},
               {"backtest", backtest_schema},
               {"calibrate", calibration_schema}};

#define NAMES "scenario, model, result, measure, fit, advise, backtest, calibrate"

static int schema(int argc, char **argv)
{
    struct cli_common common = {0};
    if (cli_parse(&cmd_schema, argc, argv, NULL, &common) != 1)
        cli_usage_error(&cmd_schema, "expected one of " NAMES);
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
        if (strcmp(argv[0], schemas[i].name) == 0) {
            char *text = schemas[i].text();
            puts(text);
            free(text);
            return LC_OK;
        }
    cli_usage_error(&cmd_schema, "there is no schema of '%s'; expected one of " NAMES, argv[0]);
}

const struct cli_command cmd_schema = {
    .name = "schema",
    .usage = "scenario|model|result|measure|fit|advise|backtest|calibrate",
    .summary = "JSON schemas, with which editors complete and check files",
    .details =
        "Prints the JSON schema (draft 7) of a scenario, of a model in YAML or JSON, of what simulate, solve and\n"
        "run write with --json (result), of what measure and compare write of traces (measure), or of what the\n"
        "command of that name writes. An editor with a YAML language server completes and explains the keys of a\n"
        "file that begins with\n"
        "  # yaml-language-server: $schema=scenario.schema.json\n\n"
        "  loadcast schema scenario > scenario.schema.json\n",
    .run = schema,
};
