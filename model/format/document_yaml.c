/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents as YAML, by libyaml's emitter. */
#include "base/text.h"
#include "format/document.h"

#include "base/memory.h"

#include <string.h>
#include <strings.h>
#include <yaml.h>

/* A text that YAML readers would take for something else must stand in quotes. */
static bool needs_quotes(const char *text)
{
    static const char *const words[] = {"true", "false", "yes",  "no",    "on",    "off",  "y",
                                        "n",    ".inf",  ".nan", "-.inf", "+.inf", "null", "~"};
    double value;
    if (*text == 0 || lci_quantity(text, LC_NUMBER, &value, NULL, NULL) == 0 || strncmp(text, "0x", 2) == 0)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool emit_scalar(yaml_emitter_t *emitter, const struct lci_doc *node)
{
    yaml_event_t event;
    const char *text = node->text;
    const yaml_scalar_style_t style = node->kind != LCI_TEXT       ? YAML_PLAIN_SCALAR_STYLE
                                      : needs_quotes(text)         ? YAML_SINGLE_QUOTED_SCALAR_STYLE
                                      : strchr(text, '\n') != NULL ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                                                   : YAML_ANY_SCALAR_STYLE;
    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
                                        style) &&
           yaml_emitter_emit(emitter, &event);
}

static bool emit_node(yaml_emitter_t *emitter, const struct lci_doc *node)
{
    yaml_event_t event;
    if (node->kind != LCI_LIST && node->kind != LCI_MAP)
        return emit_scalar(emitter, node);
    const bool map = node->kind == LCI_MAP, flow = node->compact || node->count == 0;
    const int made = map ? yaml_mapping_start_event_initialize(
                               &event, NULL, NULL, 1, flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
                         : yaml_sequence_start_event_initialize(
                               &event, NULL, NULL, 1, flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
    if (!made || !yaml_emitter_emit(emitter, &event))
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (!emit_node(emitter, &node->items[i]))
            return false;
    return (map ? yaml_mapping_end_event_initialize(&event) : yaml_sequence_end_event_initialize(&event)) &&
           yaml_emitter_emit(emitter, &event);
}

/* Columns that a node takes on one line. Lists of words are compact however long they are; else what is short is, below
 * the sections of the document. */
static size_t settle(struct lci_doc *doc, int level)
{
    enum { SECTIONS = 2, SHORT = 84 };
    size_t width = doc->text != NULL ? strlen(doc->text) : 2;
    bool words = doc->kind == LCI_LIST;
    for (size_t i = 0; i < doc->count; i++) {
        width += settle(&doc->items[i], level + 1) + 2;
        words = words && doc->items[i].kind == LCI_WORD;
    }
    doc->compact = words || (level >= SECTIONS && width <= SHORT);
    return width;
}

int lci_doc_write_yaml(struct lci_doc *root, FILE *out, struct lc_diag *diag)
{
    settle(root, 0);
    yaml_emitter_t emitter;
    yaml_event_t event;
    bool good = yaml_emitter_initialize(&emitter);
    if (good) {
        yaml_emitter_set_output_file(&emitter, out);
        yaml_emitter_set_unicode(&emitter, 1);
        yaml_emitter_set_width(&emitter, 120);
        good = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(&emitter, &event) &&
               yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
               yaml_emitter_emit(&emitter, &event) && emit_node(&emitter, root) &&
               yaml_document_end_event_initialize(&event, 1) && yaml_emitter_emit(&emitter, &event) &&
               yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(&emitter, &event);
    }
    if (!good && (emitter.error == YAML_MEMORY_ERROR || emitter.error == YAML_NO_ERROR)) /* or making an event */
        lci_no_memory(0);
    good = good || emitter.error == YAML_WRITER_ERROR; /* which whoever closes the stream finds */
    if (!good)
        lc_error(diag, LC_MACHINE, NULL, "YAML cannot be written: %s", emitter.problem);
    yaml_emitter_delete(&emitter);
    return good ? 0 : -1;
}
