/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/measured.h"

#include "fit/trace/symbols.h"
#include "network/patterns/demand_estimators.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_WINDOWS   4    /* of two unknowns */
#define VARIES          1.25 /* factor between the lowest and the highest throughput of the windows */
#define LEAST_EXPLAINED 0.5  /* R² below which a regression explains nothing */

/* What each request adds, and what is there without any: by regression over the windows. */
static void split_busy(const double *busy, const double *throughput, size_t windows, struct lci_measured *measured)
{
    struct lci_regression r;
    double least = INFINITY, most = 0;
    for (size_t w = 0; w < windows; w++) {
        least = fmin(least, throughput[w]);
        most = fmax(most, throughput[w]);
    }
    if (windows < LEAST_WINDOWS || most < VARIES * least ||
        !lci_utilization_regression(busy, throughput, windows, 1, &r))
        return;
    if (r.explained >= LEAST_EXPLAINED && r.demand[0] > 0) {
        measured->work = r.demand[0];
        measured->work_error = r.standard_error[0];
        measured->background = r.background;
    }
    lci_regression_free(&r);
}

/* Per second, in a window of the service. */
static double throughput_in(const struct lci_visits *visits, const struct lci_task *task, size_t window, double seconds)
{
    double requests = 0;
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        if (visits->operations[o].windows_known)
            requests += (double)visits->operations[o].windows[window].visits;
    return requests / seconds;
}

struct lci_measured lci_measured_of(const struct lci_visits *visits, const struct lci_task *task)
{
    const struct lc_utilization *u = visits->options.utilization;
    struct lci_measured measured = {.busy = NAN, .work = NAN, .work_error = NAN, .background = NAN};
    size_t first = 0, windows = 0;
    const size_t count = u != NULL ? lci_windows_of(u, lci_text(visits, task->name), &first) : 0;
    double *busy = lc_alloc((2 * count + 1) * sizeof *busy), *throughput = busy + count;
    double seconds = 0, busy_seconds = 0, requests = 0;
    for (size_t w = 0; w < count; w++) {
        const struct lc_utilization_window *window = &u->windows[first + w];
        if (window->start < visits->first_end || window->end > visits->last_end)
            continue; /* the traces do not cover it */
        const double length = (double)(window->end - window->start) * 1e-9;
        busy[windows] = window->value;
        throughput[windows] = throughput_in(visits, task, w, length);
        seconds += length;
        busy_seconds += length * window->value;
        requests += length * throughput[windows++];
    }
    if (u != NULL && seconds > 0 && requests > 0) {
        measured.busy = busy_seconds / seconds;
        measured.throughput = requests / seconds;
        measured.cores = u->cores;
        split_busy(busy, throughput, windows, &measured);
    }
    free(busy);
    return measured;
}
