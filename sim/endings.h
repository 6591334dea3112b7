/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When all that a request set going has ended: what it calls without waiting, what is done after an answer, and all
 * that these set going in turn. Until then a request is complete in none of its parts, although its answer is long out.
 *
 * Programs whose requests end with their answer hold no instructions for it, so that it costs nothing there.
 */
#ifndef LCI_ENDINGS_H
#define LCI_ENDINGS_H

#include "engine.h"

struct lci_ending_tally { /* from the beginning of the request, without the pauses of a session */
    double count, sum, squares;
};

/* Whether requests of the model may go on after their answer. */
bool lci_model_goes_on(const struct lc_model *model);
/* Whether callers always wait until their requests are answered, or longer. */
bool lci_callers_wait(const struct lc_model *model);
/* Whether services of the entry have to be followed: where callers wait those alone that go on after their answer, or
 * have no caller. */
bool lci_entry_is_followed(const struct lc_model *model, int entry, bool callers_wait);

/* Per entry, of models where something is sent: whether all of a service is done while its caller waits, who holds the
 * request open for it. Such services report their answer alone, for the cumulated runtime. Owned by the caller. */
bool *lci_awaited_entries(const struct lc_model *model);

struct lci_endings *lci_endings_new(const struct lci_program *program);
void lci_endings_free(struct lci_endings *endings);
void lci_endings_clear(struct lci_engine *e);  /* nothing is under way */
void lci_endings_forget(struct lci_engine *e); /* what was counted; what goes on goes on */
/* Requests of each workload, from their beginning to the end of the last service for them; and of each entry its
 * services, from the same beginning to their end. */
const struct lci_ending_tally *lci_endings_of_workloads(const struct lci_engine *e);
const struct lci_ending_tally *lci_endings_of_entries(const struct lci_engine *e);

/* Requests that are under way. */
size_t lci_endings_open(const struct lci_engine *e);
/* A request that is under way has something that works for it, or will. What is wrong; NULL: nothing. */
char *lci_endings_check(const struct lci_engine *e);

/* LCI_RECORD, and what policies, decisions and full queues do with requests (engine.h), in programs that are followed
 * and not recorded. */
void lci_endings_record(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);
void lci_endings_note(struct lci_engine *e, enum lci_note what, uint32_t thread, uint32_t other);
/* LCI_RECORD_ANSWER. */
void lci_endings_answer(struct lci_engine *e, uint32_t job);
/* The thread belongs to a new customer; the customer has done its part of the request. */
void lci_endings_arrive(struct lci_engine *e, uint32_t customer);
void lci_endings_leave(struct lci_engine *e, uint32_t customer);

#endif
