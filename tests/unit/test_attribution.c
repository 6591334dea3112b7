/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "loadcast/format.h"
#include "model/attribution.h"

static struct lc_model *read_model(const char *text)
{
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_parse(text, strlen(text), "model.yaml", &diag);
    for (size_t i = 0; i < diag.count; i++)
        print_error("%s\n", diag.messages[i].text);
    assert_non_null(model);
    lc_diag_free(&diag);
    return model;
}

static double share_of(const struct lci_load_uses *uses, const char *name)
{
    for (size_t i = 0; i < uses->count; i++)
        if (strcmp(uses->items[i].name, name) == 0)
            return uses->items[i].share;
    return 0;
}

static void near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.17g instead of %.17g", value, expected);
}

static double sum_of(const struct lci_load_uses *uses)
{
    double sum = 0;
    for (size_t i = 0; i < uses->count; i++)
        sum += uses->items[i].share;
    return sum;
}

/* Per second the disk works 2 × 3 × 10 ms for the readers (two pages, three calls each), 1 × 40 ms for the
 * writer, by a call that nobody waits for, and 1 × 20 ms for arrivals of its own. */
static const char model_text[] = "loadcast: model/1\n"
                                 "time_unit: s\n"
                                 "processors: {host: {scheduling: inf}, disk: {speed: 2}, out: {scheduling: inf}}\n"
                                 "tasks:\n"
                                 "  readers: {processor: out, scheduling: open, arrivals: 0.5 s,\n"
                                 "    entries: {readers: {calls: {page: 1}}}}\n"
                                 "  writers: {processor: out, scheduling: open, arrivals: 1 s,\n"
                                 "    entries: {writers: {calls: {save: 1}}}}\n"
                                 "  web:\n"
                                 "    processor: host\n"
                                 "    multiplicity: 4\n"
                                 "    entries:\n"
                                 "      page: {demand: 5 ms, calls: {select: 3}}\n"
                                 "      save: {demand: 10 ms, calls: [{to: update, kind: async}]}\n"
                                 "  db:\n"
                                 "    processor: disk\n"
                                 "    entries:\n"
                                 "      select: {demand: 20 ms}\n"
                                 "      update: {demand: 80 ms}\n"
                                 "      vacuum: {demand: 40 ms, open_rate: 1/s}\n";

static void shares_of_a_processor(void **state)
{
    (void)state;
    struct lc_model *model = read_model(model_text);
    struct lci_attribution a;
    struct lc_diag diag = {0};
    assert_int_equal(lci_attribute_uses(model, lc_find_processor(model, "disk"), LC_NONE, &a, &diag), 0);
    near(share_of(&a.sources, "readers"), 0.5);
    near(share_of(&a.sources, "writers"), 1.0 / 3);
    near(share_of(&a.sources, "vacuum"), 1.0 / 6);
    near(share_of(&a.entries, "select"), 0.5);
    near(share_of(&a.entries, "update"), 1.0 / 3);
    near(share_of(&a.paths, "readers → page → select"), 0.5);
    near(share_of(&a.paths, "writers → save → update"), 1.0 / 3);
    near(share_of(&a.paths, "vacuum → vacuum"), 1.0 / 6);
    assert_string_equal(a.sources.items[0].name, "readers");
    near(sum_of(&a.sources), 1);
    near(sum_of(&a.entries), 1);
    near(sum_of(&a.paths) + a.rest, 1);
    lci_attribution_free(&a);
    lc_model_free(model);
}

/* Threads of web: 2 × (5 + 3 × 10) ms for readers, 10 ms for the writer, who waits for nothing. */
static void shares_of_threads(void **state)
{
    (void)state;
    struct lc_model *model = read_model(model_text);
    struct lci_attribution a;
    struct lc_diag diag = {0};
    assert_int_equal(lci_attribute_uses(model, LC_NONE, lc_find_task(model, "web"), &a, &diag), 0);
    near(share_of(&a.sources, "readers"), 7.0 / 8);
    near(share_of(&a.paths, "readers → page"), 7.0 / 8);
    near(share_of(&a.paths, "writers → save"), 1.0 / 8);
    assert_int_equal(a.paths.count, 2);
    lci_attribution_free(&a);
    assert_int_equal(lci_attribute_uses(model, lc_find_processor(model, "out"), LC_NONE, &a, &diag), 0);
    assert_int_equal(a.paths.count + a.sources.count + a.entries.count, 0); /* nobody uses it */
    lci_attribution_free(&a);
    lc_model_free(model);
}

/* A thousand ways of a diamond over ten layers: small ones are counted together, and nothing is lost. */
static void many_ways_sum_to_one(void **state)
{
    (void)state;
    struct lc_model *model = lc_model_new("layers");
    const int processor = lc_add_processor(model, "cpu");
    int tasks[11], entries[11][2];
    for (int layer = 0; layer <= 10; layer++) {
        char name[16] = {'t', (char)('a' + layer), 0};
        tasks[layer] = lc_add_task(model, name, processor);
        for (int side = 0; side < 2; side++) {
            char entry[16] = {'e', (char)('a' + layer), (char)('0' + side), 0};
            entries[layer][side] = lc_add_entry(model, entry, tasks[layer]);
            struct lc_activity *phase = &model->entries[entries[layer][side]].phases[0];
            phase->present = true;
            phase->demand = lc_dist_exponential(1e-3);
        }
    }
    for (int layer = 0; layer < 10; layer++)
        for (int side = 0; side < 2; side++)
            for (int to = 0; to < 2; to++)
                lc_add_call(&model->entries[entries[layer][side]].phases[0], LC_CALL_SYNC, entries[layer + 1][to], 0.5);
    model->entries[entries[0][0]].open_rate = 1;
    struct lci_attribution a;
    struct lc_diag diag = {0};
    assert_int_equal(lci_attribute_uses(model, processor, LC_NONE, &a, &diag), 0);
    near(sum_of(&a.paths) + a.rest, 1);
    near(sum_of(&a.entries), 1);
    near(share_of(&a.paths, "ea0 → ea0"), 1.0 / 11);
    assert_true(a.rest > 0.1);
    lci_attribution_free(&a);
    lc_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_a_processor),
        cmocka_unit_test(shares_of_threads),
        cmocka_unit_test(many_ways_sum_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
