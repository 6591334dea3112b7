/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FIT_PLOT_H
#define FIT_PLOT_H

#include "loadcast/fit.h"

/* Draws a fit against its sample as SVG, alone or in an HTML page by the file's ending: density over a histogram,
 * distribution functions, quantiles against quantiles, probabilities against probabilities. The file appears whole or
 * not at all. Values that are not exact stand at the middle of their interval, cut off ones where they were cut off. */
int fit_plot(const struct lc_sample *sample, const struct lc_fit *fit, const char *file, struct lc_diag *diag);

#endif
