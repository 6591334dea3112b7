/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times of day as text.
 */
#ifndef LCI_BASE_UTC_H
#define LCI_BASE_UTC_H

#include <stdint.h>

#define LCI_UTC_SECOND INT64_C(1000000000)

enum lci_utc {
    LCI_UTC_SHOWN,   /* 2026-11-30 07:36:05: what people read */
    LCI_UTC_MINUTES, /* 2026-11-30 07:36 */
    LCI_UTC_ISO,     /* 2026-11-30T07:36:05: ISO 8601 and RFC 3339; a fraction of the second and 'Z' follow */
    LCI_UTC_FILE     /* 20261130T073605: in names of files */
};
/* The second that holds `ns` (nanoseconds since 1970, UTC); owned by the caller. */
char *lci_utc_text(int64_t ns, enum lci_utc form);
/* Now, in nanoseconds since 1970. */
int64_t lci_utc_now(void);

#endif
