/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_SCHEMA_POLICY_H
#define LOADCAST_FORMAT_SCHEMA_POLICY_H

#include "format/schema.h"

extern const struct lci_type lci_type_policies;  /* struct lc_task */
extern const struct lci_type lci_type_scaling;   /* struct lc_elastic */
extern const struct lci_type lci_type_failures;  /* struct lc_elastic */
extern const struct lci_type lci_type_slow_down; /* struct lc_elastic */

#endif
