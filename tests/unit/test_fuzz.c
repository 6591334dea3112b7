/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the fuzzers found, again; and models of every construct with damage that keeps them looking like models: words
 * that are missing, stand twice or are others of the same file, so that references are wrong, calls go in circles and
 * attributes lack. survive.h says what must hold. */
#include "base/output.h"
#include "unit/lqn_files.h"

#include "fuzz/fuzz_traces.c"
#include "fuzz/survive_tables.h"

#include <ctype.h>

static char *content(const char *file, size_t *length)
{
    struct lc_diag diag = {0};
    char *text = lci_file_read(file, 1 << 24, length, &diag);
    print_messages(&diag);
    assert_non_null(text);
    lc_diag_free(&diag);
    return text;
}

/* By the reader of traces that knows it, as the seeds of the fuzzers are; once with little memory. */
static void survive_traces(const char *file)
{
    size_t length;
    char *bytes = content(file, &length);
    bytes = lc_realloc(bytes, length + 1, 1);
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
    bytes[length] = '\n';
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, length + 1);
    free(bytes);
}

static void replay(const char *file)
{
    static const struct {
        const char *ending;
        void (*survive)(const char *path);
    } readers[] = {
        {".scenario", survive_scenario}, {".deployment", survive_deployment}, {".activities", survive_activities},
        {".measures", survive_measures}, {".history", survive_history},       {".utilization", survive_utilization},
        {".measured", survive_measured}, {".samples", survive_samples},       {".decisions", survive_decisions},
        {".times", survive_times},       {".growth", survive_growth},         {".results", survive_results},
        {".verdict", survive_verdict},   {".packed", survive_packed},         {".answer", survive_answer},
        {".csv", survive_traces},        {".deepflow", survive_traces},       {".jaeger", survive_traces},
        {".otlp", survive_traces},       {".rosebery", survive_traces},       {".skywalking", survive_traces},
        {".zipkin", survive_traces}};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strstr(file, readers[i].ending) != NULL) {
            readers[i].survive(file);
            return;
        }
    size_t length;
    char *text = content(file, &length);
    assert_non_null(lc_format_find(file));
    survive_model(lc_format_find(file), text, length, file);
    survive_model(NULL, text, length, file);
    free(text);
}

static void what_was_found_is_survived(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/fuzz/*", 40, replay);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static uint64_t bits = 88172645463325252u;

static size_t below(size_t n)
{
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    return (size_t)(bits % n);
}

struct words {
    struct word {
        size_t from, length;
    } * items;
    size_t count, capacity;
};

static struct words words_of(const char *text, size_t length)
{
    struct words words = {0};
    for (size_t i = 0; i < length;) {
        const size_t from = i;
        while (i < length && (isalnum((unsigned char)text[i]) || strchr("_.-", text[i]) != NULL) && text[i] != 0)
            i++;
        if (i == from) {
            i++;
            continue;
        }
        LC_GROW(words.items, words.count, words.capacity);
        words.items[words.count++] = (struct word){from, i - from};
    }
    return words;
}

/* The text with word `at` replaced; `by` NULL: left out. */
static char *replaced(const char *text, size_t length, const struct word *at, const char *by, size_t by_length)
{
    const size_t behind = at->from + at->length;
    return lc_format("%.*s%.*s%.*s", (int)at->from, text, (int)by_length, by != NULL ? by : "", (int)(length - behind),
                     text + behind);
}

static void damage(const struct lc_format *format, const char *text, size_t length)
{
    enum { VARIANTS = 12 };
    struct words words = words_of(text, length);
    for (int i = 0; i < VARIANTS && words.count > 1; i++) {
        const struct word *at = &words.items[below(words.count)], *other = &words.items[below(words.count)];
        char *variants[] = {replaced(text, length, at, NULL, 0),
                            replaced(text, length, at, text + other->from, other->length),
                            replaced(text, length, at, "0", 1), replaced(text, length, at, "4294967296", 10),
                            lc_strndup(text, at->from)};
        for (size_t k = 0; k < sizeof variants / sizeof *variants; k++) {
            survive_model(format, variants[k], strlen(variants[k]), "damaged");
            free(variants[k]);
        }
    }
    free(words.items);
}

/* The same model in every format that can be read. */
static void damage_everywhere(const char *file)
{
    struct lc_model *model = read_model(lc_format_find("lqnx"), file);
    for (const struct lc_format *const *f = lc_formats(); *f != NULL; f++) {
        if ((*f)->parse == NULL || (*f)->write == NULL)
            continue;
        size_t length;
        char *text = written(*f, model, NULL, &length, NULL);
        damage(*f, text, length);
        free(text);
    }
    lc_model_free(model);
}

static void damaged_models_are_survived(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/lqn/*.lqnx", 39, damage_everywhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_found_is_survived),
        cmocka_unit_test(damaged_models_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
