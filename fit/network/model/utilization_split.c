/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What processors were seen to do, beside what traces tell about threads. A thread that works for a request keeps a
 * processor for a part of its self time only: the rest is waiting for something untraced. Measured utilization tells
 * how large that part is, per operation where the mix of operations varied enough over the windows (regression), and
 * for all operations of the service alike where it did not (service-demand law).
 */
#include "base/buffer.h"
#include "fit/trace/symbols.h"
#include "model/dist/dist.h"
#include "network/model/build.h"
#include "network/patterns/demand_estimators.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOWS_EACH    5   /* windows per operation that a regression needs */
#define MOST_COLLINEAR  30  /* condition number up to which it tells operations apart (Belsley, Kuh and Welsch) */
#define LEAST_EXPLAINED 0.5 /* R² below which it explains nothing */

/* ---- demands ----------------------------------------------------------------------------------------------------- */

struct service { /* one component and its operations in the windows that the traces cover */
    const char *name;
    double cores; /* of all replicas */
    uint32_t *operations;
    double *throughput; /* windows × operations, per second */
    double *busy;       /* per window, in cores */
    double *visits, *residence;
    size_t count, windows;
    double seconds;
};

static const struct lc_capacity *capacity_of(const struct lci_visits *visits, const char *name)
{
    for (size_t i = 0; i < visits->options.capacity_count; i++)
        if (strcmp(visits->options.capacities[i].task, name) == 0)
            return &visits->options.capacities[i];
    return NULL;
}

/* Cores of all replicas; what is not stated is taken from the traces, or is one. */
static double cores_of(const struct lci_visits *visits, const struct lci_task *task, struct lc_learned *learned)
{
    const char *name = lci_text(visits, task->name);
    const struct lc_capacity *capacity = capacity_of(visits, name);
    const double seen = task->instance_count > 0 ? (double)task->instance_count : 1;
    const double replicas = capacity != NULL && capacity->replicas > 0 ? capacity->replicas : seen;
    if (capacity != NULL && capacity->cores > 0)
        return capacity->cores * replicas;
    if (!visits->options.utilization->cores)
        lci_assume(learned, lc_format("cores that the utilization of %s is a part of", name), lc_format("%g", replicas),
                   lc_strdup("one for each replica"), lc_format("deployment.services.%s.cores", name));
    return replicas;
}

static void gather_service(const struct lci_visits *visits, const struct lci_task *task, size_t first, size_t count,
                           struct service *service)
{
    const struct lc_utilization *u = visits->options.utilization;
    service->operations = lc_alloc((task->end_operation - task->first_operation + 1) * sizeof *service->operations);
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        if (visits->operations[o].windows_known)
            service->operations[service->count++] = o;
    service->throughput = lc_calloc(count * service->count + 1, sizeof(double));
    service->busy = lc_calloc(count + 1, sizeof(double));
    service->visits = lc_calloc(service->count + 1, sizeof(double));
    service->residence = lc_calloc(service->count + 1, sizeof(double));
    for (size_t w = 0; w < count; w++) {
        const struct lc_utilization_window *window = &u->windows[first + w];
        if (window->start < visits->first_end || window->end > visits->last_end)
            continue; /* the traces do not cover it */
        const double seconds = (double)(window->end - window->start) * 1e-9;
        service->busy[service->windows] = u->cores ? window->value : window->value * service->cores;
        service->seconds += seconds;
        for (size_t r = 0; r < service->count; r++) {
            const struct lci_window *seen = &visits->operations[service->operations[r]].windows[w];
            service->throughput[service->windows * service->count + r] = (double)seen->visits / seconds;
            service->visits[r] += (double)seen->visits;
            service->residence[r] += (double)seen->self * 1e-9;
        }
        service->windows++;
    }
    for (size_t r = 0; r < service->count; r++)
        service->residence[r] = service->visits[r] > 0 ? service->residence[r] / service->visits[r] : 0;
}

static void free_service(struct service *service)
{
    free(service->operations);
    free(service->throughput);
    free(service->busy);
    free(service->visits);
    free(service->residence);
}

/* Mean busy cores, windows weighted by their length. */
static void find_by_law(const struct service *service, double busy, double *demand)
{
    double *throughput = lc_alloc((service->count + 1) * sizeof *throughput);
    for (size_t r = 0; r < service->count; r++)
        throughput[r] = service->visits[r] / service->seconds;
    lci_demand_law(busy, throughput, service->residence, service->count, demand);
    free(throughput);
}

/* ---- services ---------------------------------------------------------------------------------------------------- */

static void apply_service(const struct lci_builder *builder, const struct service *service)
{
    struct lc_learned *learned = builder->learned;
    double busy = 0, *demand = lc_alloc((service->count + 1) * sizeof *demand);
    for (size_t w = 0; w < service->windows; w++)
        busy += service->busy[w] / (double)service->windows;
    find_by_law(service, busy, demand);
    struct lci_regression regression;
    const bool solved =
        service->windows >= WINDOWS_EACH * service->count &&
        lci_utilization_regression(service->busy, service->throughput, service->windows, service->count, &regression);
    const bool use = solved && service->count > 1 && regression.condition <= MOST_COLLINEAR &&
                     regression.explained >= LEAST_EXPLAINED;
    char *method = use ? lc_format("utilization-law regression, %zu windows, condition %.2g, R² %.2f", service->windows,
                                   regression.condition, regression.explained)
                       : lc_format("service-demand law, %zu windows", service->windows);
    if (use && regression.background > 0)
        lci_assume_for_good(learned,
                            lc_format("what the processor of %s does without requests is left out", service->name),
                            lc_format("%.3g cores", regression.background), lc_strdup(method),
                            lc_strdup("no workload causes it; 'speed' or fewer 'cores' leave it room"));
    for (size_t r = 0; r < service->count; r++) {
        const struct lci_operation *operation = &builder->visits->operations[service->operations[r]];
        if (!(service->residence[r] > 0) || lci_cpu_time_known(operation, builder->visits->class_count))
            continue;
        const double found = use ? regression.demand[r] : demand[r];
        const double error =
            use && isfinite(regression.standard_error[r]) && found > 0 ? regression.standard_error[r] / found : 0;
        const struct lci_work_split split = {found / service->residence[r], error, method};
        lci_split_work(builder, service->operations[r], &split);
    }
    if (solved)
        lci_regression_free(&regression);
    free(method);
    free(demand);
}

static const struct lci_task *task_of(const struct lci_visits *visits, const char *component)
{
    const lc_symbol symbol = lci_symbol_find(visits->symbols, component);
    return symbol != 0 ? lci_task_find(visits, symbol) : NULL;
}

/* Components that are no services: wrong where services were meant, or where nothing else is there. */
static void refuse_components(const struct lci_visits *visits, struct lc_diag *diag)
{
    const struct lc_utilization *u = visits->options.utilization;
    struct lci_buffer parts = {0};
    for (size_t i = 0; i < visits->task_count; i++)
        lci_buffer_join(&parts, ", ", "%s", lci_text(visits, visits->tasks[i].name));
    char *names = lci_buffer_take(&parts);
    const struct lc_utilization_window *stranger = NULL;
    bool any = false;
    for (size_t i = 0; i < u->count; i++) {
        const struct lc_utilization_window *window = &u->windows[i];
        if (task_of(visits, window->component) != NULL) {
            any = true;
            continue;
        }
        stranger = stranger != NULL ? stranger : window;
        if (window->service && (i == 0 || strcmp(window->component, u->windows[i - 1].component) != 0))
            lc_error(diag, LC_INPUT, &(struct lc_place){window->file, window->line, 0, -1},
                     "the traces have no service '%s'; expected one of %s", window->component, names);
    }
    if (!any && stranger != NULL && !stranger->service)
        lc_error(diag, LC_INPUT, &(struct lc_place){stranger->file, stranger->line, 0, -1},
                 "the traces have no service '%s'; expected one of %s, or SERVICE=%s to say whose it is",
                 stranger->component, names, stranger->file);
    free(names);
}

int lci_utilization_apply(const struct lci_builder *builder, struct lc_diag *diag)
{
    const struct lci_visits *visits = builder->visits;
    struct lc_learned *learned = builder->learned;
    const struct lc_utilization *u = visits->options.utilization;
    const size_t errors = diag->errors;
    if (u != NULL)
        refuse_components(visits, diag);
    for (size_t first = 0, count; u != NULL && first < u->count; first += count) {
        const char *name = u->windows[first].component;
        count = lci_windows_of(u, name, &first);
        const struct lci_task *task = task_of(visits, name);
        if (task == NULL)
            continue;
        struct service service = {.name = name, .cores = cores_of(visits, task, learned)};
        gather_service(visits, task, first, count, &service);
        if (service.windows == 0)
            lc_error(diag, LC_INPUT, &(struct lc_place){u->windows[first].file, u->windows[first].line, 0, -1},
                     "no window of '%s' lies within the time of the traces; expected times of the same clock and zone",
                     name);
        else
            apply_service(builder, &service);
        free_service(&service);
    }
    return diag->errors == errors ? 0 : -1;
}
