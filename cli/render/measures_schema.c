/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON schema of what measure and compare write of traces: measures.c and differences.c. */
#include "render/measures.h"

#include "render/schema.h"

#define THING                                                                                                          \
    KEY("activity", "text", "the test; empty: all"), KEY("service", "text", "empty: the whole activity"),              \
        KEY("operation", "text", "empty: the whole activity"), KEY("measure", "text", "such as db_reads"),             \
        KEY("subject", "text", "table, queue, callee, node or step before; empty: all"),                               \
        KEY("unit", "=s | =1 | =B | =1/s", NULL)

static const struct lci_field measures_keys[] = {
    KEY("schema", "=loadcast.measures/1", NULL),
    KEY("mode_rule", "text", "how modes are found"),
    KEY("measures", "[measure]", "sorted"),
    KEY("self_time_histograms", "[histogram]", "of each operation"),
    KEY("traces", "counts", NULL),
    {0},
};
static const struct lci_field histogram_keys[] = {
    KEY("release", "text", NULL),
    KEY("run", "text", NULL),
    KEY("activity", "text", NULL),
    KEY("service", "text", NULL),
    KEY("operation", "text", NULL),
    KEY("bins", "[[figure]]",
        "from and to in seconds, and how many self times lie in [from, to); empty bins are left out"),
    {0},
};
static const struct lci_field counts_keys[] = {
    KEY("measured", "figure", "traces that belong to one activity"),
    KEY("matching_none", "figure", "traces that belong to none"),
    KEY("matching_two", "figure", "traces that belong to several"),
    KEY("incomplete", "figure", "traces that lost spans"),
    {0},
};
static const struct lci_field measure_keys[] = {
    KEY("release", "text", NULL),
    KEY("run", "text", NULL),
    THING,
    KEY("count", "figure", "values"),
    KEY("mean", "figure | null", NULL),
    KEY("median", "figure | null", NULL),
    KEY("mode", "figure | null", NULL),
    KEY("p95", "figure | null", "95th percentile"),
    KEY("sd", "figure | null", "times 1 / √count the standard error of the mean"),
    {0},
};
static const struct lci_field differences_keys[] = {
    KEY("schema", "=loadcast.differences/1", NULL),
    KEY("a", "text", "what is compared with"),
    KEY("b", "text", "what is compared"),
    KEY("gates", "[difference]", "what the scenario's gates are about"),
    KEY("broken", "figure", "how many of them are broken"),
    KEY("differences", "[difference]", "what is tested"),
    KEY("gained", "[difference]", "operations, calls and variants that only b has"),
    KEY("lost", "[difference]", "those that only a has"),
    {0},
};
static const struct lci_field difference_keys[] = {
    THING,
    KEY("a", "side", NULL),
    KEY("b", "side", NULL),
    KEY("change", "figure | null", "(b - a) / a; null: from 0, or both are 0"),
    KEY("low", "figure | null", "its 95 % interval"),
    KEY("high", "figure | null", NULL),
    KEY("effect", "figure | null", "in standard deviations"),
    KEY("p", "figure | null", "that chance explains it, two-sided"),
    KEY("adjusted_p", "figure | null", "the same of all that is compared (Holm)"),
    KEY("pairs", "flag", "whether the sides were compared request by request"),
    KEY("requests_for_5_percent", "figure | null",
        "traces a side with which a change by 5 % is seen nine times of ten"),
    KEY("significant", "flag", "more than chance"),
    KEY("gate", "text", "key under `gates`"),
    KEY("limit", "figure", "the change that it allows"),
    KEY("gate_p", "figure | null", "that chance explains it, in the gate's direction, of all gates (Holm)"),
    KEY("broken", "flag", NULL),
    {0},
};
static const struct lci_field side_keys[] = {
    KEY("count", "figure", NULL),
    KEY("mean", "figure | null", NULL),
    KEY("sd", "figure | null", NULL),
    {0},
};

static const struct lci_shape shapes[] = {
    {"measures", {measures_keys}},
    {"histogram", {histogram_keys}},
    {"counts", {counts_keys}},
    {"measure", {measure_keys}},
    {"differences", {differences_keys}},
    {"difference", {difference_keys}},
    {"side", {side_keys}},
    {0},
};

char *measures_schema(void)
{
    const struct lci_field root = {.shape = "measures | differences"};
    return lci_schema_text("measures of loadcast, or what differs between two releases", &root, shapes, false);
}
