/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/lqn_files.h"

#include <math.h>

#include "format/formats.h"

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    while ((text = strstr(text, part)) != NULL) {
        n++;
        text++;
    }
    return n;
}

static void every_element_is_drawn(void **state)
{
    (void)state;
    struct lc_model *m = read_model(&lci_format_lqnx, TEST_DATA "/lqn/constructs.lqnx");
    size_t length;
    char *dot = written(&lci_format_dot, m, NULL, &length, NULL);
    assert_int_equal(count(dot, "subgraph cluster_p"), m->processor_count);
    assert_int_equal(count(dot, "<b>"), m->task_count);
    size_t calls = 0, async = 0, forwards = 0;
    for (size_t e = 0; e < m->entry_count; e++) {
        assert_true(count(dot, m->entries[e].name) > 0);
        for (int p = 0; p < LC_PHASES; p++)
            for (size_t c = 0; c < m->entries[e].phases[p].call_count; c++, calls++)
                async += m->entries[e].phases[p].calls[c].kind == LC_CALL_ASYNC;
        async += m->entries[e].open_rate > 0;
        calls += m->entries[e].open_rate > 0;
        forwards += m->entries[e].forward_count;
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            for (size_t c = 0; c < m->tasks[t].activities[a].call_count; c++, calls++)
                async += m->tasks[t].activities[a].calls[c].kind == LC_CALL_ASYNC;
    assert_int_equal(count(dot, "->") - count(dot, "\"->"), calls + forwards);
    assert_int_equal(count(dot, "style=dashed"), async);
    assert_int_equal(count(dot, "style=dotted"), forwards);
    free(dot);
    char *svg = written(&lci_format_svg, m, NULL, &length, NULL);
    assert_true(count(svg, "<svg") == 1 && count(svg, "</svg>") == 1);
    free(svg);
    lc_model_free(m);
}

static void load_is_coloured(void **state)
{
    (void)state;
    struct lc_model *m = read_model(&lci_format_lqnx, TEST_DATA "/lqn/closed-1.lqnx");
    struct lc_result *r = lc_result_new(m);
    size_t length;
    r->tasks[m->task_count - 1].load.mean = 1;
    r->processors[0].load.mean = 0;
    char *dot = written(&lci_format_dot, m, r, &length, NULL);
    assert_int_equal(count(dot, "0.000 0.45 1.000"), 1); /* red */
    assert_int_equal(count(dot, "0.333 0.45 1.000"), 1); /* green */
    assert_int_equal(count(dot, "load 100 %"), 1);
    free(dot);
    lc_result_free(r);
    lc_model_free(m);
}

static void strange_names(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("<&\"\\>");
    const int p = lc_add_processor(m, "</table>"), t = lc_add_task(m, "a<b>\\N\n\"", p);
    lc_add_entry(m, "GET /x?a=1&b=2", t);
    m->entries[0].open_rate = 3;
    size_t length;
    char *svg = written(&lci_format_svg, m, NULL, &length, NULL);
    assert_non_null(strstr(svg, "GET /x?a=1&amp;b=2"));
    free(svg);
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_is_drawn),
        cmocka_unit_test(load_is_coloured),
        cmocka_unit_test(strange_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
