/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic answer: the same model that lc_simulate() takes, solved by mean value analysis of its layers in
 * milliseconds (docs/solver.md). The same result record; estimates have no half-widths.
 */
#ifndef LOADCAST_SOLVE_H
#define LOADCAST_SOLVE_H

#include "result.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The last solution of a model, from which the next one begins: neighbours in a sweep are close to each other. */
struct lc_solve_memory;
struct lc_solve_memory *lc_solve_memory_new(void);
void lc_solve_memory_free(struct lc_solve_memory *memory); /* may be NULL */

struct lc_solve_options {
    double tolerance;    /* relative change of what is watched from one iteration to the next at which it ends; 1e-7 */
    unsigned iterations; /* after which it is given up; 500 */
    struct lc_percentile_list percentiles; /* beside those of every result; none */
    bool unsteady; /* without a steady state: no error, but a result of which only `overload` and the load of what
                      is full are known */
    struct lc_solve_memory *memory; /* read and written; what it holds of a model of another structure is not used.
                                       NULL: begin anew. The answer differs by less than the tolerance */
};
struct lc_solve_options lc_solve_defaults(void);

/* NULL with an error when the model has no steady state, or for each thing in it that has no analytic treatment (the
 * message says `simulate`). A result that did not converge has converged = false and the last residual. `model` is
 * checked, borrowed, and must outlive the result; the caller frees the result. */
struct lc_result *lc_solve(const struct lc_model *model, const struct lc_solve_options *options, struct lc_diag *diag);

/* Whether there is an analytic treatment of everything in the model; otherwise appends the errors that say what has
 * none. */
bool lc_solve_accepts(const struct lc_model *model, struct lc_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
