/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes to another rank and comes back is what stays here: models, with their places, and results, bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/format.h"
#include "loadcast/sim.h"
#include "model/pack.h"
#include "sim/elsewhere.h"

static struct lc_model *there_and_back(const struct lc_model *model, struct lci_pack *in, struct lci_buffer *bytes)
{
    struct lci_pack out = lci_pack_writer(bytes);
    struct lc_model *sent = (struct lc_model *)model, *read = NULL;
    lci_pack_model(&out, &sent);
    *in = lci_pack_reader(bytes->text, bytes->length);
    lci_pack_model(in, &read);
    assert_ptr_equal(in->at, in->end);
    return read;
}

/* Each model of the corpus, and the same bytes again when what was read is sent on. */
static void test_models(void **state)
{
    (void)state;
    static const char *const patterns[] = {TEST_DATA "/lqn/*.lqn*", SOURCE_DIR "/scenarios/*/*.yaml",
                                           TEST_DATA "/hand/*.yaml"};
    size_t models = 0;
    for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++) {
        glob_t found = {0};
        glob(patterns[k], 0, NULL, &found);
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct lc_diag diag = {0};
            struct lc_model *model = lc_model_read(found.gl_pathv[i], &diag);
            lc_diag_free(&diag);
            if (model == NULL)
                continue; /* a scenario */
            struct lci_buffer first = {0}, second = {0};
            struct lci_pack in, again;
            struct lc_model *read = there_and_back(model, &in, &first), *twice = there_and_back(read, &again, &second);
            char *difference = NULL;
            if (!lc_model_equal(model, read, &difference))
                fail_msg("%s: %s", found.gl_pathv[i], difference);
            assert_int_equal(first.length, second.length);
            for (size_t t = 0; t < model->task_count; t++) {
                assert_int_equal(model->tasks[t].place.line, read->tasks[t].place.line);
                if (model->tasks[t].place.file != NULL)
                    assert_string_equal(model->tasks[t].place.file, read->tasks[t].place.file);
            }
            lc_model_free(twice);
            lci_pack_end(&again);
            lc_model_free(read);
            lci_pack_end(&in);
            free(first.text);
            free(second.text);
            lc_model_free(model);
            models++;
        }
        globfree(&found);
    }
    assert_true(models > 30);
}

static char *text_of(struct lc_result *result)
{
    result->elapsed_s = 0;
    json_t *json = lc_result_json(result);
    char *text = json_dumps(json, JSON_REAL_PRECISION(17));
    json_decref(json);
    return text;
}

/* The work of a rank, asked for as rank 0 would. */
static void compare(const char *file, const struct lc_sim_options *options)
{
    struct lc_diag diag = {0}, other = {0};
    struct lc_model *model = lc_model_read(file, &diag);
    assert_non_null(model);
    lc_diag_free(&diag);
    struct lc_result *here = lc_simulate(model, options, &diag), *there = NULL;
    struct lci_buffer question = {0}, answer = {0};
    struct lci_pack out = lci_pack_writer(&question);
    struct lc_sim_options own = *options;
    bool any = false;
    lci_pack_model(&out, &model);
    LCI_PACK(&out, own);
    struct lci_pack in = lci_pack_reader(question.text, question.length);
    lci_elsewhere_simulate(&in, &answer);
    lci_pack_end(&in);
    in = lci_pack_reader(answer.text, answer.length);
    lci_pack_diag(&in, &other);
    LCI_PACK(&in, any);
    assert_int_equal(any, here != NULL);
    assert_int_equal(diag.count, other.count);
    for (size_t i = 0; i < diag.count; i++)
        assert_string_equal(diag.messages[i].text, other.messages[i].text);
    if (any) {
        lci_pack_result(&in, &there, model);
        assert_ptr_equal(in.at, in.end);
        char *a = text_of(here), *b = text_of(there);
        assert_string_equal(a, b);
        assert_int_equal(here->samples.count, there->samples.count);
        for (size_t i = 0; i < here->samples.count; i++) { /* each measure belongs to the estimate that it did */
            assert_int_equal(here->samples.of[i] == NULL, there->samples.of[i] == NULL);
            if (here->samples.of[i] != NULL)
                assert_memory_equal(here->samples.of[i], there->samples.of[i], sizeof(struct lc_estimate));
        }
        assert_memory_equal(here->samples.values, there->samples.values,
                            here->samples.count * here->samples.replications * sizeof(double));
        free(a);
        free(b);
    }
    lc_result_free(here);
    lc_result_free(there);
    lc_diag_free(&diag);
    lc_diag_free(&other);
    lci_pack_end(&in);
    free(question.text);
    free(answer.text);
    lc_model_free(model);
}

static void test_results(void **state)
{
    (void)state;
    struct lc_sim_options options = lc_sim_defaults();
    options.precision = 0.1;
    options.samples = true;
    compare(TEST_DATA "/lqn/and-fork-3.lqnx", &options);
    compare(TEST_DATA "/lqn/constructs.lqnx", &options);
    options.replications = 2;
    options.jobs = 1;
    compare(TEST_DATA "/lqn/forwarding-chain.lqnx", &options);
    compare(TEST_DATA "/lqn/mixed.lqnx", &options);
}

/* Messages keep their severities, and what an absent text was. */
static void test_messages(void **state)
{
    (void)state;
    struct lc_diag diag = {0}, read = {0};
    struct lci_buffer bytes = {0};
    char *none = NULL, *empty = lc_strdup("");
    lc_warn(&diag, &(struct lc_place){"file", 3, 4, -1}, "doubtful");
    lc_error(&diag, LC_UNDECIDED, NULL, "wrong");
    struct lci_pack out = lci_pack_writer(&bytes);
    lci_pack_diag(&out, &diag);
    lci_pack_text(&out, &none);
    lci_pack_text(&out, &empty);
    free(empty);
    struct lci_pack in = lci_pack_reader(bytes.text, bytes.length);
    lci_pack_diag(&in, &read);
    lci_pack_text(&in, &none);
    lci_pack_text(&in, &empty);
    assert_null(none);
    assert_string_equal(empty, "");
    assert_int_equal(read.count, 2);
    assert_int_equal(read.errors, 1);
    assert_string_equal(read.messages[0].text, "file:3:4: doubtful");
    assert_int_equal(lc_diag_status(&read), LC_UNDECIDED);
    free(empty);
    free(bytes.text);
    lc_diag_free(&diag);
    lc_diag_free(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
