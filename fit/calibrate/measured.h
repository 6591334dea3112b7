/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How busy a service was by measurement, while its traces were recorded. */
#ifndef LCI_CALIBRATE_MEASURED_H
#define LCI_CALIBRATE_MEASURED_H

#include "network/visits/visits.h"

struct lci_measured {
    double busy;       /* part of its limit, or cores; NaN: not measured while traces were recorded */
    double throughput; /* requests per second meanwhile */
    bool cores;        /* `busy` are cores */
    double work;       /* s, or part of the limit a second, for each request; NaN: the windows are too alike to tell */
    double work_error; /* its standard error */
    double background; /* busy without any request, in the unit of `busy`; NaN: not known */
};
struct lci_measured lci_measured_of(const struct lci_visits *visits, const struct lci_task *task);

#endif
