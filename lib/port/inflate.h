/*
 * gzip, by ISA-L: the only door to it.  Bytes are pushed in, plain ones come
 * out at the sink; a file of several gzip members is one text.
 */
#ifndef GONOGO_PORT_INFLATE_H
#define GONOGO_PORT_INFLATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool (*inflate_sink)(
    const void *bytes, size_t length, void *user, GError **error);

typedef struct inflate inflate;
/* LIMIT: of plain bytes; more is DATA. */
inflate *inflate_new(uint64_t limit, inflate_sink sink, void *user);
/* DATA: not gzip, a wrong sum, or over the limit; what came before it went to
 * the sink.  Or the sink's own error. */
bool inflate_add(inflate *i, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* DATA: cut short; what could be had went to the sink. */
bool inflate_end(inflate *i, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void inflate_free(inflate *i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(inflate, inflate_free)

#endif
