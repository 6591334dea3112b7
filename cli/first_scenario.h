/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first scenario of somebody's traces: what enters the system and how often, as it was recorded, and as comments
 * what the traces do not tell, with what they suggest. */
#ifndef FIRST_SCENARIO_H
#define FIRST_SCENARIO_H

#include "cli.h"
#include "loadcast/learn.h"
#include "loadcast/scenario.h"

struct first_scenario {
    const struct cli_common *common;
    const char *const *traces;
    size_t count;
    const char *cache;       /* folder; NULL: none */
    const char *utilization; /* files that say how busy processors were; NULL: none */
    const char *named;       /* the same as the scenario names them; NULL: as they are */
    bool strict;             /* damaged lines of traces are errors */
    bool assumptions;        /* build the model, to tell what is assumed about it */
    /* Filled in; owned by the caller. */
    char *text;                   /* what lc_scenario_parse() reads */
    char *assumed;                /* "browse 27.4/s, report 21.1/s", as they were recorded */
    struct lc_assumption *stated; /* of the deployment, what sources stated: written into the text */
    size_t stated_count;
};
/* Reads the traces. 0, or −1 with errors appended. */
int first_scenario_make(struct first_scenario *first, struct lc_diag *diag);
/* The second half of it: fills in the texts. */
void first_scenario_write(struct first_scenario *first, const struct lc_learned *learned, uint64_t traces);
void first_scenario_free(struct first_scenario *first);

/* Whether the operands are one scenario rather than traces: it is a YAML file, or has a line with a scenario's key. */
bool names_scenario(int operands, char *const *names);
/* What first_scenario_make() takes beside the traces. */
struct scenario_source {
    const struct cli_common *common;
    const char *cache, *utilization; /* as above; these files take the place of the scenario's own */
    bool strict;
};
/* The scenario that is named (with traces behind it, which then take the place of its own), or the first one of the
 * traces that are; the loads that it assumes are noted. NULL with errors appended. */
struct lc_scenario *scenario_of(int operands, char *const *names, const struct scenario_source *source,
                                struct lc_diag *diag);

#endif
