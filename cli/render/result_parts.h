/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables of a result that not every model has: times on the way between services, and when all that a request set going
 * has ended. Nothing is printed where there is nothing to tell. */
#ifndef RESULT_PARTS_H
#define RESULT_PARTS_H

#include "loadcast/result.h"

#include <stdbool.h>

struct result_parts {
    const struct lc_result *result;
    double time_unit; /* s in a unit of the model's time; NaN: times are told in that unit, which is called `unit` */
    const char *unit;
    double confidence; /* of intervals */
    bool all;          /* rows, however many */
    FILE *out;
};

void networks_text(const struct result_parts *parts);
/* Whether some requests of a workload go on after their answer; otherwise it completes when it is answered. */
bool completes_later(const struct lc_workload_result *workload);
void completions_text(const struct result_parts *parts);

#endif
