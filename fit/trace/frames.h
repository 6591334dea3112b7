/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages one after another, each with its length before it in four bytes (big-endian), as the collector's file
 * exporter writes protobuf and, where it compresses, JSON too; then each message is a zstd stream of its own. What is
 * in the messages, put together, is one document of protobuf or several of JSON.
 */
#ifndef LCI_TRACE_FRAMES_H
#define LCI_TRACE_FRAMES_H

#include "loadcast/base.h"

struct lci_frames;
/* NULL when the input does not begin as frames do. */
struct lci_frames *lci_frames_new(const char *bytes, size_t length);
void lci_frames_free(struct lci_frames *frames);
/* Takes bytes of the input and gives a piece of what is in the messages, valid until the next call. Returns its length,
 * 0 when all bytes are taken and more are needed, −1 with what is wrong. */
ptrdiff_t lci_frames_take(struct lci_frames *frames, const char **bytes, size_t *length, const char **piece,
                          const char **why);
/* Whether a frame is begun and not ended. */
bool lci_frames_open(const struct lci_frames *frames);
/* Whether nothing of that frame was given yet: if it ends here it can be left out, as what a program wrote last that
 * was ended within. */
bool lci_frames_untouched(const struct lci_frames *frames);

#endif
