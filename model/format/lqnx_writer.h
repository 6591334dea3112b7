/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the LQN XML writer.
 */
#ifndef LOADCAST_FORMAT_LQNX_WRITER_H
#define LOADCAST_FORMAT_LQNX_WRITER_H

#include "format/lqn_bindings.h"
#include "format/lqn_fit.h"
#include "loadcast/result.h"

#include <stdio.h>

struct lci_xml_out {
    FILE *out;
    int depth;
    bool open; /* a start tag awaits further attributes */
    const struct lc_model *model;
    const struct lci_lqn_fitted *fitted;
    const struct lc_result *result; /* NULL: none */
    struct lci_bindings bindings;
    struct lc_diag *diag;
    bool *observed; /* per observation: it is in the file */
};

/* <element, its attributes, its end. An element without content becomes <element/>. */
void lci_out_begin(struct lci_xml_out *w, const char *element);
void lci_out_end(struct lci_xml_out *w, const char *element);
void lci_out_text(struct lci_xml_out *w, const char *name, const char *value); /* NULL: nothing is written */
void lci_out_number(struct lci_xml_out *w, const char *name, double value);    /* NaN: nothing is written */
void lci_out_count(struct lci_xml_out *w, const char *name, uint64_t value);

/* Results (lqnx_write_results.c): elements result-… of what `w->result` tells; nothing when there are no results. */
void lci_out_result_general(struct lci_xml_out *w);
void lci_out_result_processor(struct lci_xml_out *w, int processor);
void lci_out_result_group(struct lci_xml_out *w, int group);
void lci_out_result_task(struct lci_xml_out *w, int task);
void lci_out_result_decision(struct lci_xml_out *w, int task);
void lci_out_result_entry(struct lci_xml_out *w, int entry);
void lci_out_result_phase(struct lci_xml_out *w, int entry, int phase);
void lci_out_result_activity(struct lci_xml_out *w, int task, int activity);
void lci_out_result_join(struct lci_xml_out *w, int task, int precedence);
/* `result` of the phase or activity that makes the call; NULL: no results. */
void lci_out_result_call(struct lci_xml_out *w, const struct lc_activity_result *result, size_t call);
void lci_out_result_forwarding(struct lci_xml_out *w, int entry, size_t forwarding);
/* Inside of <service-time-distribution>. */
void lci_out_histogram_bins(struct lci_xml_out *w, const struct lc_histogram *histogram,
                            const struct lc_histogram_result *result);

#endif
