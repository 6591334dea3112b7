/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ADVICE_OPTIONS_H
#define ADVICE_OPTIONS_H

#include "advice.h"

/* Appends every change that is tried. */
void advice_collect(const struct lc_model *model, struct advice *advice);

#endif
