/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of result files: what is written in either format reads back as it was, for random models of every construct.
 */
#include "unit/lqn_files.h"

#include "loadcast/random.h"
#include "model/figures/figures.h"
#include "support/random_model.h"

#include <jansson.h>
#include <math.h>

static void fill(struct lc_estimate *e, double *next)
{
    *e = (struct lc_estimate){*next, *next / 10, *next / 8};
    *next += 0.125;
}

static void fill_activity(struct lc_activity_result *r, const struct lc_activity *a, double *next)
{
    fill(&r->service_time, next);
    fill(&r->service_time_variance, next);
    fill(&r->utilization, next);
    fill(&r->throughput, next);
    fill(&r->processor_waiting, next);
    fill(&r->processor_utilization, next);
    fill(&r->exceeded, next);
    for (size_t i = 0; i < a->call_count; i++) {
        fill(&r->calls[i], next);
        fill(&r->call_variance[i], next);
        fill(&r->call_loss[i], next);
    }
}

/* A result all of whose figures are different. */
static struct lc_result *filled(const struct lc_model *m)
{
    double next = 1;
    struct lc_result *r = lc_result_new(m);
    for (size_t i = 0; i < m->processor_count; i++)
        fill(&r->processors[i].utilization, &next);
    for (size_t i = 0; i < m->task_count; i++) {
        struct lc_task_result *t = &r->tasks[i];
        struct lc_estimate *const all[] = {&t->throughput,      &t->utilization,        &t->processor_utilization,
                                           &t->lock_waiting[0], &t->lock_waiting[1],    &t->lock_holding[0],
                                           &t->lock_holding[1], &t->lock_utilization[0]};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++)
            fill(all[k], &next);
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            fill_activity(&r->activities[i][k], &m->tasks[i].activities[k], &next);
    }
    for (size_t i = 0; i < m->entry_count; i++) {
        struct lc_entry_result *e = &r->entries[i];
        fill(&e->throughput, &next);
        fill(&e->utilization, &next);
        fill(&e->processor_utilization, &next);
        fill(&e->cv2, &next);
        for (size_t k = 0; k < m->entries[i].forward_count; k++)
            fill(&e->forwards[k], &next);
        for (int k = 0; k < LC_PHASES; k++)
            if (k == 0 || m->entries[i].phases[k].present)
                fill_activity(&e->phases[k], &m->entries[i].phases[k], &next);
    }
    for (size_t i = 0; i < r->join_count; i++)
        fill(&r->joins[i].delay, &next);
    return r;
}

static struct lci_figures figures_of(const char *text, size_t length, const char *name)
{
    struct lci_figures figures;
    struct lc_diag diag = {0};
    const int status = lci_figures_parse(text, length, name, &figures, &diag);
    print_messages(&diag);
    assert_int_equal(status, 0);
    lc_diag_free(&diag);
    return figures;
}

static double of(const struct lci_figures *figures, enum lci_figure_kind kind, const char *name, const char *metric)
{
    const struct lci_figure *f = lci_figures_find(figures, kind, name, metric);
    if (f == NULL) {
        fail_msg("no %s of '%s'", metric, name);
        return NAN; /* which the analyzer does not know to be out of reach */
    }
    return f->value.mean;
}

/* Every figure of LQN XML is in the document, with the same numbers (LQN XML has fewer digits). */
static void assert_same(const struct lci_figures *xml, const struct lci_figures *json)
{
    for (size_t i = 0; i < xml->count; i++) {
        const struct lci_figure *x = &xml->items[i];
        const struct lci_figure *j = lci_figures_find(json, x->kind, x->name, x->metric);
        if (j == NULL) {
            fail_msg("%s '%s': no %s in the document", lci_figure_kind_name(x->kind), x->name, x->metric);
            return;
        }
        assert_true(fabs(x->value.mean - j->value.mean) <= 1e-5 * fabs(j->value.mean));
        assert_true(fabs(x->value.ci95 - j->value.ci95) <= 1e-5 * fabs(j->value.ci95));
        assert_true(fabs(x->value.ci99 - j->value.ci99) <= 1e-5 * fabs(j->value.ci99));
    }
}

static void assert_elements(const struct lc_model *m, const struct lc_result *r, const struct lci_figures *figures)
{
    for (size_t i = 0; i < m->processor_count; i++)
        assert_float_equal(of(figures, LCI_FIGURE_PROCESSOR, m->processors[i].name, "utilization"),
                           r->processors[i].utilization.mean, 1e-9);
    for (size_t i = 0; i < m->task_count; i++) {
        assert_float_equal(of(figures, LCI_FIGURE_TASK, m->tasks[i].name, "throughput"), r->tasks[i].throughput.mean,
                           1e-9);
        for (size_t k = 0; k < m->tasks[i].activity_count; k++) {
            char *name = lc_format("%s: %s", m->tasks[i].name, m->tasks[i].activities[k].name);
            assert_float_equal(of(figures, LCI_FIGURE_ACTIVITY, name, "service_time"),
                               r->activities[i][k].service_time.mean, 1e-9);
            free(name);
        }
    }
    for (size_t i = 0; i < m->entry_count; i++) {
        char *name = lc_format("%s, phase 1", m->entries[i].name);
        assert_float_equal(of(figures, LCI_FIGURE_ACTIVITY, name, "service_time"),
                           r->entries[i].phases[0].service_time.mean, 1e-9);
        free(name);
    }
}

static void both_formats_tell_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct lc_model *model = random_model(seed, RANDOM_MODEL_LQN);
        struct lc_result *result = filled(model);
        size_t xml_length;
        json_t *document = lc_result_json(result);
        char *json = json_dumps(document, JSON_REAL_PRECISION(12));
        json_decref(document);
        char *xml = written(lc_format_find("lqnx"), model, result, &xml_length, NULL);
        struct lci_figures of_json = figures_of(json, strlen(json), "a.json");
        struct lci_figures of_xml = figures_of(xml, xml_length, "a.lqnx");
        assert_elements(model, result, &of_json);
        assert_same(&of_xml, &of_json);
        assert_true(of_xml.count > model->processor_count + model->task_count + model->entry_count);
        lci_figures_free(&of_json);
        lci_figures_free(&of_xml);
        free(json);
        free(xml);
        lc_result_free(result);
        lc_model_free(model);
    }
}

static void models_have_no_figures(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", "{\"schema\": \"other\"}", "<lqn-model name='m'/>", "G \"\" -1", "a: 1",
                                        ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lci_figures figures = figures_of(texts[i], strlen(texts[i]), "x");
        assert_int_equal(figures.count, 0);
        lci_figures_free(&figures);
    }
}

/* Wrong documents are told, none crashes. */
static void damaged_documents_are_told(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"schema\": \"loadcast.result/1\", \"tasks\": 3}",
        "{\"schema\": \"loadcast.result/1\", \"tasks\": [3]}",
        "{\"schema\": \"loadcast.result/1\", \"tasks\": [{}]}",
        "{\"schema\": \"loadcast.result/1\", \"tasks\": [{\"name\": \"t\", \"load\": \"x\"}]}",
        "{\"schema\": \"loadcast.result/1\", \"tasks\": [{\"name\": \"t\", \"load\": {\"mean\": []}}]}",
        "{\"schema\": \"loadcast.result/1\", \"calls\": [{\"to\": \"t\", \"kind\": \"sync\"}]}",
        ("{\"schema\": \"loadcast.result/1\", \"calls\": [{\"to\": \"t\", \"kind\": \"sync\", \"from\": \"a\", "
         "\"phase\": 9}]}"),
        "{\"schema\": \"loadcast.result/1\", \"joins\": [{\"task\": \"t\", \"activities\": {}}]}",
        "{\"schema\": \"loadcast.result/1\", \"entries\": [{\"name\": \"t\", \"phases\": 1}]}",
        "{\"schema\"",
        "<lqn-model><processor name='p'><result-processor utilization='x'/></processor></lqn-model>",
        "<lqn-model><processor",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lci_figures figures;
        struct lc_diag diag = {0};
        if (lci_figures_parse(texts[i], strlen(texts[i]), "x", &figures, &diag) != -1 || diag.errors == 0)
            fail_msg("not told: %s", texts[i]);
        lc_diag_free(&diag);
        lci_figures_free(&figures);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_formats_tell_the_same),
        cmocka_unit_test(models_have_no_figures),
        cmocka_unit_test(damaged_documents_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
