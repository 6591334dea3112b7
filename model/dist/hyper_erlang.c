/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mixture.h"

MIXTURE_FAMILY(hyper_erlang, erlang, "probabilities that sum to 1, whole shapes ≥ 1, means > 0", "p", "shape", "mean");
