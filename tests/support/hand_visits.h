/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Visits written by hand, for tests of the stages of learning that read them.
 */
#ifndef HAND_VISITS_H
#define HAND_VISITS_H

#include "fit/trace/symbols.h"
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that follow from the written ones: equal but for rounding. After <cmocka.h>. */
#define assert_close(value, expected) assert_within(value, expected, 1e-12)
#define assert_within(value, expected, error)                                                                          \
    do {                                                                                                               \
        const double value_ = (value), expected_ = (expected);                                                         \
        if (!(fabs(value_ - expected_) <= (error)))                                                                    \
            fail_msg("%.17g instead of %.17g", value_, expected_);                                                     \
    } while (0)

struct hand {
    struct lc_symbols *symbols;
    struct lc_learner *learner;
    struct lci_visits *visits; /* the learner's */
    uint64_t trace;            /* of the next visit that is a root, and of those after it */
};

static inline struct hand hand_begin(const struct lc_learn_options *options)
{
    struct hand hand = {.symbols = lci_symbols_new()};
    hand.learner = lc_learner_new(options, hand.symbols);
    hand.visits = &hand.learner->visits;
    return hand;
}

static inline void hand_end(struct hand *hand)
{
    lc_learner_free(hand->learner);
    lci_symbols_free(hand->symbols);
}

static inline lc_symbol hand_symbol(struct hand *hand, const char *text)
{
    return lci_symbol_of(hand->symbols, text, strlen(text));
}

/* An operation of a service whose clock tells nanoseconds. */
static inline uint32_t hand_operation(struct hand *hand, const char *service, const char *name)
{
    const struct lci_operation key = {.task = hand_symbol(hand, service), .entry = hand_symbol(hand, name)};
    const uint32_t operation = lci_operation_of(hand->visits, &key);
    struct lci_task *task = lci_task_add(hand->visits, key.task);
    task->round[0] = 1;
    task->external = hand->visits->operations[operation].external = false;
    hand->visits->operations[operation].internal = false;
    return operation;
}

/* A call that is waited for, from `sent` until `answered` (s after the visit's start). */
static inline struct lci_call hand_call(uint32_t operation, double sent, double answered)
{
    return (struct lci_call){.operation = operation, .sent = sent, .answered = answered};
}

/* A visit of class `class_`, which began `start` s after 1970. */
static inline void hand_visit(struct hand *hand, uint32_t operation, size_t class_, bool root, double start,
                              double duration, const struct lci_call *calls, uint32_t call_count)
{
    struct lci_variant *variant = &hand->visits->operations[operation].variants[class_];
    if (root) {
        hand->trace++;
        hand->visits->trees++;
        hand->visits->class_traces[class_]++;
    }
    variant->seen++;
    *(root ? &variant->roots : &variant->sync_calls) += 1;
    LC_GROW(variant->visits, variant->visit_count, variant->visit_capacity);
    variant->visits[variant->visit_count++] = (struct lci_visit){
        .trace = lci_trace_hash(0, hand->trace),
        .start = llround(start * 1e9),
        .duration = duration,
        .first_call = (uint32_t)variant->call_count,
        .call_count = call_count,
        .fit = true,
        .root = root,
    };
    for (uint32_t i = 0; i < call_count; i++) {
        LC_GROW(variant->calls, variant->call_count, variant->call_capacity);
        variant->calls[variant->call_count++] = calls[i];
    }
}

#endif
