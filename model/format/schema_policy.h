/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_SCHEMA_POLICY_H
#define LOADCAST_FORMAT_SCHEMA_POLICY_H

#include "format/schema.h"

/* What a policy can have: attributes of policy.h, and groups of them (`retries` of `retries.max`). */
extern const struct lci_field lci_policy_fields[];
extern const struct lci_field lci_caller_fields[]; /* of a model's policies besides */
/* The keys of a group, none of what is an attribute itself; `keys` takes 31 and ends with NULL. */
void lci_policy_keys(const char *group, const char *keys[32]);
extern const struct lci_type lci_type_policies; /* struct lc_task */
/* What the maps `scaling`, `failures` and `slow_down` hold. */
extern const struct lci_field lci_scaling_fields[], lci_failure_fields[], lci_slow_down_fields[];

#endif
