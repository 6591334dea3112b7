/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ranks.h"
#include "base/text.h"
#include "cli.h"
#include "fit/network/parts.h"
#include "sim/elsewhere.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static const struct cli_command *const commands[] = {
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
    for (const struct cli_command *const *c = commands; *c != NULL; c++)
        fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(out, "\n'loadcast COMMAND --help' explains a command. Start with: loadcast run SCENARIO.yaml\n");
}

static void no_memory(size_t wanted)
{
    char text[64];
    snprintf(text, sizeof text, wanted > 0 ? "out of memory (%zu bytes more were wanted)" : "out of memory", wanted);
    lci_ranks_give_up(LC_MACHINE, text);
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
    for (const struct cli_command *const *c = commands; *c != NULL; c++) {
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

/* Copies that know nothing of each other would write the same files. */
static void refuse_ranks(void)
{
    if (lci_ranks_launched() == 1 || lci_ranks_built())
        return;
    if (lci_ranks_launched_as() == 0)
        fprintf(stderr,
                "loadcast: started %u times by mpirun, but built without MPI; expected a build with "
                "-DLOADCAST_MPI=ON, or one start\n",
                lci_ranks_launched());
    else
        sleep(1); /* the first one has something to say before mpirun ends all */
    exit(LC_USAGE);
}

static void join_ranks(void)
{
    static const lci_rank_work work[LCI_ERRANDS] = {[LCI_ERRAND_SIMULATE] = lci_elsewhere_simulate,
                                                    [LCI_ERRAND_CURVES] = lci_elsewhere_curves,
                                                    [LCI_ERRAND_REPLICATIONS] = lci_elsewhere_replicate,
                                                    [LCI_ERRAND_READ] = lci_parts_read};
    lci_ranks_start();
    if (lci_rank() == 0)
        return;
    cli_end_by_signals();
    lci_ranks_serve(work);
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    lc_set_no_memory(no_memory);
    refuse_ranks();
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN); /* writing tells */
    signal(SIGXFSZ, SIG_IGN); /* so it does of a file that may not be longer, as of a full disk */
    join_ranks();
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
        cli_version();
        return cli_finish(LC_OK);
    }
    const struct cli_command *command = find(name);
    if (command == NULL)
        return LC_USAGE;
    const int status = command->run(argc - 1, argv + 1);
    if (cli_stopped() != 0 && status != LC_MACHINE && !command->endless)
        fprintf(stderr, "loadcast: stopped by %s; what was known then was reported\n", cli_stopped_by());
    return cli_finish(status);
}
