/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mixture.h"

MIXTURE_FAMILY(lognormal_mixture, lognormal, "probabilities that sum to 1, sigmas > 0", "p", "mu", "sigma");
