/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Spans of one trace that came with one id: the same span again is left out, all others are spans of their own, and the
 * children go to the one whose time holds them, whatever the format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "trace_read.h"

static void read_case(struct seen_all *all, const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/traces/one-id/%s", TEST_DATA, name);
    read_file(all, path);
    assert_int_equal(all->status, 0);
    assert_int_equal(all->reading.repairs.count[LC_REPAIR_DUPLICATE], 0);
    assert_int_equal(all->reading.repairs.count[LC_REPAIR_SHARED_ID], 1);
    assert_int_equal(repaired(all), 1);
}

static const struct seen *named(const struct seen_all *all, const char *service, size_t skip)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(lci_symbol_text(all->symbols, all->spans[i].span.service), service) == 0 && skip-- == 0)
            return &all->spans[i];
    fail_msg("no span of %s", service);
    return NULL;
}

static void below(const struct seen_all *all, const char *service, const char *parent)
{
    const struct seen *up = span_of(all, named(all, service, 0)->span.parent);
    assert_non_null(up);
    assert_string_equal(lci_symbol_text(all->symbols, up->span.service), parent);
}

static void servers_behind_each_other(void **state)
{
    (void)state;
    static const char *const files[] = {"same-id-two-servers.json", "zip-two-servers.json"};
    for (int i = 0; i < 2; i++) {
        struct seen_all all = {0};
        read_case(&all, files[i]);
        assert_int_equal(all.count, 4);
        below(&all, "sidecar", "gateway");
        below(&all, "app", "sidecar");
        below(&all, "db", "app");
        assert_int_equal(named(&all, "sidecar", 0)->span.flags & LC_SPAN_SHARED, 0);
        forget(&all);
    }
}

static void client_and_span_without_kind(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_case(&all, "same-id-client-internal.json");
    assert_int_equal(all.count, 4);
    assert_int_equal(span_of(&all, named(&all, "app", 0)->span.parent)->span.kind, LC_KIND_CLIENT);
    below(&all, "db", "app");
    forget(&all);
}

static void two_visits(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_case(&all, "same-id-same-service.json");
    assert_int_equal(all.count, 3);
    assert_int_equal(named(&all, "app", 0)->span.parent, 1);
    assert_int_equal(named(&all, "app", 1)->span.parent, 1);
    forget(&all);
}

struct part { /* of a Zipkin trace */
    const char *id, *parent, *kind, *service;
    int start, duration; /* ms; duration < 0: none */
};

static void read_parts(struct seen_all *all, const struct part *parts, size_t count)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (size_t i = 0; i < count; i++) {
        const struct part *p = &parts[i];
        fprintf(file, "%s{\"traceId\":\"a\",\"id\":\"%s\",\"parentId\":\"%s\",\"kind\":\"%s\",\"name\":\"n\"",
                i ? "," : "[", p->id, p->parent, p->kind);
        fprintf(file, ",\"timestamp\":17000000000%02d000,\"localEndpoint\":{\"serviceName\":\"%s\"}", p->start,
                p->service);
        if (p->duration >= 0)
            fprintf(file, ",\"duration\":%d000", p->duration);
        fputc('}', file);
    }
    fputc(']', file);
    fclose(file);
    read_bytes(all, text, length, NULL);
    free(text);
}

#define AT(ms) INT64_C(17000000000##ms##000000)

/* One message sent once and received three times, without durations; one receiver calls on. And again, as a second
 * account of one of them. */
static void one_message_received_often(void **state)
{
    (void)state;
    static const struct part parts[] = {
        {"2", "", "CLIENT", "a", 10, -1}, {"2", "", "SERVER", "b", 30, -1}, {"2", "", "SERVER", "b", 20, -1},
        {"2", "", "SERVER", "b", 20, -1}, {"2", "", "SERVER", "b", 40, -1}, {"5", "2", "CLIENT", "b", 31, 2},
    };
    struct seen_all all = {0};
    read_parts(&all, parts, sizeof parts / sizeof *parts);
    assert_int_equal(all.count, 5);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_DUPLICATE], 1);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_SHARED_ID], 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(named(&all, "b", i)->span.parent, 2);
    assert_int_equal(span_of(&all, span_of(&all, 5)->span.parent)->span.start, AT(30));
    forget(&all);
}

/* The halves of two attempts, the server's clock behind: a server below each client, the children of the server's
 * service below it, whatever the times. */
static void halves_on_two_clocks(void **state)
{
    (void)state;
    static const struct part parts[] = {
        {"2", "", "SERVER", "b", 11, 5}, {"2", "", "SERVER", "b", 31, 5},  {"2", "", "CLIENT", "a", 50, 5},
        {"2", "", "CLIENT", "a", 70, 5}, {"5", "2", "CLIENT", "b", 32, 1},
    };
    struct seen_all all = {0};
    read_parts(&all, parts, sizeof parts / sizeof *parts);
    assert_int_equal(all.count, 5);
    const struct seen *early = named(&all, "b", 0), *late = named(&all, "b", 1);
    if (early->span.start > late->span.start) {
        late = early;
        early = named(&all, "b", 1);
    }
    assert_int_equal(span_of(&all, early->span.parent)->span.start, AT(50));
    assert_int_equal(span_of(&all, late->span.parent)->span.start, AT(70));
    assert_true(early->span.flags & LC_SPAN_SHARED);
    assert_int_equal(span_of(&all, 5)->span.parent, late->span.id);
    forget(&all);
}

/* A program that gives every span the same id costs no more than the sort, and loses none. */
static void one_id_for_all(void **state)
{
    (void)state;
    const size_t count = 30000;
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%s{\"traceId\":\"a\",\"id\":\"2\",\"parentId\":\"2\",\"timestamp\":17%014zu,\"duration\":%zu}",
                i ? "," : "[", i * 7 % count, i % 3);
    fputc(']', file);
    fclose(file);
    struct seen_all all = {0};
    read_bytes(&all, text, length, NULL);
    assert_int_equal(all.count, count);
    forget(&all);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_behind_each_other),
        cmocka_unit_test(client_and_span_without_kind),
        cmocka_unit_test(two_visits),
        cmocka_unit_test(one_message_received_often),
        cmocka_unit_test(halves_on_two_clocks),
        cmocka_unit_test(one_id_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
