/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The examples of docs/model-format.md are read as they stand there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "loadcast/format.h"
#include "model/dist/dist.h"

static char *page(void)
{
    size_t length;
    char *text = lci_file_read(SOURCE_DIR "/docs/model-format.md", 1 << 20, &length, NULL);
    assert_non_null(text);
    return text;
}

static struct lc_model *parse(const char *text)
{
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_parse(text, strlen(text), "example.yaml", &diag);
    if (model == NULL)
        fail_msg("%s\n%s", diag.messages[0].text, text);
    assert_int_equal(diag.count, 0); /* no warnings either */
    lc_diag_free(&diag);
    return model;
}

static void the_example_is_a_model(void **state)
{
    (void)state;
    char *text = page(), *start = strstr(text, "```yaml\n") + strlen("```yaml\n");
    *strstr(start, "```") = 0;
    struct lc_model *model = parse(start);
    assert_int_equal(model->task_count, 4);
    assert_int_equal(model->tasks[1].precedence_count, 2);
    assert_true(lc_dist_mean(&model->tasks[0].think_time) == 5);
    const struct lc_entry *page_entry = &model->entries[lc_find_entry(model, "page")];
    assert_int_equal(page_entry->phases[0].calls[1].kind, LC_CALL_ASYNC);
    assert_true(fabs(lc_dist_mean(&page_entry->phases[1].demand) - 0.002) < 1e-15);
    lc_model_free(model);
    free(text);
}

/* Each row of a table that shows a distribution: | `TEXT` | … */
static void every_distribution_is_one(void **state)
{
    (void)state;
    char *text = page(), *row = strstr(text, "| written | means |");
    int count = 0;
    assert_non_null(row);
    row = strstr(row, "\n| `");
    while (row != NULL && strncmp(row, "\n| `", 4) == 0) {
        char *end = strchr(row + 4, '`');
        char *demand = lc_strndup(row + 4, (size_t)(end - row - 4));
        char *model_text = lc_format("loadcast: model/1\nprocessors: {p: {}}\ntasks:\n"
                                     "  s: {processor: p, entries: {e: {demand: %s}}}\n"
                                     "  u: {processor: p, scheduling: ref, entries: {f: {calls: [e]}}}\n",
                                     demand);
        struct lc_model *model = parse(model_text);
        assert_true(lc_dist_mean(&model->entries[0].phases[0].demand) > 0);
        lc_model_free(model);
        free(model_text);
        free(demand);
        count++;
        row = strchr(end, '\n');
    }
    assert_int_equal(count, 9);
    free(text);
}

/* All families are told, with all of their parameters. */
static void every_family_is_told(void **state)
{
    (void)state;
    char *text = page();
    for (const struct lc_family *const *f = lci_families(); *f != NULL; f++) {
        char *quoted = lc_format("`%s`", (*f)->name), *braced = lc_format("{%s:", (*f)->name);
        if (strstr(text, quoted) == NULL && strstr(text, braced) == NULL && strcmp((*f)->name, "moments") != 0)
            fail_msg("docs/model-format.md does not tell of %s", (*f)->name);
        free(quoted);
        free(braced);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_is_a_model),
        cmocka_unit_test(every_distribution_is_one),
        cmocka_unit_test(every_family_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
