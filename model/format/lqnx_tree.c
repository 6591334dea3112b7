/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqnx_tree.h"
#include "format/libxml.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What the parser's callbacks need, in ctxt->_private. */
struct parsing {
    struct lci_xml *xml;
    bool doctype;     /* a document type declaration was met */
    char *message;    /* the first fatal error; owned */
    int line, column; /* its place */
};

/* A node keeps the offset of its '<' plus one in _private (0: not known). The parser stands behind the attributes when
 * it calls; within a tag there is no other '<'. */
static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int ns_count,
                          const xmlChar **namespaces, int attribute_count, int defaulted, const xmlChar **attributes)
{
    xmlParserCtxt *parser = context;
    const struct parsing *p = parser->_private;
    xmlSAX2StartElementNs(context, name, prefix, uri, ns_count, namespaces, attribute_count, defaulted, attributes);
    const long at = xmlByteConsumed(parser);
    if (parser->node == NULL || at < 0 || (size_t)at > p->xml->lines.length)
        return;
    size_t start = (size_t)at;
    while (start > 0 && p->xml->lines.text[start - 1] != '<')
        start--;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): libxml2 leaves a pointer free for its users, a number fits in it */
    parser->node->_private = (void *)start; /* one more than the offset of '<' */
}

static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    xmlParserCtxt *parser = context;
    struct parsing *p = parser->_private;
    p->doctype = true;
    p->line = parser->input != NULL ? parser->input->line : 0;
    xmlStopParser(parser);
}

/* Files written by LQNS misspell &quot; as &qout;. */
static xmlEntity *get_entity(void *context, const xmlChar *name)
{
    (void)context;
    return xmlGetPredefinedEntity(xmlStrEqual(name, BAD_CAST "qout") ? BAD_CAST "quot" : name);
}

static void keep_error(void *context, xmlErrorPtr error)
{
    xmlParserCtxt *parser = context;
    struct parsing *p = parser->_private;
    if (error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE || p->message != NULL)
        return;
    const char *text = error->message != NULL ? error->message : "not well-formed";
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    p->message = lc_strndup(text, length);
    for (char *c = p->message; *c != 0; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    p->line = error->line;
    p->column = error->int2;
}

static void report(const struct lci_xml *xml, const struct parsing *p, struct lc_diag *diag)
{
    const struct lc_place place = {xml->lines.file, p->line, p->doctype ? 0 : p->column, -1};
    if (p->doctype)
        lc_error(diag, LC_INPUT, &place, "a document type declaration is not allowed; an LQN XML file has none");
    else
        lc_error(diag, LC_INPUT, &place, "this is not well-formed XML: %s", p->message ? p->message : "it is empty");
}

int lci_xml_parse(struct lci_xml *xml, const char *text, size_t length, const char *file, struct lc_diag *diag)
{
    *xml = (struct lci_xml){0};
    lci_lines_find(&xml->lines, text, length, file);
    if (length > INT_MAX) {
        lc_error(diag, LC_INPUT, &(struct lc_place){file, 0, 0, -1}, "the file is larger than 2 GiB");
        return -1;
    }
    if (lci_libxml_load(diag) != 0)
        return -1;
    struct parsing p = {.xml = xml};
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (parser == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "the XML parser cannot be made");
        return -1;
    }
    parser->_private = &p;
    parser->sax->startElementNs = start_element;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->getEntity = get_entity;
    parser->sax->serror = keep_error;
    parser->sax->initialized = XML_SAX2_MAGIC;
    xml->document = xmlCtxtReadMemory(parser, text, (int)length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
    const bool good =
        xml->document != NULL && parser->wellFormed && !p.doctype && xmlDocGetRootElement(xml->document) != NULL;
    if (!good)
        report(xml, &p, diag);
    free(p.message);
    xmlFreeParserCtxt(parser);
    return good ? 0 : -1;
}

void lci_xml_free(struct lci_xml *xml)
{
    if (xml->document != NULL)
        xmlFreeDoc(xml->document);
    lci_lines_free(&xml->lines);
    *xml = (struct lci_xml){0};
}

struct lc_place lci_xml_place(const struct lci_xml *xml, const xmlNode *node)
{
    const size_t start = (size_t)node->_private;
    if (start == 0)
        return (struct lc_place){xml->lines.file, (int)xmlGetLineNo(node), 0, -1};
    return lci_lines_place(&xml->lines, start - 1);
}

struct lc_place lci_xml_attribute_place(const struct lci_xml *xml, const xmlNode *node, const char *attribute)
{
    const size_t length = strlen(attribute);
    char quote = 0;
    for (size_t i = (size_t)node->_private; i != 0 && i + length < xml->lines.length; i++) {
        const char c = xml->lines.text[i];
        if (quote != 0) {
            if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>' || c == '<') {
            break;
        } else if (isspace((unsigned char)xml->lines.text[i - 1]) &&
                   strncmp(xml->lines.text + i, attribute, length) == 0 &&
                   (xml->lines.text[i + length] == '=' || isspace((unsigned char)xml->lines.text[i + length]))) {
            return lci_lines_place(&xml->lines, i);
        }
    }
    return lci_xml_place(xml, node);
}
