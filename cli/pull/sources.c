/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sources.h"

const struct pull_source *const pull_sources[] = {&pull_jaeger,        &pull_tempo,    &pull_zipkin,
                                                  &pull_elasticsearch, &pull_deepflow, NULL};
