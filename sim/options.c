/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/sim.h"

struct lc_sim_options lc_sim_defaults(void)
{
    return (struct lc_sim_options){.precision = 0.01, .confidence = 0.95, .seed = 1, .warmup = -1};
}
