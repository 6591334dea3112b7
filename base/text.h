/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers, quantities with units and names, as texts. */
#ifndef LCI_BASE_TEXT_H
#define LCI_BASE_TEXT_H

#include "loadcast/base.h"

/* A copy in which each byte that is not UTF-8 is U+FFFD; for formats that can hold nothing else. */
char *lci_utf8_copy(const char *text);
/* A text as the content or an attribute of XML or HTML: line breaks and tabs as references, no other control
 * characters, which XML has not. Owned by the caller. */
char *lci_xml_escaped(const char *text);
/* The known name nearest to `name` by edit distance, or NULL when none is near enough to be a slip of the pen
 * (distance above a third of the length). `known` ends with NULL. */
const char *lci_nearest(const char *name, const char *const *known);

/* Quantities with units, as scenarios and models write them: "800 ms", "12/s", "80 %", "10 min", "3". */
enum lc_dimension {
    LC_NUMBER,   /* no unit */
    LC_TIME,     /* ns us µs ms s min h d day(s) week(s) month(s) (30.4375 d) year(s); value in seconds */
    LC_RATE,     /* X/time, e.g. 12/s, 3 /min; value per second */
    LC_FRACTION, /* "80 %" or a plain number 0.8; value 0.8 */
    LC_GROWTH,   /* "10 % / month"; value as a fraction per second */
};
/* Parses the whole of `text`. Returns 0 and the value, or -1 with one error appended that says what was expected (a
 * time or a rate without a unit is an error). `diag` may be NULL. */
int lci_quantity(const char *text, enum lc_dimension dimension, double *value, struct lc_diag *diag,
                 const struct lc_place *place);
/* A number as short as possible that reads back exactly (up to 17 significant digits, "%.17g" at worst). `buffer` holds
 * 32 characters. Returns buffer. Infinite is ".inf", not a number is ".nan" (YAML's words). */
char *lci_number_text(double value, char *buffer);
/* Seconds of a clock that never goes back. */
double lci_seconds(void);
/* Whose fault it is that an input cannot be opened or read, by errno: LC_MACHINE when the machine is out of something
 * or its disk fails, LC_INPUT when the name is wrong or the file is not for us. */
enum lc_status lci_input_status(int error);

#endif
