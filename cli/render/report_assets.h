/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all reports hold: how they look, and what draws their figures. Texts that end with a byte 0. */
#ifndef ASSETS_H
#define ASSETS_H

extern const char page_script[];
extern const char page_style[];

#endif
