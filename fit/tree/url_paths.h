/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names for the paths of URLs, few for each server. A path of more segments than others leave names for is cut:
 * "/a/b" is "/a/:rest" at one segment, and nothing at none. How many segments are kept depends on the set of a server's
 * paths alone, not on their order, and sets of parts of the traces add up.
 */
#ifndef TREE_PATHS_H
#define TREE_PATHS_H

#include "tree/clocks.h"

struct lci_paths;
struct lci_paths *lci_paths_new(void);
void lci_paths_free(struct lci_paths *paths);
/* Notes a path that begins with '/'. Returns it as far as it can matter: memory is bounded for each server. */
lc_symbol lci_paths_note(struct lci_paths *paths, struct lc_symbols *symbols, lc_symbol server, lc_symbol path);
/* Decides how many segments are kept; as `given` says, which was read, where it knows the server (NULL: nothing
 * given). */
void lci_paths_decide(struct lci_paths *paths, const struct lci_paths *given, const struct lc_symbols *symbols);
/* The name of a path that was noted; 0: none. */
lc_symbol lci_paths_name(const struct lci_paths *paths, struct lc_symbols *symbols, lc_symbol server, lc_symbol path);

/* ---- parts of the traces ----------------------------------------------------------------------------------------- */

/* Lines {"paths": …} in the order of the names, and what the value of such a line tells, added. False: it is wrong. */
void lci_paths_write(const struct lci_paths *paths, const struct lc_symbols *symbols, lci_put_line put, void *sink);
bool lci_paths_read(struct lci_paths *paths, struct lc_symbols *symbols, const json_t *line);
/* Errors where a part named paths otherwise than all parts together would. */
void lci_paths_agree(const struct lci_paths *paths, const struct lc_symbols *symbols, struct lc_diag *diag);

#endif
