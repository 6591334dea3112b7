/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What processors were seen to do, beside what traces tell about threads. A thread that works for a request keeps a
 * processor for a part of its self time only: the rest is waiting for something untraced. Measured utilization tells
 * how large that part is, per operation where the mix of operations varied enough over the windows (regression), and
 * for all operations of the service alike where it did not (service-demand law).
 */
#include "csv.h"
#include "demand.h"
#include "loadcast/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST         (64u << 20) /* bytes of a file */
#define WINDOWS_EACH    5           /* windows per operation that a regression needs */
#define MOST_COLLINEAR  30  /* condition number up to which it tells operations apart (Belsley, Kuh and Welsch) */
#define LEAST_EXPLAINED 0.5 /* R² below which it explains nothing */

/* ---- the file ---------------------------------------------------------------------------------------------------- */

void lc_utilization_free(struct lc_utilization *utilization)
{
    for (size_t i = 0; i < utilization->count; i++)
        free(utilization->windows[i].component);
    free(utilization->windows);
    free(utilization->file);
    *utilization = (struct lc_utilization){0};
}

enum column { TIME, COMPONENT, UTILIZATION, CORES, COLUMN_COUNT };

static bool read_header(char **fields, size_t count, size_t *column)
{
    static const char *const names[] = {"time", "component", "utilization", "cores"};
    for (size_t k = 0; k < COLUMN_COUNT; k++) {
        column[k] = LCI_CSV_COLUMNS;
        for (size_t i = 0; i < count; i++)
            if (strcmp(fields[i], names[k]) == 0)
                column[k] = i;
    }
    return column[TIME] < LCI_CSV_COLUMNS && column[COMPONENT] < LCI_CSV_COLUMNS &&
           (column[UTILIZATION] < LCI_CSV_COLUMNS) != (column[CORES] < LCI_CSV_COLUMNS);
}

/* "0.31" or "31 %" */
static bool read_share(const char *text, bool cores, double *value)
{
    char *rest;
    *value = strtod(text, &rest);
    if (rest == text || !isfinite(*value) || *value < 0)
        return false;
    rest += strspn(rest, " ");
    if (*rest == '%' && !cores) {
        *value /= 100;
        rest++;
    }
    return *rest == 0 && (cores || *value <= 1);
}

static void read_row(struct lc_utilization *u, char **fields, size_t count, const size_t *column,
                     const struct lc_place *place, struct lc_diag *diag)
{
    struct lc_utilization_window window = {.line = place->line};
    const size_t value = u->cores ? column[CORES] : column[UTILIZATION];
    if (count <= column[TIME] || count <= column[COMPONENT] || count <= value) {
        lc_error(diag, LC_INPUT, place, "%zu fields; a time, a component and its utilization were expected", count);
        return;
    }
    if (!lci_time_read(fields[column[TIME]], &window.start)) {
        lc_error(diag, LC_INPUT, place, "'%s' is no time; it should be like 2026-11-22T01:59:07Z or seconds since 1970",
                 fields[column[TIME]]);
        return;
    }
    if (!read_share(fields[value], u->cores, &window.value)) {
        lc_error(diag, LC_INPUT, place,
                 u->cores ? "'%s' is no number of busy cores; it should be like 1.25"
                          : "'%s' is no utilization; it should be a part of all cores, like 0.31 or 31 %%",
                 fields[value]);
        return;
    }
    window.component = lc_strdup(fields[column[COMPONENT]]);
    LC_GROW(u->windows, u->count, u->capacity);
    u->windows[u->count++] = window;
}

static int by_component(const void *a, const void *b)
{
    const struct lc_utilization_window *x = a, *y = b;
    const int order = strcmp(x->component, y->component);
    return order != 0 ? order : (x->start > y->start) - (x->start < y->start);
}

/* A window lasts until the next one of its component, the last one as long as the one before it. */
static void close_windows(struct lc_utilization *u, struct lc_diag *diag)
{
    if (u->count > 1)
        qsort(u->windows, u->count, sizeof *u->windows, by_component);
    for (size_t i = 0; i < u->count; i++) {
        struct lc_utilization_window *w = &u->windows[i];
        const struct lc_place place = {u->file, w->line, 0, -1};
        const bool next = i + 1 < u->count && strcmp(u->windows[i + 1].component, w->component) == 0;
        const bool last = i > 0 && strcmp(u->windows[i - 1].component, w->component) == 0;
        if (next && u->windows[i + 1].start == w->start)
            lc_error(diag, LC_INPUT, &place, "'%s' has two rows with this time; one was expected", w->component);
        else if (next)
            w->end = u->windows[i + 1].start;
        else if (last)
            w->end = w->start + (w->start - u->windows[i - 1].start);
        else
            lc_error(diag, LC_INPUT, &place,
                     "'%s' has one row only, so that nobody knows how long it lasted; at least two were expected",
                     w->component);
    }
}

static void read_lines(struct lc_utilization *u, char *text, struct lc_diag *diag)
{
    struct lc_place place = {u->file, 0, 0, -1};
    size_t column[COLUMN_COUNT];
    bool header = false;
    for (char *line = text; line != NULL && *line != 0;) {
        char *next = strchr(line, '\n'), *fields[LCI_CSV_COLUMNS];
        if (next != NULL)
            *next++ = 0;
        place.line++;
        const size_t count = lci_csv_cut(line, fields);
        line = next;
        if (count == 1 && *fields[0] == 0)
            continue;
        if (header) {
            read_row(u, fields, count, column, &place, diag);
            continue;
        }
        if (!read_header(fields, count, column)) {
            lc_error(diag, LC_INPUT, &place,
                     "no header; the first line should be time,component,utilization (a part of all cores) or "
                     "time,component,cores (busy ones)");
            return;
        }
        header = true;
        u->cores = column[CORES] < LCI_CSV_COLUMNS;
    }
}

int lc_utilization_read(const char *file, struct lc_utilization *utilization, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    *utilization = (struct lc_utilization){.file = lc_strdup(file)};
    char *text = lc_file_read(file, LARGEST, &(size_t){0}, diag);
    if (text != NULL) {
        read_lines(utilization, text, diag);
        close_windows(utilization, diag);
        free(text);
    }
    if (diag->errors == errors && utilization->count == 0)
        lc_error(diag, LC_INPUT, &(struct lc_place){utilization->file, 0, 0, -1},
                 "no utilization in it; at least two rows were expected");
    if (diag->errors == errors)
        return 0;
    lc_utilization_free(utilization);
    return -1;
}

/* ---- counting ---------------------------------------------------------------------------------------------------- */

/* The windows of a component: `*first` and their number. */
static size_t windows_of(const struct lc_utilization *u, const char *component, size_t *first)
{
    size_t begin = 0, end;
    while (begin < u->count && strcmp(u->windows[begin].component, component) != 0)
        begin++;
    for (end = begin; end < u->count && strcmp(u->windows[end].component, component) == 0; end++)
        ;
    *first = begin;
    return end - begin;
}

void lci_utilization_windows(const struct lc_learner *learner, struct lci_operation *operation)
{
    if (operation->windows_known)
        return;
    operation->window_count =
        windows_of(learner->options.utilization, lci_text(learner, operation->task), &operation->first_window);
    operation->windows = lc_calloc(operation->window_count, sizeof *operation->windows);
    operation->windows_known = true;
}

void lci_utilization_add(struct lc_learner *learner, uint32_t index, int64_t end, int64_t self)
{
    const struct lc_utilization *u = learner->options.utilization;
    if (learner->last_end == 0 || end < learner->first_end)
        learner->first_end = end;
    if (end > learner->last_end)
        learner->last_end = end;
    struct lci_operation *operation = &learner->operations[index];
    lci_utilization_windows(learner, operation);
    const struct lc_utilization_window *windows = u->windows + operation->first_window;
    size_t low = 0, high = operation->window_count; /* the last that begins before */
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (windows[middle].start <= end)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || end >= windows[low - 1].end)
        return;
    operation->windows[low - 1].visits++;
    operation->windows[low - 1].self += self;
}

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

static const struct lc_capacity *capacity_of(const struct lc_learner *learner, const char *name)
{
    for (size_t i = 0; i < learner->options.capacity_count; i++)
        if (strcmp(learner->options.capacities[i].task, name) == 0)
            return &learner->options.capacities[i];
    return NULL;
}

/* Cores of all replicas; what is not stated is taken from the traces, or is one. */
static double cores_of(const struct lc_learner *learner, const struct lci_task *task, struct lc_learned *learned)
{
    const char *name = lci_text(learner, task->name);
    const struct lc_capacity *capacity = capacity_of(learner, name);
    const double seen = task->instance_count > 0 ? (double)task->instance_count : 1;
    const double replicas = capacity != NULL && capacity->replicas > 0 ? capacity->replicas : seen;
    if (capacity != NULL && capacity->cores > 0)
        return capacity->cores * replicas;
    if (!learner->options.utilization->cores)
        lci_assume(learned, lc_format("cores that the utilization of %s is a part of", name), lc_format("%g", replicas),
                   lc_strdup("one for each replica"), lc_format("deployment.services.%s.cores", name));
    return replicas;
}

static void gather_service(const struct lc_learner *learner, const struct lci_task *task, size_t first, size_t count,
                           struct service *service)
{
    const struct lc_utilization *u = learner->options.utilization;
    service->operations = lc_alloc((learner->operation_count + 1) * sizeof *service->operations);
    for (uint32_t o = 0; o < learner->operation_count; o++)
        if (learner->operations[o].task == task->name && learner->operations[o].windows_known)
            service->operations[service->count++] = o;
    service->throughput = lc_calloc(count * service->count + 1, sizeof(double));
    service->busy = lc_calloc(count + 1, sizeof(double));
    service->visits = lc_calloc(service->count + 1, sizeof(double));
    service->residence = lc_calloc(service->count + 1, sizeof(double));
    for (size_t w = 0; w < count; w++) {
        const struct lc_utilization_window *window = &u->windows[first + w];
        if (window->start < learner->first_end || window->end > learner->last_end)
            continue; /* the traces do not cover it */
        const double seconds = (double)(window->end - window->start) * 1e-9;
        service->busy[service->windows] = u->cores ? window->value : window->value * service->cores;
        service->seconds += seconds;
        for (size_t r = 0; r < service->count; r++) {
            const struct lci_window *seen = &learner->operations[service->operations[r]].windows[w];
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

/* ---- the model --------------------------------------------------------------------------------------------------- */

struct split {             /* what becomes of the self time of one operation */
    double share;          /* processor time / self time */
    double relative_error; /* of the share */
    const char *method;
};

static void note_split(struct lc_learned *learned, const char *path, const struct split *split)
{
    for (size_t i = 0; i < learned->parameter_count; i++) {
        struct lc_parameter *p = &learned->parameters[i];
        if (strcmp(p->path, path) != 0)
            continue;
        char *method = lc_format("%s; × %.3g on the processor: %s", p->method, split->share, split->method);
        free(p->method);
        p->method = method;
        if (p->mean > 0)
            p->standard_error = p->mean * split->share * hypot(p->standard_error / p->mean, split->relative_error);
        p->mean *= split->share;
    }
}

static void split_activity(struct lc_learned *learned, struct lc_activity *activity, char *stem,
                           const struct split *split)
{
    char *path = lc_format("%s.demand", stem);
    const double mean = activity->demand.family != NULL ? lc_dist_mean(&activity->demand) : 0;
    const double rest = fmax(0, 1 - split->share) * mean;
    note_split(learned, path, split);
    if (rest > 0 && activity->think.family == NULL) {
        activity->think = lc_dist_copy(&activity->demand);
        lc_dist_scale(&activity->think, rest / mean);
        lci_drawn_copy(learned, path, lc_format("%s.think_time", stem)); /* both are parts of the same time */
    } else if (rest > 0) {
        const double delay = lc_dist_mean(&activity->think);
        lc_dist_scale(&activity->think, (delay + rest) / delay);
    }
    if (split->share > 0) {
        lc_dist_scale(&activity->demand, split->share);
    } else {
        lc_dist_free(&activity->demand);
        activity->demand = (struct lc_dist){0};
    }
    free(path);
    free(stem);
}

/* Activities that follow from the entry's first one. */
static bool *activities_of(const struct lc_task *task, int start)
{
    bool *reached = lc_calloc(task->activity_count + 1, sizeof *reached), more = true;
    reached[start] = true;
    while (more) { /* once or twice: activities are made in their order */
        more = false;
        for (size_t p = 0; p < task->precedence_count; p++) {
            const struct lc_precedence *precedence = &task->precedences[p];
            bool from = false;
            for (size_t i = 0; i < precedence->pre_count; i++)
                from |= reached[precedence->pre[i]];
            for (size_t i = 0; i < precedence->post_count && from; i++) {
                more |= !reached[precedence->post[i]];
                reached[precedence->post[i]] = true;
            }
        }
    }
    return reached;
}

static void split_entry(struct lc_learned *learned, int entry, const struct split *split)
{
    struct lc_entry *e = &learned->model->entries[entry];
    struct lc_task *task = &learned->model->tasks[e->task];
    for (int i = 0; i < LC_PHASES; i++)
        if (e->phases[i].demand.family != NULL)
            split_activity(learned, &e->phases[i],
                           i == 0 ? lc_strdup(e->name) : lc_format("%s.phase%d", e->name, i + 1), split);
    if (e->start == LC_NONE)
        return;
    bool *reached = activities_of(task, e->start);
    for (size_t i = 0; i < task->activity_count; i++)
        if (reached[i] && task->activities[i].demand.family != NULL)
            split_activity(learned, &task->activities[i], lc_format("%s.%s", task->name, task->activities[i].name),
                           split);
    free(reached);
}

static void split_operation(const struct lci_operation *operation, struct lc_learned *learned,
                            const struct split *split)
{
    for (size_t k = 0; k < operation->cluster_count; k++) {
        if (operation->entry_of[k] != LC_NONE)
            split_entry(learned, operation->entry_of[k], split);
        if (operation->async_entry_of[k] != LC_NONE)
            split_entry(learned, operation->async_entry_of[k], split);
    }
}

/* ---- services ---------------------------------------------------------------------------------------------------- */

static void apply_service(const struct lc_learner *learner, const struct service *service, struct lc_learned *learned)
{
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
        lci_assume(learned, lc_format("what the processor of %s does without requests is left out", service->name),
                   lc_format("%.3g cores", regression.background), lc_strdup(method), lc_strdup(""));
    for (size_t r = 0; r < service->count; r++) {
        if (!(service->residence[r] > 0))
            continue;
        const double found = use ? regression.demand[r] : demand[r];
        const double error =
            use && isfinite(regression.standard_error[r]) && found > 0 ? regression.standard_error[r] / found : 0;
        const struct split split = {found / service->residence[r], error, method};
        split_operation(&learner->operations[service->operations[r]], learned, &split);
    }
    if (solved)
        lci_regression_free(&regression);
    free(method);
    free(demand);
}

static void refuse_component(const struct lc_learner *learner, const struct lc_utilization_window *window,
                             struct lc_diag *diag)
{
    char *names = lc_strdup("");
    for (size_t i = 0; i < learner->task_count; i++) {
        char *longer = lc_format("%s%s%s", names, *names ? ", " : "", lci_text(learner, learner->tasks[i].name));
        free(names);
        names = longer;
    }
    lc_error(diag, LC_INPUT, &(struct lc_place){learner->options.utilization->file, window->line, 0, -1},
             "no service '%s' in the traces; it should be one of %s", window->component, names);
    free(names);
}

int lci_utilization_apply(struct lc_learner *learner, struct lc_learned *learned, struct lc_diag *diag)
{
    const struct lc_utilization *u = learner->options.utilization;
    const size_t errors = diag->errors;
    for (size_t first = 0, count; u != NULL && first < u->count; first += count) {
        const char *name = u->windows[first].component;
        count = windows_of(u, name, &first);
        const lc_symbol symbol = lc_symbol_find(learner->symbols, name);
        const struct lci_task *task = symbol != 0 ? lci_task_find(learner, symbol) : NULL;
        if (task == NULL) {
            refuse_component(learner, &u->windows[first], diag);
            continue;
        }
        struct service service = {.name = name, .cores = cores_of(learner, task, learned)};
        gather_service(learner, task, first, count, &service);
        if (service.windows == 0)
            lc_error(diag, LC_INPUT, &(struct lc_place){u->file, u->windows[first].line, 0, -1},
                     "no window of '%s' lies within the time of the traces; the clocks should be the same", name);
        else
            apply_service(learner, &service, learned);
        free_service(&service);
    }
    return diag->errors == errors ? 0 : -1;
}
