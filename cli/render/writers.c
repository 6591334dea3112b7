/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "writers.h"

#include <string.h>

#include "advice_render.h"
#include "base/output.h"
#include "comparison_render.h"
#include "findings.h"
#include "loadcast/format.h"
#include "report.h"
#include "result_table.h"
#include "verdict_render.h"

const struct writer verdict_writers[] = {
    {"json", NULL, NULL, verdict_json},
    {"json-summary", "FILE", "write what matters of the verdict as JSON, less than 10 kB", verdict_summary},
    {"junit", "FILE", "write a JUnit report: a case for each goal at each load", verdict_junit},
    {"csv", "FILE", "write the verdict as CSV: one figure a row", verdict_csv},
    {"markdown", "FILE", "write the verdict as Markdown, for a comment on a change", verdict_markdown},
    {"annotations", "FILE", "write what is missed as workflow commands of GitHub Actions", findings_annotations},
    {"code-quality", "FILE", "write it as a code quality report of GitLab", findings_code_quality},
    {"report", "FILE.html", "write a page with plots for people", report_html},
    {NULL, NULL, NULL, verdict_text},
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
