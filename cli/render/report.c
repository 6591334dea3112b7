/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "html.h"
#include "json.h"
#include "report_assets.h"
#include "verdict_render.h"

enum { DIGITS = 6 }; /* of numbers in figures: more than a picture shows */

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

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static json_t *figures(const struct page *page)
{
    const struct lc_verdict *verdict = page->verdict;
    json_t *document = json_pack("{s:s, s:o, s:s}", "schema", "loadcast.report/1", "scenario",
                                 cli_json_text(verdict->scenario->name), "rateUnit", verdict_rate_unit(verdict));
    if (verdict->scenario->curves.duration > 0)
        figures_add_curves(verdict, document);
    else
        figures_add_levels(verdict, document);
    if (page->learned != NULL)
        figures_add_fits(page->learned, document);
    if (page->reading != NULL && verdict->scenario->traces != NULL)
        figures_add_requests(verdict->scenario, page->reading, document);
    if (page->trends != NULL)
        json_object_set(document, "trends", page->trends);
    json_object_set_new(document, "assumptions", verdict_assumptions_json(verdict));
    json_object_set_new(document, "read", verdict_reading_json(page->reading));
    return document;
}

/* JSON within a script: nothing in it may end the script or begin a comment. */
static int put_data(const struct page *page, struct lc_diag *diag)
{
    json_t *document = figures(page);
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    json_decref(document);
    if (text == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "out of memory while the figures of the report were written");
        return -1;
    }
    fputs("<script type=\"application/json\" id=\"data\">", page->out);
    for (const char *c = text; *c != 0; c++)
        *c == '<' ? fputs("\\u003c", page->out) : fputc(*c, page->out);
    fputs("</script>\n", page->out);
    free(text);
    return 0;
}

static void put_head(const struct page *page)
{
    const struct lc_verdict *verdict = page->verdict;
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
          page->out);
    html_text(page->out, verdict->scenario->name);
    fprintf(page->out, "</title><style>%s</style></head><body>\n<h1>", page_style);
    html_text(page->out, verdict->scenario->name);
    char *answer = verdict_answer(verdict, NULL);
    fputs("</h1>\n<p class=\"answer\">", page->out);
    html_text(page->out, answer);
    fputs("</p>\n", page->out);
    free(answer);
    verdict_partial(page, "<p class=\"answer\">");
}

static const char *const judgements[] = {
    [LC_GOAL_MISSED] = "missed", [LC_GOAL_MET] = "met", [LC_GOAL_UNDECIDED] = "undecided"};

static void put_goals(const struct page *page)
{
    const struct lc_scenario *scenario = page->verdict->scenario;
    fputs(scenario->goal_count > 0 ? "<ul class=\"goals panel\">\n" : "", page->out);
    for (size_t i = 0; i < scenario->goal_count; i++) {
        const struct lc_point *first;
        const char *judgement = judgements[verdict_goal_judgement(page->verdict, &scenario->goals[i], NULL, &first)];
        char *text = verdict_goal(&scenario->goals[i]);
        fprintf(page->out, "<li class=\"%s\"><b>%s</b> ", judgement, judgement);
        html_text(page->out, text);
        fputs("</li>\n", page->out);
        free(text);
    }
    fputs(scenario->goal_count > 0 ? "</ul>\n" : "", page->out);
}

static int put_map(const struct page *page, struct lc_diag *diag)
{
    if (page->verdict->scenario->curves.duration > 0)
        return 0;
    fputs("<section id=\"map\"><h2>The system</h2>\n<figure class=\"map panel\">\n", page->out);
    const int status = figures_map(page->verdict, page->out, diag);
    fputs("</figure></section>\n", page->out);
    return status;
}

int report_html(const struct page *page, struct lc_diag *diag)
{
    put_head(page);
    put_goals(page);
    fputs("<nav><a href=\"#numbers\">In numbers</a></nav>\n<main>\n", page->out);
    if (put_map(page, diag) != 0)
        return -1;
    fputs("</main>\n<section id=\"numbers\"><h2>In numbers</h2>\n", page->out);
    if (put_text(page, page->out, diag) != 0)
        return -1;
    fputs("</section>\n", page->out);
    if (put_data(page, diag) != 0)
        return -1;
    fprintf(page->out, "<script>%s</script>\n</body></html>\n", page_script);
    return 0;
}
