/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Semaphores whose tokens are taken and given back by one thread in one sequence (simultaneous possession, Jacobson &
 * Lazowska, Analyzing queueing networks with simultaneous resource possession, Communications of the ACM 25, 1982).
 *
 * While a thread holds a token it runs a section: it serves the wait, what the thread does until it signals, and the
 * signal. The same is a server with as many threads as there are tokens, in order of arrival, that does all of that for
 * the thread, which waits for it. So the model is written anew: the semaphore becomes that server, with one entry for
 * each section; what a section does, and what phases or activities with a wait or a signal do before and behind it, are
 * entries of tasks without a limit on the processor and with the priority of the thread's task. The steps lose their
 * demands and call those. Elements of the model keep their indexes; what is added comes behind them. */
#ifndef LCS_SOLVE_HELD_H
#define LCS_SOLVE_HELD_H

#include "loadcast/lqn.h"
#include "loadcast/result.h"

enum lcs_held_part { LCS_BEFORE, LCS_INSIDE, LCS_BEHIND, LCS_PARTS };

/* A phase or an activity that waits, signals, or runs in between. */
struct lcs_held_step {
    int task, entry, index; /* entry LC_NONE: an activity; else a phase of that entry */
    int wait, signal;       /* its calls to the semaphore, LC_NONE */
    size_t section;
    int parts[LCS_PARTS];    /* entries of the model written anew; LC_NONE: nothing is done there */
    size_t first[LCS_PARTS]; /* of its calls, the one that is the first of the part */
    int asks;                /* its call to the section there, LC_NONE */
};

struct lcs_held_section {
    int semaphore; /* task */
    int entry;     /* of the model written anew */
    bool async;    /* nobody waits for the signal */
};

struct lcs_held_lock {
    int task, wait, signal;   /* entries of the model */
    int own_wait, own_signal; /* entries that do what they do */
    int own;                  /* their task */
};

struct lcs_held {
    const struct lc_model *from; /* borrowed */
    struct lc_model *model;
    struct lcs_held_lock *locks;
    size_t lock_count;
    struct lcs_held_section *sections;
    size_t section_count, section_capacity;
    struct lcs_held_step *steps; /* those of a section follow each other */
    size_t step_count, step_capacity;
};

/* Whether there is a semaphore in the model. */
bool lcs_has_semaphore(const struct lc_model *model);
/* NULL with errors where tokens are used otherwise. */
struct lcs_held *lcs_held_new(const struct lc_model *model, struct lc_diag *diag);
void lcs_held_free(struct lcs_held *held);

const struct lc_activity *lcs_held_activity(const struct lc_model *model, const struct lcs_held_step *step);
/* The result of the model from that of the one written anew, which is freed. A warning says where it is rough. */
struct lc_result *lcs_held_result(const struct lcs_held *held, struct lc_result *result, struct lc_diag *diag);

#endif
