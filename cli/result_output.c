/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result_output.h"

#include "loadcast/format.h"
#include "render/json.h"
#include "render/result_table.h"

#include <string.h>
#include <unistd.h>

bool result_format_known(const char *name)
{
    static const char *const alone[] = {"table", "text", "json", "csv"};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (strcmp(name, alone[i]) == 0)
            return true;
    const struct lc_format *format = lc_format_find(name);
    return format != NULL && format->write != NULL;
}

void result_write(const struct lc_result *result, const char *format, bool taken, const struct cli_common *common,
                  struct lc_diag *diag)
{
    if (common->json != NULL)
        cli_json_write(lc_result_json(result), CLI_JSON_SIMULATED, common->json, diag);
    taken = taken || (common->json != NULL && strcmp(common->json, "-") == 0);
    if (strcmp(format, "json") == 0) {
        if (!taken)
            cli_json_write(lc_result_json(result), CLI_JSON_SIMULATED, "-", diag);
    } else if (strcmp(format, "table") != 0 && strcmp(format, "text") != 0) {
        lc_format_find(format)->write(result->model, result, stdout, diag);
    } else if (!taken) {
        const bool colour = !common->no_color && isatty(STDOUT_FILENO);
        result_table(result, common->verbose || strcmp(format, "text") == 0, colour, stdout);
    }
}
