/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that are put together, shown, cut and sorted.
 */
#include "base/buffer.h"
#include "base/csv.h"
#include "base/digits.h"
#include "base/shown.h"
#include "base/sort.h"
#include "loadcast/base.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void is(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    free(text);
}

static void buffer_grows(void **state)
{
    (void)state;
    struct lci_buffer b = {0};
    is(lci_buffer_take(&b), "");
    lci_buffer_put(&b, "a\0b", 1);
    lci_buffer_join(&b, ", ", "%d", 7);
    is(lci_buffer_take(&b), "a, 7");
    lci_buffer_join(&b, ", ", "%s", "first");
    for (int i = 0; i < 1000; i++)
        lci_buffer_add(&b, "%s%d", "..........", i % 10);
    lci_buffer_add(&b, "%0*d", 5000, 1);
    assert_int_equal(b.length, 5 + 11 * 1000 + 5000);
    assert_int_equal(strlen(b.text), b.length);
    assert_string_equal(b.text + b.length - 3, "001");
    assert_memory_equal(b.text + 5 + 11 * 999, "..........9", 11);
    free(b.text);
}

static void names_are_listed(void **state)
{
    (void)state;
    const char *const names[] = {"a", "b", "c", "d"};
    struct lci_buffer b = {0};
    lci_buffer_names(&b, names, 1, 3);
    is(lci_buffer_take(&b), "a");
    lci_buffer_names(&b, names, 3, 3);
    is(lci_buffer_take(&b), "a, b, c");
    lci_buffer_names(&b, names, 4, 2);
    is(lci_buffer_take(&b), "a, b and 2 more");
}

static void shown(const char *text, bool lines, const char *expected)
{
    const size_t length = strlen(text);
    assert_int_equal(lci_is_shown(text, length, lines), strcmp(text, expected) == 0);
    is(lci_shown(text, length, lines), expected);
}

static void hidden_characters_are_shown(void **state)
{
    (void)state;
    shown("", false, "");
    shown("Größe → 3 \xF0\x9F\x9A\x80", false, "Größe → 3 \xF0\x9F\x9A\x80");
    shown("\xC2\x1B", false, "\xC2\\x1b"); /* no character of two bytes: the second one counts alone */
    shown("a\x1B[31mb\x07", false, "a\\x1b[31mb\\x07");
    shown("a\n\tb\r", false, "a\\n\\tb\\r");
    shown("a\n\tb\r", true, "a\n\tb\\r");
    shown("\x7F\xC2\x9B"
          "1m\xC2\xA0",
          false, "\\x7f\\x9b1m\xC2\xA0");
    shown("\xE2\x80\xAEgpj.exe", false, "\\u202egpj.exe");
    shown("\xE2\x81\xA6x\xEF\xBF\xBF\xEF\xBF\xBD", false, "\\u2066x\\uffff\xEF\xBF\xBD");
    shown("\xE2\x80", false, "\xE2\x80"); /* cut off: not of its business */
}

static void csv_is_cut(void **state)
{
    (void)state;
    char line[] = " a ,\"b, \"\"c\"\"\", ,\"\",12 ms\r";
    char *fields[LCI_CSV_FIELDS];
    assert_int_equal(lci_csv_cut(line, ',', fields), 5);
    assert_string_equal(fields[0], "a");
    assert_string_equal(fields[1], "b, \"c\"");
    assert_string_equal(fields[2], "");
    assert_string_equal(fields[3], "");
    assert_string_equal(fields[4], "12 ms");
    char tabs[] = "x\t\t\"open";
    assert_int_equal(lci_csv_separator(tabs), '\t');
    assert_int_equal(lci_csv_cut(tabs, '\t', fields), 3);
    assert_string_equal(fields[1], "");
    assert_string_equal(fields[2], "open");
    char nothing[] = "";
    assert_int_equal(lci_csv_cut(nothing, ',', fields), 1);
    char many[2 * LCI_CSV_FIELDS + 3];
    memset(many, ',', sizeof many);
    many[sizeof many - 1] = 0;
    assert_int_equal(lci_csv_cut(many, ',', fields), LCI_CSV_FIELDS);
}

static uint64_t random_below(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

/* The next cell of a line, a byte after the other; returns what follows its separator, NULL behind the last one. */
static const char *one_cell(const char *at, const char *end, char separator, struct lci_csv_field *field)
{
    while (at < end && strchr(" \t\r", *at) != NULL && *at != separator)
        at++;
    const bool quoted = at < end && *at == '"';
    const char *begin = at += quoted;
    field->doubled = false;
    while (quoted && at < end && (*at != '"' || (at + 1 < end && at[1] == '"'))) {
        field->doubled |= *at == '"';
        at += *at == '"' ? 2 : 1;
    }
    *field = (struct lci_csv_field){begin, (size_t)(at - begin), field->doubled};
    while (at < end && *at != separator)
        at++;
    if (!quoted) {
        field->length = (size_t)(at - begin);
        while (field->length > 0 && strchr(" \t\r", begin[field->length - 1]) != NULL)
            field->length--;
    }
    return at < end ? at + 1 : NULL;
}

/* Lines of any length, whose bytes lie in exactly as much memory, cut as they are a byte after the other. */
static void csv_is_cut_in_blocks(void **state)
{
    (void)state;
    static const char letters[] = "aaaaaaaab\xC3,,,,,\t\t;\"\" \r!";
    uint64_t seed = 88172645463325252u;
    for (unsigned round = 0; round < 20000; round++) {
        const size_t length = random_below(&seed, 300), plain = round % 4 == 0 ? 8 : 4;
        const char separator = ",\t;"[round % 3];
        char *line = lc_alloc(length + 1);
        for (size_t i = 0; i < length; i++) /* long stretches without anything special in some */
            line[i] = random_below(&seed, plain) != 0 ? 'x' : letters[random_below(&seed, sizeof letters - 1)];
        line = lc_realloc(line, length + (length == 0), 1);
        struct lci_csv_field fields[320], expected;
        const size_t most = round % 5 == 0 ? 3 : 320, count = lci_csv_split(line, length, separator, fields, most);
        size_t i = 0;
        for (const char *at = line; at != NULL; i++) {
            at = one_cell(at, line + length, separator, &expected);
            assert_true(i >= most || (fields[i].length == expected.length && fields[i].doubled == expected.doubled &&
                                      (expected.length == 0 || fields[i].text == expected.text)));
        }
        assert_int_equal(count, i);
        free(line);
    }
}

/* What is written is read again; what a spreadsheet computes has an apostrophe in front. */
static void csv_cells_come_back(void **state)
{
    (void)state;
    static const char *const cells[] = {"plain", "a,b", "say \"no\"", "=1+1", "-2",  "@SUM(1)",  "+1",
                                        "",      "'=1", "''-2",       "'s",   " a ", "'=\"x\",", "'"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char line[64] = "", *fields[LCI_CSV_FIELDS];
        FILE *out = fmemopen(line, sizeof line, "w");
        assert_non_null(out);
        lci_csv_cell(out, cells[i]);
        fclose(out);
        assert_null(strchr("=+-@", line[0] != 0 ? line[0] : ' '));
        assert_int_equal(lci_csv_cut(line, ',', fields), 1);
        assert_string_equal(lci_csv_text(fields[0]), cells[i]);
    }
}

static void values_are_sorted(void **state)
{
    (void)state;
    double x[] = {3, -1, 2, -1};
    lci_sort_doubles(x, 4);
    for (int i = 1; i < 4; i++)
        assert_true(x[i - 1] <= x[i]);
    int64_t y[] = {INT64_MAX, INT64_MIN, 0};
    lci_sort_int64(y, 3);
    assert_true(y[0] == INT64_MIN && y[2] == INT64_MAX);
    const char *texts[] = {"b", "a"};
    lci_sort_texts(texts, 2);
    assert_string_equal(texts[0], "a");
    lci_sort_doubles(NULL, 0);
}

/* Against the C library: random digits, and every byte in every place that is none. */
static void digits_are_read(void **state)
{
    (void)state;
    uint64_t value, seed = 88172645463325252;
    char text[24], hex[17];
    for (int i = 0; i < 2000; i++) {
        seed = (seed ^ seed << 13) * 0x9E3779B97F4A7C15 + 1;
        const int length = snprintf(text, sizeof text, "%0*" PRIu64, 1 + i % 19, seed >> (i % 60));
        assert_int_equal(lci_digits(text, (size_t)length, &value), length < 19 ? length : 19);
        if (length <= 19)
            assert_true(value == strtoull(text, NULL, 10));
        snprintf(hex, sizeof hex, i % 2 ? "%016" PRIx64 : "%016" PRIX64, seed);
        assert_true(lci_sixteen_hex_digits(hex, &value) && value == seed);
    }
    for (int place = 0; place < 16; place++)
        for (int byte = 0; byte < 256; byte++) {
            const bool digit = byte >= '0' && byte <= '9';
            memcpy(hex, "0123456789abcDEF", 16);
            memcpy(text, "12345678", 8);
            hex[place] = text[place % 8] = (char)byte;
            assert_int_equal(lci_eight_digits(text, &value), digit);
            assert_int_equal(lci_digits(text, 8, &value), digit ? 8 : place % 8);
            assert_int_equal(lci_sixteen_hex_digits(hex, &value),
                             digit || ((byte | 32) >= 'a' && (byte | 32) <= 'f' && byte < 128));
        }
    assert_int_equal(lci_digits("", 0, &value), 0);
    assert_int_equal(value, 0);
    assert_int_equal(lci_digits("99999999999999999999", 20, &value), 19); /* no more than cannot overflow */
    assert_true(value == UINT64_C(9999999999999999999));
}

static void whole_numbers_are_read(void **state)
{
    (void)state;
    static const char digits[] = "9012345678901234567";
    for (size_t length = 0; length <= 19; length++) {
        char *text = lc_strndup(digits, length); /* in exactly as much memory, but for the end */
        uint64_t value = 0;
        assert_int_equal(lci_all_digits(text, length, &value), length > 0 && length <= 16);
        assert_true(length == 0 || length > 16 || value == strtoull(text, NULL, 10));
        for (size_t place = 0; place < length; place++)
            for (int byte = 1; byte < 256; byte++) {
                if (byte >= '0' && byte <= '9')
                    continue;
                text[place] = (char)byte;
                assert_false(lci_all_digits(text, length, &value));
                text[place] = digits[place];
            }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_grows),
        cmocka_unit_test(names_are_listed),
        cmocka_unit_test(csv_is_cut),
        cmocka_unit_test(hidden_characters_are_shown),
        cmocka_unit_test(csv_cells_come_back),
        cmocka_unit_test(values_are_sorted),
        cmocka_unit_test(digits_are_read),
        cmocka_unit_test(csv_is_cut_in_blocks),
        cmocka_unit_test(whole_numbers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
