/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What spans and their resources say of the deployment of their service: limits of processors and pods. How often which
 * value came is kept; what is made of it is in deployment_said.c.
 */
#include "network/visits/collect.h"

#include <string.h>

#define VALUES 4096 /* of a service; more are no deployment */

const struct lci_said_name lci_said_names[] = {
    {"k8s.container.cpu_limit", LCI_SAID_LIMIT},
    {"k8s.container.cpu.limit", LCI_SAID_LIMIT},
    {"k8s.container.limits.cpu", LCI_SAID_LIMIT},
    {"container.cpu.limit", LCI_SAID_LIMIT},
    {"container.cpu_limit", LCI_SAID_LIMIT},
    {"k8s.pod.cpu_limit", LCI_SAID_LIMIT},
    {"k8s.pod.cpu.limit", LCI_SAID_LIMIT},
    {"k8s.container.cpu_request", LCI_SAID_REQUEST},
    {"k8s.container.cpu.request", LCI_SAID_REQUEST},
    {"k8s.container.requests.cpu", LCI_SAID_REQUEST},
    {"container.cpu.request", LCI_SAID_REQUEST},
    {"k8s.pod.cpu_request", LCI_SAID_REQUEST},
    {"host.cpu.count", LCI_SAID_HOST},
    {"k8s.deployment.replicas", LCI_SAID_REPLICAS},
    {"k8s.deployment.desired", LCI_SAID_REPLICAS},
    {"k8s.deployment.desired_pods", LCI_SAID_REPLICAS},
    {"k8s.deployment.available_pods", LCI_SAID_REPLICAS},
    {"k8s.pod.count", LCI_SAID_REPLICAS},
    {"container.count", LCI_SAID_REPLICAS},
    {"k8s.pod.name", LCI_SAID_POD},
    {NULL, LCI_SAID_POD},
};

void lci_said_note(struct lci_task *task, unsigned name, lc_symbol value, uint64_t count)
{
    size_t i = 0;
    while (i < task->said_count && (task->said[i].name != name || task->said[i].value != value))
        i++;
    if (i == task->said_count) {
        if (i >= VALUES)
            return;
        LC_GROW(task->said, task->said_count, task->said_capacity);
        task->said[task->said_count++] = (struct lci_said_value){value, name, 0};
    }
    task->said[i].count += count;
}

void lci_said_add(const struct lci_visits *visits, const struct lc_tree *tree, const struct lc_span *span,
                  struct lci_task *task)
{
    const char *const *keep = visits->options.keep;
    for (uint32_t i = 0; keep != NULL && i < span->attribute_count; i++) {
        const struct lc_attribute *attribute = &tree->trace->attributes[span->first_attribute + i];
        if (attribute->key < LC_ATTR_OTHER)
            continue;
        const char *key = keep[attribute->key - LC_ATTR_OTHER];
        for (unsigned n = 0; lci_said_names[n].name != NULL; n++)
            if (strcmp(lci_said_names[n].name, key) == 0)
                lci_said_note(task, n, attribute->value, 1);
    }
}
