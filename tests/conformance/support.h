/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of the simulation share.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "loadcast/base.h"
#include "loadcast/format.h"
#include "loadcast/lqn.h"
#include "loadcast/sim.h"
#include "support/leisurely.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline void require(struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        if (diag->messages[i].severity == LC_ERROR)
            print_error("%s\n", diag->messages[i].text);
    assert_int_equal(diag->errors, 0);
}

static inline struct lc_model *parse(const char *yaml)
{
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_parse(yaml, strlen(yaml), "test.yaml", &diag);
    require(&diag);
    lc_diag_free(&diag);
    return m;
}

/* To a relative precision of one of the two, by LEISURELY. */
static inline struct lc_result *simulate_to(const struct lc_model *m, double precise, double leisurely)
{
    struct lc_diag diag = {0};
    assert_int_equal(lc_model_check(m, &diag), 0);
    struct lc_sim_options options = lc_sim_defaults();
    options.precision = LEISURELY ? leisurely : precise;
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    lc_diag_free(&diag);
    assert_non_null(r);
    return r;
}

/* Within the 99 % interval and half as much again: false alarms are one in some thousands, and the seed is fixed. */
static inline void expect(const char *what, struct lc_estimate e, double exact)
{
    if (!(fabs(e.mean - exact) <= 1.5 * e.ci99 + 1e-9 * fabs(exact)))
        fail_msg("%s: %g ± %g instead of %g", what, e.mean, e.ci99, exact);
}

static inline void done(struct lc_model *m, struct lc_result *r)
{
    lc_result_free(r);
    lc_model_free(m);
}

/* The share of those who find `servers` servers busy (Erlang B). */
static inline double erlang_b(int servers, double offered)
{
    double b = 1;
    for (int k = 1; k <= servers; k++)
        b = offered * b / (k + offered * b);
    return b;
}

#endif
