/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sweeps: the model at a point is the one that the file would be with the numbers of that point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/edit.h"
#include "loadcast/format.h"
#include "model/edit/edit_paths.h"
#include "model/sweep/sweep.h"

static struct lc_model *parse(const char *text)
{
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_parse(text, strlen(text), "test.lqn", &diag);
    for (size_t i = 0; i < diag.count; i++)
        print_message("%s\n", diag.messages[i].text);
    assert_non_null(model);
    lc_diag_free(&diag);
    return model;
}

/* Every number that a variable can be, in elements that all have the same names. */
static const char everything[] = "G \"\" -1\n"
                                 "P 0\n"
                                 "p xx h m $v r $v R $v\n"
                                 "p cc c $v\n"
                                 "p pp s $v m $v\n"
                                 "p inf i\n"
                                 "-1\n"
                                 "U 0 g xx { $v / 10 } cc -1\n"
                                 "T 0\n"
                                 "t xx r xx -1 pp z $v m $v\n"
                                 "t yy h yy ee -1 xx { $v + 1 } m $v r $v q $v\n"
                                 "t cc n cc gg -1 cc m { $v * 2 } g xx\n"
                                 "t qq i qq q1 -1 inf\n"
                                 "t op f op o1 -1 inf\n"
                                 "-1\n"
                                 "E 0\n"
                                 "s xx $v { $v - 1 } { $v * 3 } -1\n"
                                 "c xx $v 1 { $v / 2 } -1\n"
                                 "Z xx 0 $v -1\n"
                                 "M xx $v 0 $v -1\n"
                                 "y xx yy $v 0 { $v * 2 } -1\n"
                                 "y xx qq { $v } -1\n"
                                 "z xx q1 0 $v -1\n"
                                 "s yy $v -1 F yy cc { $v / 10 } -1\n"
                                 "s cc $v -1 p cc $v\n"
                                 "A ee phase1\n"
                                 "y xx ee 1 -1\n"
                                 "s gg 1 -1 y yy gg $v -1\n"
                                 "s qq 1 -1 s q1 1 -1\n"
                                 "a o1 $v s o1 1 -1 s op 1 -1 y qq op $v -1\n"
                                 "-1\n"
                                 "A yy\n"
                                 "s phase1 $v c phase1 { $v / 4 } Z phase1 $v M phase1 $v\n"
                                 "y phase1 cc $v z phase1 q1 $v\n"
                                 "s calls $v :\n"
                                 "phase1 -> calls; calls[ee]\n"
                                 "-1\n";

static void forget_variables(struct lc_model *m)
{
    for (size_t i = 0; i < m->variable_count; i++) {
        free(m->variables[i].name);
        free(m->variables[i].expression);
    }
    m->variable_count = 0;
}

static void points_are_the_files_with_those_numbers(void **state)
{
    (void)state;
    for (size_t point = 0; point < 2; point++) {
        char *all = lc_format("$v = [2, 3]\n%s", everything);
        char *here = lc_format("$v = %zu\n%s", point + 2, everything);
        struct lc_model *model = parse(all), *expected = parse(here);
        struct lc_diag diag = {0};
        struct lci_sweep *sweep = lci_sweep_new(model, &diag);
        assert_non_null(sweep);
        assert_int_equal(lci_sweep_points(sweep), 2);
        struct lc_model *m = lci_sweep_select(sweep, point, &diag);
        for (size_t i = 0; i < diag.count; i++)
            print_message("%s\n", diag.messages[i].text);
        assert_non_null(m);
        forget_variables(m);
        forget_variables(expected);
        char *difference = NULL;
        if (!lc_model_equal(m, expected, &difference))
            fail_msg("point %zu: %s", point, difference);
        assert_true(m->binding_count >= 40);
        lc_model_free(m);
        lci_sweep_free(sweep);
        lc_diag_free(&diag);
        lc_model_free(model);
        lc_model_free(expected);
        free(all);
        free(here);
    }
}

/* Paths may name the kind of the element; the plain ones mean what they always did. */
static void kinds_in_paths(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("m");
    const int p = lc_add_processor(m, "a"), q = lc_add_processor(m, "entry:a");
    const int t = lc_add_task(m, "a", q), u = lc_add_task(m, "a.b", p);
    const int e = lc_add_entry(m, "a", t), f = lc_add_entry(m, "x", u);
    lc_add_call(&m->entries[e].phases[0], LC_CALL_SYNC, f, 1);
    lc_add_call(&m->entries[e].phases[0], LC_CALL_ASYNC, f, 1);
    static const struct {
        const char *path;
        double value;
    } edits[] = {
        {"a.priority", 1},      {"entry:a.priority", 2},        {"task:a.cores", 3}, {"processor:a.cores", 4},
        {"task:a.replicas", 5}, {"processor:entry:a.speed", 6}, {"a.b.priority", 7}, {"entry:a.sync_calls.x", 8},
        {"a.async_calls.x", 9}, {"entry:a.phase2.demand", 10}};
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        double value;
        assert_int_equal(lci_edit_number(m, edits[i].path, edits[i].value, NULL, NULL), 0);
        assert_int_equal(lc_edit_get(m, edits[i].path, &value, NULL, NULL), 0);
        assert_true(value == edits[i].value);
    }
    assert_int_equal(m->tasks[t].priority, 1);
    assert_int_equal(m->entries[e].priority, 2);
    assert_int_equal(m->processors[q].multiplicity, 3);
    assert_int_equal(m->processors[p].multiplicity, 4);
    assert_int_equal(m->tasks[t].replicas, 5);
    assert_int_equal(m->processors[q].replicas, 1);
    assert_true(m->processors[q].speed == 6);
    assert_int_equal(m->tasks[u].priority, 7);
    assert_true(m->entries[e].phases[0].calls[0].mean == 8);
    assert_true(m->entries[e].phases[0].calls[1].mean == 9);
    assert_true(m->entries[e].phases[1].present);
    struct lc_diag diag = {0};
    assert_int_equal(lci_edit_number(m, "group:a.share", 1, &diag, NULL), -1);
    assert_non_null(strstr(diag.messages[0].text, "the model has no 'group:a'"));
    lc_diag_free(&diag);
    lc_model_free(m);
}

static const char observed[] = "$n = [1, 4]\n"
                               "G \"\" -1 %i $loops\n"
                               "P 0 p client i p cpu f %u95 $u $u_half -1\n"
                               "T 0 t users r think -1 client m $n z 1 %f $x\n"
                               "t app n serve -1 cpu %pu99 $pu $pu_half -1\n"
                               "E 0 y think serve 2 -1 %w $w\n"
                               "s serve 0.1 -1 %s1 $s -1\n"
                               "R 0\n"
                               "  $0, $n\n"
                               "  $law = $u - $x * 0.2\n"
                               "  $s + $w\n"
                               "-1\n";

/* Observations take what a result tells; the report is computed from them, line by line. */
static void reports_are_computed(void **state)
{
    (void)state;
    struct lc_model *model = parse(observed);
    struct lc_diag diag = {0};
    struct lci_sweep *sweep = lci_sweep_new(model, &diag);
    assert_non_null(sweep);
    struct lc_model *m = lci_sweep_select(sweep, 1, &diag);
    assert_non_null(m);
    assert_int_equal(m->tasks[lc_find_task(m, "users")].multiplicity, 4);
    struct lc_result *r = lc_result_new(m);
    const int think = lc_find_entry(m, "think"), serve = lc_find_entry(m, "serve");
    struct lc_estimate wait = {0.25, 0.1, 0.2};
    r->processors[lc_find_processor(m, "cpu")].utilization = (struct lc_estimate){0.5, 0.01, 0.02};
    r->tasks[lc_find_task(m, "users")].throughput = (struct lc_estimate){2, 0.1, 0.2};
    r->tasks[lc_find_task(m, "app")].processor_utilization = (struct lc_estimate){0.5, 0.03, 0.04};
    r->entries[think].phases[0].calls[0] = wait;
    r->entries[serve].phases[0].service_time = (struct lc_estimate){0.75, 0.1, 0.2};
    r->replications = 12;
    lci_sweep_observe(sweep, r, &diag);
    const struct lci_sweep_value *v;
    static const struct lci_sweep_value wanted[] = {{"w", 0.25},      {"s", 0.75}, {"loops", 12},     {"u", 0.5},
                                                    {"u_half", 0.01}, {"pu", 0.5}, {"pu_half", 0.04}, {"x", 2}};
    assert_int_equal(lci_sweep_observations(sweep, &v), 8);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(v[i].name, wanted[i].name);
        assert_true(v[i].value == wanted[i].value);
    }
    static const struct lci_sweep_value rows[] = {{"0", 2}, {"n", 4}, {"law", 0.1}, {"$s + $w", 1}};
    assert_int_equal(lci_sweep_report(sweep, &v), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(v[i].name, rows[i].name);
        assert_true(fabs(v[i].value - rows[i].value) < 1e-12);
    }
    assert_int_equal(diag.count, 0);
    lc_result_free(r);
    lc_model_free(m);
    lci_sweep_free(sweep);
    lc_model_free(model);
}

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    return lc_format("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *message;
        bool error;
    } cases[] = {
        {"$s + $w", "$s + $ww", "$ww is not defined", true},
        {"$s + $w\n-1\n", "$s + $w\n-1\nC 0 $n = $x -1\n", "convergence section (C) assigns $n", true},
        {"$s + $w\n-1\n", "$s + $w\n-1\nC 0 $new = $x -1\n", "nothing depends on it", false},
        {"$s + $w", "plot($n, $x)", "plot() is not supported", false},
        {"%u95 $u $u_half", "%s $u", "observes %s, which is nothing", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = replaced(observed, cases[i].old, cases[i].new);
        struct lc_model *model = parse(text);
        struct lc_diag diag = {0};
        struct lci_sweep *sweep = lci_sweep_new(model, &diag);
        assert_true((sweep == NULL) == cases[i].error);
        assert_true(diag.count > 0);
        if (strstr(diag.messages[0].text, cases[i].message) == NULL)
            fail_msg("not '%s' but '%s'", cases[i].message, diag.messages[0].text);
        lci_sweep_free(sweep);
        lc_diag_free(&diag);
        lc_model_free(model);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_the_files_with_those_numbers),
        cmocka_unit_test(kinds_in_paths),
        cmocka_unit_test(reports_are_computed),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
