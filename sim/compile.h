/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the compiler share.
 */
#ifndef LCI_COMPILE_H
#define LCI_COMPILE_H

#include "loadcast/base.h"
#include "program.h"

struct lci_compiler {
    struct lci_program *program;
    const struct lc_model *model;
    struct lc_diag *diag;
};

/* Appends an element and returns its index. */
uint32_t lci_add_instruction(struct lci_program *p, struct lci_instruction instruction);
uint32_t lci_add_option(struct lci_program *p, struct lci_option option);
uint32_t lci_add_choice(struct lci_program *p, struct lci_choice choice);
uint32_t lci_add_call(struct lci_program *p, struct lci_program_call call);
/* LCI_RECORD when the program is recorded or goes on, else nothing. `entry`: LCI_NIL, or the one that forwards. */
void lci_add_record(struct lci_program *p, enum lci_record what, bool source, uint32_t entry);
/* Sources of random numbers; `name` and `role` are copied. */
uint32_t lci_add_stream(struct lci_program *p, const char *name, const char *role);
uint32_t lci_add_sampler(struct lci_program *p, const struct lc_dist *dist, double factor, const char *name,
                         const char *role);

/* The arcs that a call from `task` (program's index) to `entry` (model's) stands for: one, or one per replica that is
 * called (fan-out). Returns the first one's index; they follow each other. `priority` decides between messages. */
uint32_t lci_add_arcs(struct lci_compiler *c, uint32_t task, int entry, enum lci_kind kind, uint32_t statistic,
                      int priority, const char *name, uint32_t *count);

/* The code of one phase or activity: think time, slices and calls. `name` and `role` key its random streams. */
void lci_compile_activity(struct lci_compiler *c, uint32_t activity, const struct lc_activity *a, const char *name,
                          const char *role);
/* All entries of a task that are activity graphs. */
void lci_compile_graph(struct lci_compiler *c, uint32_t task);
/* Timeouts and retries: before and after everything else that makes code. */
void lci_add_decisions(struct lci_compiler *c);
void lci_compile_decisions(struct lci_compiler *c);
/* Policies: the guard of the calls from one task to an entry's, LCI_NIL where there is none; and the guard of arcs. */
uint32_t lci_guard_of(struct lci_compiler *c, uint32_t from, uint32_t entry, bool asynchronous);
void lci_guard_calls(struct lci_program *p, uint32_t first, uint32_t count, uint32_t guard);
void lci_compile_guards(struct lci_compiler *c);
/* LCI_OUTCOME when requests can fail, else nothing. */
void lci_add_outcome(struct lci_program *p, enum lci_outcome what, uint32_t entry);
/* The end of a step of a session. */
void lci_compile_step(struct lci_compiler *c, uint32_t entry);
/* A task whose replicas come and go: its index. */
uint32_t lci_add_elastic(struct lci_compiler *c, const struct lci_program_task *task);
/* The beginning of a service, or of a customer's cycle. */
void lci_compile_begin(struct lci_program *p, uint32_t entry, bool source);
/* What follows the last phase or activity of an entry, and the reply. */
void lci_compile_finish(struct lci_compiler *c, uint32_t entry);
void lci_compile_reply(struct lci_compiler *c, uint32_t entry);

/* 0 … count−1 in the order of the names that `name_of` tells; owned by the caller. */
uint32_t *lci_by_name(size_t count, const char *(*name_of)(const void *context, uint32_t index), const void *context);

/* How the messages of all calls begin, when their entries have code. */
void lci_write_messages(struct lci_program *p);

#endif
