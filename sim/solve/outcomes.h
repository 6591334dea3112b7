/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests that are turned away: by queues without room, with what callers do about it.
 */
#ifndef LCS_SOLVE_OUTCOMES_H
#define LCS_SOLVE_OUTCOMES_H

#include "layers.h"

/* Whether messages that nobody waits for, or open arrivals, come to the task. */
bool lcs_receives_async(const struct lc_model *model, int task);

/* How many requests can wait at a replica of the task before others are turned away: by its limit, or by shedding for
 * every caller. Infinite: any number, or those who wait for answers, none of which is ever lost. */
double lcs_room_of(const struct lc_model *model, int task);

/* Whether it is shedding that keeps the queue of the task below its room. */
bool lcs_sheds(const struct lc_model *model, int task);

/* Whether what the network has of lost requests and errors can be solved; else an error in `diag`. Sets which entries
 * can fail. */
bool lcs_outcomes_fit(struct lcs_network *network, struct lc_diag *diag);

/* From the parts that stations turn away: what becomes of calls, and which part of requests is answered with an error.
 * Nothing where nothing can be lost. */
void lcs_network_outcomes(struct lcs_network *network);

/* Says where what is lost is only known roughly. */
void lcs_warn_of_losses(const struct lcs_network *network, struct lc_diag *diag);

/* The squared variation of the work of a task's requests at its processor. */
double lcs_work_cv2(const struct lcs_network *network, int task);

/* The part of the cycles of a source that end with an error; NaN for sessions, where that depends on the way. */
double lcs_source_fails(const struct lcs_network *network, const struct lc_task *task);

#endif
