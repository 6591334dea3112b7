/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of processors and tasks, as the traffic equations count them. */
#ifndef LCI_MODEL_TRAFFIC_H
#define LCI_MODEL_TRAFFIC_H

#include "loadcast/traffic.h"

/* Servers of a processor, threads of a task, all replicas together; infinite for delays and sources of load. */
double lci_processor_servers(const struct lc_processor *processor);
double lci_task_threads(const struct lc_task *task);
/* Whether anything asks for work: a ref or open task, or open arrivals at an entry. */
bool lci_makes_load(const struct lc_model *model);

#endif
