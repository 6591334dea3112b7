/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all rooms share: the hash table against a plain search of the same elements, through growth and removal.
 */
#include "base/table.h"
#include "loadcast/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ELEMENTS = 3000 };

/* Few hashes, so that most elements stand behind others and runs go round the end. */
static uint32_t hash_of(uint32_t key)
{
    return key % 7 == 0 ? UINT32_MAX - key % 3 : lci_hash_word(key);
}

static uint32_t find(const struct lci_table *table, const uint32_t *keys, uint32_t key)
{
    uint32_t at;
    LCI_TABLE_FIND(table, hash_of(key), at, keys[at] == key);
    return at;
}

static void table_finds_what_was_added(void **state)
{
    (void)state;
    struct lci_table table = {0};
    uint32_t *keys = lc_calloc(ELEMENTS, sizeof *keys);
    assert_int_equal(find(&table, keys, 5), LCI_ABSENT);
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        keys[i] = 2 * i;
        lci_table_add(&table, hash_of(keys[i]), i);
    }
    assert_int_equal(table.count, ELEMENTS);
    assert_true(table.size >= 2 * ELEMENTS);
    for (uint32_t key = 0; key < 2 * ELEMENTS; key++)
        assert_int_equal(find(&table, keys, key), key % 2 == 0 ? key / 2 : LCI_ABSENT);
    lci_table_free(&table);
    free(keys);
}

static void table_forgets_what_was_removed(void **state)
{
    (void)state;
    struct lci_table table = {0};
    uint32_t *keys = lc_calloc(ELEMENTS, sizeof *keys);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        lci_table_add(&table, hash_of(keys[i] = i), i);
    for (uint32_t i = 0; i < ELEMENTS; i += 3)
        lci_table_remove(&table, hash_of(i), i);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        assert_int_equal(find(&table, keys, i), i % 3 == 0 ? LCI_ABSENT : i);
    for (uint32_t i = 1; i < ELEMENTS; i += 3) { /* the element moves to a place that is free now */
        keys[i - 1] = i;
        lci_table_replace(&table, hash_of(i), i, i - 1);
        assert_int_equal(find(&table, keys, i), i - 1);
    }
    lci_table_clear(&table, 10);
    assert_int_equal(find(&table, keys, 1), LCI_ABSENT);
    assert_true(table.size < table.capacity);
    lci_table_free(&table);
    free(keys);
}

/* Lists that are joined keep severities, statuses and the count of what was dropped; a warning is not said twice, an
 * error is, because each counts. */
static void messages_keep_their_severity(void **state)
{
    (void)state;
    struct lc_diag all = {0}, part = {.limit = 3};
    lc_warn(&all, NULL, "short");
    lc_warn(&part, NULL, "short");
    lc_note(&part, NULL, "short"); /* another severity: another message */
    lc_error(&part, LC_MACHINE, NULL, "full");
    lc_warn(&part, NULL, "one more than is kept");
    lc_diag_append(&all, &part);
    assert_int_equal(all.count, 3);
    assert_int_equal(all.messages[1].severity, LC_NOTE);
    assert_int_equal(all.messages[2].severity, LC_ERROR);
    assert_int_equal(lc_diag_status(&all), LC_MACHINE);
    assert_int_equal(all.errors, 1);
    assert_int_equal(all.dropped, 1);
    lc_diag_append(&all, &part);
    assert_int_equal(all.errors, 2);
    assert_int_equal(all.count, 4);
    assert_string_equal(part.messages[0].text, "short");
    lc_diag_free(&all);
    lc_diag_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_finds_what_was_added),
        cmocka_unit_test(table_forgets_what_was_removed),
        cmocka_unit_test(messages_keep_their_severity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
