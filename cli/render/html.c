/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include "html.h"
#include <stdlib.h>

static const char style[] = "body{font:14px/1.4 sans-serif;margin:2em auto;max-width:78em;padding:0 1em;color:#222;"
                            "background:#fff}"
                            "h1,h2,h3{font-weight:600}table{border-collapse:collapse;width:100%}"
                            "th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd;vertical-align:top}"
                            "th{background:#f4f4f4}td.n{text-align:right;white-space:nowrap}"
                            "code,pre{font-size:13px}pre{line-height:1.3;overflow-x:auto}small{color:#666}"
                            "svg{display:block;max-width:62em}.pair{display:grid;"
                            "grid-template-columns:repeat(auto-fill,minmax(min(32em,100%),1fr))}"
                            /* On a narrow screen what is wide scrolls by itself, and keeps a size that can be read. */
                            ".plot{overflow-x:auto;min-width:0}.plot svg{min-width:40em}"
                            "@media(max-width:50em){body{margin:1em 0}table{display:block;overflow-x:auto}"
                            "code,pre{font-size:11px}}";

void html_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width\"><title>",
          out);
    html_text(out, title);
    fprintf(out, "</title><style>%s</style></head><body>\n<h1>", style);
    html_text(out, title);
    fputs("</h1>\n", out);
}

void html_end(FILE *out)
{
    fputs("</body></html>\n", out);
}

void html_text(FILE *out, const char *text)
{
    char *escaped = lci_xml_escaped(text);
    fputs(escaped, out);
    free(escaped);
}
