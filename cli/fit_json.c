/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit.h"
#include "fit/trace/symbols.h"

#include "render/json.h"

#include <math.h>
#include <stdlib.h>

static json_t *entries_json(const struct lc_learned *learned)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < learned->entry_count; i++) {
        const struct lc_entry_summary *entry = &learned->entries[i];
        json_t *patterns = json_array();
        for (size_t p = 0; p < entry->pattern_count; p++)
            json_array_append_new(patterns,
                                  json_pack("{s:I, s:f, s:f, s:s}", "visits", (json_int_t)entry->patterns[p].visits,
                                            "share", entry->patterns[p].share, "self", entry->patterns[p].self, "calls",
                                            entry->patterns[p].calls));
        json_array_append_new(entries,
                              json_pack("{s:s, s:I, s:I, s:f, s:o}", "name", learned->model->entries[entry->entry].name,
                                        "visits", (json_int_t)entry->visits, "fitted", (json_int_t)entry->fitted,
                                        "self", entry->self, "patterns", patterns));
    }
    return entries;
}

static json_t *families_json(const struct lc_choice *choice)
{
    json_t *families = json_array();
    for (size_t i = 0; i < choice->count; i++)
        if (choice->fits[i].dist.family != NULL)
            json_array_append_new(
                families, json_pack("{s:s, s:f, s:o, s:o}", "family", choice->fits[i].dist.family->name, "shift",
                                    choice->fits[i].dist.shift, "bic", cli_json_number(choice->fits[i].bic), "ks",
                                    cli_json_number(choice->fits[i].ks)));
    return families;
}

static json_t *parameters_json(const struct lc_learned *learned)
{
    json_t *parameters = json_array();
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *parameter = &learned->parameters[i];
        const struct lc_choice *choice = &parameter->choice;
        const bool chosen = choice->best < choice->count && choice->fits[choice->best].dist.family != NULL;
        char *text = chosen ? lc_dist_text(&choice->fits[choice->best].dist, "s") : NULL;
        const double p = choice->count > 0 ? choice->ljung_box_p : NAN, lag1 = choice->count > 0 ? choice->lag1 : NAN;
        const double unit = parameter->shape_unit > 0 ? parameter->shape_unit : choice->unit;
        json_array_append_new(parameters,
                              json_pack("{s:s, s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "path",
                                        parameter->path, "n", (json_int_t)parameter->n, "mean",
                                        cli_json_number(parameter->mean), "standard_error",
                                        cli_json_number(parameter->standard_error), "method", parameter->method,
                                        "distribution", cli_json_text(text), "reason", cli_json_text(choice->reason),
                                        "lag1", cli_json_number(lag1), "ljung_box_p", cli_json_number(p), "unit",
                                        unit > 0 ? json_real(unit) : json_null(), "families", families_json(choice)));
        free(text);
    }
    return parameters;
}

static json_t *networks_json(const struct lc_learned *learned)
{
    json_t *networks = json_array();
    for (size_t i = 0; i < learned->network_count; i++) {
        const struct lc_network_summary *network = &learned->networks[i];
        json_array_append_new(
            networks, json_pack("{s:s, s:s, s:s*, s:s*, s:I, s:o, s:o, s:s}", "caller",
                                learned->model->tasks[network->caller].name, "callee",
                                learned->model->tasks[network->callee].name, "from", network->from, "to", network->to,
                                "n", (json_int_t)network->n, "mean", cli_json_number(network->mean), "standard_error",
                                cli_json_number(network->standard_error), "distribution", network->text));
    }
    return networks;
}

static json_t *clocks_json(const struct lc_extraction *extraction, const struct lc_symbols *symbols)
{
    json_t *clocks = json_array();
    for (size_t i = 0; i < extraction->offset_count; i++) {
        const struct lc_clock_offset *offset = &extraction->offsets[i];
        json_array_append_new(
            clocks,
            json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:I, s:b}", "caller", lci_symbol_text(symbols, offset->caller),
                      "callee", lci_symbol_text(symbols, offset->callee), "offset_ns", (json_int_t)offset->offset,
                      "low_ns", offset->low == INT64_MIN ? json_null() : json_integer((json_int_t)offset->low),
                      "high_ns", (json_int_t)offset->high, "samples", (json_int_t)offset->samples, "contradictory",
                      (json_int_t)offset->contradictory, "consistent", offset->consistent));
    }
    return clocks;
}

static json_t *arrivals_json(const struct lc_learned *learned)
{
    json_t *all = json_array();
    for (size_t i = 0; i < learned->arrival_count; i++) {
        const struct lc_arrivals *arrivals = &learned->arrivals[i];
        json_t *hours = json_array();
        for (size_t h = 0; h < LC_HOURS; h++)
            json_array_append_new(hours, json_pack("{s:I, s:I, s:f, s:o}", "hour", (json_int_t)h, "requests",
                                                   (json_int_t)arrivals->requests[h], "seconds", arrivals->seconds[h],
                                                   "rate", cli_json_number(arrivals->rates[h])));
        json_array_append_new(
            all, json_pack("{s:s, s:f, s:o, s:o}", "operation", arrivals->operation, "p", arrivals->p, "arrivals",
                           arrivals->pattern != NULL ? json_string(arrivals->pattern) : json_null(), "hours", hours));
    }
    return all;
}

int fit_json(const struct page *page, struct lc_diag *diag)
{
    const struct lc_learned *learned = page->learned;
    json_t *assumptions = json_array();
    for (size_t i = 0; i < learned->assumption_count; i++) {
        const struct lc_assumption *assumption = &learned->assumptions[i];
        json_array_append_new(assumptions, json_pack("{s:s, s:s, s:s, s:s, s:s*}", "what", assumption->what, "value",
                                                     assumption->value, "evidence", assumption->evidence, "key",
                                                     assumption->key, "no_key", assumption->no_key));
    }
    json_t *facts = json_array();
    for (size_t i = 0; i < learned->fact_count; i++) {
        const struct lc_fact *fact = &learned->facts[i];
        json_array_append_new(facts, json_pack("{s:s, s:s, s:s, s:s}", "kind", fact->kind, "subject", fact->subject,
                                               "value", fact->value, "evidence", fact->evidence));
    }
    json_t *document = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", "loadcast.fit/1", "entries",
                                 entries_json(learned), "parameters", parameters_json(learned), "network",
                                 networks_json(learned), "clocks", clocks_json(page->extraction, page->symbols),
                                 "facts", facts, "arrivals", arrivals_json(learned), "assumptions", assumptions);
    return cli_json_print(document, CLI_JSON_ALL, page->out, diag);
}
