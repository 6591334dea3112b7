/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the LQN text writer.
 */
#ifndef LOADCAST_FORMAT_LQN_WRITER_H
#define LOADCAST_FORMAT_LQN_WRITER_H

#include "format/lqn_bindings.h"
#include "format/lqn_fit.h"
#include "format/lqn_names.h"

#include <stdio.h>

struct lci_text_out {
    FILE *out;
    struct lc_model *model; /* fitted to LQN files */
    const struct lci_lqn_fitted *fitted;
    struct lci_legal_names names;
    struct lci_bindings bindings;
    struct lc_diag *diag;
    bool *observed; /* per observation: it is in the file */
    int phase;      /* that of observations which name none, from 1; 0: none, as LQNS has it but for calls of phases */
};

/* " 0.5", " $x" or " { $x * 2 }". */
void lci_put_number(struct lci_text_out *w, double value, struct lci_owner owner, const char *attribute);
/* Is there a value that is not assumed, or an expression? */
bool lci_put_is_set(const struct lci_text_out *w, double value, double assumed, struct lci_owner owner,
                    const char *attribute);
/* " %f $x" for each observation of the element, whose prefix is the format's, that is not in the file yet. */
void lci_put_observations(struct lci_text_out *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Is there one that is not in the file yet? */
bool lci_put_observes(const struct lci_text_out *w, const char *prefix);
/* The end of a record, with the comment behind it. */
void lci_put_line_end(struct lci_text_out *w, const char *comment);
void lci_put_entries(struct lci_text_out *w);    /* the E section */
void lci_put_activities(struct lci_text_out *w); /* the A sections */

#endif
