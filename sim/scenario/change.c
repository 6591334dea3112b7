/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What-ifs and sweeps that change the scenario itself: WORKLOAD.rate, WORKLOAD.arrivals.batch, cost.photo.replica_hour.
 * A rate or a number of users changes as a number does; for the rest, the workload is read again with another value at
 * the place that the path names. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/edit/edit_paths.h"
#include "scenario_reader.h"

/* ---- what changes reach ------------------------------------------------------------------------------------------ */

/* Keys of a workload that a path may go on with; the source of its requests has these attributes, too. */
static const char *const of_scenario[] = {"rate", "users", "arrivals", "script", "mix", "session", NULL};
static const char *const of_source[] = {"think_time", "calls", NULL};
static const char *const fixed[] = {"name", "entry", "activity", "where", NULL};

/* Whether the path goes on with one of the keys. */
static bool begins_with(const char *path, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        const size_t length = strlen(*keys);
        if (strncmp(path, *keys, length) == 0 && (path[length] == '.' || path[length] == 0))
            return true;
    }
    return false;
}

/* The workload whose name the path begins with, the longest; −1: none does. */
static int workload_of(const struct lc_scenario *s, const char *path, const char **rest)
{
    int found = -1;
    size_t longest = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        const size_t length = strlen(s->workloads[w].name);
        if (length >= longest && strncmp(path, s->workloads[w].name, length) == 0 && path[length] == '.') {
            found = (int)w;
            longest = length;
        }
    }
    *rest = path + longest + 1;
    return found;
}

static void no_such_key(const struct lc_edit *e, const char *name, const char *rest, struct lc_diag *diag)
{
    static const char *const all[] = {"rate", "users",   "think_time", "arrivals", "script",
                                      "mix",  "session", "calls",      NULL};
    char *key = lc_strndup(rest, strcspn(rest, "."));
    const char *nearest = lci_nearest(key, all);
    if (begins_with(rest, fixed))
        lc_error(diag, LC_INPUT, &e->place,
                 "'%s': what the workload asks for stays as it is; expected another workload, whose rate is changed",
                 e->path);
    else if (nearest != NULL)
        lc_error(diag, LC_INPUT, &e->place, "workload '%s' has no '%s'; did you mean '%s'?", name, key, nearest);
    else
        lc_error(
            diag, LC_INPUT, &e->place,
            "workload '%s' has no '%s'; expected one of rate, users, think_time, arrivals, script, mix, session, calls",
            name, key);
    free(key);
}

static bool is_level(const char *rest)
{
    return strcmp(rest, "rate") == 0 || strcmp(rest, "users") == 0;
}

/* ---- how much comes ---------------------------------------------------------------------------------------------- */

static struct lc_change *level_of(const struct lc_scenario *s, struct lc_what_if *change, int w)
{
    if (change->levels == NULL) {
        change->levels = lc_calloc(s->workload_count, sizeof *change->levels);
        for (size_t i = 0; i < s->workload_count; i++)
            change->levels[i].factor = 1;
    }
    return &change->levels[w];
}

static void change_level(const struct lc_edit *e, const struct lc_workload *w, struct lc_change *level,
                         struct lc_diag *diag)
{
    struct lc_change more;
    const bool users = strcmp(strrchr(e->path, '.'), ".users") == 0;
    if (users != w->closed) {
        lc_error(diag, LC_INPUT, &e->place, "workload '%s' has %s, no %s", w->name, w->closed ? "users" : "a rate",
                 w->closed ? "rate" : "users");
        return;
    }
    if (lci_change_read(e->path, e->value, users ? LC_NUMBER : LC_RATE, &more, diag, &e->place) != 0)
        return;
    const double now = users ? (double)w->users : w->rate;
    *level = (struct lc_change){more.factor * level->factor, more.factor * level->plus + more.plus};
    if (!(level->factor * now + level->plus > 0))
        lc_error(diag, LC_INPUT, &e->place, "'%s' would become %g; expected more than 0", e->path,
                 level->factor * now + level->plus);
}

/* ---- another value in the file ----------------------------------------------------------------------------------- */

/* The key of the map that the path goes on with, the longest; `rest` is what follows it, NULL: nothing. */
static struct lci_node *step(struct lci_node *map, const char **rest)
{
    struct lci_node *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; map->kind == LCI_NODE_MAP && i < map->count; i++) {
        const size_t length = strlen(map->keys[i].text);
        if (length > longest && strncmp(*rest, map->keys[i].text, length) == 0 &&
            ((*rest)[length] == '.' || (*rest)[length] == 0)) {
            found = &map->items[i];
            longest = length;
        }
    }
    if (found != NULL)
        *rest = (*rest)[longest] == '.' ? *rest + longest + 1 : NULL;
    return found;
}

/* A single value that the path goes on behind becomes a map. */
static struct lci_node *add_key(struct lci_node *map, const char *key, const struct lc_place *place)
{
    free(map->text);
    map->text = NULL;
    map->kind = LCI_NODE_MAP;
    map->keys = lc_realloc(map->keys, map->count + 1, sizeof *map->keys);
    map->items = lc_realloc(map->items, map->count + 1, sizeof *map->items);
    map->keys[map->count] = (struct lci_node){.kind = LCI_NODE_SCALAR, .text = lc_strdup(key), .place = *place};
    map->items[map->count] = (struct lci_node){.kind = LCI_NODE_SCALAR, .text = lc_strdup(""), .place = *place};
    return &map->items[map->count++];
}

/* Where the value of the path stands, made where it is missing: reading it again tells whether it is right. NULL with
 * an error. */
static struct lci_node *find_value(struct lci_node *root, const struct lc_edit *e, const char *rest,
                                   struct lc_diag *diag)
{
    struct lci_node *at = root;
    while (rest != NULL) {
        struct lci_node *next = step(at, &rest);
        if (next == NULL && at->kind == LCI_NODE_LIST) {
            lc_error(diag, LC_INPUT, &e->place, "'%s' goes into a list; expected a path to the whole of it", e->path);
            return NULL;
        }
        if (next == NULL) {
            const char *dot = strchr(rest, '.');
            char *key = dot != NULL ? lc_strndup(rest, (size_t)(dot - rest)) : lc_strdup(rest);
            next = add_key(at, key, &e->place);
            free(key);
            rest = dot != NULL ? dot + 1 : NULL;
        }
        at = next;
    }
    return at;
}

/* "x 2" of "5 s". */
static char *relative_text(const struct lc_edit *e, const struct lci_node *old, struct lc_diag *diag)
{
    static const struct {
        enum lc_dimension dimension;
        const char *unit;
    } kinds[] = {{LC_NUMBER, ""}, {LC_FRACTION, ""}, {LC_TIME, " s"}, {LC_RATE, "/s"}};
    struct lc_change change;
    double value;
    for (size_t i = 0; old->kind == LCI_NODE_SCALAR && i < sizeof kinds / sizeof *kinds; i++)
        if (lci_quantity(old->text, kinds[i].dimension, &value, NULL, NULL) == 0)
            return lci_change_read(e->path, e->value, kinds[i].dimension, &change, diag, &e->place) == 0
                       ? lc_format("%.17g%s", change.factor * value + change.plus, kinds[i].unit)
                       : NULL;
    lc_error(diag, LC_INPUT, &e->place,
             "'%s' has no value that '%s' could change; expected a number or a quantity such as '5 s'", e->path,
             e->value);
    return NULL;
}

static void put_value(const struct lc_edit *e, struct lci_node *at, struct lc_diag *diag)
{
    struct lci_node *old = lc_alloc(sizeof *old), *single = NULL;
    if (e->node->kind == LCI_NODE_SCALAR) {
        char *text = lci_change_is_relative(e->value) ? relative_text(e, at, diag) : lc_strdup(e->value);
        single = text != NULL ? lci_node_value(text, &e->place, diag) : NULL;
        free(text);
        if (single == NULL) {
            free(old);
            return;
        }
    }
    *old = *at;
    *at = single != NULL ? *single : lci_node_copy(e->node);
    free(single);
    lci_node_free(old);
}

/* Whether both ask for the same requests, so that only their number and times differ. */
static bool ask_alike(const struct lc_workload *a, const struct lc_workload *b)
{
    bool alike = a->mix_count == b->mix_count && a->closed == b->closed && a->replays_traces <= b->replays_traces;
    for (size_t i = 0; alike && i < a->mix_count; i++)
        alike = strcmp(a->mix[i].entry, b->mix[i].entry) == 0;
    return alike;
}

/* A part of the scenario as one what-if has it. */
struct draft {
    bool made;
    struct lci_node *node;
    const struct lc_edit *last; /* of its changes */
};

static struct lci_node *draft_of(struct draft *draft, const struct lci_node *original, const struct lc_edit *e)
{
    if (draft->node == NULL) {
        draft->node = lc_alloc(sizeof *draft->node);
        *draft->node = lci_node_copy(original);
    }
    draft->last = e;
    return draft->node;
}

static void change_value(const struct lc_edit *e, struct lci_node *draft, const char *rest, struct lc_diag *diag)
{
    struct lci_node *at = find_value(draft, e, rest, diag);
    if (at != NULL)
        put_value(e, at, diag);
}

static void read_workload(const struct draft *draft, struct lc_scenario *s, struct lc_what_if *change, size_t w,
                          struct lc_diag *diag)
{
    const size_t before = diag->errors;
    if (change->workloads == NULL)
        change->workloads = lc_calloc(s->workload_count, sizeof *change->workloads);
    lci_read_workload(draft->node, s, &change->workloads[w], diag);
    change->workloads[w].place = draft->last->place;
    if (diag->errors == before && !ask_alike(&change->workloads[w], &s->workloads[w]))
        lc_error(diag, LC_INPUT, &draft->last->place,
                 "'%s' changes what workload '%s' asks for; expected another workload, whose rate is changed",
                 draft->last->path, s->workloads[w].name);
}

/* ---- prices ------------------------------------------------------------------------------------------------------ */

/* "cost.COMPONENT.KEY": index of the price; −1: it is none. */
static int price_of(const struct lc_scenario *s, const char *path, const char **rest)
{
    const char *dot = strrchr(path, '.');
    if (strncmp(path, "cost.", 5) != 0 || dot == path + 4)
        return -1;
    *rest = dot + 1;
    for (size_t i = 0; i < s->price_count; i++)
        if (strlen(s->prices[i].component) == (size_t)(dot - path - 5) &&
            strncmp(path + 5, s->prices[i].component, (size_t)(dot - path - 5)) == 0)
            return (int)i;
    return -1;
}

static void read_price(const struct draft *draft, const struct lc_scenario *s, struct lc_what_if *change, size_t i,
                       struct lc_diag *diag)
{
    if (change->prices == NULL) {
        change->prices = lc_calloc(s->price_count, sizeof *change->prices);
        memcpy(change->prices, s->prices, s->price_count * sizeof *change->prices);
    }
    lci_read_price(draft->node, &change->prices[i], diag);
}

/* ---- all changes of a what-if ------------------------------------------------------------------------------------ */

/* A path as it stands in the file, whose parts have shorter paths or are no quantity of the system; true with an
 * error. */
static bool is_section(const struct lci_node *root, const struct lc_edit *e, struct lc_diag *diag)
{
    static const char *const prefixes[] = {"deployment.services.", "services.", "workloads."};
    const struct lci_node *section = NULL;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(e->path, prefixes[i], strlen(prefixes[i])) == 0) {
            lc_error(diag, LC_INPUT, &e->place, "'%s' begins too early; expected '%s'", e->path,
                     e->path + strlen(prefixes[i]));
            return true;
        }
    const char *dot = strrchr(e->path, '.');
    if (strncmp(e->path, "cost.", 5) == 0 && lci_is_price(dot + 1)) {
        lc_error(diag, LC_INPUT, &e->place, "'%s': there is no such price; expected one under 'cost'", e->path);
        return true;
    }
    for (size_t i = 0; i < root->count && section == NULL; i++) {
        const size_t length = strlen(root->keys[i].text);
        if (strncmp(e->path, root->keys[i].text, length) == 0 && e->path[length] == '.' &&
            lci_node_get(&root->items[i], e->path + length + 1) != NULL)
            section = &root->keys[i];
    }
    if (section == NULL)
        return false;
    lc_error(
        diag, LC_INPUT, &e->place,
        "'%s': nothing under '%s' can be changed so; expected a path of a component (photo.concurrency), a workload "
        "(visitors.rate) or a price (cost.photo.replica_hour)",
        e->path, section->text);
    return true;
}

void lci_settle_changes(const struct lci_node *root, const struct lci_root_nodes *nodes, struct lc_scenario *s,
                        struct lc_what_if *change, struct lc_diag *diag)
{
    const struct lci_node *workloads = nodes->workloads, *cost = nodes->cost;
    struct draft *drafts = lc_calloc(s->workload_count + s->price_count + 1, sizeof *drafts);
    struct draft *prices = drafts + s->workload_count;
    for (size_t i = 0; i < change->edit_count; i++) {
        struct lc_edit *e = &change->edits[i];
        const char *rest = "";
        const int w = workload_of(s, e->path, &rest), price = price_of(s, e->path, &rest);
        e->settled = true;
        if (w >= 0 && !begins_with(rest, of_scenario) && !begins_with(rest, of_source))
            no_such_key(e, s->workloads[w].name, rest, diag);
        else if (w >= 0 && is_level(rest) && e->value[0] != '[')
            change_level(e, &s->workloads[w], level_of(s, change, w), diag);
        else if (w >= 0 && !s->workloads[w].closed && strncmp(rest, "think_time", 10) == 0)
            lc_error(diag, LC_INPUT, &e->place, "workload '%s' has a rate: its arrivals do not think",
                     s->workloads[w].name);
        else if (w >= 0 && begins_with(rest, of_scenario))
            change_value(e, draft_of(&drafts[w], &workloads->items[w], e), rest, diag);
        else if (price >= 0)
            change_value(e, draft_of(&prices[price], &cost->items[price], e), rest, diag);
        else if (w >= 0 || !is_section(root, e, diag)) /* of the model */
            e->settled = false;
    }
    for (size_t w = 0; w < s->workload_count; w++)
        if (drafts[w].node != NULL)
            read_workload(&drafts[w], s, change, w, diag);
    for (size_t i = 0; i < s->price_count; i++)
        if (prices[i].node != NULL)
            read_price(&prices[i], s, change, i, diag);
    for (size_t i = 0; i < s->workload_count + s->price_count; i++)
        lci_node_free(drafts[i].node);
    free(drafts);
}

/* ---- the scenario under a change --------------------------------------------------------------------------------- */

const struct lc_workload *lc_scenario_workload(const struct lc_scenario *s, const struct lc_what_if *change, size_t w)
{
    return change != NULL && change->workloads != NULL && change->workloads[w].name != NULL ? &change->workloads[w]
                                                                                            : &s->workloads[w];
}

double lc_scenario_level(const struct lc_scenario *s, const struct lc_load_point *load, const struct lc_what_if *change,
                         size_t w)
{
    const struct lc_workload *workload = lc_scenario_workload(s, change, w);
    const struct lc_change by = change != NULL && change->levels != NULL ? change->levels[w] : (struct lc_change){1, 0};
    if (load->levels != NULL)
        return by.factor * load->levels[w] + by.plus;
    const double factor = load->alone && load->workload != w ? 1 : load->factor;
    return factor * (by.factor * (workload->closed ? (double)workload->users : workload->rate) + by.plus);
}

const struct lc_price *lc_scenario_price(const struct lc_scenario *s, const struct lc_what_if *change, size_t price)
{
    return change != NULL && change->prices != NULL ? &change->prices[price] : &s->prices[price];
}
