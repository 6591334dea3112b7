/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which operations requests begin with.
 */
#include "network/visits/visits.h"

#define BACKGROUND 0.05 /* share of a class's traces below which a root without server span is a timer's work */

/* Is this operation, as a root of the class's traces, work of a timer rather than a request? */
static bool background(const struct lci_visits *visits, uint32_t operation, size_t class_)
{
    const uint64_t roots = visits->operations[operation].variants[class_].roots;
    return visits->operations[operation].internal && (double)roots < BACKGROUND * (double)visits->class_traces[class_];
}

bool lci_is_root(const struct lci_visits *visits, uint32_t operation, size_t class_)
{
    return visits->operations[operation].variants[class_].roots > 0 && !background(visits, operation, class_);
}
