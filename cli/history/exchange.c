/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/utf8.h"

#define LARGEST (1u << 30) /* bytes of a file */

static int import_measures(const char *file, struct history_records *records, struct lc_diag *diag)
{
    struct lci_measure_table all = {0};
    const int status = lci_measure_table_read(file, &all, diag);
    for (size_t i = 0; i < all.count && status == 0; i++) {
        struct history_record *record = history_records_of(records, all.items[i].release, all.items[i].run);
        lci_measure_table_add(&record->measures, &all.items[i]);
    }
    lci_measure_table_free(&all);
    return status;
}

/* A run says each thing once. */
static int check(const char *file, struct history_records *records, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    for (struct history_record *r = records->items; (size_t)(r - records->items) < records->count; r++) {
        struct lci_measure_table *m = &r->measures;
        if (*r->release == 0)
            lc_error(diag, LC_INPUT, NULL, "%s: a run has no release; expected the release of every run", file);
        lci_measure_table_sort(m);
        for (size_t i = 1; i < m->count; i++)
            if (lci_measure_row_order(&m->items[i - 1], &m->items[i]) == 0) {
                lc_error(diag, LC_INPUT, NULL,
                         "%s: '%s' stands twice for release '%s', run '%s'; expected each run once", file,
                         m->items[i].name, r->release, r->run);
                break;
            }
    }
    return diag->errors == errors ? 0 : -1;
}

/* Names are UTF-8, as JSON needs them; a zero byte would end the text where the file does not. */
static int check_text(const char *file, char *text, size_t length, struct lc_diag *diag)
{
    struct lc_place place = {.file = file, .offset = -1};
    for (char *line = text, *end; line < text + length; line = end + 1) {
        place.line++;
        end = line + strcspn(line, "\n");
        const char kept = *end;
        *end = 0;
        const bool wrong = !lci_utf8_valid(line) || (kept == 0 && end < text + length);
        *end = kept;
        if (!wrong)
            continue;
        lc_error(diag, LC_INPUT, &place, "expected text in UTF-8, found other bytes");
        return -1;
    }
    return 0;
}

int history_import(const char *file, const struct history_columns *columns, struct history_records *records,
                   struct lc_diag *diag)
{
    size_t length;
    char *text = lci_file_read(file, LARGEST, &length, diag);
    if (text == NULL)
        return -1;
    const size_t header = strcspn(text, "\r\n");
    int status = check_text(file, text, length, diag);
    if (status == 0 && text[strspn(text, " \t\r\n")] == '{')
        status = history_import_json(file, text, records, diag);
    else if (status == 0 && header == strlen(lci_measure_table_header) &&
             strncmp(text, lci_measure_table_header, header) == 0)
        status = import_measures(file, records, diag);
    else if (status == 0)
        status = history_import_table(file, text, columns, records, diag);
    free(text);
    return status == 0 ? check(file, records, diag) : -1;
}
