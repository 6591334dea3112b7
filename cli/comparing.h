/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two releases by what was measured in their traces and predicted from them: for `compare` and `nightly`. */
#ifndef COMPARING_H
#define COMPARING_H

#include "measuring.h"
#include "render/gates.h"

struct comparing {
    const char *a, *b;         /* traces, CSV of measures or verdicts; with `traces`: names of releases in them */
    const char *const *traces; /* NULL: none */
    size_t trace_count;
    const char *history;  /* file; NULL: none */
    const char *scenario; /* with gates and what to predict; NULL: none */
    struct measuring measuring;
    const struct cli_common *common;
};
/* Whether the operands are something that is compared here; results and models are not. An error is appended when one
 * is and the other is not. */
bool is_comparing(const struct comparing *comparing, struct lc_diag *diag);
/* Compares, writes text and JSON. Returns whether a gate is broken; errors are appended. */
bool compare_releases(struct comparing *comparing, struct lc_diag *diag);

/* The same of tables that exist: everything that is tested is one family, the gates another one. */
void compare_tables(const struct lci_measure_table *a, const struct lci_measure_table *b,
                    const struct lc_scenario *scenario, struct lci_differences *differences, struct gates *gates);

#endif
