/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces → a table of measures: what `measure`, `compare` and `nightly` begin with. */
#ifndef MEASURING_H
#define MEASURING_H

#include "cli.h"
#include "fit/measure/association.h"
#include "fit/measure/measures.h"

struct measuring {
    const char *const *traces; /* files, folders, wildcards, "-" */
    size_t trace_count;
    const char *activities;                      /* file of windows; NULL: none */
    struct lci_association_options associations; /* without the windows */
    bool merge_runs;                             /* all runs of a release are one, "" */
    bool strict;                                 /* damaged lines are errors */
    double interval;                             /* s, of rates of pipelines; 0: a second */
    bool literal;                                /* rosebery's equations as they stand, too */
    const struct cli_common *common;
    /* Filled in. */
    uint64_t matched[LCI_MATCHES];
    uint64_t incomplete; /* traces that lost spans, and were left out */
};

/* Appends the rows. 0, or −1 with errors appended. */
int measure_traces(struct measuring *measuring, struct lci_measure_table *table, struct lc_diag *diag);

/* The options that say what traces belong to; `clock` and `slack` in seconds. */
struct measuring_clock {
    double offset, slack;
};
#define MEASURING_OPTIONS(m, clock)                                                                                    \
    {"activities", 0, CLI_TEXT, "FILE", "windows of tests: what 'activity' wrote, CSV or JSON", &(m).activities},      \
        {"by",                                                                                                         \
         0,                                                                                                            \
         CLI_TEXT,                                                                                                     \
         "KEY",                                                                                                        \
         "attribute or baggage key of any span that names the activity",                                               \
         &(m).associations.by},                                                                                        \
        {"release-by",                                                                                                 \
         0,                                                                                                            \
         CLI_TEXT,                                                                                                     \
         "KEY",                                                                                                        \
         "the same of the release (service.version of the root)",                                                      \
         &(m).associations.release_by},                                                                                \
        {"run-by", 0, CLI_TEXT, "KEY", "the same of the run", &(m).associations.run_by},                               \
        {"release",                                                                                                    \
         0,                                                                                                            \
         CLI_TEXT,                                                                                                     \
         "R",                                                                                                          \
         "the release of traces whose window or key names none",                                                       \
         &(m).associations.release},                                                                                   \
        {"run", 0, CLI_TEXT, "N", "the run likewise", &(m).associations.run},                                          \
        {"clock-offset", 0, CLI_TIME, "T", "by how much the traces' clock is ahead of the windows' (0)",               \
         &(clock).offset},                                                                                             \
        {"slack", 0, CLI_TIME, "T", "traces so near to a window belong to it (0)", &(clock).slack},                    \
        CLI_OPTION_STRICT(&(m).strict)
/* Puts what was parsed in its place; ends with LC_USAGE where it contradicts itself. */
void measuring_check(const struct cli_command *command, struct measuring *measuring,
                     const struct measuring_clock *clock);

#endif
