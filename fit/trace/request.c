/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "request.h"

#include "attribute.h"
#include "symbols.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>

static int ignore(void *context, const struct lc_trace *trace)
{
    (void)context, (void)trace;
    return 0;
}

/* Readers pass over what they do not know, so that a request of another kind would look like one without spans. */
static int check_kind(const struct lci_format *format, const char *bytes, size_t length, struct lc_diag *diag)
{
    char *found = NULL;
    const struct lci_format *sniffed = lci_sniff(bytes, length, &found);
    if (sniffed != format)
        lc_error(diag, LC_INPUT, NULL, "expected 'resourceSpans', found %s", sniffed != NULL ? sniffed->name : found);
    free(found);
    return sniffed == format ? 0 : -1;
}

static size_t blanks(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n'))
        at++;
    return at;
}

/* An empty message, or {}. */
static bool is_nothing(bool protobuf, const char *bytes, size_t length)
{
    if (protobuf)
        return length == 0;
    size_t at = blanks(bytes, length);
    if (at == length || bytes[at] != '{')
        return false;
    at += 1 + blanks(bytes + at + 1, length - at - 1);
    return at < length && bytes[at] == '}' && at + 1 + blanks(bytes + at + 1, length - at - 1) == length;
}

static int read_all(const struct lci_format *format, struct lci_context *context, const char *bytes, size_t length)
{
    struct lci_trace_reader *reader = lci_reader_new(format, context, "request");
    int status = length > 0 ? lci_reader_feed(reader, bytes, length) : 0;
    if (status == 0)
        status = lci_reader_finish(reader);
    lci_reader_free(reader);
    return status;
}

int lci_request_check(bool protobuf, const char *bytes, size_t length, struct lci_export_request *request,
                      struct lc_diag *diag)
{
    const struct lci_format *format = protobuf ? &lci_otlp_protobuf : &lci_otlp;
    *request = (struct lci_export_request){0};
    if (is_nothing(protobuf, bytes, length))
        return 0;
    const size_t begin = protobuf ? 0 : blanks(bytes, length);
    if (!protobuf && (begin == length || bytes[begin] != '{')) {
        lc_error(diag, LC_INPUT, NULL, "expected a JSON object with 'resourceSpans', found %s",
                 begin == length ? "nothing" : "something else");
        return -1;
    }
    struct lc_reading totals = {0};
    struct lci_attributes *attributes = lci_attributes_new(NULL);
    struct lc_symbols *symbols = lci_symbols_new();
    struct lci_assembler *assembler = lci_assembler_new(0, ignore, NULL, 0, &totals);
    struct lci_context context = {.symbols = symbols,
                                  .attributes = attributes,
                                  .assembler = assembler,
                                  .repairs = &totals.repairs,
                                  .diag = diag,
                                  .strict = true};
    int status = read_all(format, &context, bytes, length);
    request->spans = context.read;
    request->left_out = totals.repairs.count[LC_REPAIR_NO_ID] + totals.repairs.count[LC_REPAIR_ABSURD_TIME];
    if (status == 0 && request->spans == 0)
        status = check_kind(format, bytes, length, diag);
    lci_services_free(&context.services);
    lci_assembler_free(assembler);
    lci_symbols_free(symbols);
    lci_attributes_free(attributes);
    return status;
}
