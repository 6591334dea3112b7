/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UNLIMITED_H
#define UNLIMITED_H

#include "summary.h"

/* When nothing that is used has a limit: how busy each service is, with how many threads it would be full at which
 * load, and what to state first. */
void print_unlimited(const struct page *page, const struct lc_limits *limits);

#endif
