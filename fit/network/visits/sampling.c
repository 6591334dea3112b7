/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the traces say about how they were chosen among all requests. A choice by chance, made when a request begins, is
 * undone: its probability is known. A sampler of limited rate and one that looks at whole traces cannot be undone: the
 * first hides how many requests there were, the second prefers slow and failed ones.
 */
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE, PARAM, PRIORITY, FIRST_POLICY };
const char *const lci_sampling_keys[] = {
    [TYPE] = "sampler.type", /* Jaeger's clients */
    [PARAM] = "sampler.param",
    [PRIORITY] = "sampling.priority",       /* OpenTracing: the code asks for this trace, or not (0) */
    [FIRST_POLICY] = "tailsampling.policy", /* OpenTelemetry's collector, on scopes */
    "tailsampling.composite_policy",        /* one of several within a policy */
    "sampling.policy",
    "meta.refinery.reason" /* Refinery, on roots */,
    NULL};

/* ---- counting ---------------------------------------------------------------------------------------------------- */

struct lci_policy *lci_policy_of(struct lci_visits *visits, lc_symbol name)
{
    for (size_t i = 0; i < visits->policy_count; i++)
        if (visits->policies[i].name == name)
            return &visits->policies[i];
    LC_GROW(visits->policies, visits->policy_count, visits->policy_capacity);
    visits->policies[visits->policy_count] = (struct lci_policy){.name = name};
    return &visits->policies[visits->policy_count++];
}

static void count_chance(struct lci_visits *visits, double probability)
{
    if (!(probability > 1e-9 && probability < 1))
        return;
    visits->sampled_traces++;
    visits->sampled_weight += (uint64_t)llround(LCI_WEIGHT_UNIT / probability);
}

/* What Jaeger's clients say. */
static void count_head(struct lci_visits *visits, const char *type, const char *param)
{
    /* "lowerbound" is what is let through at least, whatever the probability. */
    visits->limited_traces += strcmp(type, "ratelimiting") == 0 || strcmp(type, "lowerbound") == 0;
    if (strcmp(type, "probabilistic") == 0)
        count_chance(visits, strtod(param, NULL));
}

/* The probability that 56 random bits are not below the threshold, of which trailing zeros are left out
 * (OpenTelemetry, "TraceState: Probability Sampling"). */
static double threshold_probability(const char *digits)
{
    const size_t most = 14;
    const size_t length = strlen(digits);
    return length > 0 && length <= most ? 1 - ldexp((double)strtoull(digits, NULL, 16), -4 * (int)length) : 1;
}

/* Requests that no workload asks for do not matter, and who asks for those of a policy knows of it. */
static bool policies_matter(const struct lci_visits *visits, size_t class_)
{
    const struct lc_learn_options *options = &visits->options;
    if (class_ >= options->class_count)
        return options->class_count == 0;
    for (size_t k = 0; k < options->classes[class_].condition_count; k++)
        for (size_t i = FIRST_POLICY; lci_sampling_keys[i] != NULL; i++)
            if (strcmp(options->classes[class_].keys[k], lci_sampling_keys[i]) == 0)
                return false;
    return true;
}

void lci_count_sampling(struct lci_visits *visits, const struct lc_tree *tree, size_t class_)
{
    const char *type = lci_root_attribute(visits, tree, lci_sampling_keys[TYPE]),
               *param = lci_root_attribute(visits, tree, lci_sampling_keys[PARAM]),
               *priority = lci_root_attribute(visits, tree, lci_sampling_keys[PRIORITY]);
    const lc_symbol threshold =
        lc_span_attribute(tree->trace, &tree->trace->spans[tree->nodes[0].span], LC_ATTR_SAMPLING_THRESHOLD);
    if (type != NULL && param != NULL)
        count_head(visits, type, param);
    else if (threshold != 0)
        count_chance(visits, threshold_probability(lci_text(visits, threshold)));
    visits->forced_traces += priority != NULL && strtod(priority, NULL) > 0;
    for (size_t i = FIRST_POLICY; lci_sampling_keys[i] != NULL && policies_matter(visits, class_); i++) {
        const lc_symbol policy = lci_root_symbol(visits, tree, lci_sampling_keys[i]);
        if (policy != 0) {
            lci_policy_of(visits, policy)->traces++;
            return;
        }
    }
}

double lci_sampled(const struct lci_visits *visits)
{
    const double others = (double)(visits->trees - visits->sampled_traces);
    const double all = others + (double)visits->sampled_weight / LCI_WEIGHT_UNIT;
    return visits->trees > 0 ? (double)visits->trees / all : 1;
}
