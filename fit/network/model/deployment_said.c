/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cores and replicas that sources beside the times of the traces tell: attributes of resources (Kubernetes), and what
 * figures of processors say of their hosts. Each becomes an assumption that names its source; sources that contradict
 * each other are told. A model gets these cores where it is known which part of the times is work, as all of a
 * service's own time would be work otherwise.
 */
#include "fit/trace/symbols.h"
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct found {    /* the value that came most often from a kind of source */
    double value; /* NaN: none */
    double other; /* another one that came; NaN: none */
    uint64_t count, other_count;
    const char *name; /* of the attribute */
};

/* "500m" or "0.5": NaN for what is no number above 0. */
static double number_of(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end != text && strcmp(end, "m") == 0) {
        value /= 1000;
        end++;
    }
    return end != text && *end == 0 && value > 0 && value < 1e6 ? value : NAN;
}

static struct found find(const struct lci_visits *visits, const struct lci_task *task, enum lci_said_kind kind)
{
    struct found f = {.value = NAN, .other = NAN};
    for (size_t i = 0; i < task->said_count; i++) {
        const struct lci_said_value *said = &task->said[i];
        const double value = number_of(lci_text(visits, said->value));
        if (lci_said_names[said->name].kind != kind || isnan(value))
            continue;
        if (value == f.value) {
            f.count += said->count;
        } else if (said->count > f.count) {
            f = (struct found){value, f.value, said->count, f.count, lci_said_names[said->name].name};
        } else {
            f.other = value;
            f.other_count = said->count;
        }
    }
    return f;
}

static size_t pods_of(const struct lci_task *task)
{
    size_t pods = 0;
    for (size_t i = 0; i < task->said_count; i++)
        pods += lci_said_names[task->said[i].name].kind == LCI_SAID_POD;
    return pods;
}

static const struct lc_capacity *stated_of(const struct lci_visits *visits, const char *service)
{
    for (size_t i = 0; i < visits->options.capacity_count; i++)
        if (strcmp(visits->options.capacities[i].task, service) == 0)
            return &visits->options.capacities[i];
    return NULL;
}

static const struct lc_host_cores *host_of(const struct lci_visits *visits, const char *service)
{
    const struct lc_utilization *u = visits->options.utilization;
    for (size_t i = 0; u != NULL && i < u->host_count; i++)
        if (strcmp(u->hosts[i].component, service) == 0)
            return &u->hosts[i];
    return NULL;
}

static void tell_both(const char *service, const struct found *f, struct lc_diag *diag)
{
    if (!isnan(f->other))
        lc_warn(diag, NULL,
                "sources contradict each other: %s of '%s' is %g in %llu requests and %g in %llu; %g is taken", f->name,
                service, f->value, (unsigned long long)f->count, f->other, (unsigned long long)f->other_count,
                f->value);
}

/* Whether it is known which part of the service's time is work. */
static bool work_known(const struct lci_visits *visits, const struct lci_task *task)
{
    size_t ignored;
    bool known = visits->options.utilization != NULL &&
                 lci_windows_of(visits->options.utilization, lci_text(visits, task->name), &ignored) > 0;
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        known |= lci_cpu_time_known(&visits->operations[o], visits->class_count);
    return known;
}

static void give_cores(const struct lci_builder *builder, int task, double cores)
{
    struct lc_model *model = builder->learned->model;
    struct lc_processor *processor = &model->processors[model->tasks[task].processor];
    processor->multiplicity = (uint32_t)cores;
    processor->scheduling = processor->scheduling == LC_INF ? LC_PS : processor->scheduling;
}

static void assume_told(struct lc_learned *learned, char *what, char *value, char *evidence, char *key)
{
    lci_assume(learned, what, value, evidence, key);
    learned->assumptions[learned->assumption_count - 1].stated = true;
}

/* `builder`: of a model, or NULL. */
static void find_cores(const struct lci_visits *visits, struct lc_learned *learned, const struct lci_builder *builder,
                       const struct lci_task *task, struct lc_diag *diag)
{
    const char *service = lci_text(visits, task->name);
    const struct lc_capacity *stated = stated_of(visits, service);
    const struct lc_host_cores *host = host_of(visits, service);
    const struct found limit = find(visits, task, LCI_SAID_LIMIT), machine = find(visits, task, LCI_SAID_HOST),
                       request = find(visits, task, LCI_SAID_REQUEST);
    double cores = limit.value;
    char *source = NULL;
    tell_both(service, &limit, diag);
    if (!isnan(limit.value))
        source = lc_format("%s = %g of %llu requests%s", limit.name, limit.value, (unsigned long long)limit.count,
                           limit.value != ceil(limit.value) ? ", rounded up to whole cores" : "");
    else if (host != NULL)
        source = host->line > 0 ? lc_format("%s:%d, cores of its host", host->file, host->line)
                                : lc_format("%s, limit of its containers", host->file);
    else if (!isnan(machine.value))
        source = lc_format("%s of %llu requests", machine.name, (unsigned long long)machine.count);
    if (isnan(limit.value))
        cores = host != NULL ? host->cores : machine.value;
    else if (host != NULL && host->cores < limit.value)
        lc_warn(diag, &(struct lc_place){host->file, host->line, 0, -1},
                "sources contradict each other: '%s' has %g cores here, and %s = %g; the latter is taken", service,
                host->cores, limit.name, limit.value);
    if (!isnan(request.value) && request.value > cores)
        lc_warn(diag, NULL, "sources contradict each other: %s of '%s' is %g, more than its %g cores (%s)",
                request.name, service, request.value, cores, source);
    if (source != NULL && stated != NULL && stated->cores > 0 && stated->cores != ceil(cores))
        lc_warn(diag, NULL,
                "sources contradict each other: deployment.services.%s.cores is %g, and %s tells %g; the "
                "deployment counts",
                service, stated->cores, source, ceil(cores));
    if (source == NULL || (stated != NULL && stated->cores > 0)) {
        free(source);
        return;
    }
    const bool known = builder == NULL || work_known(visits, task);
    if (known && builder != NULL)
        give_cores(builder, builder->tasks[task - visits->tasks], ceil(cores));
    assume_told(
        learned, lc_format("cores of each replica of %s", service), lc_format("%g", ceil(cores)),
        known ? source
              : lc_format("%s; not in the learned model, as nothing tells which part of its times is work", source),
        lc_format("deployment.services.%s.cores", service));
    if (!known)
        free(source);
}

/* Adds to the evidence of how many replicas the service has. */
static void tell_pods(struct lc_learned *learned, const char *service, size_t pods)
{
    char *key = lc_format("deployment.services.%s.replicas", service);
    for (size_t i = 0; i < learned->assumption_count; i++) {
        struct lc_assumption *a = &learned->assumptions[i];
        if (a->stated || strcmp(a->key, key) != 0)
            continue;
        char *evidence = lc_format("%s; k8s.pod.name tells of %zu pods", a->evidence, pods);
        free(a->evidence);
        a->evidence = evidence;
        a->stated = true;
    }
    free(key);
}

static void find_replicas(const struct lci_visits *visits, struct lc_learned *learned, const struct lci_task *task,
                          struct lc_diag *diag)
{
    const char *service = lci_text(visits, task->name);
    const struct found said = find(visits, task, LCI_SAID_REPLICAS);
    const size_t pods = pods_of(task), alive = lci_alive_of(visits, task).most;
    const struct lc_capacity *stated = stated_of(visits, service);
    tell_both(service, &said, diag);
    if (!isnan(said.value) && said.value != (double)(pods > 0 ? pods : alive))
        lc_warn(diag, NULL,
                "sources contradict each other: %s of '%s' is %g, and %zu %s were seen; what was seen counts",
                said.name, service, said.value, pods > 0 ? pods : alive, pods > 0 ? "pods" : "instances");
    if (pods > 0 && stated != NULL && stated->replicas > 0 && stated->replicas != pods)
        lc_warn(diag, NULL,
                "sources contradict each other: deployment.services.%s.replicas is %u, and k8s.pod.name "
                "tells of %zu pods; the deployment counts",
                service, stated->replicas, pods);
    if (pods > 0 && pods < task->instance_count)
        lc_warn(diag, NULL,
                "sources contradict each other: '%s' has %zu instances and %zu pods (k8s.pod.name): state replicas if "
                "an instance is no replica",
                service, task->instance_count, pods);
    if (pods > 1)
        tell_pods(learned, service, pods);
}

void lci_cores_said(const struct lci_builder *builder, struct lc_diag *diag)
{
    const struct lci_visits *visits = builder->visits;
    for (size_t t = 0; t < visits->task_count; t++)
        if (builder->tasks[t] != LC_NONE && !visits->tasks[t].external)
            find_cores(visits, builder->learned, builder, &visits->tasks[t], diag);
}

void lci_replicas_said(const struct lci_builder *builder, struct lc_diag *diag)
{
    const struct lci_visits *visits = builder->visits;
    for (size_t t = 0; t < visits->task_count; t++)
        if (builder->tasks[t] != LC_NONE && !visits->tasks[t].external)
            find_replicas(visits, builder->learned, &visits->tasks[t], diag);
}

void lci_tell_deployment(const struct lci_visits *visits, struct lc_learned *learned, struct lc_diag *diag)
{
    for (size_t t = 0; t < visits->task_count; t++) {
        const struct lci_task *task = &visits->tasks[t];
        if (task->external)
            continue;
        find_cores(visits, learned, NULL, task, diag);
        lci_assume_replicas(visits, task, lci_text(visits, task->name), learned);
        find_replicas(visits, learned, task, diag);
    }
}
