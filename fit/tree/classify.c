/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/classify.h"
#include "fit/trace/symbols.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL 160 /* bytes of a label */

/* What a span's type depends on, in symbols of low cardinality: readers keep of a statement its verb and table and of a
 * URL no ids; what is derived from a text here is derived once for each distinct text. */
struct key {
    lc_symbol service, operation, kind, system, name, db_operation, collection, method, route, url, rpc, rpc_service,
        rpc_method, messaging, destination, faas, peer, address, port, query;
    lc_symbol path, path_of; /* of a URL that makes the label, and its server */
};

struct memo { /* symbol → symbol, for texts seen before */
    lc_symbol *of;
    size_t capacity;
};

struct lci_types {
    struct lc_symbols *symbols;
    struct lci_paths *known_paths;
    struct key *keys;
    struct lci_span_type *types;
    size_t count, key_capacity;
    struct lci_table table;
    struct memo names, hosts, paths;
};

const char *lc_class_name(enum lc_class class_)
{
    static const char *const names[] = {"internal", "database", "cache", "messaging", "rpc", "http", "faas"};
    return names[class_];
}

const char *lc_edge_name(enum lc_edge edge)
{
    static const char *const names[] = {"root", "sync", "concurrent", "forget"};
    return names[edge];
}

struct lci_types *lci_types_new(struct lc_symbols *symbols, struct lci_paths *paths)
{
    struct lci_types *t = lc_calloc(1, sizeof *t);
    t->symbols = symbols;
    t->known_paths = paths;
    return t;
}

void lci_types_free(struct lci_types *t)
{
    if (t == NULL)
        return;
    free(t->keys);
    free(t->types);
    lci_table_free(&t->table);
    free(t->names.of);
    free(t->hosts.of);
    free(t->paths.of);
    free(t);
}

const struct lci_span_type *lci_type(const struct lci_types *t, uint32_t index)
{
    return &t->types[index];
}

/* ---- texts reduced, each once ------------------------------------------------------------------------------------ */

/* Slot of the symbol; symbols are dense, so that an array serves. Holds symbol + 1 of the result, 0: not yet made. */
static lc_symbol *memo_slot(struct memo *memo, lc_symbol symbol)
{
    if (symbol >= memo->capacity) {
        const size_t old = memo->capacity;
        memo->capacity = (size_t)symbol + 1 > 2 * old ? (size_t)symbol + 256 : 2 * old;
        memo->of = lc_realloc(memo->of, memo->capacity, sizeof *memo->of);
        memset(memo->of + old, 0, (memo->capacity - old) * sizeof *memo->of);
    }
    return &memo->of[symbol];
}

static lc_symbol reduce(struct lci_types *t, struct memo *memo, lc_symbol symbol,
                        size_t (*function)(const char *, char *, size_t))
{
    if (symbol == 0)
        return 0;
    lc_symbol *slot = memo_slot(memo, symbol);
    if (*slot == 0) {
        char text[LABEL];
        const size_t length = function(lci_symbol_text(t->symbols, symbol), text, sizeof text);
        *slot = lci_symbol_of(t->symbols, text, length) + 1;
    }
    return *slot - 1;
}

/* host[:port] of a URL, without the ports that everybody uses. */
static size_t url_host(const char *url, char *out, size_t size)
{
    const char *host = strstr(url, "://");
    if (host == NULL)
        return 0;
    host += 3;
    const size_t authority = strcspn(host, "/?#");
    const char *at = memchr(host, '@', authority);
    size_t length = authority;
    if (at != NULL) {
        length -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    if (length > 3 && memcmp(host + length - 3, ":80", 3) == 0)
        length -= 3;
    else if (length > 4 && memcmp(host + length - 4, ":443", 4) == 0)
        length -= 4;
    if (length >= size)
        length = size - 1;
    memcpy(out, host, length);
    out[length] = 0;
    return length;
}

static size_t url_path(const char *url, char *out, size_t size)
{
    const char *host = strstr(url, "://");
    const char *path = host != NULL ? strchr(host + 3, '/') : url;
    return path != NULL && *path == '/' ? lci_plain_name(path, out, size) : 0;
}

/* ---- one type from its key --------------------------------------------------------------------------------------- */

static const char *text_of(const struct lci_types *t, lc_symbol symbol)
{
    return lci_symbol_text(t->symbols, symbol);
}

static lc_symbol joined(struct lci_types *t, lc_symbol first, const char *between, lc_symbol second)
{
    char *text = lc_format("%s%s%s", text_of(t, first), between, text_of(t, second));
    const lc_symbol symbol = lci_symbol_of(t->symbols, text, strlen(text));
    free(text);
    return symbol;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasecmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_cache(const char *system)
{
    static const char *const caches[] = {"redis",     "memcached", "valkey",  "hazelcast",
                                         "aerospike", "geode",     "ehcache", NULL};
    return is_one_of(system, caches);
}

/* PDO is PHP's interface to databases; its instrumentation writes no attributes that say so. */
static bool is_pdo(const char *operation)
{
    return strncmp(operation, "PDO::", 5) == 0 || strncmp(operation, "PDOStatement::", 14) == 0;
}

static enum lc_class class_of(const struct lci_types *t, const struct key *k)
{
    const bool queue = k->kind == LC_KIND_PRODUCER || k->kind == LC_KIND_CONSUMER;
    if (k->messaging != 0 || k->destination != 0 || queue)
        return LC_CLASS_MESSAGING;
    if (k->system != 0)
        return is_cache(text_of(t, k->system)) ? LC_CLASS_CACHE : LC_CLASS_DATABASE;
    if (is_pdo(text_of(t, k->operation)))
        return LC_CLASS_DATABASE;
    if (k->rpc != 0)
        return LC_CLASS_RPC;
    if (k->method != 0)
        return LC_CLASS_HTTP;
    return k->faas != 0 ? LC_CLASS_FAAS : LC_CLASS_INTERNAL;
}

/* A namespace that is a number (Redis) or the product's own name ("postgres" of postgresql) tells nothing. */
static bool tells(const char *name, const char *system)
{
    return name[strspn(name, "0123456789")] != 0 && strncasecmp(name, system, strlen(name)) != 0;
}

static lc_symbol address_of(struct lci_types *t, const struct key *k)
{
    if (k->address == 0)
        return 0;
    const char *port = text_of(t, k->port);
    if (k->port == 0 || strcmp(port, "80") == 0 || strcmp(port, "443") == 0)
        return k->address;
    return joined(t, k->address, ":", k->port);
}

static lc_symbol server_of(struct lci_types *t, const struct key *k, enum lc_class class_)
{
    if (k->peer != 0)
        return k->peer;
    if (class_ == LC_CLASS_DATABASE || class_ == LC_CLASS_CACHE) {
        if (k->system == 0) /* PDO */
            return lci_symbol_of(t->symbols, "postgres", 8);
        return k->name != 0 && tells(text_of(t, k->name), text_of(t, k->system)) ? joined(t, k->system, ":", k->name)
                                                                                 : k->system;
    }
    if (k->destination != 0)
        return k->destination;
    const lc_symbol address = address_of(t, k);
    return address != 0 ? address : k->url;
}

static bool contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

/* A database span without a statement that speaks of a pool or of taking a connection: waiting in the caller, not a
 * request. A plain "connect" is a request: the server answers it. */
static bool is_acquire(const char *operation)
{
    return contains(operation, "pool") || contains(operation, "acquire") || contains(operation, "getconnection") ||
           contains(operation, "checkout");
}

static lc_symbol database_label(struct lci_types *t, const struct key *k)
{
    if (k->collection != 0 && k->db_operation != 0)
        return joined(t, k->db_operation, " ", k->collection);
    /* A key-value command is its verb; of SQL the table is worth knowing, too. */
    if (k->query != 0 && !is_cache(text_of(t, k->system)))
        return k->query;
    if (k->db_operation != 0)
        return k->db_operation;
    if (strcmp(text_of(t, k->operation), "PDO::__construct") == 0)
        return lci_symbol_of(t->symbols, "connect", 7);
    return reduce(t, &t->names, k->operation, lci_plain_name);
}

/* The client span's name is nothing but the method. */
static bool is_bare(struct lci_types *t, const struct key *k)
{
    const char *name = text_of(t, reduce(t, &t->names, k->operation, lci_plain_name));
    const char *method = text_of(t, k->method);
    return strcasecmp(name, method) == 0 || (strncasecmp(name, "HTTP ", 5) == 0 && strcasecmp(name + 5, method) == 0);
}

/* A bare method gets the route, else the path of the URL once that is settled. */
static lc_symbol http_label(struct lci_types *t, const struct key *k)
{
    if (k->kind != LC_KIND_SERVER && !is_bare(t, k))
        return 0;
    if (k->route != 0)
        return joined(t, k->method, " ", k->route);
    return k->kind != LC_KIND_SERVER ? k->method : 0;
}

static struct lci_span_type make_type(struct lci_types *t, const struct key *k)
{
    const enum lc_class class_ = class_of(t, k);
    struct lci_span_type type = {.class_ = (uint8_t)class_, .server = server_of(t, k, class_)};
    const char *operation = text_of(t, k->operation);
    const bool database = class_ == LC_CLASS_DATABASE || class_ == LC_CLASS_CACHE;
    if (database) {
        const char *verb = text_of(t, k->db_operation != 0 ? k->db_operation : k->query);
        type.label = database_label(t, k);
        type.access = (uint8_t)lci_access_of(*verb != 0 ? verb : operation, class_ == LC_CLASS_CACHE);
        type.acquire = k->db_operation == 0 && k->query == 0 && is_acquire(operation);
        if (type.acquire)
            type.access = LC_ACCESS_NONE;
    } else if (class_ == LC_CLASS_RPC && k->rpc_method != 0) {
        type.label = k->rpc_service != 0 ? joined(t, k->rpc_service, "/", k->rpc_method) : k->rpc_method;
    } else if (class_ == LC_CLASS_HTTP) {
        type.label = http_label(t, k);
    }
    if (type.label == 0)
        type.label = reduce(t, &t->names, k->operation, lci_plain_name);
    type.client = database || class_ == LC_CLASS_HTTP || class_ == LC_CLASS_RPC;
    return type;
}

/* ---- finding it -------------------------------------------------------------------------------------------------- */

static uint32_t hash_of(const struct key *k)
{
    _Static_assert(sizeof *k % sizeof(uint64_t) == 0, "the key has no padding");
    return lci_hash_bytes(k, sizeof *k);
}

/* The path says more than the method alone. */
static void add_path(struct lci_types *t, struct key *k, lc_symbol path)
{
    if (path == 0)
        return;
    k->path_of = k->kind == LC_KIND_SERVER ? k->service
                 : k->peer != 0            ? k->peer
                 : k->address != 0         ? k->address
                                           : k->url;
    k->path = lci_paths_note(t->known_paths, t->symbols, k->path_of, path);
}

static struct key key_of(struct lci_types *t, const struct lc_trace *trace, const struct lc_span *span)
{
    lc_symbol a[LC_ATTR_OTHER] = {0};
    for (uint32_t i = 0; i < span->attribute_count; i++) {
        const struct lc_attribute *attribute = &trace->attributes[span->first_attribute + i];
        if (attribute->key < LC_ATTR_OTHER && a[attribute->key] == 0)
            a[attribute->key] = attribute->value;
    }
    const bool server = span->kind == LC_KIND_SERVER;
    struct key k = {.service = span->service,
                    .operation = span->operation,
                    .kind = span->kind,
                    .system = a[LC_ATTR_DB_SYSTEM],
                    .name = a[LC_ATTR_DB_NAMESPACE],
                    .db_operation = a[LC_ATTR_DB_OPERATION],
                    .collection = a[LC_ATTR_DB_COLLECTION],
                    .method = a[LC_ATTR_HTTP_METHOD],
                    .route = a[LC_ATTR_HTTP_ROUTE],
                    .rpc = a[LC_ATTR_RPC_SYSTEM],
                    .rpc_service = a[LC_ATTR_RPC_SERVICE],
                    .rpc_method = a[LC_ATTR_RPC_METHOD],
                    .messaging = a[LC_ATTR_MESSAGING_SYSTEM],
                    .destination = a[LC_ATTR_MESSAGING_DESTINATION],
                    .faas = a[LC_ATTR_FAAS] != 0,
                    .peer = a[LC_ATTR_PEER_SERVICE]};
    k.query = a[LC_ATTR_DB_SUMMARY] != 0 ? a[LC_ATTR_DB_SUMMARY] : a[LC_ATTR_DB_QUERY];
    if (!server) { /* a server's own address, path and client do not tell what it is */
        k.address = a[LC_ATTR_SERVER_ADDRESS] != 0 ? a[LC_ATTR_SERVER_ADDRESS] : a[LC_ATTR_NETWORK_PEER];
        k.port = a[LC_ATTR_SERVER_PORT];
        k.url = reduce(t, &t->hosts, a[LC_ATTR_URL_FULL], url_host);
    }
    const lc_symbol url = a[LC_ATTR_URL_FULL] != 0 ? a[LC_ATTR_URL_FULL] : a[LC_ATTR_URL_PATH];
    if (k.route == 0 && k.method != 0 && class_of(t, &k) == LC_CLASS_HTTP && is_bare(t, &k))
        add_path(t, &k, reduce(t, &t->paths, url, url_path));
    return k;
}

uint32_t lci_type_of(struct lci_types *t, const struct lc_trace *trace, const struct lc_span *span)
{
    const struct key k = key_of(t, trace, span);
    const uint32_t hash = hash_of(&k);
    uint32_t at;
    LCI_TABLE_FIND(&t->table, hash, at, memcmp(&t->keys[at], &k, sizeof k) == 0);
    if (at != LCI_ABSENT)
        return at;
    if (t->count == t->key_capacity) {
        t->key_capacity = t->key_capacity != 0 ? 2 * t->key_capacity : 64;
        t->keys = lc_realloc(t->keys, t->key_capacity, sizeof *t->keys);
        t->types = lc_realloc(t->types, t->key_capacity, sizeof *t->types);
    }
    const struct lci_span_type type = make_type(t, &k);
    t->keys[t->count] = k;
    t->types[t->count] = type;
    lci_table_add(&t->table, hash, t->count);
    return (uint32_t)t->count++;
}

/* Two databases or caches: of another product, or of another name where both say it. */
static bool are_other_stores(const struct lci_types *t, const struct key *a, const struct key *b)
{
    static const char *const any[] = {"", "other_sql", "other", "sql", NULL};
    const char *p = text_of(t, a->system), *q = text_of(t, b->system);
    if (is_one_of(p, any) || is_one_of(q, any))
        return false;
    if (strcasecmp(p, q) != 0)
        return true;
    return a->name != b->name && tells(text_of(t, a->name), p) && tells(text_of(t, b->name), q);
}

static bool is_number(const char *address)
{
    return address[strspn(address, "0123456789.")] == 0 || strchr(address, ':') != NULL;
}

bool lci_types_call_others(const struct lci_types *t, uint32_t outer, uint32_t inner)
{
    const struct key *a = &t->keys[outer], *b = &t->keys[inner];
    const enum lc_class x = t->types[outer].class_, y = t->types[inner].class_;
    const bool stores = y == LC_CLASS_DATABASE || y == LC_CLASS_CACHE;
    if (stores && (x == LC_CLASS_DATABASE || x == LC_CLASS_CACHE))
        return are_other_stores(t, a, b);
    if (x != LC_CLASS_HTTP && x != LC_CLASS_RPC)
        return false;
    if (stores)
        return true;
    if (a->peer != 0 && b->peer != 0)
        return a->peer != b->peer;
    return x == y && a->address != 0 && b->address != 0 && a->address != b->address &&
           !is_number(text_of(t, a->address)) && !is_number(text_of(t, b->address));
}

void lci_types_settle(struct lci_types *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct key *k = &t->keys[i];
        const lc_symbol name = k->path != 0 ? lci_paths_name(t->known_paths, t->symbols, k->path_of, k->path) : 0;
        if (name != 0)
            t->types[i].label = joined(t, k->method, " ", name);
    }
}
