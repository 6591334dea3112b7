/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Services of one name that differ in namespace or environment are told apart; a name that is unique stays short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "loadcast/tree.h"
#include "trace_read.h"

struct source { /* of one span of a trace of its own */
    const char *name, *space, *environment;
};

/* One span a source, in OTLP. */
static char *text_of(const struct source *sources, size_t count)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (size_t i = 0; i < count; i++) {
        const struct {
            const char *key, *value;
        } attributes[] = {{"service.name", sources[i].name},
                          {"service.namespace", sources[i].space},
                          {i % 2 ? "deployment.environment" : "deployment.environment.name", sources[i].environment}};
        fputs("{\"resourceSpans\":[{\"resource\":{\"attributes\":[", file);
        for (size_t k = 0, put = 0; k < 3; k++)
            if (attributes[k].value != NULL)
                fprintf(file, "%s{\"key\":\"%s\",\"value\":{\"stringValue\":\"%s\"}}", put++ ? "," : "",
                        attributes[k].key, attributes[k].value);
        fprintf(file,
                "]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%zx\",\"spanId\":\"1\",\"name\":\"cart\",\"kind\":2,"
                "\"startTimeUnixNano\":1700000000000000000,\"endTimeUnixNano\":1700000000000005000}]}]}]}\n",
                i + 1);
    }
    fclose(file);
    return text;
}

struct found {
    const struct lc_symbols *symbols;
    char *names; /* of tasks, in order of their traces */
};

static int take(void *context, const struct lc_tree *tree)
{
    struct found *f = context;
    char *more =
        lc_format("%s %s:%s", f->names != NULL ? f->names : "", lci_symbol_text(f->symbols, tree->nodes[0].task),
                  lci_symbol_text(f->symbols, tree->nodes[0].entry));
    free(f->names);
    f->names = more;
    return 0;
}

static void expect(const struct source *sources, size_t count, const char *names, size_t warnings)
{
    char *text = text_of(sources, count), path[40];
    const int fd = memory_file(text, strlen(text), path);
    const char *const input = path;
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_extraction extraction;
    struct lc_diag diag = {0};
    struct found found = {.symbols = symbols};
    assert_int_equal(lc_trees_read(&input, 1, &(struct lc_tree_options){0}, symbols, take, &found, &extraction, &diag),
                     0);
    assert_string_equal(found.names, names);
    assert_int_equal(diag.count, warnings);
    free(found.names);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
    close(fd);
    free(text);
}

static void unique_names_stay_short(void **state)
{
    (void)state;
    const struct source sources[] = {{"cart", "eu", "prod"},
                                     {"pay", "eu", "prod"},
                                     {"mail", "us", "prod"},
                                     {"cart", "eu", "prod"},
                                     {"cart", NULL, NULL}};
    expect(sources, 5, " cart:cart pay:cart mail:cart cart:cart cart:cart", 0);
}

static void namespaces(void **state)
{
    (void)state;
    const struct source sources[] = {
        {"cart", "eu", "prod"}, {"cart", "us", "prod"}, {"pay", "eu", "prod"}, {"cart", "eu", "prod"}};
    expect(sources, 4, " eu/cart:cart us/cart:cart pay:cart eu/cart:cart", 0);
}

static void environments(void **state)
{
    (void)state;
    const struct source sources[] = {{"cart", "eu", "prod"},
                                     {"cart", "eu", "test"},
                                     {"cart", "us", "test"},
                                     {"pay", NULL, "test"},
                                     {"pay", NULL, "prod"}};
    expect(sources, 3, " prod/eu/cart:cart test/eu/cart:cart test/us/cart:cart", 0);
    expect(sources, 2, " prod/cart:cart test/cart:cart", 0);
    expect(sources + 3, 2, " test/pay:cart prod/pay:cart", 0);
}

static void without_either(void **state)
{
    (void)state;
    const struct source sources[] = {{"cart", "eu", NULL}, {"cart", NULL, NULL}, {"cart", "us", NULL}};
    expect(sources, 3, " eu/cart:cart eu/cart:cart us/cart:cart", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unique_names_stay_short),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(environments),
        cmocka_unit_test(without_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
