/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result_output.h"

#include "loadcast/format.h"
#include "render/writers.h"

#include <string.h>
#include <unistd.h>

bool result_format_known(const char *name)
{
    const struct lc_format *format = lc_format_find(name);
    return writer_find(result_writers, name) != NULL || strcmp(name, "csv") == 0 ||
           (format != NULL && format->write != NULL);
}

void result_write(const struct lc_result *result, const char *format, bool taken, const struct cli_common *common,
                  struct lc_diag *diag)
{
    const struct page page = {.result = result,
                              .verbose = common->verbose,
                              .colour = !common->no_color && cli_is_terminal(STDOUT_FILENO),
                              .out = stdout};
    const struct writer *writer = writer_find(result_writers, format);
    if (common->json != NULL)
        write_file(writer_find(result_writers, "json"), common->json, &page, diag);
    taken = taken || cli_is_stdout(common->json);
    if (writer == NULL)
        lc_format_find(format)->write(result->model, result, stdout, diag);
    else if (!taken)
        writer->write(&page, diag);
}
