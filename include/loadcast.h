/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything that loadcast offers to other programs, in C11 and C++: traces → interaction trees (trace.h, tree.h) →
 * a fitted layered queueing network (fit.h, learn.h, lqn.h) → a simulation of it (sim.h, transient.h) or an analytic
 * answer (solve.h), in figures (result.h) → a verdict on a scenario (scenario.h, predict.h). */
#ifndef LOADCAST_H
#define LOADCAST_H

#include "loadcast/base.h"
#include "loadcast/dist.h"
#include "loadcast/edit.h"
#include "loadcast/elastic.h"
#include "loadcast/evidence.h"
#include "loadcast/fit.h"
#include "loadcast/format.h"
#include "loadcast/growth.h"
#include "loadcast/learn.h"
#include "loadcast/lqn.h"
#include "loadcast/pattern.h"
#include "loadcast/predict.h"
#include "loadcast/random.h"
#include "loadcast/record.h"
#include "loadcast/result.h"
#include "loadcast/scenario.h"
#include "loadcast/sim.h"
#include "loadcast/solve.h"
#include "loadcast/trace.h"
#include "loadcast/traffic.h"
#include "loadcast/transient.h"
#include "loadcast/tree.h"

#endif
