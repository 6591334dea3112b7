/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "divide.h"

#include "cut.h"
#include "reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LEAST    (64 << 10) /* bytes of a range: less is read faster than it is cut */
#define UNPACKED 8          /* bytes of a file are so many of what is in it, where it is compressed */

struct piece {
    struct lci_file file; /* its name is borrowed */
    size_t of;
    double weight;
};

struct pieces {
    struct piece *items;
    size_t count, capacity;
};

static void add(struct pieces *p, const struct lci_file *file, size_t of, double weight)
{
    LC_GROW(p->items, p->count, p->capacity);
    p->items[p->count++] = (struct piece){*file, of, weight};
}

/* Cuts a file to ranges of about `size` bytes, if it can be. */
static void cut(struct pieces *p, const struct lci_file *file, size_t of, const struct lci_format *format, double size,
                double weight)
{
    uint64_t begin = 0;
    const size_t before = p->count;
    struct lci_cuts *cuts = (double)file->size > size ? lci_cuts_new(file, format) : NULL;
    struct lci_file part = *file;
    for (uint64_t end; cuts != NULL && (double)begin + 1.5 * size < (double)file->size &&
                       (end = lci_cuts_from(cuts, begin + (uint64_t)size)) != 0;
         begin = end) {
        part.begin = begin;
        part.end = end;
        part.head = begin > 0 ? lci_cuts_head(cuts) : 0;
        add(p, &part, of, weight * (double)(end - begin));
    }
    if (cuts == NULL || lci_cuts_failed(cuts) || begin == 0) {
        p->count = before;
        add(p, file, of, weight * (double)file->size);
    } else {
        part.begin = begin;
        part.end = file->size;
        part.head = lci_cuts_head(cuts);
        add(p, &part, of, weight * (double)(file->size - begin));
    }
    lci_cuts_free(cuts);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* The format, of those whose traces do not depend on what stands in other files; NULL: none of them. */
static const struct lci_format *format_of(const struct lci_file *file)
{
    static const struct lci_format *const apart[] = {
        &lci_jaeger, &lci_jaeger_documents, &lci_otlp,       &lci_otlp_protobuf, &lci_zipkin_protobuf,
        &lci_zipkin, &lci_tempo_protobuf,   &lci_skywalking, &lci_csv,           &lci_callgraph};
    struct lc_diag unheard = {0};
    struct lci_trace_source *source = lci_source_open(file->name, &unheard);
    const struct lci_format *format = NULL;
    const char *bytes;
    char *found = NULL;
    const ptrdiff_t length = source != NULL ? lci_source_read(source, &bytes, &unheard) : 0;
    if (length > 0)
        format = lci_sniff(bytes, (size_t)length, &found);
    free(found);
    lci_source_close(source);
    lc_diag_free(&unheard);
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (format == apart[i])
            return format;
    return NULL;
}

static int by_weight(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
    return (a->file.begin > b->file.begin) - (a->file.begin < b->file.begin);
}

/* Each piece goes to the part that has the least so far. */
static void deal(struct lci_division *d, struct pieces *p, size_t most)
{
    double *sums = lc_calloc(most, sizeof *sums);
    d->count = p->count < most ? p->count : most;
    d->parts = lc_calloc(d->count, sizeof *d->parts);
    d->file_of = lc_calloc(d->count, sizeof *d->file_of);
    qsort(p->items, p->count, sizeof *p->items, by_weight);
    for (size_t i = 0; i < p->count; i++) {
        size_t least = 0;
        for (size_t k = 1; k < d->count; k++)
            if (sums[k] < sums[least])
                least = k;
        struct lci_files *part = &d->parts[least];
        struct lci_file file = p->items[i].file;
        file.name = lc_strdup(file.name);
        d->file_of[least] = lc_realloc(d->file_of[least], part->count + 1, sizeof **d->file_of);
        d->file_of[least][part->count] = p->items[i].of;
        LC_GROW(part->items, part->count, part->capacity);
        part->items[part->count++] = file;
        part->size += file.end > 0 ? file.end - file.begin : file.size;
        sums[least] += p->items[i].weight;
    }
    free(sums);
}

bool lci_divide(const char *const *inputs, size_t count, size_t most, struct lci_division *d)
{
    struct lc_diag unheard = {0};
    struct pieces pieces = {0};
    *d = (struct lci_division){0};
    bool good = most > 1 && lci_files_find(inputs, count, &d->files, &unheard) == 0 && unheard.count == 0;
    const struct lci_format **formats = lc_calloc(d->files.count, sizeof *formats);
    double *weights = lc_calloc(d->files.count, sizeof *weights), sum = 0; /* of a byte of each */
    for (size_t i = 0; i < d->files.count && good; i++) {
        const struct lci_file *file = &d->files.items[i];
        struct stat status;
        good = stat(file->name, &status) == 0 && S_ISREG(status.st_mode) && (formats[i] = format_of(file)) != NULL;
        weights[i] = good && lci_is_packed(file) ? UNPACKED : 1;
        sum += weights[i] * (double)file->size;
    }
    const double share = fmax(sum / (double)(most > 0 ? most : 1), LEAST);
    for (size_t i = 0; i < d->files.count && good; i++)
        cut(&pieces, &d->files.items[i], i, formats[i], share / weights[i], weights[i]);
    free(formats);
    free(weights);
    good = good && pieces.count > 1;
    if (good)
        deal(d, &pieces, most);
    free(pieces.items);
    lc_diag_free(&unheard);
    if (!good)
        lci_division_free(d);
    return good;
}

void lci_division_free(struct lci_division *d)
{
    for (size_t i = 0; i < d->count; i++) {
        lci_files_free(&d->parts[i]);
        free(d->file_of[i]);
    }
    free(d->parts);
    free(d->file_of);
    lci_files_free(&d->files);
    *d = (struct lci_division){0};
}
