/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plots as SVG, drawn by gnuplot: the caller writes a script, with its data in blocks. */
#ifndef PLOT_H
#define PLOT_H

#include <stdio.h>

#include "loadcast/base.h"

/* A script for a plot of this size in pixels, which begins with the style that all plots share. The caller appends what
 * is to be drawn and ends it with plot_end(). NULL with an error. */
FILE *plot_begin(int width, int height, struct lc_diag *diag);
/* A text of the user as a quoted string of gnuplot. */
void plot_string(FILE *script, const char *text);
/* A page that holds pictures, whose names must differ. */
struct plot_page {
    FILE *out;
    unsigned pictures; /* so far */
};
/* Draws the script and appends the SVG, to a file of its own or to a page, and closes the script. −1 with an error when
 * gnuplot cannot be run or finds the script wrong. */
int plot_alone(FILE *script, FILE *out, struct lc_diag *diag);
int plot_within(FILE *script, struct plot_page *page, struct lc_diag *diag);

#endif
