/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "verdict_render.h"

/* What paint() writes around a text becomes an element. */
static const char *element(const char *code)
{
    switch (*code) {
    case '1': return "<b>";
    case '0': return "</b>";
    default:
        return strncmp(code, "31", 2) == 0   ? "<b style=\"color:#c33\">"
               : strncmp(code, "32", 2) == 0 ? "<b style=\"color:#287a3e\">"
                                             : "<b style=\"color:#a66a00\">";
    }
}

/* A page of the terminal, with its colours. */
static void copy_text(FILE *text, FILE *out)
{
    char line[8192];
    fputs("<pre>", out);
    rewind(text);
    while (fgets(line, sizeof line, text) != NULL)
        for (char *part = line, *code; part != NULL; part = code) {
            code = strchr(part, '\033');
            if (code != NULL)
                *code++ = 0;
            html_text(out, part);
            if (code == NULL || *code != '[')
                continue;
            fputs(element(code + 1), out);
            code += strcspn(code, "m");
            code += *code == 'm';
        }
    fputs("</pre>\n", out);
}

static int put_text(const struct page *page, FILE *out, struct lc_diag *diag)
{
    FILE *text = tmpfile();
    int status = -1;
    if (text != NULL) {
        struct page coloured = *page;
        coloured.out = text;
        coloured.colour = true;
        verdict_text(&coloured, NULL);
        status = fflush(text);
        copy_text(text, out);
        fclose(text);
    }
    if (status != 0)
        lc_error(diag, LC_MACHINE, NULL, "a temporary file for the report cannot be written: %s", strerror(errno));
    return status;
}

int report_html(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    const bool curves = verdict->scenario->curves.duration > 0;
    html_begin(page->out, verdict->scenario->name);
    char *answer = verdict_answer(verdict, NULL);
    fputs("<p><b>", page->out);
    html_text(page->out, answer);
    fputs("</b></p>\n", page->out);
    free(answer);
    if ((curves ? report_curves(verdict, page->out, diag) : report_loads(verdict, page->out, diag)) != 0 ||
        put_text(page, page->out, diag) != 0)
        return -1;
    html_end(page->out);
    return 0;
}
