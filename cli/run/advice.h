/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What would help: the changes that a team can make, tried one by one. All of them are screened by the flow; the best
 * are simulated with the random numbers of the model as it is. */
#ifndef ADVICE_H
#define ADVICE_H

#include "run.h"

/* A call less is more than most teams can do; policies do not change what the flow says. */
enum advice_kind { ADVICE_SIZE, ADVICE_CALL, ADVICE_POLICY, ADVICE_KINDS };

struct advice_option {
    char *what;               /* "one more thread of photo" */
    struct lc_what_if change; /* with the edit to copy */
    enum advice_kind kind;
    char *about;               /* the component that changes */
    double gain;               /* flow: the highest load relative to the one before */
    struct run_component next; /* what limits then; its name is borrowed from the run's base model, or NULL */
    double response;           /* relative change of the response time without waiting, of all workloads together */
    bool simulated;
    bool overloaded;               /* instead: there is no steady state any more */
    struct lc_estimate difference; /* of the worst goal: paired, in its unit */
    double low, high;              /* hold the differences of all that were simulated with 95 % */
    double after;
    size_t rank; /* by what it does to that goal: 1 is the best; 0: nothing that can be told */
};

struct advice_hold { /* why threads of the limiting task are held, as parts of the time */
    double own, below;
    double processor;    /* load of its processor when the threads are full; NaN: it has no limit */
    const char *longest; /* the task waited for longest; NULL: none */
};

struct advice {
    struct run_component limit; /* name NULL: nothing is limited */
    double factor;
    struct advice_hold hold;       /* of a limiting task */
    struct advice_option *options; /* best first */
    size_t count, capacity;
    /* What is judged: the goal that is nearest to its limit, or missed by most, at the load looked at. */
    const struct lc_load_point *load;
    struct lc_load_point own;   /* where no load of the scenario has a steady state: 90 % of what can be sustained */
    const struct lc_goal *goal; /* NULL: the mean response time of the slowest workload */
    char *goal_workload, *goal_component;
    struct lc_estimate before; /* in its unit; mean NaN: it could not be simulated */
    bool complete;             /* all that should be were simulated in the time allowed */
};

int run_advise(struct run *run, struct advice *advice, struct lc_diag *diag);
void advice_free(struct advice *advice);

void advice_text(const struct run *run, const struct advice *advice, FILE *out);
int advice_json(const struct run *run, const struct advice *advice, const char *file, struct lc_diag *diag);

#endif
