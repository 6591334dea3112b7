/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/lqn_files.h"

#include "expression.h"
#include "format/formats.h"
#include "format/lqn_names.h"

static void set_text(char **to, const char *text)
{
    free(*to);
    *to = text != NULL ? lc_strdup(text) : NULL;
}

static void strip_activity(struct lc_activity *a, const char *name)
{
    set_text(&a->name, name);
    set_text(&a->comment, NULL);
    for (size_t c = 0; c < a->call_count; c++)
        set_text(&a->calls[c].comment, NULL);
}

/* Takes away what LQN text cannot say. */
static void strip(struct lc_model *m)
{
    struct lc_diag diag = {0};
    struct lci_legal_names names = lci_legal_names(m, &diag);
    set_text(&m->name, NULL);
    set_text(&m->description, NULL);
    for (size_t p = 0; p < m->processor_count; p++) {
        set_text(&m->processors[p].name, names.processors[p]);
        set_text(&m->processors[p].comment, NULL);
    }
    for (size_t g = 0; g < m->group_count; g++) {
        set_text(&m->groups[g].name, names.groups[g]);
        set_text(&m->groups[g].comment, NULL);
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        set_text(&m->entries[e].name, names.entries[e]);
        set_text(&m->entries[e].comment, NULL);
        m->entries[e].probability = 0;
        for (int p = 0; p < LC_PHASES; p++)
            strip_activity(&m->entries[e].phases[p], NULL);
        for (size_t f = 0; f < m->entries[e].forward_count; f++)
            set_text(&m->entries[e].forwards[f].comment, NULL);
    }
    for (size_t t = 0; t < m->task_count; t++) {
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            strip_activity(&m->tasks[t].activities[a], names.activities[t][a]);
        set_text(&m->tasks[t].name, names.tasks[t]);
        set_text(&m->tasks[t].comment, NULL);
    }
    lci_legal_names_free(&names, m);
    lc_diag_free(&diag);
}

static void same_again(const char *file)
{
    struct lc_model *model = read_model(&lci_format_lqnx, file);
    strip(model);
    assert_round_trip(&lci_format_lqn, model);
    lc_model_free(model);
}

static void models_survive_a_round_trip(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/lqn/*.lqnx", 39, same_again);
}

static void text_again(const char *file)
{
    struct lc_model *model = read_model(&lci_format_lqn, file);
    assert_round_trip(&lci_format_lqn, model);
    lc_model_free(model);
}

static void files_survive_a_round_trip(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/lqn/*.lqn", 2, text_again);
}

/* Old syntax is read, and written as it is today. */
static void old_syntax(void **state)
{
    (void)state;
    struct lc_model *old = read_model(&lci_format_lqn, TEST_DATA "/lqn/old/legacy.lqn");
    assert_int_equal(old->processors[lc_find_processor(old, "p2")].scheduling, LC_PS);
    assert_true(old->processors[lc_find_processor(old, "p1")].quantum == 0);
    assert_int_equal(old->tasks[0].fan_out_count, 1);
    assert_int_equal(old->tasks[1].fan_in_count, 1);
    const struct lc_entry *e2 = &old->entries[lc_find_entry(old, "e2")];
    assert_true(e2->phases[0].present && !e2->phases[1].present && e2->phases[2].present);
    assert_int_equal(e2->phases[2].call_count, 1);
    size_t length, warnings;
    char *text = written(&lci_format_lqn, old, NULL, &length, &warnings);
    assert_int_equal(warnings, 1); /* the quantum that sharing needs */
    struct lc_diag diag = {0};
    struct lc_model *now = lci_format_lqn.parse(text, length, "now", &diag);
    assert_non_null(now);
    assert_int_equal(diag.count, 0);
    assert_round_trip(&lci_format_lqn, now);
    lc_model_free(now);
    lc_model_free(old);
    free(text);
}

/* The other task of a fan may be declared later, and its value be a parameter. */
static void fans(void **state)
{
    (void)state;
    static const char text[] = "$copies = [2, 4]\n"
                               "P 0 p client f r $copies p disk f r 3 -1\n"
                               "T 0\n t users r think -1 client r $copies\n O users db 3\n"
                               " t db f read -1 disk r 3\n I users db { $copies * 1 }\n -1\n"
                               "E 0 s think 2 -1 y think read 1 -1 s read 0.5 -1 -1\n";
    struct lc_diag diag = {0};
    struct lc_model *m = lci_format_lqn.parse(text, strlen(text), "fans", &diag);
    print_messages(&diag);
    assert_non_null(m);
    assert_int_equal(m->tasks[0].fan_out_count, 1);
    assert_int_equal(m->tasks[0].fan_out[0].task, 1);
    assert_int_equal(m->tasks[0].fan_out[0].value, 3);
    assert_int_equal(m->tasks[1].fan_in[0].value, 2);
    assert_int_equal(m->binding_count, 3);
    assert_string_equal(m->bindings[1].path, "db.fan_in.users");
    assert_string_equal(m->bindings[1].expression, "$copies * 1");
    assert_round_trip(&lci_format_lqn, m);
    assert_round_trip(&lci_format_lqnx, m);
    lc_model_free(m);
    static const char wrong[] = "P 0 p client f -1 T 0\n t users r think -1 client\n O users nobody 3\n -1\n"
                                "E 0 s think 2 -1 -1\n";
    assert_null(lci_format_lqn.parse(wrong, strlen(wrong), "wrong", &diag));
    assert_string_equal(diag.messages[diag.count - 1].text, "wrong:3:10: there is no task 'nobody'");
    lc_diag_free(&diag);
}

/* It may be observed behind any record of the entry. */
static void wait_of_open_arrivals(void **state)
{
    (void)state;
    static const char text[] = "P 0 p cpu f -1\nT 0 t app f serve -1 cpu t db f read -1 cpu -1\n"
                               "E 0 a serve 0.5 s serve 1 -1 %w $wait %w95 $mean $half s read 0.1 -1\n"
                               "y serve read 0 1 -1 %w $query %w295 $more $less -1\n";
    struct lc_diag diag = {0};
    struct lc_model *m = lci_format_lqn.parse(text, strlen(text), "open", &diag);
    print_messages(&diag);
    assert_non_null(m);
    assert_int_equal(m->observation_count, 4);
    assert_string_equal(m->observations[2].expression, "open/serve/%w");
    assert_string_equal(m->observations[3].expression, "open/serve/%w95");
    assert_round_trip(&lci_format_lqn, m);
    assert_round_trip(&lci_format_lqnx, m);
    size_t length, warnings; /* as LQNS takes them: calls with their phase, and "waiting" in LQN XML */
    char *lqn = written(&lci_format_lqn, m, NULL, &length, &warnings);
    assert_non_null(strstr(lqn, "%w2 $query %w295 $more $less"));
    char *xml = written(&lci_format_lqnx, m, NULL, &length, &warnings);
    assert_non_null(strstr(xml, "<result-observe waiting=\"$wait\""));
    free(lqn);
    free(xml);
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* LQNS refuses it in LQN XML: an activity that does nothing is written behind it, and not read. */
static void loop_without_an_end(void **state)
{
    (void)state;
    static const char text[] = "P 0 p client i -1\nT 0 t users r think -1 client -1\nE 0 A think aa -1\n"
                               "A users s aa 1 s bb 0.5 s end_of_bb 2 : aa -> 2 * bb; bb -> end_of_bb -1\n";
    struct lc_diag diag = {0};
    struct lc_model *m = lci_format_lqn.parse(text, strlen(text), "loop", &diag);
    print_messages(&diag);
    assert_non_null(m);
    assert_round_trip(&lci_format_lqn, m);
    assert_round_trip(&lci_format_lqnx, m);
    size_t length, warnings;
    char *xml = written(&lci_format_lqnx, m, NULL, &length, &warnings);
    assert_non_null(strstr(xml, "<post-LOOP end=\"end_of_bb_\">"));
    assert_non_null(strstr(xml, "<activity name=\"end_of_bb_\" host-demand-mean=\"1e-30\""));
    free(xml);
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* Values at the first point of the lists; expressions are kept as they stand. */
static void parameters(void **state)
{
    (void)state;
    struct lc_model *m = read_model(&lci_format_lqn, TEST_DATA "/lqn/sweep.lqn");
    const struct lc_task *users = &m->tasks[lc_find_task(m, "users")], *app = &m->tasks[lc_find_task(m, "app")];
    const struct lc_entry *ask = &m->entries[lc_find_entry(m, "ask")];
    assert_int_equal(users->multiplicity, 1);
    assert_true(lc_dist_mean(&users->think_time) == 2);
    assert_int_equal(app->multiplicity, 2);
    assert_int_equal(m->processors[lc_find_processor(m, "cpu")].multiplicity, 1);
    assert_true(lc_dist_mean(&ask->phases[0].demand) == 0.1);
    assert_true(ask->phases[0].calls[0].mean == 1.2);
    assert_int_equal(m->variable_count, 6);
    assert_int_equal(m->report_count, 5);
    assert_int_equal(m->observation_count, 8);
    assert_int_equal(m->binding_count, 11);
    bool found = false;
    for (size_t i = 0; i < m->binding_count; i++)
        if (strcmp(m->bindings[i].path, "app.multiplicity") == 0) {
            assert_string_equal(m->bindings[i].expression, "max(2, $clients - 1)");
            found = true;
        }
    assert_true(found);
    struct lc_diag diag = {0};
    struct lci_scope *scope = lci_scope_of(m, &diag);
    assert_non_null(scope);
    assert_int_equal(lci_scope_points(scope), 9);
    static const double expected[9][3] = {{1, 0.1, 1}, {1, 0.2, 1}, {1, 0.3, 1}, {2, 0.1, 1}, {2, 0.2, 1},
                                          {2, 0.3, 1}, {5, 0.1, 4}, {5, 0.2, 4}, {5, 0.3, 4}};
    for (size_t i = 0; i < 9; i++) {
        double clients, twice, cores;
        assert_int_equal(lci_scope_select(scope, i, &diag), 0);
        assert_int_equal(lci_evaluate(scope, "$clients", &clients, &diag, NULL), 0);
        assert_int_equal(lci_evaluate(scope, "$twice", &twice, &diag, NULL), 0);
        assert_int_equal(lci_evaluate(scope, "$cores", &cores, &diag, NULL), 0);
        assert_true(clients == expected[i][0] && cores == expected[i][2]);
        assert_true(twice > 2 * expected[i][1] - 1e-12 && twice < 2 * expected[i][1] + 1e-12);
    }
    lci_scope_free(scope);
    size_t length;
    char *xml = written(&lci_format_lqnx, m, NULL, &length, NULL); /* half-widths as LQNS takes them */
    assert_non_null(strstr(xml, "<result-observe throughput=\"$f_mean\">"));
    assert_non_null(strstr(xml, "<result-conf-95 throughput=\"$f_half\"/>"));
    assert_null(strstr(xml, "-conf-95="));
    free(xml);
    struct lc_result *r = lc_result_new(m);
    xml = written(&lci_format_lqnx, m, r, &length, NULL); /* results are of numbers */
    assert_null(strchr(xml, '$'));
    assert_non_null(strstr(xml, "think-time=\"2\""));
    free(xml);
    lc_result_free(r);
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_survive_a_round_trip),
        cmocka_unit_test(files_survive_a_round_trip),
        cmocka_unit_test(old_syntax),
        cmocka_unit_test(parameters),
        cmocka_unit_test(fans),
        cmocka_unit_test(wait_of_open_arrivals),
        cmocka_unit_test(loop_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
