/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Computes the ziggurat's tables from their definition: 256 layers of equal area under exp(-x) or exp(-x²/2).
 */
#ifndef ZIGGURAT_TABLES_H
#define ZIGGURAT_TABLES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ziggurat_tables {
    double tail;
    uint64_t inside[256];
    double width[256], height[256];
};

static long double ziggurat_density(bool normal, long double x)
{
    return expl(normal ? -x * x / 2 : -x);
}

static long double ziggurat_inverse(bool normal, long double y)
{
    return normal ? sqrtl(-2 * logl(y)) : -logl(y);
}

/* The area of the base layer whose right end is r: the box and the tail. */
static long double ziggurat_area(bool normal, long double r)
{
    const long double tail = normal ? sqrtl(acosl(-1) / 2) * erfcl(r / sqrtl(2)) : expl(-r);
    return r * ziggurat_density(normal, r) + tail;
}

/* The right ends edges[1 … 255] of the layers; returns how far the top of the uppermost lies above 1. */
static long double ziggurat_edges(bool normal, long double r, long double *edges)
{
    const long double area = ziggurat_area(normal, r);
    edges[0] = area / ziggurat_density(normal, r);
    edges[1] = r;
    for (int i = 2; i < 256; i++) {
        const long double y = ziggurat_density(normal, edges[i - 1]) + area / edges[i - 1];
        if (y >= 1)
            return y - 1 + (long double)(256 - i);
        edges[i] = ziggurat_inverse(normal, y);
    }
    return ziggurat_density(normal, edges[255]) + area / edges[255] - 1;
}

static void ziggurat_compute(bool normal, struct ziggurat_tables *t)
{
    long double edges[257] = {0}, low = 2, high = 12;
    for (int i = 0; i < 200; i++) {
        const long double middle = (low + high) / 2;
        if (ziggurat_edges(normal, middle, edges) > 0)
            low = middle;
        else
            high = middle;
    }
    ziggurat_edges(normal, high, edges);
    edges[256] = 0;
    t->tail = (double)edges[1];
    for (int i = 0; i < 256; i++) {
        t->inside[i] = (uint64_t)(edges[i + 1] / edges[i] * 0x1p53L);
        t->width[i] = (double)(edges[i] * 0x1p-53L);
        t->height[i] = (double)(i == 0 ? 0 : ziggurat_density(normal, edges[i]));
    }
}

static inline void ziggurat_print(const char *name, const struct ziggurat_tables *t)
{
    printf("const struct lci_ziggurat_layer lc_ziggurat_%s_layers[256] = {\n", name);
    for (int i = 0; i < 256; i++)
        printf("    {0x%llx, %a},\n", (unsigned long long)t->inside[i], t->width[i]);
    printf("};\nconst double lci_ziggurat_%s_tail = %a;\nconst double lci_ziggurat_%s_heights[256] = {\n", name,
           t->tail, name);
    for (int i = 0; i < 256; i++)
        printf("    %a,\n", t->height[i]);
    printf("};\n");
}

/* The text of model/random/ziggurat_tables.c. */
static inline void ziggurat_print_all(void)
{
    printf("/* SPDX-License-Identifier: GPL-3.0-or-later\n *\n * Written by `test_random tables`; the test checks it.\n"
           " */\n#include \"loadcast/random_ziggurat.h\"\n#include \"ziggurat.h\"\n\n");
    struct ziggurat_tables t;
    ziggurat_compute(false, &t);
    ziggurat_print("exponential", &t);
    printf("\n");
    ziggurat_compute(true, &t);
    ziggurat_print("normal", &t);
}

#endif
