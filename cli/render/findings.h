/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What somebody should look at: goals and gates that are missed or undecided, and loads that are too much. Each knows
 * the line of the scenario that asks for it, so that CI servers show it there. */
#ifndef RENDER_FINDINGS_H
#define RENDER_FINDINGS_H

#include "summary.h"

/* A gate of the scenario, held against the release that it is compared with. */
struct gate_outcome {
    char *name; /* "demand +10 %"; owned */
    char
        *text; /* what is beyond it, with value, interval and limit; "" when it holds, or why it is not judged; owned */
    bool judged; /* else there is nothing that it could be about, or no release to compare with */
    bool met;
    struct lc_place place;
};
struct gate_outcomes {
    char *against; /* the release; NULL: there is none, and nothing was judged; owned */
    bool good;     /* its goals and gates were met; else no release before is so */
    struct gate_outcome *items;
    size_t count, room;
};
size_t gates_broken(const struct gate_outcomes *gates); /* 0 for NULL */
void gate_outcomes_free(struct gate_outcomes *gates);

struct finding {
    bool undecided;    /* else missed */
    const char *check; /* "goal", "gate", "overload" */
    char *name;        /* which one; owned */
    char *text;        /* what was found; owned */
    struct lc_place place;
};
struct findings {
    struct finding *items;
    size_t count, room;
};
/* Without what-ifs. The caller frees them. */
struct findings findings_of(const struct page *page);
void findings_free(struct findings *findings);

#endif
