/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models in memory and in our own formats: properties of random models, and of damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/format.h"
#include "model/random/generator.h"
#include "support/random_model.h"

#define MODELS 300

static char *text_of(const struct lc_format *format, const struct lc_model *model, size_t *length)
{
    struct lc_diag diag = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    assert_int_equal(format->write(model, NULL, out, &diag), 0);
    fclose(out);
    assert_int_equal(diag.errors, 0);
    lc_diag_free(&diag);
    return text;
}

static void must_be_equal(const struct lc_model *a, const struct lc_model *b, uint64_t seed)
{
    char *difference = NULL;
    if (!lc_model_equal(a, b, &difference))
        fail_msg("seed %llu: %s", (unsigned long long)seed, difference);
}

static void random_models_are_valid(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct lc_model *model = random_model(seed, seed % 2 ? RANDOM_MODEL_LQN : 0);
        struct lc_diag diag = {0};
        if (lc_model_check(model, &diag) != 0)
            for (size_t i = 0; i < diag.count; i++)
                if (diag.messages[i].severity == LC_ERROR)
                    fail_msg("seed %llu: %s", (unsigned long long)seed, diag.messages[i].text);
        lc_diag_free(&diag);
        lc_model_free(model);
    }
}

static void copies_are_equal_and_apart(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct lc_model *model = random_model(seed, 0), *copy = lc_model_copy(model);
        struct lc_model *again = lc_model_copy(model);
        must_be_equal(model, copy, seed);
        lc_model_free(model);
        must_be_equal(copy, again, seed); /* nothing is shared with what is gone */
        lc_model_free(copy);
        lc_model_free(again);
    }
}

/* Every kind of change is seen, and named. */
static void differences_are_found(void **state)
{
    (void)state;
    struct lc_model *model = random_model(5, 0);
    for (int change = 0; change < 8; change++) {
        struct lc_model *copy = lc_model_copy(model);
        switch (change) {
        case 0: copy->processors[0].speed += 1; break;
        case 1: copy->tasks[0].priority += 1; break;
        case 2: lc_add_processor(copy, "one more"); break;
        case 3: copy->entries[0].name[0] = '~'; break;
        case 4:
            free(copy->time_unit);
            copy->time_unit = lc_strdup("day");
            break;
        case 5: lc_add_call(&copy->entries[0].phases[0], LC_CALL_SYNC, 0, 1); break;
        case 6: copy->entries[0].phases[2].max_service_time = 77; break;
        default: copy->entries[0].probability += 0.125; break;
        }
        char *difference = NULL;
        assert_false(lc_model_equal(model, copy, &difference));
        assert_non_null(difference);
        free(difference);
        lc_model_free(copy);
    }
    lc_model_free(model);
}

static void own_formats_keep_everything(void **state)
{
    (void)state;
    static const char *const formats[] = {"yaml", "json"};
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct lc_model *model = random_model(seed, 0);
        for (int i = 0; i < 2; i++) {
            const struct lc_format *format = lc_format_find(formats[i]);
            struct lc_diag diag = {0};
            size_t length;
            char *text = text_of(format, model, &length);
            assert_true(format->recognise(text, length));
            struct lc_model *read = format->parse(text, length, "model", &diag);
            if (read == NULL)
                fail_msg("seed %llu, %s: %s\n%s", (unsigned long long)seed, formats[i], diag.messages[0].text, text);
            must_be_equal(model, read, seed);
            /* what is written again is the same text */
            size_t again_length;
            char *again = text_of(format, read, &again_length);
            assert_string_equal(text, again);
            free(again);
            free(text);
            lc_model_free(read);
            lc_diag_free(&diag);
        }
        lc_model_free(model);
    }
}

/* No damage makes a crash or a leak; what is read nevertheless is a model that can be written. */
static void try_damaged(const struct lc_format *format, const char *text, size_t length)
{
    struct lc_diag diag = {0};
    struct lc_model *model = format->parse(text, length, "damaged", &diag);
    assert_true((model == NULL) == (diag.errors > 0));
    if (model != NULL) {
        lc_model_check(model, &diag);
        lc_model_free(lc_model_copy(model));
    }
    lc_model_free(model);
    lc_diag_free(&diag);
}

static void damaged_files_are_errors(void **state)
{
    (void)state;
    static const char *const formats[] = {"yaml", "json"};
    for (int i = 0; i < 2; i++) {
        const struct lc_format *format = lc_format_find(formats[i]);
        struct lc_random random;
        lc_random_init(&random, 7, 0, "damage", formats[i]);
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct lc_model *model = random_model(seed, 0);
            size_t length;
            char *text = text_of(format, model, &length);
            for (size_t cut = 0; cut < length; cut += 1 + length / 200) {
                char *prefix = lc_strndup(text, cut); /* exactly as long, so that overruns are seen */
                try_damaged(format, prefix, cut);
                free(prefix);
            }
            for (int n = 0; n < 250; n++) {
                const size_t at = lci_random_below(&random, length);
                const char old = text[at];
                text[at] = (char)(n % 3 == 0 ? "{}[]:,\"'-\n\t#&*!|>%@`0."[lci_random_below(&random, 22)]
                                             : (int)lci_random_below(&random, 256));
                try_damaged(format, text, length);
                text[at] = old;
            }
            free(text);
            lc_model_free(model);
        }
    }
}

/* All errors of a file, each with line and column. */
static void errors_have_places(void **state)
{
    (void)state;
    static const char text[] = "loadcast: model/1\n"
                               "time_unit: parsec\n"
                               "processors:\n"
                               "  cpu: {multiplicty: 2, scheduling: psd}\n"
                               "tasks:\n"
                               "  web:\n"
                               "    processor: cpx\n"
                               "    multiplicity: 1.5\n"
                               "    entries:\n"
                               "      page: {demand: fast, calls: [{to: reed}, {mean: 2}]}\n"
                               "      read: {demand: {gama: {shape: 1}}, phase2: {demand: {gamma: {shape: 1}}}}\n"
                               "      graph: {start: nowhere}\n"
                               "    activities: {a: {}, b: {}}\n"
                               "    flow: [a -> , a & b + a -> b, a -> c]\n"
                               "  db: {entries: []}\n";
    static const char *const expected[] = {
        "m.yaml:2:12: time_unit is 'parsec'",
        "m.yaml:4:9: a processor has no key 'multiplicty'; did you mean 'multiplicity'?",
        "m.yaml:4:37: there is no scheduling 'psd'; did you mean 'ps'?",
        "m.yaml:7:16: there is no processor 'cpx'; did you mean 'cpu'?",
        "m.yaml:8:19: multiplicity is '1.5'",
        "m.yaml:10:22: demand is 'fast'; expected a number in the model's unit of time",
        "m.yaml:10:41: there is no entry 'reed'; did you mean 'read'?",
        "m.yaml:10:48: a call leads nowhere",
        "m.yaml:11:23: there is no family of distributions 'gama'; did you mean 'gamma'?",
        "m.yaml:11:67: gamma lacks its parameter 'scale'",
        "m.yaml:12:22: there is no activity 'nowhere'",
        "m.yaml:14:12: 'a ->' is no flow",
        "m.yaml:14:19: 'a & b + a -> b' is no flow",
        "m.yaml:14:35: there is no activity 'c'",
        "m.yaml:15:17: entries is a list",
        "m.yaml:15:3: task 'db' has no processor",
    };
    struct lc_diag diag = {0};
    assert_null(lc_model_parse(text, strlen(text), "m.yaml", &diag));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        bool found = false;
        for (size_t j = 0; j < diag.count; j++)
            found = found || strncmp(diag.messages[j].text, expected[i], strlen(expected[i])) == 0;
        if (!found) {
            for (size_t j = 0; j < diag.count; j++)
                print_message("%s\n", diag.messages[j].text);
            fail_msg("not said: %s", expected[i]);
        }
    }
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    lc_diag_free(&diag);
}

static double mean_demand(const struct lc_model *model, const char *entry)
{
    return lc_dist_mean(&model->entries[lc_find_entry(model, entry)].phases[0].demand);
}

static void units_are_converted(void **state)
{
    (void)state;
    static const char text[] = "loadcast: model/1\ntime_unit: ms\nprocessors: {cpu: {scheduling: ps, quantum: 1 s}}\n"
                               "tasks:\n"
                               "  web: {processor: cpu, entries: {a: {demand: 2 s, open_rate: 3/s}, b: {demand: 5},\n"
                               "    c: {demand: {mean: 1 min, cv2: 2}}, d: {demand: {gamma: {shape: 2, scale: 3 s}}},\n"
                               "    e: {demand: {coxian: [{rate: 1/s, q: 0.5}, {rate: 2/s}], shift: 1 s}}}}\n";
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_parse(text, strlen(text), "m.yaml", &diag);
    assert_non_null(model);
    assert_true(mean_demand(model, "a") == 2000 && mean_demand(model, "b") == 5);
    assert_true(mean_demand(model, "c") == 60000 && mean_demand(model, "d") == 6000);
    assert_true(fabs(mean_demand(model, "e") - (1000 + 1000 + 250)) < 1e-9);
    assert_true(model->processors[0].quantum == 1000 && model->entries[0].open_rate == 0.003);
    lc_model_free(model);
    lc_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_models_are_valid),  cmocka_unit_test(copies_are_equal_and_apart),
        cmocka_unit_test(differences_are_found),    cmocka_unit_test(own_formats_keep_everything),
        cmocka_unit_test(damaged_files_are_errors), cmocka_unit_test(errors_have_places),
        cmocka_unit_test(units_are_converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
