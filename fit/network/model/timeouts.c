/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Time-outs that are plain in the traces: calls that failed when all of them had taken the same time, while the called
 * service went on, and none that succeeded took longer. They become a policy of the model: without it a caller would
 * wait for the end.
 */
#include "network/model/build.h"

#include "model/policy.h"

#include <math.h>
#include <stdlib.h>

#define LEAST  10   /* calls that were given up */
#define ALIKE  0.01 /* relative difference of their durations from the median */
#define MOSTLY 0.95 /* of them are so, and as many of the others are shorter */

struct given_up {
    lc_symbol from, to;
    double after; /* s */
};

static int by_pair(const void *a, const void *b)
{
    const struct given_up *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->after > y->after) - (x->after < y->after);
}

/* Calls of the service's own threads: what a helper calls, it calls for them. */
static bool calls_itself(const struct lci_operation *operation)
{
    return operation->inside == 0 && !operation->around && !operation->external;
}

static bool is_given_up(const struct lci_call *call)
{
    return call->failed && !call->refused && !call->forget && call->outside < 0;
}

static struct given_up *find_given_up(const struct lci_visits *visits, size_t *count)
{
    struct given_up *found = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; calls_itself(&visits->operations[o]) && c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t i = 0; i < variant->call_count; i++) {
                const struct lci_call *call = &variant->calls[i];
                if (!is_given_up(call))
                    continue;
                LC_GROW(found, *count, capacity);
                found[(*count)++] = (struct given_up){
                    visits->operations[o].task, visits->operations[call->operation].task, call->answered - call->sent};
            }
        }
    if (*count > 1)
        qsort(found, *count, sizeof *found, by_pair);
    return found;
}

struct calls {          /* from one service to another */
    size_t all, longer; /* that were waited for; of them, without those that were given up, longer than the time-out */
    bool others;        /* somebody else calls it, too */
};

static struct calls count_calls(const struct lci_visits *visits, lc_symbol from, lc_symbol to, double timeout)
{
    struct calls calls = {0};
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t i = 0; i < variant->call_count; i++) {
                const struct lci_call *call = &variant->calls[i];
                if (call->forget || visits->operations[call->operation].task != to)
                    continue;
                calls.others |= visits->operations[o].task != from;
                calls.all += visits->operations[o].task == from;
                calls.longer += visits->operations[o].task == from && !is_given_up(call) &&
                                call->answered - call->sent > timeout * (1 + ALIKE);
            }
        }
    return calls;
}

static void learn_timeout(const struct lci_builder *builder, const struct given_up *found, size_t count)
{
    const struct lci_visits *visits = builder->visits;
    struct lc_learned *learned = builder->learned;
    const int from = builder->tasks[lci_task_find(visits, found->from) - visits->tasks],
              to = builder->tasks[lci_task_find(visits, found->to) - visits->tasks];
    const double timeout = found[count / 2].after;
    size_t alike = 0;
    for (size_t i = 0; i < count; i++)
        alike += fabs(found[i].after - timeout) <= ALIKE * timeout;
    if (count < LEAST || (double)alike < MOSTLY * (double)count || from == LC_NONE || to == LC_NONE)
        return;
    const struct calls calls = count_calls(visits, found->from, found->to, timeout);
    if ((double)calls.longer > (1 - MOSTLY) * (double)count)
        return;
    lci_policies_of(learned->model, to, calls.others ? from : LC_NONE, true)->timeout = timeout;
    const char *caller = lci_text(visits, found->from), *called = lci_text(visits, found->to);
    lci_assume(learned, lc_format("%s gives up calls of %s", caller, called), lc_format("after %.3g ms", timeout * 1e3),
               lc_format("%zu of %zu calls failed after that time while %s went on, and %zu took longer", alike,
                         calls.all, called, calls.longer),
               calls.others ? lc_format("deployment.services.%s.calls.%s.timeout", caller, called)
                            : lc_format("deployment.services.%s.timeout", called));
}

void lci_learn_timeouts(const struct lci_builder *builder)
{
    size_t count;
    struct given_up *found = find_given_up(builder->visits, &count);
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1;
             next < count && found[next].from == found[first].from && found[next].to == found[first].to; next++)
            ;
        learn_timeout(builder, found + first, next - first);
    }
    free(found);
}
