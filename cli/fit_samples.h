/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast fit --samples FILE: every family of distributions for a list of numbers, ranked.
 */
#ifndef FIT_SAMPLES_H
#define FIT_SAMPLES_H

#include "cli.h"

struct cli_fit_samples {
    const char *file; /* "-": standard input; NULL: the option was not given */
    const char *plot;
    const char *unit; /* NULL: found; "none", or a number */
    unsigned bootstrap;
};

/* The options of this side of the command, for its table of options; `samples` is a lvalue. */
#define CLI_FIT_SAMPLES_OPTIONS(samples)                                                                               \
    {"samples", 0, CLI_TEXT, "FILE|-", "fit distributions to numbers, one a line", &(samples).file},                   \
        {"plot",                                                                                                       \
         0,                                                                                                            \
         CLI_TEXT,                                                                                                     \
         "FILE",                                                                                                       \
         "with --samples: plot the chosen distribution against the data (.svg or .html)",                              \
         &(samples).plot},                                                                                             \
        {"unit",                                                                                                       \
         0,                                                                                                            \
         CLI_TEXT,                                                                                                     \
         "NUMBER|none",                                                                                                \
         "what the values, or the times of traces in s, were rounded to (found; none: nothing)",                       \
         &(samples).unit},                                                                                             \
    {                                                                                                                  \
        "bootstrap", 0, CLI_COUNT, "N",                                                                                \
            "with --samples: p values and standard errors from N samples of each fit (none)", &(samples).bootstrap     \
    }

/* What --unit states, as lc_choice_options.unit. */
double cli_fit_unit(const char *text);

/* Reads, fits and prints; returns the exit status. */
int cli_fit_samples(const struct cli_fit_samples *options, const struct cli_common *common);

#endif
