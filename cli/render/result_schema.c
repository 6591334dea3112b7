/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON schema of what simulate, solve and run write with --json: the tables of result_json.c (model/), and here
 * what stands around them. */
#include "json.h"
#include "render/schema.h"

static const struct lci_field verdict_keys[] = {
    KEY("schema", "=loadcast.verdict/1", NULL),
    KEY("summary", "summary", "what matters of all that follows"),
    KEY("scenario", "text", "its name"),
    KEY("status", "number", "of the command"),
    KEY("points", "[point]", "every load level and change"),
    KEY("saturation", "saturation | null", "what saturates first"),
    KEY("changes", "[change]", "the same of every what-if"),
    KEY("comparisons", "[comparison]", "what changes add"),
    KEY("assumptions", "[assumption]", "what is not stated"),
    KEY("read", "reading | null", "of traces"),
    KEY("elapsed_s", "figure", "seconds of real time"),
    KEY("recorded", "[recorded]", "loads at which the traces were recorded"),
    KEY("unlimited", "[unlimited]", "services without a limit"),
    KEY("partial", "flag", "it was stopped before"),
    KEY("method", "=simulate | =analytic | =both", "how loads were answered; of both the simulation decides"),
    KEY("out_of_time", "flag", "max_time was over before the work was done"),
    KEY("attribution", "[attribution]", "who uses what"),
    KEY("capacity", "[capacity]", "the highest loads that keep every goal"),
    KEY("growth", "growth", "dates"),
    KEY("sweep", "grid", "its axes and combinations"),
    {0},
};

static const struct lci_field summary_keys[] = {
    KEY("answer", "text", "in a sentence or two"),
    KEY("status", "number", "of the command"),
    KEY("saturation", "first_limit | null", "what saturates first"),
    KEY("goals_missed", "number", "at some load"),
    KEY("goals_met", "number", "at every load"),
    KEY("goals_undecided", "number", "at some load, and missed at none"),
    KEY("missed", "[open_goal]", "ten at the most"),
    KEY("undecided", "[open_goal]", "ten at the most"),
    KEY("gates", "gates", "of `nightly`"),
    KEY("method", "=simulate | =analytic | =both", "how loads were answered"),
    KEY("out_of_time", "flag", "max_time was over before the work was done"),
    {0},
};

static const struct lci_field gates_keys[] = {
    KEY("against", "text | null", "the release that is compared with"),
    KEY("met", "number", NULL),
    KEY("broken", "number", NULL),
    KEY("missed", "[broken_gate]", "ten at the most"),
    {0},
};

static const struct lci_field broken_gate_keys[] = {
    KEY("gate", "text", NULL),
    KEY("found", "text", "what is beyond it"),
    {0},
};

static const struct lci_field first_limit_keys[] = {
    KEY("component", "text", NULL),
    KEY("kind", "text", "task or processor"),
    KEY("of", "text | null", "the load level that the factor multiplies"),
    KEY("factor", "figure", "of the load at which it is full"),
    KEY("interval95", "[figure]", NULL),
    KEY("rate", "figure | null", "requests a second there"),
    KEY("next", "next_limit | null", "what is full after it"),
    {0},
};

static const struct lci_field next_limit_keys[] = {
    KEY("component", "text", NULL),
    KEY("factor", "figure", NULL),
    {0},
};

static const struct lci_field open_goal_keys[] = {
    KEY("goal", "text", NULL),
    KEY("load", "text", "the first at which it is so"),
    KEY("found", "text | null", "the worst value, with its interval"),
    KEY("limit", "figure", "as in the goals of points"),
    {0},
};

static const struct lci_field summary_file_keys[] = {
    KEY("schema", "=loadcast.summary/1", NULL),
    KEY("scenario", "text", "its name"),
    KEY("partial", "flag", "it was stopped before"),
    KEY("summary", "summary", NULL),
    {0},
};

static const struct lci_field point_keys[] = {
    KEY("label", "text", NULL),
    KEY("factor", "figure", "of the load"),
    KEY("change", "text | null", "the what-if"),
    KEY("overload", "too_much | null", "the load exceeds the capacity"),
    KEY("overloaded_replicates", "figure", "share of bootstrap replicates whose capacity the load exceeds"),
    KEY("overloaded_draws", "figure", "the same by its old name"),
    KEY("result", "result | null", NULL),
    KEY("goals", "[goal]", NULL),
    KEY("analytic", "result", "by the solver, beside the simulation"),
    KEY("side_by_side", "[pair]", "figures of both"),
    KEY("date", "text", "of growth"),
    KEY("cost", "cost | null", NULL),
    KEY("transient", "curves", "mode: transient"),
    {0},
};

static const struct lci_field pair_keys[] = {
    KEY("quantity", "=load | =throughput | =response_time | =p95 | =failed", "seconds, per second, parts of 1"),
    KEY("component", "text", NULL),
    KEY("kind", "text", "task or processor"),
    KEY("workload", "text", NULL),
    KEY("simulated", "short_estimate", NULL),
    KEY("analytic", "figure", NULL),
    KEY("beyond_interval", "flag", "they differ by more than the 95 % interval"),
    {0},
};

static const struct lci_field too_much_keys[] = {
    KEY("component", "text", "that is full"),
    KEY("kind", "text", "task or processor"),
    KEY("load", "figure", NULL),
    KEY("limit_factor", "figure", "the load at which it is full"),
    KEY("queue", "text | null", "in front of which it grows"),
    KEY("because", "text | null", NULL),
    {0},
};

static const struct lci_field goal_keys[] = {
    KEY("goal", "=load | =response_time | =completion_time | =throughput | =error_rate", NULL),
    KEY("limit", "figure", NULL),
    KEY("component", "text", NULL),
    KEY("kind", "text", "task or processor"),
    KEY("workload", "text", NULL),
    KEY("percentile", "figure", "null: the mean"),
    KEY("value", "short_estimate | null", NULL),
    KEY("slower", "short_estimate | null", "fraction of requests that are slower than the limit"),
    KEY("met", "flag | null", "null: undecided"),
    KEY("at", "figure", "time of the worst bin"),
    KEY("from", "figure", "time from which it is missed"),
    KEY("until", "figure", NULL),
    KEY("beyond", "figure", NULL),
    KEY("bins_judged", "number", "with enough requests to judge"),
    KEY("bins_told", "number", "the same by its old name"),
    KEY("bins_open", "number", NULL),
    KEY("traces_needed", "figure", "that would decide it"),
    KEY("sensitivity", "sensitivity", "where the width of the interval comes from"),
    KEY("doubt", "sensitivity", "the same by its old name"),
    {0},
};

static const struct lci_field short_estimate_keys[] = {
    KEY("mean", "figure", NULL),
    KEY("ci95", "figure", "half-width"),
    KEY("interval95", "[figure]", "simulation and number of traces together"),
    KEY("simulation_ci95", "figure", NULL),
    {0},
};

static const struct lci_field sensitivity_keys[] = {
    KEY("parts", "[sensitivity_part]", NULL),
    KEY("workload", "text | null", NULL),
    KEY("more_requests", "figure", "that would halve the interval"),
    {0},
};

static const struct lci_field sensitivity_part_keys[] = {
    KEY("operation", "text | null", NULL),
    KEY("share", "figure", "of the variance"),
    KEY("number", "text", "path of the model"),
    KEY("samples", "number", NULL),
    KEY("mean", "figure", NULL),
    KEY("standard_error", "figure", NULL),
    {0},
};

static const struct lci_field saturation_keys[] = {
    KEY("component", "text", NULL),
    KEY("factor", "figure", "of the load"),
    KEY("of", "text | null", "the reference load"),
    KEY("rate", "figure", "of all open workloads"),
    KEY("next", "[text]", NULL),
    KEY("limits", "[limit]", NULL),
    KEY("sensitivity", "sensitivity", "where the width of the interval comes from"),
    KEY("doubt", "sensitivity", "the same by its old name"),
    {0},
};

static const struct lci_field limit_keys[] = {
    KEY("component", "text", NULL), KEY("kind", "text", "task or processor"), KEY("factor", "figure", "of the load"),
    KEY("ci95", "figure", NULL),    KEY("interval95", "[figure]", NULL),      {0},
};

static const struct lci_field change_keys[] = {
    KEY("change", "text", NULL),
    KEY("saturation", "saturation | null", NULL),
    {0},
};

static const struct lci_field comparison_keys[] = {
    KEY("change", "text", NULL),
    KEY("label", "text", NULL),
    KEY("factor", "figure", NULL),
    KEY("quantity", "text", NULL),
    KEY("component", "text", NULL),
    KEY("workload", "text", NULL),
    KEY("kind", "text", NULL),
    KEY("difference", "short_estimate | null", NULL),
    KEY("simultaneous95", "[figure]", NULL),
    KEY("significant", "flag", NULL),
    {0},
};

static const struct lci_field assumption_keys[] = {
    KEY("what", "text", NULL),
    KEY("value", "text", NULL),
    KEY("evidence", "text", NULL),
    KEY("key", "text", "that states it"),
    KEY("no_key", "text", "why there is none"),
    {0},
};

static const struct lci_field reading_keys[] = {
    KEY("files", "number", NULL),
    KEY("traces", "number", NULL),
    KEY("spans", "number", NULL),
    KEY("repairs", "{number}", NULL),
    {0},
};

static const struct lci_field recorded_keys[] = {
    KEY("from", "figure", "seconds since 1970"),
    KEY("to", "figure", NULL),
    KEY("one_by_one", "flag", NULL),
    KEY("overloaded", "flag", NULL),
    KEY("workloads", "[recorded_workload]", NULL),
    {0},
};

static const struct lci_field recorded_workload_keys[] = {
    KEY("workload", "text", NULL),
    KEY("requests", "number", NULL),
    KEY("rate", "figure", NULL),
    KEY("recorded", "recorded_times", NULL),
    KEY("predicted", "predicted_times | null", NULL),
    KEY("differs", "flag", NULL),
    {0},
};

static const struct lci_field recorded_times_keys[] = {
    KEY("mean", "figure", NULL),
    KEY("standard_error", "figure", NULL),
    KEY("p95", "figure", NULL),
    {0},
};

static const struct lci_field predicted_times_keys[] = {
    KEY("mean", "figure", NULL),
    KEY("ci95", "figure", NULL),
    KEY("p95", "figure", NULL),
    {0},
};

static const struct lci_field unlimited_keys[] = {
    KEY("component", "text", NULL),
    KEY("busy", "figure", "threads"),
    KEY("replicas", "figure", NULL),
    KEY("stated", "flag", NULL),
    KEY("full_with_threads", "{figure}", "factors of the load"),
    {0},
};

static const struct lci_field attribution_keys[] = {
    KEY("component", "text", NULL),
    KEY("kind", "text", NULL),
    KEY("workloads", "[use]", NULL),
    KEY("entries", "[use]", NULL),
    KEY("paths", "[use]", NULL),
    KEY("other_paths", "figure", NULL),
    {0},
};

static const struct lci_field use_keys[] = {
    KEY("workload", "text", NULL),
    KEY("entry", "text", NULL),
    KEY("path", "text", NULL),
    KEY("share", "figure", NULL),
    {0},
};

static const struct lci_field capacity_keys[] = {
    KEY("of", "text", "mix, or a workload"),
    KEY("change", "text | null", NULL),
    KEY("keeps", "figure", "factor that keeps every goal"),
    KEY("misses", "figure", "factor that does not"),
    KEY("rate", "figure", NULL),
    KEY("misses_rate", "figure", NULL),
    KEY("interval95", "[figure] | null", NULL),
    KEY("decided", "flag", NULL),
    KEY("loads_simulated", "number", "that decided the search"),
    KEY("loads_solved", "number", "that the solver told beforehand"),
    KEY("missed", "[missed]", NULL),
    KEY("overloaded", "text | null", NULL),
    KEY("at_limit", "text | null", NULL),
    KEY("order", "[bound]", NULL),
    KEY("analytic", "solved_capacity", "by the solver alone, where both were asked for"),
    {0},
};

static const struct lci_field solved_capacity_keys[] = {
    KEY("keeps", "figure", NULL),
    KEY("misses", "figure", NULL),
    {0},
};

static const struct lci_field missed_keys[] = {
    KEY("goal", "text", NULL),
    KEY("component", "text | null", NULL),
    KEY("value", "figure", NULL),
    {0},
};

static const struct lci_field bound_keys[] = {
    KEY("component", "text", NULL),
    KEY("kind", "text", NULL),
    KEY("limit", "figure", NULL),
    KEY("factor", "figure", NULL),
    {0},
};

static const struct lci_field growth_keys[] = {
    KEY("start", "text | null", NULL),  KEY("end", "text | null", NULL),         KEY("factor", "figure", "at the end"),
    KEY("trend", "trend | null", NULL), KEY("first_missed", "[crossing]", NULL), {0},
};

static const struct lci_field trend_keys[] = {
    KEY("shape", "=linear | =exponential", NULL),
    KEY("n", "number", NULL),
    KEY("centre", "text | null", NULL),
    KEY("intercept", "figure", NULL),
    KEY("slope_per_day", "figure", NULL),
    KEY("intercept_error", "figure", NULL),
    KEY("slope_error", "figure", NULL),
    KEY("deviation", "figure", NULL),
    {0},
};

static const struct lci_field crossing_keys[] = {
    KEY("change", "text | null", NULL), KEY("goal", "text | null", NULL),
    KEY("limit", "figure", NULL),       KEY("component", "text", NULL),
    KEY("kind", "text", NULL),          KEY("workload", "text", NULL),
    KEY("percentile", "figure", NULL),  KEY("by", "=simulation | =analytic | =traffic_equations", NULL),
    KEY("keeps", "figure", NULL),       KEY("misses", "figure", NULL),
    KEY("date", "text | null", NULL),   KEY("earliest", "text | null", NULL),
    KEY("latest", "text | null", NULL), {0},
};

static const struct lci_field grid_keys[] = {
    KEY("axes", "[axis]", NULL),
    KEY("combinations", "[combination]", NULL),
    {0},
};

static const struct lci_field axis_keys[] = {
    KEY("path", "text", NULL),
    KEY("values", "[text]", NULL),
    {0},
};

static const struct lci_field combination_keys[] = {
    KEY("change", "text", NULL),
    KEY("values", "{text}", NULL),
    {0},
};

static const struct lci_field cost_keys[] = {
    KEY("total", "figure", NULL),
    KEY("per_hour", "[figure]", "over time"),
    KEY("components", "[component_cost]", NULL),
    {0},
};

static const struct lci_field component_cost_keys[] = {
    KEY("component", "text", NULL),
    KEY("total", "figure", NULL),
    KEY("replicas", "figure", NULL),
    KEY("invocations", "figure", NULL),
    KEY("memory", "figure", NULL),
    KEY("per_hour", "[figure]", "over time"),
    {0},
};

static const struct lci_field curves_keys[] = {
    KEY("times", "[figure]", "beginnings of the bins"),
    KEY("step", "figure", NULL),
    KEY("warmup", "figure", NULL),
    KEY("replications", "number", NULL),
    KEY("partial", "flag", "it was stopped before"),
    KEY("unfinished", "flag", "no run came to the end: one of them as far as it came"),
    KEY("ends_early", "early_end | null", NULL),
    KEY("series", "[series]", NULL),
    KEY("recovery", "recovery | null", NULL),
    {0},
};

static const struct lci_field early_end_keys[] = {
    KEY("component", "text", NULL),
    KEY("waiting", "figure", NULL),
    {0},
};

static const struct lci_field series_keys[] = {
    KEY("name", "text", NULL),
    KEY("workload", "text", NULL),
    KEY("component", "text", NULL),
    KEY("kind", "text", NULL),
    KEY("limit", "figure", NULL),
    KEY("quantity", "text", NULL),
    KEY("mean", "[figure]", NULL),
    KEY("ci95", "[figure]", NULL),
    KEY("low", "[figure]", NULL),
    KEY("high", "[figure]", NULL),
    {0},
};

static const struct lci_field recovery_keys[] = {
    KEY("by", "text", NULL),          KEY("disturbed", "text | null", NULL), KEY("from", "figure", NULL),
    KEY("to", "figure", NULL),        KEY("recovers", "flag", NULL),         KEY("after", "figure", NULL),
    KEY("last", "text | null", NULL), KEY("runs_back", "figure", NULL),      {0},
};

static const struct lci_field transient_keys[] = {
    KEY("schema", "=loadcast.transient/1", NULL),
    KEY("model", "text | null", NULL),
    KEY("seed", "number", NULL),
    KEY("events", "number", NULL),
    KEY("elapsed_s", "figure", NULL),
    KEY("transient", "curves", NULL),
    {0},
};

static const struct lci_field run_keys[] = {
    KEY("variables", "{figure}", "of this point of a sweep"),
    KEY("observations", "{figure}", NULL),
    KEY("report", "{figure}", NULL),
    KEY("result", "result | null", NULL),
    {0},
};

static const struct lci_field sweep_keys[] = {
    KEY("schema", "=loadcast.sweep/1", NULL),
    KEY("model", "text | null", "its name"),
    KEY("points", "[run]", NULL),
    KEY("partial", "flag", "it was stopped before: points are missing"),
    {0},
};

static const struct lci_shape shapes[] = {
    {"sweep", {sweep_keys}},
    {"verdict", {verdict_keys}},
    {"summary_file", {summary_file_keys}},
    {"summary", {summary_keys}},
    {"gates", {gates_keys}},
    {"broken_gate", {broken_gate_keys}},
    {"first_limit", {first_limit_keys}},
    {"next_limit", {next_limit_keys}},
    {"open_goal", {open_goal_keys}},
    {"point", {point_keys}},
    {"pair", {pair_keys}},
    {"too_much", {too_much_keys}},
    {"goal", {goal_keys}},
    {"short_estimate", {short_estimate_keys}},
    {"sensitivity", {sensitivity_keys}},
    {"sensitivity_part", {sensitivity_part_keys}},
    {"saturation", {saturation_keys}},
    {"limit", {limit_keys}},
    {"change", {change_keys}},
    {"comparison", {comparison_keys}},
    {"assumption", {assumption_keys}},
    {"reading", {reading_keys}},
    {"recorded", {recorded_keys}},
    {"recorded_workload", {recorded_workload_keys}},
    {"recorded_times", {recorded_times_keys}},
    {"predicted_times", {predicted_times_keys}},
    {"unlimited", {unlimited_keys}},
    {"attribution", {attribution_keys}},
    {"use", {use_keys}},
    {"capacity", {capacity_keys}},
    {"solved_capacity", {solved_capacity_keys}},
    {"missed", {missed_keys}},
    {"bound", {bound_keys}},
    {"growth", {growth_keys}},
    {"trend", {trend_keys}},
    {"crossing", {crossing_keys}},
    {"grid", {grid_keys}},
    {"axis", {axis_keys}},
    {"combination", {combination_keys}},
    {"cost", {cost_keys}},
    {"component_cost", {component_cost_keys}},
    {"curves", {curves_keys}},
    {"early_end", {early_end_keys}},
    {"series", {series_keys}},
    {"recovery", {recovery_keys}},
    {"transient", {transient_keys}},
    {"run", {run_keys}},
    {.next = lci_result_shapes},
};

char *cli_result_schema(void)
{
    const struct lci_field root = {.shape = "result | verdict | summary_file | transient | sweep"};
    return lci_schema_text("a result of loadcast", &root, shapes, false);
}
