/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/trace.h"

lc_symbol lc_span_attribute(const struct lc_trace *trace, const struct lc_span *span, uint32_t key)
{
    const uint32_t first = span->first_attribute; /* a trace without any has no array that could be pointed into */
    for (uint32_t i = first; i < first + span->attribute_count; i++)
        if (trace->attributes[i].key == key)
            return trace->attributes[i].value;
    return 0;
}
