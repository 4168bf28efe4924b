/*
 * The look at a JSON text before cJSON reads it: what cJSON would let through
 * or silently change is refused here.
 */
#ifndef GONOGO_BASE_SCAN_H
#define GONOGO_BASE_SCAN_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * DATA, with NAME and the byte offset: text that is not UTF-8 or not JSON,
 * \u0000 or a lone surrogate, two members of one name, a number out of a
 * double's range, nesting beyond LIMIT_JSON_DEPTH, bytes behind the document.
 */
bool scan_json(const char *text, size_t length, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
