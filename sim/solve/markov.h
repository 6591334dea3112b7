/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small closed models as the Markov chain that the simulation follows: exact where all times are exponential, and with
 * stages of the same mean and variance elsewhere. The state is who is where, in which order, and in which calls.
 */
#ifndef LCS_SOLVE_MARKOV_H
#define LCS_SOLVE_MARKOV_H

#include "layers.h"

enum { LCS_STAGES = 8, LCS_STATES = 4000 };

/* A time as stages that follow each other: a mixture of where it begins. Hyperexponential: stages that do not go on. */
struct lcs_stages {
    int count;
    bool goes_on;
    double begins[LCS_STAGES], rate[LCS_STAGES];
};

enum lcs_what {
    LCS_THINKS,  /* of = a ref task */
    LCS_PAUSES,  /* of = a step */
    LCS_RUNS,    /* of = a step: waits for its processor or is served; at: calls made before, if they come in order */
    LCS_CALLS,   /* of = a step, which = a call: blocked */
    LCS_MESSAGE, /* of = an entry: waits for a thread. Forwarded by entry `at` (LC_NONE: called), its forward `which` */
};

/* Whoever does something, on top of those who wait for the answer (parent; LC_NONE: nobody does). */
struct lcs_node {
    enum lcs_what what;
    int of, at, which, parent;
};

/* Places: the processors, then the queues of the tasks, then the delays. */
struct lcs_markov {
    const struct lcs_network *network;
    size_t places;
    struct lcs_node *nodes;
    size_t node_count, node_capacity;
    /* State i is items[first[i] …]: for each place how many are there, and their nodes. */
    int *items;
    size_t item_count, item_capacity;
    size_t *first;
    size_t state_count, state_capacity;
    /* Transitions by the state that they begin with; those of state i from out[i] on. */
    size_t *out;
    struct lcs_transition {
        int from, to;
        double rate;
    } * transitions;
    size_t transition_count, transition_capacity;
    struct lcs_event {   /* at a rate in a state: the end of a cycle, or a call */
        int state, task; /* LC_NONE: a call, */
        int step, call;
        bool delayed; /* that finds no thread */
        double rate;
    } * events;
    size_t event_count, event_capacity;
};

/* Whether the model of the network is one for it, as far as can be told without its states. */
bool lcs_markov_fits(const struct lcs_network *network);
/* NULL: it is not, or has too many states. */
struct lcs_markov *lcs_markov_new(const struct lcs_network *network);
void lcs_markov_free(struct lcs_markov *markov);

/* How many servers there are at a place; infinite: all are served. */
double lcs_markov_servers(const struct lcs_markov *markov, size_t place);
bool lcs_markov_shares(const struct lcs_markov *markov, size_t place);

/* Sets rates and waits of the network from the chain, and its times. False: it is left as it was, because the model is
 * none for the chain. `residual`: by how much, relatively, the balance of a state fails to hold. */
bool lcs_markov_solve(struct lcs_network *network, double *residual, unsigned *iterations);

#endif
