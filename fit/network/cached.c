/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was learned, kept for the next time. A cache is a folder with two files for each key, which is a hash of the
 * traces and of all that shapes their reading: the summary (shard_write.c), and a JSON document with what a summary
 * does not hold: what the reading said, and the fits, by hashes of the samples and of all that shapes a fit. The
 * document ends with a hash of its own and holds that of the summary; what does not match is not used.
 *
 * Files appear whole or not at all (lci_output_open). Two processes with the same key write the same summary; of two
 * documents the later one stays, and what it lacks is fitted again. Names begin with a dot, so that a cache within a
 * folder of traces is not read as traces.
 */
#include "network/cache/store.h"
#include "network/parts.h"
#include "network/visits/shard.h"

#include "trace/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CACHE "cache/1" /* with the program's version: another one's files are other files */

static uint64_t hash_options(const struct lc_learner *learner, const struct lc_tree_options *options)
{
    uint64_t hash = lci_fnv_text(LCI_FNV_BEGIN, CACHE " " LCI_SHARD_SCHEMA " " LOADCAST_VERSION);
    json_t *shaping = lci_shard_options(&learner->visits);
    char *text = json_dumps(shaping, JSON_COMPACT | JSON_SORT_KEYS);
    hash = lci_fnv_text(hash, text);
    free(text);
    json_decref(shaping);
    const char *const *lists[] = {options->reader.keep, options->assume_async, options->assume_sync};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        for (size_t i = 0; lists[l] != NULL && lists[l][i] != NULL; i++)
            hash = lci_fnv_text(hash, lists[l][i]);
        hash = lci_fnv_text(hash, "");
    }
    for (size_t c = 0; c < learner->visits.options.class_count; c++)
        hash = lci_fnv_text(hash, learner->visits.options.classes[c].starts ? "starts" : "");
    for (size_t i = 0; i < options->slot_count; i++)
        hash = lci_fnv_text(lci_fnv_text(hash, options->slots[i].service), options->slots[i].span);
    return lci_fnv_text(hash, options->reader.strict   ? options->keep_internal ? "strict, internal" : "strict"
                              : options->keep_internal ? "internal"
                                                       : "");
}

/* False: the inputs are none that can be told again. What is wrong with them is said by who reads them. */
static bool hash_inputs(const char *const *inputs, size_t count, uint64_t *hash)
{
    struct lc_diag diag = {0};
    struct lci_files files = {0};
    bool whole = lci_files_find(inputs, count, &files, &diag) == 0;
    for (size_t i = 0; i < files.count && whole; i++) {
        struct stat status; /* what comes through a pipe comes once */
        *hash = lci_fnv_text(*hash, files.items[i].name);
        whole = stat(files.items[i].name, &status) == 0 && S_ISREG(status.st_mode) &&
                lci_hash_file(files.items[i].name, hash);
    }
    lci_files_free(&files);
    lc_diag_free(&diag);
    return whole;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static json_t *reading_json(const struct lc_reading *r)
{
    json_t *repairs = json_array();
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        json_array_append_new(repairs, json_integer((json_int_t)r->repairs.count[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "files", (json_int_t)r->files, "bytes", (json_int_t)r->bytes,
                     "traces", (json_int_t)r->traces, "read", (json_int_t)r->read, "spans", (json_int_t)r->spans,
                     "repairs", repairs);
}

static bool read_reading(const json_t *document, struct lc_reading *r)
{
    json_int_t files, bytes, traces, read, spans;
    json_t *repairs;
    if (json_unpack(json_object_get(document, "reading"), "{s:I, s:I, s:I, s:I, s:I, s:o}", "files", &files, "bytes",
                    &bytes, "traces", &traces, "read", &read, "spans", &spans, "repairs", &repairs) != 0 ||
        json_array_size(repairs) != LC_REPAIR_KINDS)
        return false;
    *r = (struct lc_reading){.files = (uint64_t)files,
                             .bytes = (uint64_t)bytes,
                             .traces = (uint64_t)traces,
                             .read = (uint64_t)read,
                             .spans = (uint64_t)spans};
    for (size_t i = 0; i < LC_REPAIR_KINDS; i++)
        r->repairs.count[i] = (uint64_t)json_integer_value(json_array_get(repairs, i));
    return true;
}

/* When requests came: summaries do not hold it. */
static json_t *starts_json(const struct lc_learner *learner)
{
    json_t *classes = json_array();
    for (size_t c = 0; c < learner->visits.class_count; c++) {
        json_t *times = json_array();
        for (size_t i = 0; i < learner->visits.class_starts[c].count; i++)
            json_array_append_new(times, json_integer(learner->visits.class_starts[c].times[i]));
        json_array_append_new(classes, times);
    }
    return classes;
}

static bool read_starts(const json_t *document, struct lc_learner *learner)
{
    const json_t *classes = json_object_get(document, "starts");
    for (size_t c = 0; c < learner->visits.class_count; c++) {
        struct lc_starts *starts = &learner->visits.class_starts[c];
        const json_t *times = json_array_get(classes, c);
        for (size_t i = 0; i < json_array_size(times); i++) {
            LC_GROW(starts->times, starts->count, starts->capacity);
            starts->times[starts->count++] = json_integer_value(json_array_get(times, i));
        }
    }
    return json_array_size(classes) == learner->visits.class_count;
}

static json_t *messages_json(const struct lc_diag *diag, size_t first)
{
    json_t *messages = json_array();
    for (size_t i = first; i < diag->count; i++)
        json_array_append_new(messages,
                              json_pack("[b, s]", diag->messages[i].severity == LC_WARNING, diag->messages[i].text));
    return messages;
}

static void say_again(const json_t *messages, struct lc_diag *diag)
{
    size_t i;
    json_t *message;
    json_array_foreach(messages, i, message)
    {
        const char *text = json_string_value(json_array_get(message, 1));
        if (text != NULL && json_is_true(json_array_get(message, 0)))
            lc_warn(diag, NULL, "%s", text);
        else if (text != NULL)
            lc_note(diag, NULL, "%s", text);
    }
}

/* What is kept under the key, into a learner that is new. NULL when there is nothing, or nothing to be believed. */
static const char *read_kept(struct lc_cache *cache, struct lc_learner *learner, struct lc_symbols *symbols,
                             struct lc_extraction *extraction)
{
    uint64_t hash = LCI_FNV_BEGIN;
    if (!lci_hash_file(cache->summary, &hash))
        return "its summary is missing";
    char *name = lci_hash_name(hash);
    const char *known = json_string_value(json_object_get(cache->kept, "summary"));
    const bool same = known != NULL && strcmp(known, name) == 0;
    free(name);
    if (!same)
        return "its summary is damaged or cut off";
    struct lc_diag own = {0};
    const int status = lc_learner_read(learner, symbols, cache->summary, &own);
    lc_diag_free(&own);
    if (status != 0 || !read_reading(cache->kept, &extraction->reading) || !read_starts(cache->kept, learner))
        return "it is none of this version";
    return NULL;
}

/* ---- collecting -------------------------------------------------------------------------------------------------- */

/* Begins a document for what was just read. Where the summary cannot be written, nothing is kept: that is said, and is
 * no reason to stop. */
static void keep_collected(struct lc_cache *cache, struct lc_learner *learner, const struct lc_extraction *extraction,
                           const struct lc_diag *diag, size_t first, struct lc_diag *own)
{
    uint64_t hash = LCI_FNV_BEGIN;
    json_t *starts = starts_json(learner); /* before the learner is put in order */
    if (lc_learner_write(learner, cache->summary, own) != 0 || !lci_hash_file(cache->summary, &hash)) {
        json_decref(starts);
        return;
    }
    char *name = lci_hash_name(hash);
    json_decref(cache->kept);
    cache->kept =
        json_pack("{s:s, s:o, s:o, s:o, s:{}}", "summary", name, "reading", reading_json(&extraction->reading),
                  "starts", starts, "messages", messages_json(diag, first), "fits");
    cache->fits = json_object_get(cache->kept, "fits");
    cache->news = true;
    free(name);
}

/* By all ranks, if they can; then the learner is another one. */
static int read_traces(struct lc_learner **learner, const char *const *inputs, size_t count,
                       const struct lc_tree_options *options, const struct lc_learn_options *learn_options,
                       struct lc_symbols *symbols, struct lc_extraction *extraction, struct lc_diag *diag)
{
    struct lc_learner *joined = lci_parts_learn(inputs, count, options, learn_options, symbols, extraction);
    if (joined != NULL) {
        lc_learner_free(*learner);
        *learner = joined;
        return 0;
    }
    if (lc_learner_add_traces(*learner, inputs, count, options, symbols, extraction, diag) != 0)
        return -1;
    lci_files_note(&extraction->reading, diag);
    lc_learner_note(*learner, extraction);
    return 0;
}

static int collect(struct lc_cache *cache, const char *const *inputs, size_t count,
                   const struct lc_tree_options *options, const struct lc_learn_options *learn_options,
                   struct lc_symbols *symbols, struct lc_learner **learner_at, struct lc_extraction *extraction,
                   uint64_t key, struct lc_diag *diag)
{
    const size_t first = diag->count, dropped = diag->dropped;
    if (read_traces(learner_at, inputs, count, options, learn_options, symbols, extraction, diag) != 0)
        return -1;
    struct lc_learner *learner = *learner_at;
    uint64_t now = hash_options(learner, options);
    if (cache == NULL || cache->summary == NULL || dropped != diag->dropped)
        return 0;
    if (!hash_inputs(inputs, count, &now) || now != key) {
        lc_note(diag, NULL, "the traces changed while they were read: nothing is kept in %s", cache->folder);
        return 0;
    }
    struct lc_diag own = {0};
    keep_collected(cache, learner, extraction, diag, first, &own);
    if (own.errors > 0)
        lc_warn(diag, NULL, "%s; nothing is kept for the next time", own.messages[0].text);
    lc_diag_free(&own);
    return 0;
}

/* Where these inputs are kept, and what is there. */
static const char *look_up(struct lc_cache *cache, uint64_t key)
{
    const char *wrong;
    char *name = lci_hash_name(key);
    cache->summary = lc_format("%s/.%s.summary.gz", cache->folder, name);
    cache->document = lc_format("%s/.%s.json", cache->folder, name);
    free(name);
    cache->kept = lci_document_read(cache->document, &wrong);
    cache->fits = json_object_get(cache->kept, "fits");
    return wrong;
}

struct lc_learner *lc_learner_collect(struct lc_cache *cache, const char *const *inputs, size_t count,
                                      const struct lc_tree_options *options,
                                      const struct lc_learn_options *learn_options, struct lc_symbols *symbols,
                                      struct lc_extraction *extraction, struct lc_diag *diag)
{
    struct lc_learner *learner = lc_learner_new(learn_options, symbols);
    uint64_t key = hash_options(learner, options);
    if (cache != NULL && (options->given != NULL || !hash_inputs(inputs, count, &key))) {
        lc_note(diag, NULL, "nothing is kept in %s: the inputs are no files that can be read again", cache->folder);
    } else if (cache != NULL) {
        const char *wrong = look_up(cache, key);
        if (cache->kept != NULL && (wrong = read_kept(cache, learner, symbols, extraction)) == NULL) {
            say_again(json_object_get(cache->kept, "messages"), diag);
            return learner;
        }
        if (wrong != NULL) {
            lc_note(diag, NULL, "%s is not used, and made anew: %s", cache->document, wrong);
            lc_learner_free(learner); /* something may have been read */
            learner = lc_learner_new(learn_options, symbols);
            *extraction = (struct lc_extraction){0};
        }
    }
    if (collect(cache, inputs, count, options, learn_options, symbols, &learner, extraction, key, diag) == 0)
        return learner;
    lc_learner_free(learner);
    return NULL;
}
