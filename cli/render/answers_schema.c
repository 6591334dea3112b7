/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON schemas of what fit, advise, backtest and calibrate write: fit_json.c, fit_samples.c, advice_render.c,
 * backtest_json.c and calibration_json.c. */
#include "render/schema.h"

/* ---- fit --------------------------------------------------------------------------------------------------------- */

static const struct lci_field fit_keys[] = {
    KEY("schema", "=loadcast.fit/1", NULL),
    KEY("entries", "[entry]", "of the model"),
    KEY("parameters", "[parameter]", "every number of the model, and where it comes from"),
    KEY("network", "[network]", "times between services"),
    KEY("clocks", "[clock]", "of pairs of hosts"),
    KEY("facts", "[fact]", "what else the traces show"),
    KEY("arrivals", "[arrivals]", "by hour of the day, where the recording is long enough"),
    KEY("assumptions", "[assumption]", "what the traces do not say"),
    {0},
};
static const struct lci_field entry_keys[] = {
    KEY("name", "text", "service/operation"),
    KEY("visits", "figure", NULL),
    KEY("fitted", "figure", "visits that the numbers come from"),
    KEY("self", "figure", "mean self time, s"),
    KEY("patterns", "[pattern_of_calls]", "most frequent first"),
    {0},
};
static const struct lci_field pattern_keys[] = {
    KEY("visits", "figure", NULL),
    KEY("share", "figure", NULL),
    KEY("self", "figure", "mean self time, s"),
    KEY("calls", "text", "in words"),
    {0},
};
static const struct lci_field parameter_keys[] = {
    KEY("path", "text", "of the model's element"),
    KEY("n", "figure", "samples"),
    KEY("mean", "figure", "s, or a share"),
    KEY("standard_error", "figure", NULL),
    KEY("method", "text", "how it was found"),
    KEY("distribution", "text | null", "with its parameters"),
    KEY("reason", "text | null", "why this family"),
    KEY("lag1", "figure", "autocorrelation of successive samples"),
    KEY("ljung_box_p", "figure", "p under independence"),
    KEY("unit", "figure", "s: that the times were read in"),
    KEY("families", "[family]", "that were tried, by BIC"),
    {0},
};
static const struct lci_field family_keys[] = {
    KEY("family", "text", NULL),
    KEY("shift", "figure", "s"),
    KEY("bic", "figure", NULL),
    KEY("ks", "figure", "Kolmogorov–Smirnov distance"),
    {0},
};
static const struct lci_field network_keys[] = {
    KEY("caller", "text", "service"),
    KEY("callee", "text", "service"),
    KEY("n", "figure", "calls"),
    KEY("mean", "figure", "s"),
    KEY("standard_error", "figure", NULL),
    KEY("distribution", "text", NULL),
    {0},
};
static const struct lci_field clock_keys[] = {
    KEY("caller", "text", "host"),
    KEY("callee", "text", "host"),
    KEY("offset_ns", "figure", "that the callee's clock is ahead"),
    KEY("low_ns", "figure", NULL),
    KEY("high_ns", "figure", NULL),
    KEY("samples", "figure", NULL),
    KEY("contradictory", "figure", "calls that no offset explains"),
    KEY("consistent", "flag", NULL),
    {0},
};
static const struct lci_field fact_keys[] = {
    KEY("kind", "text", "such as arrivals, retries"),
    KEY("subject", "text", NULL),
    KEY("value", "text", NULL),
    KEY("evidence", "text", NULL),
    {0},
};
static const struct lci_field arrivals_keys[] = {
    KEY("operation", "text", "service/operation"),
    KEY("p", "figure", "that hours differ so much by chance"),
    KEY("arrivals", "text | null", "as a workload reads it"),
    KEY("hours", "[hour]", "of the day, UTC"),
    {0},
};
static const struct lci_field hour_keys[] = {
    KEY("hour", "number", NULL),
    KEY("requests", "number", NULL),
    KEY("seconds", "figure", "that were recorded"),
    KEY("rate", "figure", "per second"),
    {0},
};
static const struct lci_field assumption_keys[] = {
    KEY("what", "text", NULL),
    KEY("value", "text", NULL),
    KEY("evidence", "text", NULL),
    KEY("key", "text", "of a scenario, that replaces it"),
    KEY("no_key", "text", "why none does"),
    {0},
};
static const struct lci_field samples_keys[] = {
    KEY("schema", "=loadcast.samples/1", NULL),
    KEY("n", "figure", "samples"),
    KEY("fits", "[family_fit]", "by BIC"),
    KEY("best", "text", "family"),
    KEY("best_index", "number", "in fits, from 0"),
    KEY("reason", "text", "why it is best"),
    KEY("empirical", "flag", "no family fits"),
    KEY("few", "flag", "too few samples to tell families apart"),
    KEY("averaged", "any", "over the families that the samples do not tell apart"),
    KEY("unit", "figure", "that the values were read in"),
    KEY("rounded_share", "figure", "of the values that are no multiples of it"),
    KEY("lag1", "figure", "autocorrelation of successive samples"),
    KEY("ljung_box", "ljung_box", "test of independence"),
    {0},
};
static const struct lci_field family_fit_keys[] = {
    KEY("family", "text", NULL),
    KEY("parameters", "{figure}", NULL),
    KEY("shift", "figure", NULL),
    KEY("standard_errors", "{figure}", "by the curvature of the likelihood"),
    KEY("bootstrap_errors", "{figure}", NULL),
    KEY("profile_intervals", "{[figure]}", "by the likelihood's profile, 95 %"),
    KEY("characteristics", "{characteristic}", "mean, percentiles, …"),
    KEY("free_parameters", "number", NULL),
    KEY("log_likelihood", "figure", NULL),
    KEY("aic", "figure", NULL),
    KEY("aicc", "figure", NULL),
    KEY("bic", "figure", NULL),
    KEY("ks", "figure", "Kolmogorov–Smirnov"),
    KEY("ad", "figure", "Anderson–Darling"),
    KEY("cvm", "figure", "Cramér–von Mises"),
    KEY("p_value", "figure", "of the first of these, by the bootstrap"),
    KEY("p_ad", "figure", NULL),
    KEY("p_cvm", "figure", NULL),
    KEY("note", "text", NULL),
    {0},
};
static const struct lci_field characteristic_keys[] = {
    KEY("value", "figure", NULL),
    KEY("standard_error", "figure", NULL),
    KEY("bootstrap_error", "figure", NULL),
    KEY("interval", "[figure]", "95 %"),
    {0},
};
static const struct lci_field ljung_box_keys[] = {
    KEY("q", "figure", NULL),
    KEY("lags", "number", NULL),
    KEY("p_value", "figure", NULL),
    {0},
};

static const struct lci_shape fit_shapes[] = {
    {"fit", {fit_keys}},
    {"samples", {samples_keys}},
    {"entry", {entry_keys}},
    {"pattern_of_calls", {pattern_keys}},
    {"parameter", {parameter_keys}},
    {"family", {family_keys}},
    {"network", {network_keys}},
    {"clock", {clock_keys}},
    {"fact", {fact_keys}},
    {"arrivals", {arrivals_keys}},
    {"hour", {hour_keys}},
    {"assumption", {assumption_keys}},
    {"family_fit", {family_fit_keys}},
    {"characteristic", {characteristic_keys}},
    {"ljung_box", {ljung_box_keys}},
    {0},
};

char *fit_schema(void)
{
    const struct lci_field root = {.shape = "fit | samples"};
    return lci_schema_text("what loadcast fit learned of traces, or of samples", &root, fit_shapes, false);
}

/* ---- advise ------------------------------------------------------------------------------------------------------ */

static const struct lci_field advice_keys[] = {
    KEY("schema", "=loadcast.advice/1", NULL),
    KEY("scenario", "text", "its name"),
    KEY("limit", "advice_limit", "what saturates first"),
    KEY("hold", "hold | null", "why the threads of a limiting task are held, as parts of the time"),
    KEY("goal", "advice_goal", "what is judged"),
    KEY("changes", "[advised]", "best first"),
    KEY("partial", "flag", "it was stopped before"),
    KEY("complete", "flag", "all that decide were simulated to their precision"),
    {0},
};
static const struct lci_field advice_limit_keys[] = {
    KEY("component", "text | null", NULL),
    KEY("kind", "=task | =processor | null", NULL),
    KEY("factor", "figure", "of the load"),
    {0},
};
static const struct lci_field hold_keys[] = {
    KEY("own", "figure", NULL),
    KEY("below", "figure", "waiting for others"),
    KEY("longest", "text | null", "waited for"),
    KEY("processor_load", "figure", "when the threads are full"),
    {0},
};
static const struct lci_field advice_goal_keys[] = {
    KEY("load", "figure", "factor"),
    KEY("goal", "text | null", "in words"),
    KEY("component", "text | null", NULL),
    KEY("before", "figure", "in its unit"),
    {0},
};
static const struct lci_field advised_keys[] = {
    KEY("what", "text", "in words"),
    KEY("component", "text | null", "that changes"),
    KEY("change", "{text}", "to be copied into what_if"),
    KEY("capacity", "figure", "highest load relative to the one before"),
    KEY("factor", "figure", "of the load"),
    KEY("next", "text | null", "what limits then"),
    KEY("goal", "advised_goal", "what it does to the goal"),
    {0},
};
static const struct lci_field advised_goal_keys[] = {
    KEY("method", "=simulation | =analytic", NULL),
    KEY("value", "figure", "in the goal's unit"),
    KEY("difference", "figure", NULL),
    KEY("ci95", "figure", "half-width"),
    KEY("simultaneous95", "[figure] | null", "holds the differences of all that were simulated"),
    KEY("rank", "figure",
        "1 + how many changes surely do more for the goal; null: whether it does anything is not known"),
    {0},
};
static const struct lci_shape advice_shapes[] = {
    {"advice", {advice_keys}},
    {"advice_limit", {advice_limit_keys}},
    {"hold", {hold_keys}},
    {"advice_goal", {advice_goal_keys}},
    {"advised", {advised_keys}},
    {"advised_goal", {advised_goal_keys}},
    {0},
};

char *advice_schema(void)
{
    const struct lci_field root = {.shape = "advice"};
    return lci_schema_text("changes that loadcast advises", &root, advice_shapes, false);
}

/* ---- backtest ---------------------------------------------------------------------------------------------------- */

static const struct lci_field backtest_keys[] = {
    KEY("loadcast", "=backtest/1", NULL),
    KEY("title", "text", NULL),
    KEY("answer", "text", "in a sentence"),
    KEY("holds", "flag", "at every load"),
    KEY("holds_up_to", "figure", "requests/s"),
    KEY("holds_up_to_factor", "figure", "of the load that was learned from"),
    KEY("tolerance", "figure", "relative"),
    KEY("figures", "number", "that were compared"),
    KEY("inside", "number", "of these, within their intervals"),
    KEY("levels", "[backtest_level]", "from low to high load"),
    KEY("partial", "flag", "it was stopped before"),
    {0},
};
static const struct lci_field backtest_level_keys[] = {
    KEY("name", "text", NULL),
    KEY("rate", "figure", "requests/s"),
    KEY("factor", "figure", NULL),
    KEY("seconds", "figure", "that were recorded"),
    KEY("learned", "flag", "the model was learned from it"),
    KEY("one_by_one", "flag", "never two requests at a time"),
    KEY("overloaded", "flag", "by the model"),
    KEY("simulated", "flag", "or overloaded; false: the time was over"),
    KEY("holds", "flag", NULL),
    KEY("figures", "[compared]", NULL),
    {0},
};
static const struct lci_field compared_keys[] = {
    KEY("quantity", "text", "such as response_time"),
    KEY("of", "text", "workload, component or call"),
    KEY("caller", "text | null", "of a call"),
    KEY("percentile", "figure", "of times; null: the mean"),
    KEY("recorded", "figure", NULL),
    KEY("recorded95", "[figure]", NULL),
    KEY("requests", "number", "that it comes from"),
    KEY("predicted", "figure", NULL),
    KEY("predicted95", "[figure]", NULL),
    KEY("difference", "figure", "relative to what was recorded"),
    KEY("difference95", "[figure]", NULL),
    KEY("inside", "flag", "within chance"),
    KEY("broken", "flag", "beyond chance and tolerance"),
    {0},
};
static const struct lci_shape backtest_shapes[] = {
    {"backtest", {backtest_keys}},
    {"backtest_level", {backtest_level_keys}},
    {"compared", {compared_keys}},
    {0},
};

char *backtest_schema(void)
{
    const struct lci_field root = {.shape = "backtest"};
    return lci_schema_text("recorded and predicted, load by load", &root, backtest_shapes, false);
}

/* ---- calibrate --------------------------------------------------------------------------------------------------- */

static const struct lci_field calibration_keys[] = {
    KEY("loadcast", "=calibration/1", NULL),
    KEY("loads", "number", "of the recordings"),
    KEY("components", "[calibrated]", NULL),
    {0},
};
static const struct lci_field calibrated_keys[] = {
    KEY("component", "text | null", NULL),
    KEY("target", "text | null", "of connections"),
    KEY("kind", "text", "of the limit"),
    KEY("size", "figure", "of the limit"),
    KEY("interval95", "[figure]", NULL),
    KEY("cv2", "figure", "squared coefficient of variation of what is held"),
    KEY("held", "figure", "s a visit"),
    KEY("own", "figure", "s a visit"),
    KEY("capacity", "figure", "visits/s"),
    KEY("ahead", "figure", "log likelihood ratio to the second"),
    KEY("second", "text", "kind of limit that explains it second best"),
    KEY("most", "number", "requests at a time seen"),
    KEY("visits", "number", NULL),
    KEY("loads", "[calibrated_load]", NULL),
    KEY("measured", "figure", "utilization"),
    KEY("full", "figure", "part of the time"),
    KEY("work", "figure", "s of processor a visit"),
    KEY("work_error", "figure", NULL),
    KEY("background", "figure", "busy cores without a request"),
    KEY("pauses_every", "figure", "s"),
    KEY("pause", "figure", "s"),
    KEY("evidence", "text | null", NULL),
    KEY("remains", "text | null", "what is not known"),
    {0},
};
static const struct lci_field calibrated_load_keys[] = {
    KEY("rate", "figure", "requests/s that enter the system"),
    KEY("one_by_one", "flag", "never two requests at a time"),
    KEY("visits", "number", NULL),
    KEY("recorded", "figure", "s, mean"),
    KEY("unhindered", "figure", "s, mean without waiting"),
    KEY("standard_error", "figure", NULL),
    {0},
};
static const struct lci_shape calibration_shapes[] = {
    {"calibration", {calibration_keys}},
    {"calibrated", {calibrated_keys}},
    {"calibrated_load", {calibrated_load_keys}},
    {0},
};

char *calibration_schema(void)
{
    const struct lci_field root = {.shape = "calibration"};
    return lci_schema_text("limits that nobody stated, from recordings", &root, calibration_shapes, false);
}
