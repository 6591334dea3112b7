/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a simulation has to be, guessed from the analytic solution of its model before an event is spent on it.
 */
#ifndef LCI_GUESS_H
#define LCI_GUESS_H

#include "loadcast/sim.h"

struct lci_guess {
    double run_time; /* model time of all replications together that the precision asks for; 0: nothing is known */
    double response; /* the longest mean response of a source of load, in model time */
    double memory;   /* model time in which what is left of an empty beginning falls to 1/e; INFINITY: not known */
};

/* `model` is checked and has a steady state by the traffic equations. There is no guess for what the solver refuses or
 * does not answer within a hundred iterations, nor for models of more than 64 tasks or 2,000 entries and activities, of
 * which it may take longer than the pilots. Intervals will be those of so many replications. */
struct lci_guess lci_guess(const struct lc_model *model, const struct lc_sim_options *options, unsigned replications);

#endif
