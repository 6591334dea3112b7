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

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Unoptimised or instrumented builds simulate less and allow for it: intervals are wider, and so is what they allow. */
#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
#define LEISURELY 1
#else
#define LEISURELY 0
#endif

static inline void require(struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        if (diag->messages[i].severity == LC_ERROR)
            print_error("%s\n", diag->messages[i].text);
    assert_int_equal(diag->errors, 0);
}

#endif
