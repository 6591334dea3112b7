/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/trace.h"

lc_symbol lc_span_attribute(const struct lc_trace *trace, const struct lc_span *span, uint32_t key)
{
    const struct lc_attribute *attributes = trace->attributes + span->first_attribute;
    for (uint32_t i = 0; i < span->attribute_count; i++)
        if (attributes[i].key == key)
            return attributes[i].value;
    return 0;
}
