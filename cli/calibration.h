/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What calibrate found, in words, as a deployment, and in JSON. */
#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include "loadcast/calibrate.h"

#include <stdio.h>

/* Whether anything was judged: with one load that takes a measured utilization. */
bool calibration_tells(const struct lc_calibration *calibration);
void print_calibration(const struct lc_calibration *calibration, FILE *out);
/* What a scenario includes: `deployment: FILE`. */
void write_calibration(const struct lc_calibration *calibration, FILE *out);
/* loadcast.calibration/1. 0, or −1 with an error. */
int write_calibration_json(const struct lc_calibration *calibration, const char *file, struct lc_diag *diag);

#endif
