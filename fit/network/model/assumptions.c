/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the traces do not tell, what was taken for it, and the key of a scenario that replaces it.
 */
#include "network/model/build.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW 30 /* samples, below which families are hardly told apart */

/* ---- services ---------------------------------------------------------------------------------------------------- */

static char *concurrency_text(const struct lci_visits *visits, const struct lci_task *task)
{
    const struct lci_peak peak = lci_peak_of(visits, task);
    if (peak.instants > 0)
        return lc_format("at most %ld at a time were seen at one instance, at %zu instants, one in %.3g s", peak.most,
                         peak.instants, peak.apart);
    return lc_format("at most %ld at a time were seen at one instance", peak.most);
}

static char *key_of(const char *service, const char *attribute)
{
    return lc_format("deployment.services.%s.%s", service, attribute);
}

void lci_assume_replicas(const struct lci_visits *visits, const struct lci_task *task, const char *name,
                         struct lc_learned *learned)
{
    if (task->instance_count < 2)
        return;
    const struct lci_alive alive = lci_alive_of(visits, task);
    lci_assume(learned, lc_format("replicas of %s", name), lc_format("%zu", alive.most),
               lc_format("%zu instances were seen, %s%zu at a time", task->instance_count,
                         alive.least < alive.most ? "up to " : "", alive.most),
               key_of(name, alive.least < alive.most ? "scaling" : "replicas"));
}

/* `recorded`: with waiting, as the peak was. */
static void assume_service(const struct lci_visits *recorded, const struct lci_visits *visits,
                           const struct lci_task *task, const char *name, struct lc_learned *learned)
{
    if (task->external) {
        lci_assume(learned, lc_format("%s is a delay without limit", name), lc_strdup("infinite"),
                   lc_strdup("it has no spans of its own, only its callers have"), key_of(name, "concurrency"));
        return;
    }
    lci_assume(learned, lc_format("requests that %s serves at a time", name), lc_strdup("unlimited"),
               concurrency_text(recorded, lci_task_find(recorded, task->name)), key_of(name, "concurrency"));
    lci_assume_replicas(visits, task, name, learned);
    if (task->consumer)
        lci_assume(learned, lc_format("replicas of %s take jobs from one queue", name), lc_strdup("shared"),
                   lc_strdup("consumers of one message queue"), key_of(name, "balance"));
}

static void assume_pick_up(const struct lci_visits *visits, const struct lci_task *task, const char *name,
                           struct lc_learned *learned)
{
    uint64_t delay = 0, jobs = 0;
    double window;
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        for (size_t c = 0;
             !lci_is_batch(&visits->operations[o], visits->class_count, &window) && c < visits->class_count; c++) {
            delay += visits->operations[o].variants[c].queue_delay;
            jobs += visits->operations[o].variants[c].queue_delays;
        }
    if (jobs == 0)
        return;
    lci_assume_for_good(
        learned, lc_format("the time from sending a job until %s starts it is waiting, not service", name),
        lc_strdup("left out"),
        lc_format("%.3g ms on the average of %llu jobs", (double)delay / (double)jobs * 1e-6, (unsigned long long)jobs),
        lc_strdup("the simulation computes the waiting at each load"));
}

static bool cores_stated(const struct lc_learn_options *options, const char *service)
{
    for (size_t i = 0; i < options->capacity_count; i++)
        if (options->capacities[i].cores > 0 && strcmp(options->capacities[i].task, service) == 0)
            return true;
    return false;
}

/* Of the services that are not stated; external ones are delays. */
static void assume_cores(const struct lci_builder *builder)
{
    const struct lci_visits *visits = builder->visits;
    size_t stated = 0, others = 0;
    for (size_t t = 0; t < visits->task_count; t++) {
        if (builder->tasks[t] == LC_NONE || visits->tasks[t].external)
            continue;
        const char *name = builder->learned->model->tasks[builder->tasks[t]].name;
        const struct lc_task *task = &builder->learned->model->tasks[builder->tasks[t]];
        const bool known = builder->learned->model->processors[task->processor].multiplicity != LC_INFINITE;
        *(known || cores_stated(&visits->options, name) ? &stated : &others) += 1;
    }
    if (others > 0)
        lci_assume(
            builder->learned, lc_strdup(stated > 0 ? "cores of the other services" : "cores of every service"),
            lc_strdup("unlimited"),
            lc_strdup(
                "traces do not distinguish work from waiting; where cores are stated, self time is taken for work"),
            lc_strdup("deployment.services.NAME.cores"));
}

void lci_assume_services(const struct lci_builder *builder)
{
    const struct lci_visits *visits = builder->visits;
    struct lc_learned *learned = builder->learned;
    assume_cores(builder);
    for (size_t t = 0; t < visits->task_count; t++) {
        if (builder->tasks[t] == LC_NONE)
            continue;
        const char *name = learned->model->tasks[builder->tasks[t]].name;
        assume_service(builder->behaviour->recorded, visits, &visits->tasks[t], name, learned);
        assume_pick_up(visits, &visits->tasks[t], name, learned);
    }
}

void lci_assume_sample(struct lc_learned *learned)
{
    uint64_t visits = 0, fitted = 0;
    for (size_t i = 0; i < learned->entry_count; i++) {
        visits += learned->entries[i].visits;
        fitted += learned->entries[i].fitted;
    }
    if (fitted < visits)
        lci_assume_for_good(learned, lc_strdup("a sample of the traces stands for all"),
                            lc_format("fitted from %" PRIu64 " of %" PRIu64 " visits", fitted, visits),
                            lc_strdup("of every operation the traces with the smallest hashes of their ids"),
                            lc_strdup("memory is bounded; intervals are those of the sample"));
}

void lci_assume_few_samples(struct lc_learned *learned)
{
    size_t few = 0;
    uint64_t least = FEW;
    const char *example = "";
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *parameter = &learned->parameters[i];
        if (parameter->n >= FEW)
            continue;
        few++;
        if (parameter->n < least) {
            least = parameter->n;
            example = parameter->path;
        }
    }
    if (few > 0)
        lci_assume_for_good(
            learned,
            lc_format("%zu of %zu parameters come from fewer than %d samples", few, learned->parameter_count, FEW),
            lc_strdup("used as they are"), lc_format("the fewest, %llu, for %s", (unsigned long long)least, example),
            lc_format("only more traces show it; 'change: {%s: …}' of a what-if tries others", example));
}

void lci_assume_short_times(struct lc_learned *learned)
{
    size_t count = 0;
    const struct lc_parameter *longest = NULL;
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *parameter = &learned->parameters[i];
        count += parameter->shape_unit > 0;
        if (parameter->shape_unit > 0 && (longest == NULL || parameter->mean > longest->mean))
            longest = parameter;
    }
    if (longest == NULL)
        return;
    lci_assume_for_good(
        learned,
        lc_format("%zu of %zu times are shorter than the clock's unit, %g ms, and nothing shows how they vary", count,
                  learned->parameter_count, 1e3 * longest->shape_unit),
        lc_strdup("exponential, with the mean of the readings"),
        lc_format("the longest, %.3g ms on the average, is %s", 1e3 * longest->mean, longest->path),
        lc_format("only a finer clock shows it; 'change: {%s: …}' of a what-if tries others", longest->path));
}

void lci_assume_pooling(const struct lci_visits *visits, struct lc_learned *learned, const struct lci_pooling *pooling)
{
    if (pooling->comparisons == 0)
        return;
    if (pooling->alike == 0) {
        lci_assume(learned, lc_format("times of release %s", visits->options.release), lc_strdup("not pooled"),
                   lc_format("Kolmogorov–Smirnov tells those of other releases apart (p < %g) in all %zu comparisons",
                             LCI_RELEASES_APART, pooling->comparisons),
                   lc_strdup("traces.release"));
        return;
    }
    struct lci_buffer names = {0};
    lci_buffer_add(&names, "times of releases %s", visits->options.release);
    for (size_t r = 0; r < visits->release_count; r++)
        if (pooling->used[r])
            lci_buffer_join(&names, ", ", "%s", visits->releases[r].name);
    lci_assume(learned, lci_buffer_take(&names),
               lc_format("pooled in %zu of %zu comparisons, up to %zu samples at a place", pooling->alike,
                         pooling->comparisons, pooling->most),
               lc_format("there Kolmogorov–Smirnov does not tell them apart (p ≥ %.2g)", pooling->least),
               lc_strdup("traces.release"));
}
