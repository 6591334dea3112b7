/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mixture.h"

MIXTURE_FAMILY(gamma_mixture, gamma, "probabilities that sum to 1, shapes > 0, scales > 0", "p", "shape", "scale");
