/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast init: traces → a first scenario. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/output.h"
#include "commands.h"
#include "first_scenario.h"
#include "loadcast/format.h"
#include "pulling.h"

/* A scenario's relative paths start where it stands: elsewhere than here, traces are named from the root on. What is a
 * wildcard rather than a file stays behind the last folder that is there. */
static char *path_from(const char *path, const char *file)
{
    if (path[0] == '/' || file == NULL || strchr(file, '/') == NULL)
        return lc_strdup(path);
    const size_t folder = strcspn(path, "*?[");
    char *known = lc_strndup(path, folder), *slash = strrchr(known, '/');
    if (path[folder] == 0)
        slash = NULL;
    else if (slash != NULL)
        *slash = 0;
    char *whole = realpath(path[folder] != 0 && slash == NULL ? "." : known, NULL);
    char *rest = path[folder] == 0 ? NULL : lc_strdup(slash != NULL ? path + (slash - known) + 1 : path);
    char *named = whole == NULL ? lc_strdup(path) : rest != NULL ? lc_format("%s/%s", whole, rest) : lc_strdup(whole);
    free(whole);
    free(known);
    free(rest);
    return named;
}

/* The same of files with commas between them, each perhaps behind the SERVICE whose it is. */
static char *paths_from(const char *files, const char *file)
{
    struct lci_buffer list = {0};
    if (access(files, F_OK) == 0)
        return path_from(files, file);
    for (const char *at = files; *at != 0; at += at[strcspn(at, ",")] != 0 ? strcspn(at, ",") + 1 : strcspn(at, ",")) {
        char *one = lc_strndup(at, strcspn(at, ",")), *equals = access(one, F_OK) != 0 ? strchr(one, '=') : NULL;
        char *path = path_from(equals != NULL ? equals + 1 : one, file);
        lci_buffer_join(&list, ",", "%.*s%s", equals != NULL ? (int)(equals - one + 1) : 0, one, path);
        free(path);
        free(one);
    }
    return lci_buffer_take(&list);
}

static int write_text(const char *text, const char *file, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file != NULL ? file : "-", diag);
    if (output == NULL)
        return -1;
    fputs(text, lci_output_stream(output));
    return lci_output_close(output, diag);
}

static void init(int operands, char **names, const char *file, struct first_scenario *first, struct lc_diag *diag)
{
    const struct cli_output output = {"--output", file};
    char **paths = lc_calloc((size_t)operands + 1, sizeof *paths);
    char *utilization = first->utilization != NULL ? paths_from(first->utilization, file) : NULL;
    first->named = utilization;
    for (int i = 0; i < operands; i++)
        paths[i] = path_from(names[i], file);
    first->traces = (const char *const *)paths;
    first->count = (size_t)operands;
    if (cli_check_outputs(&(struct cli_outputs){&output, 1, first->traces, first->count}, diag) == 0 &&
        first_scenario_make(first, diag) == 0)
        write_text(first->text, file, diag);
    for (int i = 0; i < operands; i++)
        free(paths[i]);
    free(paths);
    free(utilization);
    first->named = NULL;
}

static int execute(int argc, char **argv)
{
    struct cli_common common;
    struct first_scenario first = {.common = &common, .assumptions = true};
    struct pulling pulling = {0};
    const char *file = NULL;
    struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "SCENARIO.yaml", "write the scenario there (standard output)", &file},
        CLI_OPTION_CACHE(&first.cache),
        CLI_OPTION_STRICT(&first.strict),
        CLI_OPTION_UTILIZATION(&first.utilization),
        PULL_OPTIONS(pulling),
        {0},
    };
    const int operands = cli_parse(&cmd_init, argc, argv, options, &common);
    pull_check(&cmd_init, &pulling);
    if (pulling.from.count > 0 && pulling.save == NULL)
        cli_usage_error(&cmd_init, "a scenario names files: expected --save DIR beside --from");
    if (operands == 0 && pulling.from.count == 0)
        cli_usage_error(&cmd_init, "no traces are given; name files, folders or wildcards");
    if (common.json != NULL)
        cli_usage_error(&cmd_init, "a scenario is YAML; 'loadcast fit TRACES… --json FILE' tells of the model");
    for (int i = 0; i < operands; i++)
        if (strcmp(argv[i], "-") == 0)
            cli_usage_error(&cmd_init, "a scenario names files; standard input cannot be read again");
    struct lc_diag diag = {0};
    const enum lc_status status = pull_all(&pulling, operands, argv, &common);
    if (status == LC_OK)
        init(pulling.count, pulling.names, file, &first, &diag);
    first_scenario_free(&first);
    pulling_free(&pulling);
    return (int)(status != LC_OK ? status : cli_report(&diag, &common));
}

const struct cli_command cmd_init = {
    .name = "init",
    .usage = "TRACES… [-o SCENARIO.yaml]",
    .summary = "Writes a first scenario: what enters the system and how often, and which facts are missing",
    .details =
        "It holds the workloads with their recorded rates, and the limits that can be seen. What is missing in the\n"
        "traces stands in comments, with what they suggest. It can be run as it is, and completed.\n\n"
        "example: loadcast init traces/ -o shop.yaml && loadcast run shop.yaml",
    .run = execute,
};
