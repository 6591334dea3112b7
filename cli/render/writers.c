/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "writers.h"

#include <string.h>

#include "advice_render.h"
#include "base/output.h"
#include "comparison_render.h"
#include "loadcast/format.h"
#include "result_table.h"
#include "verdict_render.h"

const struct writer verdict_writers[] = {
#define WRITER(option, argument, help, write) {option, argument, help, write},
#include "verdict_writers.def"
#undef WRITER
    {0},
};

const struct writer advice_writers[] = {
    {"json", NULL, NULL, advice_json},
    {NULL, NULL, NULL, advice_text},
    {0},
};

const struct writer comparison_writers[] = {
    {"json", NULL, NULL, comparison_json},
    {NULL, NULL, NULL, comparison_text},
    {0},
};

const struct writer result_writers[] = {
    {"json", NULL, NULL, result_json},
    {"table", NULL, NULL, result_table_text},
    {"text", NULL, NULL, result_whole_text},
    {0},
};

const struct writer *writer_find(const struct writer *writers, const char *name)
{
    for (size_t i = 0; writers[i].write != NULL; i++)
        if (writers[i].option != NULL && strcmp(writers[i].option, name) == 0)
            return &writers[i];
    return NULL;
}

void write_file(const struct writer *writer, const char *file, const struct page *page, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return;
    struct page plain = *page;
    plain.out = lci_output_stream(output);
    plain.colour = false;
    if (writer->write(&plain, diag) == 0)
        lci_output_close(output, diag);
    else
        lci_output_abandon(output);
}

void write_all(const struct writer *writers, const char *const *files, const struct page *page, struct lc_diag *diag)
{
    bool taken = false;
    for (size_t i = 0; writers[i].write != NULL; i++)
        if (files[i] != NULL) {
            write_file(&writers[i], files[i], page, diag);
            taken |= strcmp(files[i], "-") == 0;
        }
    for (size_t i = 0; writers[i].write != NULL && !taken && page->out != NULL; i++)
        if (writers[i].option == NULL)
            writers[i].write(page, diag);
}
