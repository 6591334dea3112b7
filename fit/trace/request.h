/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A request of OTLP that is held in memory, looked at by the readers that will read it from a file.
 */
#ifndef LCI_TRACE_REQUEST_H
#define LCI_TRACE_REQUEST_H

#include "loadcast/base.h"

struct lci_export_request {
    uint64_t spans;    /* that came */
    uint64_t left_out; /* of them: without ids, or of impossible times, as reading leaves them out */
};
/* Of a whole ExportTraceServiceRequest. 0, or −1 with one error appended: it is none. May be called by several threads
 * at a time. */
int lci_request_check(bool protobuf, const char *bytes, size_t length, struct lci_export_request *request,
                      struct lc_diag *diag);

#endif
