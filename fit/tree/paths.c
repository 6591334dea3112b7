/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/trace/symbols.h"
#include "tree/url_paths.h"

#include <stdlib.h>
#include <string.h>

#define MOST_NAMES    64 /* of one server's paths */
#define MOST_SEGMENTS 8  /* of a path that are told apart; more are one */

struct server {
    lc_symbol name;
    unsigned kept;               /* segments with which the names are few */
    lc_symbol names[MOST_NAMES]; /* cut to that */
    size_t count;
    unsigned decided;              /* segments in names: no more than are kept */
    unsigned least_cut, most_kept; /* fewest segments to which a part cut; most that it kept */
};

struct lci_paths {
    struct server *servers;
    size_t count, capacity;
    uint32_t *index; /* by the server's name: index + 1; 0: not met */
    size_t index_capacity;
};

struct lci_paths *lci_paths_new(void)
{
    return lc_calloc(1, sizeof(struct lci_paths));
}

void lci_paths_free(struct lci_paths *p)
{
    if (p == NULL)
        return;
    free(p->servers);
    free(p->index);
    free(p);
}

/* ---- cutting ----------------------------------------------------------------------------------------------------- */

static unsigned segments_of(const char *path)
{
    unsigned segments = 0;
    for (; *path != 0 && segments < MOST_SEGMENTS; path++)
        segments += *path == '/';
    return segments;
}

/* The first segments; what follows them becomes one more. */
static lc_symbol cut(struct lc_symbols *symbols, lc_symbol path, unsigned segments)
{
    const char *text = lci_symbol_text(symbols, path);
    if (segments_of(text) <= segments)
        return path;
    size_t length = 0;
    for (unsigned i = 0; i < segments; i++)
        length += 1 + strcspn(text + length + 1, "/");
    char *name = lc_format("%.*s/:rest", (int)length, text);
    const lc_symbol symbol = lci_symbol_of(symbols, name, strlen(name));
    free(name);
    return symbol;
}

static bool add_name(struct server *s, lc_symbol name)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->names[i] == name)
            return true;
    if (s->count == MOST_NAMES)
        return false;
    s->names[s->count++] = name;
    return true;
}

/* Keeps fewer segments, and cuts the names to them: those of less are a function of those of more. */
static void shorten(struct server *s, struct lc_symbols *symbols, unsigned kept)
{
    const size_t count = s->count;
    s->kept = kept;
    s->count = 0;
    for (size_t i = 0; i < count; i++)
        add_name(s, cut(symbols, s->names[i], kept));
}

static lc_symbol note(struct server *s, struct lc_symbols *symbols, lc_symbol path)
{
    lc_symbol name = cut(symbols, path, s->kept);
    while (!add_name(s, name)) {
        shorten(s, symbols, s->kept - 1); /* without segments there is one name */
        name = cut(symbols, name, s->kept);
    }
    return name;
}

/* ---- one pass ---------------------------------------------------------------------------------------------------- */

/* Its number + 1; 0: not met. */
static uint32_t find(const struct lci_paths *p, lc_symbol name)
{
    return name < p->index_capacity ? p->index[name] : 0;
}

static struct server *server_of(struct lci_paths *p, lc_symbol name)
{
    const uint32_t known = find(p, name);
    if (known != 0)
        return &p->servers[known - 1];
    if (name >= p->index_capacity) {
        const size_t old = p->index_capacity;
        p->index_capacity = (size_t)name + 1 > 2 * old ? (size_t)name + 256 : 2 * old;
        p->index = lc_realloc(p->index, p->index_capacity, sizeof *p->index);
        memset(p->index + old, 0, (p->index_capacity - old) * sizeof *p->index);
    }
    LC_GROW(p->servers, p->count, p->capacity);
    p->servers[p->count] = (struct server){.name = name, .kept = MOST_SEGMENTS, .least_cut = MOST_SEGMENTS};
    p->index[name] = (uint32_t)++p->count;
    return &p->servers[p->count - 1];
}

lc_symbol lci_paths_note(struct lci_paths *p, struct lc_symbols *symbols, lc_symbol server, lc_symbol path)
{
    return note(server_of(p, server), symbols, path);
}

void lci_paths_decide(struct lci_paths *p, const struct lci_paths *given, const struct lc_symbols *symbols)
{
    for (size_t i = 0; i < p->count; i++) {
        struct server *s = &p->servers[i];
        const uint32_t known = given != NULL ? find(given, s->name) : 0;
        const unsigned kept = known != 0 ? given->servers[known - 1].kept : MOST_SEGMENTS;
        s->decided = kept < s->kept ? kept : s->kept;
        for (size_t k = 0; k < s->count; k++) {
            const unsigned segments = segments_of(lci_symbol_text(symbols, s->names[k]));
            const unsigned named = segments < s->decided ? segments : s->decided;
            if (segments > s->decided)
                s->least_cut = s->decided;
            s->most_kept = named > s->most_kept ? named : s->most_kept;
        }
    }
}

lc_symbol lci_paths_name(const struct lci_paths *p, struct lc_symbols *symbols, lc_symbol server, lc_symbol path)
{
    const unsigned decided = p->servers[find(p, server) - 1].decided;
    return decided > 0 ? cut(symbols, path, decided) : 0;
}

/* ---- parts of the traces ----------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b, void *symbols)
{
    return strcmp(lci_symbol_text(symbols, *(const lc_symbol *)a), lci_symbol_text(symbols, *(const lc_symbol *)b));
}

static json_t *server_json(const struct server *s, const struct lc_symbols *symbols)
{
    lc_symbol names[MOST_NAMES];
    json_t *list = json_array();
    memcpy(names, s->names, s->count * sizeof *names);
    qsort_r(names, s->count, sizeof *names, by_name, (void *)symbols);
    for (size_t i = 0; i < s->count; i++)
        json_array_append_new(list, json_string(lci_symbol_text(symbols, names[i])));
    return json_pack("[s, i, i, i, o]", lci_symbol_text(symbols, s->name), (int)s->kept, (int)s->least_cut,
                     (int)s->most_kept, list);
}

void lci_paths_write(const struct lci_paths *p, const struct lc_symbols *symbols, lci_put_line put, void *sink)
{
    lc_symbol *names = lc_calloc(p->count + 1, sizeof *names);
    for (size_t i = 0; i < p->count; i++)
        names[i] = p->servers[i].name;
    qsort_r(names, p->count, sizeof *names, by_name, (void *)symbols);
    for (size_t i = 0; i < p->count; i++)
        put(sink, json_pack("{s:o}", "paths", server_json(&p->servers[find(p, names[i]) - 1], symbols)));
    free(names);
}

bool lci_paths_read(struct lci_paths *p, struct lc_symbols *symbols, const json_t *line)
{
    const char *name;
    int kept, least_cut, most_kept;
    json_t *names;
    if (json_unpack((json_t *)line, "[s, i, i, i, o!]", &name, &kept, &least_cut, &most_kept, &names) != 0 ||
        kept < 0 || kept > MOST_SEGMENTS || least_cut < 0 || least_cut > MOST_SEGMENTS || most_kept < 0 ||
        most_kept > MOST_SEGMENTS || json_array_size(names) < 1 || json_array_size(names) > MOST_NAMES)
        return false;
    struct server *s = server_of(p, *name != 0 ? lci_symbol_of(symbols, name, strlen(name)) : 0);
    if ((unsigned)kept < s->kept)
        shorten(s, symbols, (unsigned)kept);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *path = json_string_value(json_array_get(names, i));
        if (path == NULL || *path != '/')
            return false;
        note(s, symbols, lci_symbol_of(symbols, path, strlen(path)));
    }
    s->least_cut = (unsigned)least_cut < s->least_cut ? (unsigned)least_cut : s->least_cut;
    s->most_kept = (unsigned)most_kept > s->most_kept ? (unsigned)most_kept : s->most_kept;
    return true;
}

void lci_paths_agree(const struct lci_paths *p, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    size_t differ = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct server *s = &p->servers[i];
        if ((s->least_cut < s->kept || s->most_kept > s->kept) && differ++ < LCI_MOST_TOLD)
            lc_error(diag, LC_INPUT, NULL,
                     "calls to '%s' are named by %u segments of their paths by all traces together, and by %u in a "
                     "part",
                     lci_symbol_text(symbols, s->name), s->kept, s->least_cut < s->kept ? s->least_cut : s->most_kept);
    }
    if (differ > LCI_MOST_TOLD)
        lc_error(diag, LC_INPUT, NULL, "and %zu more servers with paths", differ - LCI_MOST_TOLD);
}
