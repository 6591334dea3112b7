/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processor time by the clocks of threads: spans that say for how long their thread kept a core (rosebery's profiles)
 * tell which part of an operation's self time is work. The rest holds the thread alone.
 */
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>

struct known {
    double cpu, self; /* s */
    uint64_t visits;
};

static struct known known_of(const struct lci_operation *operation, size_t class_count)
{
    struct known k = {0};
    for (size_t c = 0; c < class_count; c++) {
        const struct lci_variant *v = &operation->variants[c];
        k.cpu += (double)v->cpu * LCI_NANOSECOND;
        k.self += (double)v->cpu_self * LCI_NANOSECOND;
        k.visits += v->cpu_visits;
    }
    return k;
}

bool lci_cpu_time_known(const struct lci_operation *operation, size_t class_count)
{
    const struct known k = known_of(operation, class_count);
    return k.visits > 0 && k.self > 0;
}

void lci_cpu_time_apply(const struct lci_builder *builder)
{
    const struct lci_visits *visits = builder->visits;
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        if (!lci_cpu_time_known(operation, visits->class_count))
            continue;
        const struct known k = known_of(operation, visits->class_count);
        char *method = lc_format("processor time of the threads of %llu visits", (unsigned long long)k.visits);
        const struct lci_work_split split = {k.cpu / k.self, 0, method};
        lci_split_work(builder, o, &split);
        lci_assume(
            builder->learned,
            lc_format("processor work of %s/%s", lci_text(visits, operation->task), lci_text(visits, operation->entry)),
            lc_format("%.3g %% of its own time", 100 * split.share), method,
            lc_format("deployment.services.%s.cpu_share", lci_text(visits, operation->task)));
    }
}
