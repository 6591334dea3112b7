/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mixture.h"

MIXTURE_FAMILY(hyperexponential, exponential, "probabilities that sum to 1, means ≥ 0", "p", "mean");
