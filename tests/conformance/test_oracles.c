/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every model of tests/data/lqn is simulated and compared with the values of expected.csv there: closed models by
 * LQSIM 6.2 (20 blocks, half-widths corrected), open ones exact. A value agrees within 1 % or twice its interval and
 * ours together, whichever is larger; waiting times within 2 %.
 */
#include "support.h"

#include <ctype.h>

struct expectation {
    char kind[32], name[128], metric[64];
    double mean, ci95;
};

static const struct lc_activity_result *phase_or_activity(const struct lc_result *r, const char *name)
{
    const struct lc_model *m = r->model;
    char owner[128];
    const char *slash = strchr(name, '/');
    snprintf(owner, sizeof owner, "%.*s", (int)(slash - name), name);
    const int task = lc_find_task(m, owner);
    assert_true(task != LC_NONE);
    const int activity = lc_find_activity(&m->tasks[task], slash + 1);
    if (activity != LC_NONE)
        return &r->activities[task][activity];
    const char *digit = strrchr(slash, '_');
    snprintf(owner, sizeof owner, "%.*s", (int)(digit - slash - 1), slash + 1);
    const int entry = lc_find_entry(m, owner);
    return entry != LC_NONE ? &r->entries[entry].phases[digit[1] - '1'] : NULL;
}

static const struct lc_estimate *find_call(const struct lc_activity_result *result, const struct lc_activity *a,
                                           int destination)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].entry == destination)
            return &result->calls[i];
    return NULL;
}

/* "source->destination": a phase ("entry_1"), an activity, or for forwarding an entry. */
static const struct lc_estimate *call(const struct lc_result *r, const char *name)
{
    const struct lc_model *m = r->model;
    char source[128];
    const char *arrow = strstr(name, "->");
    snprintf(source, sizeof source, "%.*s", (int)(arrow - name), name);
    const int destination = lc_find_entry(m, arrow + 2);
    for (size_t i = 0; i < m->task_count; i++) {
        const int activity = lc_find_activity(&m->tasks[i], source);
        if (activity != LC_NONE)
            return find_call(&r->activities[i][activity], &m->tasks[i].activities[activity], destination);
    }
    const int forwarder = lc_find_entry(m, source);
    if (forwarder != LC_NONE)
        for (size_t i = 0; i < m->entries[forwarder].forward_count; i++)
            if (m->entries[forwarder].forwards[i].entry == destination)
                return &r->entries[forwarder].forwards[i];
    char *digit = strrchr(source, '_');
    if (digit == NULL)
        return NULL;
    *digit = 0;
    const int entry = lc_find_entry(m, source);
    if (entry == LC_NONE)
        return NULL;
    return find_call(&r->entries[entry].phases[digit[1] - '1'], &m->entries[entry].phases[digit[1] - '1'], destination);
}

static const struct lc_estimate *find_value(const struct lc_result *r, const struct expectation *x)
{
    if (strcmp(x->kind, "processor") == 0)
        return &r->processors[lc_find_processor(r->model, x->name)].utilization;
    if (strcmp(x->kind, "task") == 0) {
        const struct lc_task_result *t = &r->tasks[lc_find_task(r->model, x->name)];
        return strcmp(x->metric, "throughput") == 0    ? &t->throughput
               : strcmp(x->metric, "utilization") == 0 ? &t->utilization
                                                       : &t->processor_utilization;
    }
    if (strcmp(x->kind, "entry") == 0) {
        const struct lc_entry_result *e = &r->entries[lc_find_entry(r->model, x->name)];
        return strcmp(x->metric, "throughput") == 0    ? &e->throughput
               : strcmp(x->metric, "utilization") == 0 ? &e->utilization
                                                       : &e->open_response_time;
    }
    if (strcmp(x->kind, "activity") == 0) {
        const struct lc_activity_result *a = phase_or_activity(r, x->name);
        return a == NULL ? NULL : strcmp(x->metric, "service-time") == 0 ? &a->service_time : &a->processor_waiting;
    }
    return call(r, x->name);
}

static bool is_asynchronous(const struct lc_model *m, const char *call)
{
    const int destination = lc_find_entry(m, strstr(call, "->") + 2);
    for (size_t i = 0; i < m->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            for (size_t c = 0; c < m->entries[i].phases[k].call_count; c++)
                if (m->entries[i].phases[k].calls[c].entry == destination &&
                    m->entries[i].phases[k].calls[c].kind == LC_CALL_ASYNC)
                    return true;
    return false;
}

/* Our figure as LQSIM defines it: the waiting time of an asynchronous call runs to the end of phase 1. */
static struct lc_estimate as_lqsim(const struct lc_result *r, const struct expectation *x, const struct lc_estimate *e)
{
    if (strcmp(x->kind, "call") == 0 && is_asynchronous(r->model, x->name)) {
        const int destination = lc_find_entry(r->model, strstr(x->name, "->") + 2);
        const struct lc_estimate *phase = &r->entries[destination].phases[0].service_time;
        return (struct lc_estimate){e->mean + phase->mean, hypot(e->ci95, phase->ci95), NAN};
    }
    return *e;
}

/* What LQSIM gets wrong and nothing can be computed from:
 * - processor utilization of a task with activities: each of them counts as always busy;
 * - utilization of an entry that leaves stragglers of a quorum: not busy with them, although its task is. */
static bool comparable(const char *model, const struct lc_model *m, const struct expectation *x)
{
    if (strcmp(x->kind, "task") == 0 && strcmp(x->metric, "proc-utilization") == 0)
        return m->tasks[lc_find_task(m, x->name)].activity_count == 0;
    if (strcmp(model, "quorum") == 0 && strcmp(x->kind, "entry") == 0 && strcmp(x->metric, "utilization") == 0)
        return strcmp(x->name, "e") != 0;
    return true;
}

static int compare(const char *model, const struct lc_result *r, const struct expectation *x)
{
    if (!comparable(model, r->model, x))
        return 0;
    const struct lc_estimate *found = find_value(r, x);
    if (found == NULL) {
        print_error("%s: %s %s: not found\n", model, x->kind, x->name);
        return 1;
    }
    const struct lc_estimate value = as_lqsim(r, x, found);
    const bool waiting = strstr(x->metric, "wait") != NULL;
    double allowed = fabs(x->mean) * (waiting ? 0.02 : 0.01);
    const double ours = isnan(value.ci95) ? 0 : value.ci95;
    allowed = fmax(allowed, 2 * hypot(x->ci95, ours)) + 1e-9;
    if (strcmp(x->metric, "proc-waiting") == 0) /* seldom and short: what matters is its part of the service time */
        allowed = fmax(allowed, 0.005 * phase_or_activity(r, x->name)->service_time.mean);
    if (fabs(value.mean - x->mean) <= allowed)
        return 0;
    print_error("%s: %s %s %s: %g ± %g instead of %g ± %g\n", model, x->kind, x->name, x->metric, value.mean,
                value.ci95, x->mean, x->ci95);
    return 1;
}

static struct lc_result *simulate_model(const char *name, struct lc_model **model)
{
    char *path = lc_format("%s/lqn/%s.lqnx", TEST_DATA, name);
    struct lc_diag diag = {0};
    *model = lc_model_read(path, &diag);
    require(&diag);
    struct lc_sim_options options = lc_sim_defaults();
    options.precision = LEISURELY ? 0.03 : 0.01;
    struct lc_result *result = lc_simulate(*model, &options, &diag);
    require(&diag);
    for (size_t e = 0; e < (*model)->entry_count; e++) /* no entry does more than it can */
        if (result->entries[e].throughput.mean > 1.01 * result->entries[e].throughput_bound)
            fail_msg("%s: %s is above its bound", name, (*model)->entries[e].name);
    lc_diag_free(&diag);
    free(path);
    return result;
}

static void oracles(void **state)
{
    (void)state;
    FILE *in = fopen(TEST_DATA "/lqn/expected.csv", "r");
    assert_non_null(in);
    char line[512], current[128] = "";
    struct lc_model *model = NULL;
    struct lc_result *result = NULL;
    int wrong = 0, values = 0;
    assert_non_null(fgets(line, sizeof line, in)); /* headings */
    while (fgets(line, sizeof line, in) != NULL) {
        struct expectation x;
        char name[128];
        const int fields =
            sscanf(line, "%127[^,],%31[^,],%127[^,],%63[^,],%lf,%lf", name, x.kind, x.name, x.metric, &x.mean, &x.ci95);
        assert_int_equal(fields, 6);
        if (strcmp(name, current) != 0) {
            lc_result_free(result);
            lc_model_free(model);
            result = simulate_model(name, &model);
            strcpy(current, name);
        }
        wrong += compare(name, result, &x);
        values++;
    }
    lc_result_free(result);
    lc_model_free(model);
    fclose(in);
    print_message("%d values, %d wrong\n", values, wrong);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(oracles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
