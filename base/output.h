/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that are written appear whole or not at all; files that are read as a whole. */
#ifndef LCI_BASE_OUTPUT_H
#define LCI_BASE_OUTPUT_H

#include "loadcast/base.h"

#include <stdio.h>

/* Files that appear whole or not at all. lci_output_open() gives a stream to a temporary file beside `file` (standard
 * output for "-"); lci_output_close() syncs, renames and returns 0, or appends an error; lci_output_abandon() removes
 * it. What is open at exit is removed. NULL and an error if it cannot be opened. Writers need not look for errors of
 * the stream, lci_output_close() does; a pipe whose reader has left is none. */
struct lci_output;
struct lci_output *lci_output_open(const char *file, struct lc_diag *diag);
FILE *lci_output_stream(struct lci_output *output);
int lci_output_close(struct lci_output *output, struct lc_diag *diag);
void lci_output_abandon(struct lci_output *output);
/* Where a chain of symbolic links ends, whether or not there is a file: an output leaves the link and replaces its
 * target. Owned by the caller; NULL and errno if the chain has no end. */
char *lci_follow_links(const char *file);
/* Makes a folder, and those above it that are missing. 0 when it is there in the end; −1 and an error, of which `what`
 * is the beginning ("--save DIR"). */
int lci_folder_make(const char *folder, const char *what, struct lc_diag *diag);
/* The whole of a file ("-": standard input) with a 0 behind it, at most `limit` bytes; NULL and an error otherwise. */
char *lci_file_read(const char *file, size_t limit, size_t *length, struct lc_diag *diag);

#endif
