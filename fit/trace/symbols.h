/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of texts that spans refer to by number. */
#ifndef LCI_FIT_TRACE_SYMBOLS_H
#define LCI_FIT_TRACE_SYMBOLS_H

#include "loadcast/trace.h"

struct lc_symbols *lci_symbols_new(void);
void lci_symbols_free(struct lc_symbols *symbols);
lc_symbol lci_symbol_of(struct lc_symbols *symbols, const char *text, size_t length);           /* adds it when new */
lc_symbol lci_symbol_find(const struct lc_symbols *symbols, const char *text);                  /* 0 when not there */
lc_symbol lci_symbol_lookup(const struct lc_symbols *symbols, const char *text, size_t length); /* the same */
/* Whether a symbol, or none (0), has this text. */
bool lci_symbol_is(const struct lc_symbols *symbols, lc_symbol symbol, const char *text, size_t length);
size_t lci_symbols_count(const struct lc_symbols *symbols);                      /* symbols are below it */
const char *lci_symbol_text(const struct lc_symbols *symbols, lc_symbol symbol); /* "" for 0; valid until freed */

#endif
