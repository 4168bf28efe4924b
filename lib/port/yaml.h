/*
 * YAML, read by libyaml's events: the only door to it.  Every scalar becomes a
 * JSON string, so that 8.10 stays "8.10"; anchors, tags and a second document
 * are refused, and so are duplicate keys and nesting beyond LIMIT_YAML_DEPTH.
 */
#ifndef GONOGO_PORT_YAML_H
#define GONOGO_PORT_YAML_H

#include "base/json.h"

/* NAME stands in errors: DATA with "pack.yaml:12: ...". */
json *yaml_parse(const char *text, size_t length, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
