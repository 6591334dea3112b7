/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_MODEL_CHECK_GRAPH_H
#define LOADCAST_MODEL_CHECK_GRAPH_H

#include "check/check.h"
#include "walk.h"

/* The check of one activity graph. */
struct lci_walk {
    struct lci_check *check;
    const struct lc_task *task;
    int *into, *from; /* per activity: the precedence behind which, before which it stands; LC_NONE */
    int *order;       /* all activities, causes first */
    bool broken;      /* the lists are wrong: nothing can be said about paths */
    size_t errors;    /* before the graph was looked at */
};

/* Branches that meet: those of one and-fork, or of different entries; and activities that nothing reaches. */
void lci_check_joins(struct lci_walk *w);
/* One reply per request, on every path, outside of loops, to entries whose callers wait. */
void lci_check_replies(struct lci_walk *w);

#endif
