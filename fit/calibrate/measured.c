/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/measured.h"

#include "fit/trace/symbols.h"

#include <math.h>

struct lci_measured lci_measured_of(const struct lci_visits *visits, const struct lci_task *task)
{
    const struct lc_utilization *u = visits->options.utilization;
    struct lci_measured measured = {.busy = NAN};
    double seconds = 0, busy = 0, requests = 0;
    size_t first = 0;
    const size_t count = u != NULL ? lci_windows_of(u, lci_text(visits, task->name), &first) : 0;
    for (size_t w = 0; w < count; w++) {
        const struct lc_utilization_window *window = &u->windows[first + w];
        if (window->start < visits->first_end || window->end > visits->last_end)
            continue; /* the traces do not cover it */
        const double length = (double)(window->end - window->start) * 1e-9;
        seconds += length;
        busy += length * window->value;
        for (uint32_t o = task->first_operation; o < task->end_operation; o++)
            if (visits->operations[o].windows_known)
                requests += (double)visits->operations[o].windows[w].visits;
    }
    if (!(seconds > 0) || !(requests > 0))
        return measured;
    measured.busy = busy / seconds;
    measured.throughput = requests / seconds;
    measured.cores = u->cores;
    return measured;
}
