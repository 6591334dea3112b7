/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Batches by time: what a system gathers for a window (of 7 s, say) and works for at its end does not queue. The delays
 * of such a hop are uniform between 0 and the window, whatever the load. They become a delay in the model, where those
 * of a queue are left out, as the simulation makes them anew.
 */
#include "base/sort.h"
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>

#define FEWEST   20   /* delays */
#define CLUSTERS 3    /* windows that were worked for */
#define UNIT     1e-4 /* s, of the squares that are kept */

struct delays {
    double count, mean, cv2, most, least; /* s */
};

static struct delays delays_of(const struct lci_operation *operation, size_t class_count)
{
    struct delays d = {.least = INFINITY};
    double sum = 0, squares = 0;
    for (size_t c = 0; c < class_count; c++) {
        const struct lci_variant *v = &operation->variants[c];
        if (v->queue_delays == 0)
            continue;
        d.count += (double)v->queue_delays;
        sum += (double)v->queue_delay * LCI_NANOSECOND;
        squares += (double)v->delay_squares * UNIT * UNIT;
        d.most = fmax(d.most, (double)v->delay_most * LCI_NANOSECOND);
        d.least = fmin(d.least, (double)v->delay_least * LCI_NANOSECOND);
    }
    d.mean = d.count > 0 ? sum / d.count : 0;
    d.cv2 = d.mean > 0 ? squares / d.count / (d.mean * d.mean) - 1 : 0;
    return d;
}

/* As those of a uniform distribution: the mean half of the largest, the squared coefficient of variation 1/3. Requests
 * that come once a second make few different delays in windows of some seconds, so that the limits are wide: a backlog
 * that grows can look so too, and what tells is when jobs begin. */
static bool is_like_uniform(const struct delays *d)
{
    return d->count >= FEWEST && d->most > 0 && fabs(d->mean / d->most - 0.5) < 0.15 && fabs(d->cv2 - 1.0 / 3) < 0.15;
}

static int64_t *starts_of(const struct lci_operation *operation, size_t class_count, size_t *count)
{
    size_t capacity = 0;
    int64_t *starts = NULL;
    *count = 0;
    for (size_t c = 0; c < class_count; c++)
        for (size_t v = 0; v < operation->variants[c].visit_count; v++) {
            LC_GROW(starts, *count, capacity);
            starts[(*count)++] = operation->variants[c].visits[v].start;
        }
    return starts;
}

/* The window: jobs begin together, in clusters that are short, and a window or several apart. 0: they do not. */
static double window_of(int64_t *starts, size_t count, double most)
{
    double *apart = lc_alloc((count + 1) * sizeof *apart), spans = 0, window = 0;
    size_t clusters = 1, first = 0, whole = 0;
    lci_sort_int64(starts, count);
    for (size_t i = 1; i < count; i++) {
        if ((double)(starts[i] - starts[i - 1]) * LCI_NANOSECOND < most / 2)
            continue;
        spans += (double)(starts[i - 1] - starts[first]) * LCI_NANOSECOND;
        apart[clusters++ - 1] = (double)(starts[i] - starts[first]) * LCI_NANOSECOND;
        first = i;
    }
    if (clusters >= CLUSTERS && count >= 2 * clusters && spans < most / 4 * (double)(clusters - 1)) {
        lci_sort_doubles(apart, clusters - 1);
        window = apart[(clusters - 1) / 4];
        for (size_t i = 0; i + 1 < clusters; i++)
            whole += fabs(apart[i] / window - round(apart[i] / window)) < 0.05;
    }
    free(apart);
    return 10 * whole >= 9 * (clusters - 1) && window >= 0.9 * most ? window : 0;
}

static void redirect(struct lc_activity *activity, int from, int to)
{
    for (size_t i = 0; i < activity->call_count; i++)
        if (activity->calls[i].kind == LC_CALL_ASYNC && activity->calls[i].entry == from)
            activity->calls[i].entry = to;
}

/* Whoever sends to the entry sends to a delay, which passes it on. */
static void delay(const struct lci_builder *builder, const char *service, int target, double window)
{
    struct lc_model *model = builder->learned->model;
    char *name = lc_format("batch %s", model->entries[target].name), *task_name = lc_format("batch %s", service);
    const int known = lc_find_task(model, task_name);
    const int task = known != LC_NONE ? known : lci_add_task(model, task_name, lci_add_processor(model, task_name));
    model->tasks[task].service = false;
    const int entry = lc_add_entry(model, name, task);
    for (size_t e = 0; e < model->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            redirect(&model->entries[e].phases[p], target, entry);
    for (size_t t = 0; t < model->task_count; t++)
        for (size_t a = 0; a < model->tasks[t].activity_count; a++)
            redirect(&model->tasks[t].activities[a], target, entry);
    struct lc_activity *phase = &model->entries[entry].phases[0];
    phase->present = phase->deterministic = true;
    phase->think = lc_dist_named("uniform", 2, 0.0, window);
    lc_add_call(phase, LC_CALL_ASYNC, target, 1);
    free(name);
    free(task_name);
}

bool lci_is_batch(const struct lci_operation *operation, size_t class_count, double *window)
{
    const struct delays d = delays_of(operation, class_count);
    if (!is_like_uniform(&d))
        return false;
    size_t count;
    int64_t *starts = starts_of(operation, class_count, &count);
    *window = count > 0 ? window_of(starts, count, d.most) : 0;
    free(starts);
    return *window > 0;
}

void lci_batches_apply(const struct lci_builder *builder)
{
    const struct lci_visits *visits = builder->visits;
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        double window;
        if (!lci_is_batch(&visits->operations[o], visits->class_count, &window))
            continue;
        const struct lci_entries *entries = &builder->entries[o];
        const char *service = lci_text(visits, visits->operations[o].task);
        for (size_t k = 0; k < builder->behaviour->clusters[o].count; k++) {
            const int target = entries->silent[k] != LC_NONE ? entries->silent[k] : entries->answering[k];
            if (target != LC_NONE)
                delay(builder, service, target, window);
        }
        const struct delays d = delays_of(&visits->operations[o], visits->class_count);
        lci_assume_for_good(
            builder->learned, lc_format("%s takes records in batches, of windows of %.3g s", service, window),
            lc_format("a delay that is uniform from 0 to %.3g s, %.3g s on the average, and no queue", window,
                      window / 2),
            lc_format("delays of %.0f records: mean %.3g s, squared coefficient of variation %.2f (uniform: 0.33), "
                      "largest %.3g s; those of a window begin together",
                      d.count, d.mean, d.cv2, d.most),
            lc_strdup("the window is the system's own; that all of a window begin at once is not in the model"));
    }
}
