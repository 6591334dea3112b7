/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the commands share: options, messages, progress. A command is one file cli/cmd_NAME.c and one line of the table
 * in main.c.
 */
#ifndef CLI_H
#define CLI_H

#include "loadcast/base.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

/* The options that mean the same everywhere. */
struct cli_common {
    const char *json; /* file, "-", or NULL */
    bool quiet, verbose, no_color;
    unsigned jobs; /* 0: one per core */
    uint64_t seed; /* 1 unless given */
    bool seed_given;
};

enum cli_type { CLI_FLAG, CLI_TEXT, CLI_TEXTS, CLI_NUMBER, CLI_COUNT, CLI_TIME, CLI_FRACTION };

struct cli_texts {
    const char **items; /* ends with NULL; freed by cli_parse's caller through free() */
    size_t count;
};

/* One option of a command: `value` points to bool, const char *, struct cli_texts, double, unsigned, double (seconds),
 * double. `argument` is its name in the help, NULL for flags. `letter` 0: none. */
struct cli_option {
    const char *name;
    char letter;
    enum cli_type type;
    const char *argument, *help;
    void *value;
};
/* Options of several commands. */
#define CLI_OPTION_CACHE(to)                                                                                           \
    {                                                                                                                  \
        "cache", 0, CLI_TEXT, "DIR", "keep what was read and fitted in this folder, for the next run", to              \
    }
#define CLI_OPTION_UTILIZATION(to)                                                                                     \
    {                                                                                                                  \
        "utilization", 0, CLI_TEXT, "FILES",                                                                           \
            "how busy processors were: CSV, Prometheus, sar, pidstat, … each as FILE or SERVICE=FILE", to              \
    }
#define CLI_OPTION_STRICT(to)                                                                                          \
    {                                                                                                                  \
        "strict", 0, CLI_FLAG, NULL, "a damaged line of JSON is an error instead of being left out", to                \
    }

struct cli_command {
    const char *name;
    const char *usage;   /* "TRACES… [options]" */
    const char *summary; /* one line */
    const char *details; /* paragraphs and an example */
    bool ranks;          /* mpirun spreads its work */
    bool endless;        /* a signal is how it ends */
    int (*run)(int argc, char **argv);
};

/* Parses the command's arguments (argv[0] is its name). Operands are left in argv[0 …], their number is returned.
 * Prints the help and exits on --help; on an error prints it and exits with LC_USAGE. `options` ends with a NULL name;
 * may be NULL. */
void cli_version(void); /* "loadcast 0.1.0, with MPI" */
int cli_parse(const struct cli_command *command, int argc, char **argv, struct cli_option *options,
              struct cli_common *common);
/* Prints "loadcast: …" to standard error and exits with LC_USAGE. */
void cli_usage_error(const struct cli_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Prints the messages (errors always, warnings and notes unless quiet), frees the list, returns the status of the first
 * error. */
enum lc_status cli_report(struct lc_diag *diag, const struct cli_common *common);

/* What a command is to write, and the files that it reads; NULL stands for none, "-" for a standard stream. */
struct cli_output {
    const char *option, *file; /* "--json", its value */
};
struct cli_outputs {
    const struct cli_output *items;
    size_t count;
    const char *const *inputs;
    size_t input_count;
};
bool cli_is_stdout(const char *file);  /* "-"; NULL is not */
bool cli_is_special(const char *file); /* a pipe, a device or a socket */
/* Before the work: every output can be written (a folder that is missing, a file that is protected), no two are one
 * file, none is an input. 0, or −1 with errors. */
int cli_check_outputs(const struct cli_outputs *outputs, struct lc_diag *diag);
/* Before the work: none of these files, folders and wildcards (NULL: none) comes through a pipe, for they are read more
 * than once. 0, or −1 with an error. */
int cli_check_read_again(const char *const *inputs, size_t count, struct lc_diag *diag);
/* Ends with LC_USAGE when --report names a file that is no page. */
void cli_check_page(const struct cli_command *command, const char *file);
bool cli_ends_with(const char *file, const char *ending);

/* The status to end with: output that cannot be written (a full disk, say) must not look like success. */
int cli_finish(int status);

/* SIGINT, SIGTERM and SIGHUP end the program with one line, 128 + the signal's number, and no file half-written. */
void cli_end_by_signals(void);
/* From now on the first of them sets the flag that is returned (lc_sim_options.stop), and the program ends with what it
 * knows and 128 + the signal's number, whatever its status; a second one ends it at once. */
const atomic_int *cli_stop(void);
int cli_stopped(void);            /* the signal that came; 0: none */
const char *cli_stopped_by(void); /* its name; NULL: none came */

/* Whether a person sees what is written there: what mpirun puts in the place of a terminal is none. */
bool cli_is_terminal(int fd);

/* A progress bar on standard error when that is a terminal and --quiet is not given; otherwise nothing. */
struct cli_progress {
    const char *what, *unit;
    double started, last;
    bool shown, on;
};
void cli_progress_start(struct cli_progress *progress, const char *what, const char *unit,
                        const struct cli_common *common);
/* done of total (0: not known). May be called often; draws ten times a second at the most. */
void cli_progress_show(struct cli_progress *progress, double done, double total);
void cli_progress_end(struct cli_progress *progress);

#endif
