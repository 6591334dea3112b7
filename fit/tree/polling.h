/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waiting for messages is not work. A span that receives or polls lasts from the call to the broker to the arrival of
 * messages; what is then done with them lies below it, after its end. Such a span goes from its trace, and what
 * processes a message takes its place: as the job of whoever sent it, by the links of either.
 */
#ifndef TREE_POLLING_H
#define TREE_POLLING_H

#include "tree/clocks.h"

enum lci_messaging { LCI_MESSAGING_UNKNOWN, LCI_MESSAGING_RECEIVE, LCI_MESSAGING_OTHER };
/* What the span does by its attributes (messaging.operation and its like, old and new), else by its name. */
enum lci_messaging lci_messaging_of(const struct lc_symbols *symbols, const struct lc_trace *trace,
                                    const struct lc_span *span);

struct lci_polling;
struct lci_polling *lci_polling_new(const struct lc_symbols *symbols);
void lci_polling_free(struct lci_polling *polling);

/* Hands the trace on to `sink` without spans that poll: the messages that were taken, each as a trace of its own with
 * the same id, and what remains. `parents`: indices, UINT32_MAX at roots. Returns what the sink does unless that is 0.
 */
int lci_polling_split(struct lci_polling *polling, const struct lc_trace *trace, const uint32_t *parents,
                      lc_trace_sink sink, void *context);

/* ---- how often that was --------------------------------------------------------------------------------------------
 */

struct lci_polls {
    struct lc_poll_fact *items;
    size_t count, capacity;
};
void lci_polls_add(struct lci_polls *polls, lc_symbol service, lc_symbol operation, uint64_t count);
/* Spans that were not handed on. */
uint64_t lci_polling_gone(const struct lci_polling *polling);
const struct lci_polls *lci_polling_polls(const struct lci_polling *polling);
/* Those, in the order of the names; owned by the caller. */
struct lc_poll_fact *lci_polls_list(const struct lci_polls *polls, const struct lc_symbols *symbols);
/* Lines {"poll": …} in the order of the names, and what the value of such a line tells, added. False: it is wrong. */
void lci_polls_write(const struct lci_polls *polls, const struct lc_symbols *symbols, lci_put_line put, void *sink);
bool lci_polls_read(struct lci_polls *polls, struct lc_symbols *symbols, const json_t *poll);

#endif
