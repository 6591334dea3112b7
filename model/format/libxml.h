/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is called of libxml2, which is loaded when the first XML is read or written: behind it stand ICU and the C++
 * library, which take longer to start than the whole program without them. */
#ifndef LOADCAST_FORMAT_LIBXML_H
#define LOADCAST_FORMAT_LIBXML_H

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlwriter.h>

#include "base/library.h"

#define LCI_LIBXML(X)                                                                                                  \
    X(xmlBufferContent)                                                                                                \
    X(xmlBufferCreate)                                                                                                 \
    X(xmlBufferFree)                                                                                                   \
    X(xmlBufferLength)                                                                                                 \
    X(xmlByteConsumed)                                                                                                 \
    X(xmlCtxtReadMemory)                                                                                               \
    X(xmlDocGetRootElement)                                                                                            \
    X(xmlFreeDoc)                                                                                                      \
    X(xmlFreeParserCtxt)                                                                                               \
    X(xmlFreeTextWriter)                                                                                               \
    X(xmlGetLineNo)                                                                                                    \
    X(xmlGetPredefinedEntity)                                                                                          \
    X(xmlIsBlankNode)                                                                                                  \
    X(xmlMemSetup)                                                                                                     \
    X(xmlNewParserCtxt)                                                                                                \
    X(xmlNewTextWriterMemory)                                                                                          \
    X(xmlNodeGetContent)                                                                                               \
    X(xmlNodeListGetString)                                                                                            \
    X(xmlSAX2StartElementNs)                                                                                           \
    X(xmlStopParser)                                                                                                   \
    X(xmlStrEqual)                                                                                                     \
    X(xmlTextWriterEndDocument)                                                                                        \
    X(xmlTextWriterEndElement)                                                                                         \
    X(xmlTextWriterSetIndent)                                                                                          \
    X(xmlTextWriterStartDocument)                                                                                      \
    X(xmlTextWriterStartElement)                                                                                       \
    X(xmlTextWriterWriteAttribute)                                                                                     \
    X(xmlTextWriterWriteElement)                                                                                       \
    X(xmlTextWriterWriteFormatAttribute)
LCI_LIBXML(LCI_DECLARED)
#define xmlBufferContent                  lci_xmlBufferContent
#define xmlBufferCreate                   lci_xmlBufferCreate
#define xmlBufferFree                     lci_xmlBufferFree
#define xmlBufferLength                   lci_xmlBufferLength
#define xmlByteConsumed                   lci_xmlByteConsumed
#define xmlCtxtReadMemory                 lci_xmlCtxtReadMemory
#define xmlDocGetRootElement              lci_xmlDocGetRootElement
#define xmlFreeDoc                        lci_xmlFreeDoc
#define xmlFreeParserCtxt                 lci_xmlFreeParserCtxt
#define xmlFreeTextWriter                 lci_xmlFreeTextWriter
#define xmlGetLineNo                      lci_xmlGetLineNo
#define xmlGetPredefinedEntity            lci_xmlGetPredefinedEntity
#define xmlIsBlankNode                    lci_xmlIsBlankNode
#define xmlMemSetup                       lci_xmlMemSetup
#define xmlNewParserCtxt                  lci_xmlNewParserCtxt
#define xmlNewTextWriterMemory            lci_xmlNewTextWriterMemory
#define xmlNodeGetContent                 lci_xmlNodeGetContent
#define xmlNodeListGetString              lci_xmlNodeListGetString
#define xmlSAX2StartElementNs             lci_xmlSAX2StartElementNs
#define xmlStopParser                     lci_xmlStopParser
#define xmlStrEqual                       lci_xmlStrEqual
#define xmlTextWriterEndDocument          lci_xmlTextWriterEndDocument
#define xmlTextWriterEndElement           lci_xmlTextWriterEndElement
#define xmlTextWriterSetIndent            lci_xmlTextWriterSetIndent
#define xmlTextWriterStartDocument        lci_xmlTextWriterStartDocument
#define xmlTextWriterStartElement         lci_xmlTextWriterStartElement
#define xmlTextWriterWriteAttribute       lci_xmlTextWriterWriteAttribute
#define xmlTextWriterWriteElement         lci_xmlTextWriterWriteElement
#define xmlTextWriterWriteFormatAttribute lci_xmlTextWriterWriteFormatAttribute

/* Before anything else is called; any thread, any number of times. 0, or −1 with an error appended. */
int lci_libxml_load(struct lc_diag *diag);

#endif
