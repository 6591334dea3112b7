/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of the analytic solver share.
 */
#ifndef SOLVED_H
#define SOLVED_H

#include "loadcast/solve.h"
#include "support.h"

/* Of a model that has an answer without any error. */
static inline struct lc_result *solve(const struct lc_model *m)
{
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    assert_int_equal(lc_model_check(m, &diag), 0);
    struct lc_result *r = lc_solve(m, &options, &diag);
    require(&diag);
    lc_diag_free(&diag);
    assert_non_null(r);
    assert_true(r->converged);
    assert_string_equal(r->solver, "analytic");
    assert_ptr_equal(r->model, m);
    return r;
}

/* To a relative tolerance. */
static inline void same(const char *what, double is, double exact, double tolerance)
{
    if (!(fabs(is - exact) <= tolerance * fabs(exact)))
        fail_msg("%s: %.15g instead of %.15g", what, is, exact);
}

#endif
