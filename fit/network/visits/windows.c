/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What operations did in the windows of time in which the utilization of their processors is known.
 */
#include "network/visits/collect.h"

#include <stdlib.h>
#include <string.h>

size_t lci_windows_of(const struct lc_utilization *u, const char *component, size_t *first)
{
    size_t begin = 0, end;
    while (begin < u->count && strcmp(u->windows[begin].component, component) != 0)
        begin++;
    for (end = begin; end < u->count && strcmp(u->windows[end].component, component) == 0; end++)
        ;
    *first = begin;
    return end - begin;
}

void lci_utilization_windows(const struct lci_visits *visits, struct lci_operation *operation)
{
    if (operation->windows_known)
        return;
    operation->window_count =
        lci_windows_of(visits->options.utilization, lci_text(visits, operation->task), &operation->first_window);
    operation->windows = lc_calloc(operation->window_count, sizeof *operation->windows);
    operation->windows_known = true;
}

void lci_utilization_add(struct lci_visits *visits, uint32_t index, int64_t end, int64_t self)
{
    const struct lc_utilization *u = visits->options.utilization;
    if (visits->last_end == 0 || end < visits->first_end)
        visits->first_end = end;
    if (end > visits->last_end)
        visits->last_end = end;
    struct lci_operation *operation = &visits->operations[index];
    lci_utilization_windows(visits, operation);
    const struct lc_utilization_window *windows = u->windows + operation->first_window;
    size_t low = 0, high = operation->window_count; /* the last that begins before */
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (windows[middle].start <= end)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || end >= windows[low - 1].end)
        return;
    operation->windows[low - 1].visits++;
    operation->windows[low - 1].self += self;
}
