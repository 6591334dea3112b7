/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Libraries that few runs need are loaded when they are: with all that libcurl, libxml2, SQLite and Graphviz stand on,
 * every start of the program would take many times as long. A file lists what it calls as FUNCTIONS(X), declares the
 * pointers, loads them, and calls them by the names of the library:
 *
 *     #define FUNCTIONS(X) X(curl_easy_init) X(curl_easy_perform)
 *     FUNCTIONS(LCI_POINTER)
 *     #define curl_easy_init    lci_curl_easy_init
 *     …
 *
 * Where several files call it, they include a header with LCI_DECLARED, and one of them has LCI_DEFINED.
 */
#ifndef LCI_BASE_LIBRARY_H
#define LCI_BASE_LIBRARY_H

#include "loadcast/base.h"

#define LCI_POINTER(function)  static __typeof__(&(function)) lci_##function;
#define LCI_DECLARED(function) extern __typeof__(&(function)) lci_##function;
#define LCI_DEFINED(function)  __typeof__(lci_##function) lci_##function; /* behind the header */
#define LCI_FUNCTION(function) {#function, (void (**)(void)) & lci_##function},

struct lci_function {
    const char *name;
    void (**to)(void);
};
/* `functions` ends with NULL. Any thread, any number of times: what is loaded already is not again. 0, or −1 with one
 * error appended that begins with `who` and names `package`, which Debian has the library in. */
int lci_library_load(const char *library, const char *package, const struct lci_function *functions, const char *who,
                     struct lc_diag *diag);

#endif
