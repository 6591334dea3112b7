/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sharing by turns of a quantum that is not short beside slices: a turn is served in order of arrival, and who is not
 * done stands in line again. Short turns are ideal sharing.
 */
#ifndef LCS_SOLVE_TURNS_H
#define LCS_SOLVE_TURNS_H

#include "layers.h"

enum { LCS_MOST_QUANTA = 10 }; /* in the mean of a slice; longer ones hardly know of turns */

/* Whether turns of the quantum are not short beside a slice. */
static inline bool lcs_turns_count(double quantum, double slice)
{
    return quantum > slice / 2;
}

/* Whether the processor is one of them; then sets the turns of the steps that run at it. */
bool lcs_takes_turns(struct lcs_network *network, int processor);

#endif
