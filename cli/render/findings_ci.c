/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings as CI servers take them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/fnv.h"
#include "findings.h"
#include "json.h"
#include "verdict_render.h"

/* ---- GitHub Actions ---------------------------------------------------------------------------------------------- */

/* A command is a line; in its properties colons and commas have a meaning. Owned by the caller. */
static char *escaped(const char *text, bool property)
{
    struct lci_buffer out = {0};
    for (; *text != 0; text++)
        if (strchr(property ? "%\r\n:," : "%\r\n", *text) != NULL)
            lci_buffer_add(&out, "%%%02X", (unsigned char)*text);
        else
            lci_buffer_put(&out, text, 1);
    return lci_buffer_take(&out);
}

static void annotate(FILE *out, const char *level, const struct lc_place *place, const char *title, const char *text)
{
    char *name = escaped(title, true), *message = escaped(text, false);
    fprintf(out, "::%s ", level);
    if (place != NULL && place->file != NULL) {
        char *file = escaped(place->file, true);
        fprintf(out, "file=%s,line=%d,", file, place->line > 0 ? place->line : 1);
        free(file);
    }
    fprintf(out, "title=%s::%s\n", name, message);
    free(message);
    free(name);
}

int findings_annotations(const struct page *page, struct lc_diag *diag)
{
    (void)diag;
    struct findings f = findings_of(page);
    char *answer = verdict_answer(page->verdict, NULL);
    annotate(page->out, "notice", NULL, page->verdict->scenario->name, answer);
    for (size_t i = 0; i < f.count; i++) {
        const struct finding *found = &f.items[i];
        char *title = lc_format("%s %s: %s", found->check, found->undecided ? "undecided" : "missed", found->name);
        annotate(page->out, found->undecided ? "warning" : "error", &found->place, title, found->text);
        free(title);
    }
    free(answer);
    findings_free(&f);
    return 0;
}

/* ---- GitLab ------------------------------------------------------------------------------------------------------ */

/* The same finding has the same fingerprint in every pipeline, so that GitLab tells new ones. */
static char *fingerprint(const struct page *page, const struct finding *found)
{
    const char *const parts[] = {page->verdict->scenario->name, found->check, found->name};
    uint64_t sum = LCI_FNV_BEGIN;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        sum = lci_fnv_text(sum, parts[i]);
    return lc_format("%016" PRIx64, sum);
}

int findings_code_quality(const struct page *page, struct lc_diag *diag)
{
    struct findings f = findings_of(page);
    json_t *list = json_array();
    for (size_t i = 0; i < f.count; i++) {
        const struct finding *found = &f.items[i];
        char *print = fingerprint(page, found), *check = lc_format("loadcast/%s", found->check);
        char *text = lc_format("%s %s: %s", found->name, found->undecided ? "is undecided" : "is missed", found->text);
        const char *file = found->place.file != NULL ? found->place.file : page->file != NULL ? page->file : "scenario";
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:s, s:s, s:{s:o, s:{s:i}}}", "description", cli_json_text(text),
                                        "check_name", cli_json_text(check), "fingerprint", print, "severity",
                                        found->undecided ? "minor" : "major", "location", "path", cli_json_text(file),
                                        "lines", "begin", found->place.line > 0 ? found->place.line : 1));
        free(text);
        free(check);
        free(print);
    }
    findings_free(&f);
    return cli_json_print(list, CLI_JSON_SIMULATED, page->out, diag);
}
