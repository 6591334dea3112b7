/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of records that are only added to. A record is on disk when it is said to be written; what came together is
 * synced together. A file appears with its first record whole, and the next one follows when it is long enough; only
 * the last record of the last one may be cut off, by the end of the program within a write, and such a record was never
 * said to be written. May be used by several threads.
 */
#ifndef CLI_LISTEN_TRACE_LOG_H
#define CLI_LISTEN_TRACE_LOG_H

#include <stddef.h>
#include <stdint.h>

struct trace_log;
/* `head` (NULL: none) stands in front of the first record of each file. Texts are borrowed. */
struct trace_log *trace_log_new(const char *folder, const char *ending, const char *head, size_t head_length,
                                uint64_t longest);
/* 0, or what errno said: then nothing of the record stays, as far as the file system lets it be taken back. */
int trace_log_add(struct trace_log *log, const char *record, size_t length);
uint64_t trace_log_files(const struct trace_log *log);
void trace_log_free(struct trace_log *log);

#endif
