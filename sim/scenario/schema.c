/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/schema_json.h"
#include "format/schema_policy.h"
#include "scenario_reader.h"

static const struct lci_shape shapes[] = {
    {"traces", {lci_trace_fields}},
    {"deployment", {lci_deployment_fields}},
    {"service", {lci_service_fields, lci_work_fields, lci_policy_fields}},
    {"work", {lci_work_of_entry_fields}},
    {"lock", {lci_lock_fields}},
    {"workload", {lci_workload_fields}},
    {"replay", {lci_replay_fields}},
    {"session", {lci_session_fields}},
    {"step", {lci_step_fields}},
    {"load", {lci_load_fields}},
    {"range", {lci_range_fields}},
    {"point", {lci_point_fields}},
    {"growth", {lci_growth_fields}},
    {"columns", {lci_column_fields}},
    {"what_if", {lci_what_if_fields}},
    {"goals", {lci_goal_fields}},
    {"response", {lci_response_fields}},
    {"gates", {lci_gate_fields}},
    {"capacity", {lci_capacity_fields}},
    {"price", {lci_price_fields}},
    {"simulation", {lci_simulation_fields}},
    {0},
};

char *lc_scenario_schema(void)
{
    return lci_schema_text("a scenario of loadcast", &(const struct lci_field){.fields = lci_root_fields}, shapes,
                           false);
}
