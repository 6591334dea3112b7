/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points of observation, https://www.deepflow.io/docs (observation_point, before version 6.5 tap_side).
 */
#include "assembly/flow.h"

#include <string.h>
#include <strings.h>

const struct lci_point_kind lci_points[LCI_POINTS] = {
    [LCI_POINT_C_APP] = {"c-app", "Client Application", LCI_CLIENT_SIDE, LCI_AT_APPLICATION},
    [LCI_POINT_C_P] = {"c-p", "Client Process", LCI_CLIENT_SIDE, LCI_AT_PROCESS},
    [LCI_POINT_C] = {"c", "Client NIC", LCI_CLIENT_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_C_ND] = {"c-nd", "Client K8s Node", LCI_CLIENT_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_C_HV] = {"c-hv", "Client VM Hypervisor", LCI_CLIENT_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_C_GW_HV] = {"c-gw-hv", "Client-side Gateway Hypervisor", LCI_CLIENT_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_C_GW] = {"c-gw", "Client-side Gateway", LCI_CLIENT_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_S_GW] = {"s-gw", "Server-side Gateway", LCI_SERVER_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_S_GW_HV] = {"s-gw-hv", "Server-side Gateway Hypervisor", LCI_SERVER_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_S_HV] = {"s-hv", "Server VM Hypervisor", LCI_SERVER_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_S_ND] = {"s-nd", "Server K8s Node", LCI_SERVER_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_S] = {"s", "Server NIC", LCI_SERVER_SIDE, LCI_AT_NETWORK},
    [LCI_POINT_S_P] = {"s-p", "Server Process", LCI_SERVER_SIDE, LCI_AT_PROCESS},
    [LCI_POINT_S_APP] = {"s-app", "Server Application", LCI_SERVER_SIDE, LCI_AT_APPLICATION},
    [LCI_POINT_APP] = {"app", "Application", LCI_INSIDE, LCI_AT_APPLICATION},
    [LCI_POINT_REST] = {"rest", "Other NIC", LCI_ANYWHERE, LCI_AT_NETWORK},
    [LCI_POINT_LOCAL] = {"local", "Local NIC", LCI_ANYWHERE, LCI_AT_NETWORK},
};

/* As numbers: 1 client, 2 server, 4 local, 0 rest; plus 8 times the kind of place. */
static unsigned point_by_number(unsigned number)
{
    static const uint8_t client[] = {LCI_POINT_C,    LCI_POINT_C_ND, LCI_POINT_C_HV, LCI_POINT_C_GW_HV,
                                     LCI_POINT_C_GW, LCI_POINT_C_P,  LCI_POINT_C_APP};
    static const uint8_t server[] = {LCI_POINT_S,    LCI_POINT_S_ND, LCI_POINT_S_HV, LCI_POINT_S_GW_HV,
                                     LCI_POINT_S_GW, LCI_POINT_S_P,  LCI_POINT_S_APP};
    const unsigned place = number >> 3;
    switch (number & 7) {
    case 0: return place == 0 ? LCI_POINT_REST : place == 6 ? LCI_POINT_APP : LCI_POINTS;
    case 1: return place < sizeof client ? client[place] : LCI_POINTS;
    case 2: return place < sizeof server ? server[place] : LCI_POINTS;
    case 4: return place == 0 ? LCI_POINT_LOCAL : LCI_POINTS;
    default: return LCI_POINTS;
    }
}

unsigned lci_point_of(const char *text, size_t length)
{
    unsigned number = 0;
    static const struct { /* by far the most frequent */
        char name[4];
        uint8_t length, point;
    } usual[] = {{"c-p", 3, LCI_POINT_C_P}, {"s-p", 3, LCI_POINT_S_P}, {"c", 1, LCI_POINT_C}, {"s", 1, LCI_POINT_S}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (usual[i].length == length && memcmp(usual[i].name, text, length) == 0)
            return usual[i].point;
    for (unsigned i = 0; i < LCI_POINTS; i++) {
        if (strlen(lci_points[i].name) == length && memcmp(lci_points[i].name, text, length) == 0)
            return i;
        if (strlen(lci_points[i].shown) == length && strncasecmp(lci_points[i].shown, text, length) == 0)
            return i;
    }
    if (length == 0 || length > 2)
        return LCI_POINTS;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return LCI_POINTS;
        number = 10 * number + (unsigned)(text[i] - '0');
    }
    return point_by_number(number);
}
