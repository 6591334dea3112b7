/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Samples of times, with the traces that they come from.
 */
#include "network/patterns/patterns.h"

#include <stdlib.h>

void lci_traces_add(struct lci_traces *traces, uint32_t trace)
{
    LC_GROW(traces->items, traces->count, traces->capacity);
    traces->items[traces->count++] = trace;
}

void lci_samples_add(struct lci_samples *samples, double value, uint32_t trace)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity > 0 ? 2 * samples->capacity : 8;
        samples->values = lc_realloc(samples->values, samples->capacity, sizeof *samples->values);
        samples->traces = lc_realloc(samples->traces, samples->capacity, sizeof *samples->traces);
    }
    samples->traces[samples->count] = trace;
    samples->values[samples->count++] = value;
    samples->sum += value;
}

void lci_samples_free(struct lci_samples *samples)
{
    free(samples->values);
    free(samples->traces);
    *samples = (struct lci_samples){0};
}
