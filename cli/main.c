/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

const struct cli_command *const cli_commands[] = {
#define COMMAND(name) &cmd_##name,
#include "commands.def"
#undef COMMAND
    NULL,
};

static void print_help(FILE *out)
{
    fprintf(out,
            "loadcast learns a layered queueing network from distributed traces, simulates it under projected loads,\n"
            "and says which component saturates, at which load and when.\n\n"
            "usage: loadcast COMMAND …\n\n");
    for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
        fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(out, "\n'loadcast COMMAND --help' tells more. Start with: loadcast run SCENARIO.yaml\n");
}

static void no_memory(size_t wanted)
{
    if (wanted > 0)
        fprintf(stderr, "loadcast: out of memory (%zu bytes more were wanted)\n", wanted);
    else
        fprintf(stderr, "loadcast: out of memory\n");
    exit(LC_MACHINE);
}

static const struct cli_command *find(const char *name)
{
    const char *names[64];
    size_t count = 0;
    for (const struct cli_command *const *c = cli_commands; *c != NULL; c++) {
        if (strcmp((*c)->name, name) == 0)
            return *c;
        if (count < 63)
            names[count++] = (*c)->name;
    }
    names[count] = NULL;
    const char *nearest = lci_nearest(name, names);
    fprintf(stderr, "loadcast: there is no command '%s'", name);
    if (nearest != NULL)
        fprintf(stderr, "; did you mean '%s'?\n", nearest);
    else
        fprintf(stderr, "; 'loadcast --help' lists them\n");
    return NULL;
}

/* Without standard streams the first files that are opened would get their numbers, and what is printed. Reading from
 * these, and writing to them, fails as it would without. */
static void keep_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            exit(LC_MACHINE);
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    lc_set_no_memory(no_memory);
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN); /* writing tells */
    signal(SIGXFSZ, SIG_IGN); /* so it does of a file that may not be longer, as of a full disk */
    cli_end_by_signals();
    if (argc < 2) {
        print_help(stderr);
        return LC_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return cli_finish(LC_OK);
    }
    if (strcmp(name, "--version") == 0) {
        printf("loadcast %s\n", LOADCAST_VERSION);
        return cli_finish(LC_OK);
    }
    const struct cli_command *command = find(name);
    if (command == NULL)
        return LC_USAGE;
    return cli_finish(command->run(argc - 1, argv + 1));
}
