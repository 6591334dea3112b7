/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/lqn_files.h"

#include <libxml/relaxng.h>
#include <math.h>

#include "format/formats.h"
#include "model/figures/figures.h"
#include "unit/lqnx_messages.h"

/* ---- round trips and grammar ------------------------------------------------------------------------------------- */

static xmlRelaxNG *grammar;

static void silent(void *context, xmlErrorPtr error)
{
    (void)context;
    print_message("line %d: %s", error->line, error->message);
}

static int read_grammar(void **state)
{
    (void)state;
    xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(TEST_DATA "/lqnx.rng");
    grammar = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);
    return grammar == NULL;
}

static int free_grammar(void **state)
{
    (void)state;
    xmlRelaxNGFree(grammar);
    xmlCleanupParser();
    return 0;
}

static int is_valid(const char *text, size_t length)
{
    xmlDoc *document = xmlReadMemory(text, (int)length, NULL, NULL, XML_PARSE_NONET);
    assert_non_null(document);
    xmlRelaxNGValidCtxt *validator = xmlRelaxNGNewValidCtxt(grammar);
    xmlRelaxNGSetValidStructuredErrors(validator, silent, NULL);
    const int status = xmlRelaxNGValidateDoc(validator, document);
    xmlRelaxNGFreeValidCtxt(validator);
    xmlFreeDoc(document);
    return status == 0;
}

static void assert_valid(const struct lc_model *model, const struct lc_result *result)
{
    size_t length;
    char *text = written(&lci_format_lqnx, model, result, &length, NULL);
    if (!is_valid(text, length))
        fail_msg("not as LQNS writes it:\n%s", text);
    free(text);
}

static void same_again(const char *file)
{
    const struct lc_format *format = lc_format_find(file);
    struct lc_model *model = read_model(format, file);
    assert_valid(model, NULL);
    assert_round_trip(&lci_format_lqnx, model);
    lc_model_free(model);
}

static void files_survive_a_round_trip(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/lqn/*.lqnx", 39, same_again);
    for_each_file(TEST_DATA "/lqn/*.lqn", 2, same_again);
}

static void the_grammar_is_strict(void **state)
{
    (void)state;
    assert_true(is_valid(right_model, strlen(right_model)));
    static const char *const wrong[] = {
        "<lqn-model/>",
        "<lqn-model><processor name=\"a\" scheduling=\"pp\"/></lqn-model>",
        "<lqn-model><processor name=\"a\"/></lqn-model>",
        "<lqn-model><processor name='a' scheduling='inf'><task name='b' scheduling='ref'/></processor></lqn-model>",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(is_valid(wrong[i], strlen(wrong[i])));
}

/* ---- mistakes ---------------------------------------------------------------------------------------------------- */

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    return lc_format("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static void mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof xml_mistakes / sizeof *xml_mistakes; i++) {
        const struct mistake *m = &xml_mistakes[i];
        char *text = replaced(right_model, m->right, m->wrong);
        struct lc_diag diag = {0};
        assert_null(lci_format_lqnx.parse(text, strlen(text), "m.lqnx", &diag));
        assert_true(diag.errors > 0);
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        assert_true(strncmp(diag.messages[0].text, "m.lqnx:", 7) == 0);
        bool found = m->message == NULL;
        for (size_t k = 0; k < diag.count; k++)
            found = found || strcmp(diag.messages[k].text, m->message) == 0;
        if (!found)
            fail_msg("for %s:\n%s\ninstead of\n%s", m->wrong, diag.messages[0].text, m->message);
        lc_diag_free(&diag);
        free(text);
    }
}

static void all_errors_in_one_run(void **state)
{
    (void)state;
    char *one = replaced(right_model, "quantum=\"0.1\"", "quantum=\"fast\"");
    char *two = replaced(one, "dest=\"serve\"", "dest=\"server\"");
    char *three = replaced(two, "<post><activity name=\"b1\"/>", "<post><activity name=\"b2\"/>");
    struct lc_diag diag = {0};
    assert_null(lci_format_lqnx.parse(three, strlen(three), "m.lqnx", &diag));
    assert_int_equal(diag.errors, 3);
    lc_diag_free(&diag);
    free(one);
    free(two);
    free(three);
}

static void programs_and_entities(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    char *text = replaced(right_model, "</lqn-model>", "<lqx><![CDATA[ solve(); ]]></lqx></lqn-model>");
    struct lc_model *m = lci_format_lqnx.parse(text, strlen(text), "m.lqnx", &diag);
    assert_non_null(m); /* nothing depends on the program */
    assert_int_equal(diag.count, 1);
    lc_model_free(m);
    lc_diag_free(&diag);
    char *bound = replaced(text, "quantum=\"0.1\"", "quantum=\"$q\"");
    assert_null(lci_format_lqnx.parse(bound, strlen(bound), "m.lqnx", &diag));
    assert_non_null(strstr(diag.messages[1].text, "LQX program, which is not supported"));
    lc_diag_free(&diag);
    free(bound);
    free(text);
    /* Entities could expand without bound, or fetch files. */
    static const char *const bombs[] = {
        "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><lqn-model name=\"&b;\"/>",
        "<!DOCTYPE l [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><lqn-model name=\"x\">&a;</lqn-model>",
        "<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><lqn-model/>",
    };
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        assert_null(lci_format_lqnx.parse(bombs[i], strlen(bombs[i]), "m.lqnx", &diag));
        assert_non_null(strstr(diag.messages[0].text, "a document type declaration is not allowed"));
        lc_diag_free(&diag);
    }
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

/* Every estimate of the result gets a value of its own. */
static void fill(struct lc_estimate *e, size_t count, double *next)
{
    for (size_t i = 0; i < count; i++, *next += 1)
        e[i] = (struct lc_estimate){*next, *next / 10, *next / 8};
}

static void fill_activity(struct lc_activity_result *r, const struct lc_activity *a, double *next)
{
    fill(&r->service_time, 1, next);
    fill(&r->service_time_variance, 1, next);
    fill(&r->utilization, 1, next);
    fill(&r->throughput, 1, next);
    fill(&r->processor_waiting, 1, next);
    fill(&r->processor_utilization, 1, next);
    fill(&r->exceeded, 1, next);
    if (r->calls != NULL)
        fill(r->calls, a->call_count, next);
    if (r->call_variance != NULL)
        fill(r->call_variance, a->call_count, next);
    if (r->histogram.bins != NULL)
        fill(r->histogram.bins, a->histogram.bins + 2, next);
}

static struct lc_result *filled(const struct lc_model *m)
{
    struct lc_result *r = lc_result_new(m);
    double next = 1;
    r->replications = 12;
    r->elapsed_s = 3725.25;
    r->precision = 0.01;
    r->converged = true;
    for (size_t p = 0; p < m->processor_count; p++)
        fill(&r->processors[p].utilization, 1, &next);
    for (size_t t = 0; t < m->task_count; t++) {
        fill(&r->tasks[t].throughput, 1, &next);
        fill(&r->tasks[t].utilization, 1, &next);
        fill(r->tasks[t].phase_utilization, LC_PHASES, &next);
        fill(&r->tasks[t].processor_utilization, 1, &next);
        for (int i = 0; i < 2; i++) {
            fill(&r->tasks[t].lock_waiting[i], 1, &next);
            fill(&r->tasks[t].lock_waiting_variance[i], 1, &next);
            fill(&r->tasks[t].lock_holding[i], 1, &next);
            fill(&r->tasks[t].lock_holding_variance[i], 1, &next);
            fill(&r->tasks[t].lock_utilization[i], 1, &next);
        }
        if (m->tasks[t].decision_count > 0) {
            fill(&r->tasks[t].timed_out, 1, &next);
            fill(&r->tasks[t].given_up, 1, &next);
            fill(&r->tasks[t].retries, 1, &next);
        }
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            fill_activity(&r->activities[t][a], &m->tasks[t].activities[a], &next);
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        fill(&r->entries[e].throughput, 1, &next);
        fill(&r->entries[e].utilization, 1, &next);
        fill(&r->entries[e].processor_utilization, 1, &next);
        fill(&r->entries[e].cv2, 1, &next);
        fill(&r->entries[e].open_response_time, 1, &next);
        r->entries[e].throughput_bound = next;
        for (int p = 0; p < LC_PHASES; p++)
            fill_activity(&r->entries[e].phases[p], &m->entries[e].phases[p], &next);
        if (r->entries[e].forwards != NULL)
            fill(r->entries[e].forwards, m->entries[e].forward_count, &next);
    }
    for (size_t j = 0; j < r->join_count; j++) {
        fill(&r->joins[j].delay, 1, &next);
        fill(&r->joins[j].variance, 1, &next);
    }
    return r;
}

static void decisions_have_results(void **state)
{
    (void)state;
    struct lc_model *m = read_model(&lci_format_lqnx, TEST_DATA "/lqn/closed-1.lqnx");
    struct lc_task *server = &m->tasks[lc_find_task(m, "server")];
    server->decisions = lc_calloc(1, sizeof *server->decisions);
    server->decision_count = 1;
    *server->decisions = (struct lc_decision){.kind = LC_TIMEOUT, .from = LC_NONE, .to = LC_NONE, .timeout = 3};
    struct lc_result *r = lc_result_new(m);
    struct lc_task_result *at = &r->tasks[server - m->tasks];
    at->timed_out = (struct lc_estimate){0.25, 0.01, 0.02};
    at->given_up = (struct lc_estimate){0.125, 0.03, 0.04};
    at->retries = (struct lc_estimate){1.5, 0.5, 0.75};
    assert_valid(m, r);
    size_t length;
    char *text = written(&lci_format_lqnx, m, r, &length, NULL);
    struct lci_figures figures = {0};
    struct lc_diag diag = {0};
    assert_int_equal(lci_figures_parse(text, length, "again", &figures, &diag), 0);
    int found = 0;
    for (size_t i = 0; i < figures.count; i++) {
        const struct lci_figure *f = &figures.items[i];
        const struct lc_estimate *e = strcmp(f->metric, "timed_out") == 0  ? &at->timed_out
                                      : strcmp(f->metric, "given_up") == 0 ? &at->given_up
                                      : strcmp(f->metric, "retries") == 0  ? &at->retries
                                                                           : NULL;
        if (e == NULL)
            continue;
        found++;
        assert_string_equal(f->name, "server");
        assert_true(f->value.mean == e->mean && f->value.ci95 == e->ci95 && f->value.ci99 == e->ci99);
    }
    assert_int_equal(found, 3);
    lci_figures_free(&figures);
    free(text);
    lc_result_free(r);
    lc_model_free(m);
}

static void results_are_valid(const char *file)
{
    struct lc_model *m = read_model(&lci_format_lqnx, file);
    struct lc_result *full = filled(m), *empty = lc_result_new(m);
    assert_valid(m, full);
    assert_valid(m, empty);
    size_t length;
    char *text = written(&lci_format_lqnx, m, full, &length, NULL);
    assert_non_null(strstr(text, "elapsed-time=\"1:02:05.250\""));
    assert_non_null(strstr(text, "phase1-service-time="));
    struct lc_diag diag = {0};
    struct lc_model *again = lci_format_lqnx.parse(text, length, "again", &diag);
    char *difference = NULL;
    assert_true(again != NULL && lc_model_equal(m, again, &difference)); /* results do not disturb the model */
    lc_diag_free(&diag);
    lc_model_free(again);
    free(text);
    text = written(lc_format_find("p"), m, full, &length, NULL);
    assert_true(length > 100);
    free(text);
    free(written(lc_format_find("p"), m, empty, &length, NULL));
    lc_result_free(full);
    lc_result_free(empty);
    lc_model_free(m);
}

static void results(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/lqn/*.lqnx", 39, results_are_valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_survive_a_round_trip),
        cmocka_unit_test(the_grammar_is_strict),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(all_errors_in_one_run),
        cmocka_unit_test(programs_and_entities),
        cmocka_unit_test(results),
        cmocka_unit_test(decisions_have_results),
    };
    return cmocka_run_group_tests(tests, read_grammar, free_grammar);
}
