/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of the choice of traces among all requests.
 */
#include "network/facts/facts.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>

#define LOADED 0.1 /* load of a service above which what was not recorded made requests wait */

/* "errors 12, slow 30" */
static char *policies_text(const struct lci_visits *visits, uint64_t *traces)
{
    struct lci_buffer text = {0};
    *traces = 0;
    for (size_t i = 0; i < visits->policy_count; i++) {
        const struct lci_policy *policy = &visits->policies[i];
        lci_buffer_join(&text, ", ", "%s %" PRIu64, lci_text(visits, policy->name), policy->traces);
        *traces += policy->traces;
    }
    return lci_buffer_take(&text);
}

void lci_tell_sampling(const struct lci_visits *visits, struct lc_learned *learned)
{
    if (visits->sampled_traces > 0)
        lci_say(learned, "sampling", lc_strdup("traces"), lc_format("%.3g %%", 100 * lci_sampled(visits)),
                lc_format("sampler.param, or trace state, of %" PRIu64 " of %" PRIu64
                          " traces; rates and numbers of requests count it",
                          visits->sampled_traces, visits->trees));
    if (visits->limited_traces > 0)
        lci_say(learned, "sampling", lc_strdup("traces"), lc_strdup("at a limited rate"),
                lc_format("sampler.type of %" PRIu64 " of %" PRIu64 " traces; their rates are not the system's",
                          visits->limited_traces, visits->trees));
    if (visits->forced_traces > 0)
        lci_say(
            learned, "sampling", lc_strdup("traces"), lc_strdup("asked for one by one"),
            lc_format("sampling.priority of %" PRIu64 " of %" PRIu64 " traces", visits->forced_traces, visits->trees));
    uint64_t traces;
    char *policies = policies_text(visits, &traces);
    if (traces > 0)
        lci_say(learned, "sampling", lc_strdup("traces"), lc_strdup("kept for what happened in them"),
                lc_format("policies of %" PRIu64 " of %" PRIu64 " traces: %s", traces, visits->trees, policies));
    free(policies);
}

void lci_warn_of_sampling(const struct lci_visits *visits, double load, struct lc_diag *diag)
{
    const bool chosen = lci_sampled(visits) < 1 || visits->limited_traces > 0 || visits->policy_count > 0;
    if (chosen && (visits->options.load == LC_LOAD_MEASURED || load > LOADED))
        lc_warn(diag, NULL,
                "the traces are a sample of the requests: the others kept threads and cores busy as well, and waiting "
                "for them cannot be taken out, so that services look slower than they are; take traces of every "
                "request, or of a low load");
    if (visits->limited_traces > 0)
        lc_warn(diag, NULL,
                "a sampler of limited rate chose %" PRIu64 " of %" PRIu64 " traces (sampler.type): how many requests "
                "there were is not known; state the rates of workloads, do not take them from the traces",
                visits->limited_traces, visits->trees);
    if (visits->forced_traces > 0)
        lc_warn(diag, NULL,
                "%" PRIu64 " of %" PRIu64 " traces were asked for (sampling.priority), not chosen by chance: what "
                "their requests have in common occurs too often in the model",
                visits->forced_traces, visits->trees);
    uint64_t traces;
    char *policies = policies_text(visits, &traces);
    if (traces > 0)
        lc_warn(diag, NULL,
                "%" PRIu64 " of %" PRIu64 " traces were kept for what happened in them (policies: %s): where these "
                "prefer slow or failed requests, times and errors of the model are too high; take the traces of a "
                "policy that chooses by chance before all others are asked, with 'where' of a workload",
                traces, visits->trees, policies);
    free(policies);
}
