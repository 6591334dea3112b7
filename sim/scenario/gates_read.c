/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gates: what is compared between two releases, and how much of a change is allowed. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "scenario_reader.h"

#define GATE(key, sentence) LCI_NODE(gate_nodes, key, "fraction", sentence)

struct gate_nodes {
    const struct lci_node *demand, *response_time, *total_process_time, *db_reads, *db_writes, *cache_operations,
        *api_calls, *queue_dispatches, *queue_delay, *async_calls, *spans, *requests, *load, *capacity;
};
const struct lci_field lci_gate_fields[] = {
    GATE(demand, "self time of each operation (non_blocked_process_time), such as +10 %"),
    GATE(response_time, "of each activity, from its first request to the answer"),
    GATE(total_process_time, "of each activity: the times of all that it called"),
    GATE(db_reads, "of each activity and operation"),
    GATE(db_writes, "of each activity and operation"),
    GATE(cache_operations, "of each activity and operation"),
    GATE(api_calls, "of each activity and operation, to what has no spans of its own"),
    GATE(queue_dispatches, "of each activity and operation"),
    GATE(queue_delay, "from sending a job to its start"),
    GATE(async_calls, "of each activity and operation"),
    GATE(spans, "of each activity"),
    GATE(requests, "how often each activity asks for an operation"),
    GATE(load, "predicted, of each component at each level"),
    GATE(capacity, "predicted: the highest load that the system sustains, such as -5 %"),
    {0},
};

void lci_read_gates(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct gate_nodes n = {0};
    lci_read_nodes(node, "'gates'", lci_gate_fields, &n, diag);
    for (const struct lci_field *f = lci_gate_fields; f->name != NULL; f++) {
        const struct lci_node *value = *(const struct lci_node *const *)((const char *)&n + f->offset);
        double limit;
        if (value == NULL || lci_node_quantity(value, LC_FRACTION, f->name, &limit, diag) != 0)
            continue;
        const bool is_signed = value->text[0] == '+' || value->text[0] == '-';
        if (!is_signed || limit == 0 || limit <= -1 || !isfinite(limit)) { /* nothing falls by more than all of it */
            lc_error(diag, LC_INPUT, &value->place,
                     "expected by how much '%s' may change, with its sign, such as +10 %% or -5 %%, found %s", f->name,
                     value->text);
            continue;
        }
        LC_GROW(s->gates, s->gate_count, s->gate_capacity);
        s->gates[s->gate_count++] = (struct lc_gate){.what = f->name, .limit = limit, .place = value->place};
    }
}
