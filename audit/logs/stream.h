/*
 * The plain bytes of one log, or of a part of it, on their way to what is
 * found in them.
 *
 *     bytes --> blocks of whole entries --> entries --> found
 *
 * Of a part, from one offset to another, it takes the entries that begin there,
 * so that the parts of a file are found alone and make the same as the whole.
 */
#ifndef GONOGO_AUDIT_LOGS_STREAM_H
#define GONOGO_AUDIT_LOGS_STREAM_H

#include "audit/logs/found.h"

enum { STREAM_BYTES = 1 << 20 }; /* a block; a longer line is cut */

typedef struct stream stream; /* of one thread, for many logs */
stream *stream_new(const log_search *search, bool unknown);
void stream_free(stream *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(stream, stream_free)

/*
 * What comes next is of INPUT, on NODE, and begins at offset AT; entries that
 * begin from FROM on and before TO are put into *FOUND.  KIND LOG_OTHER is
 * made out by the first bytes, when they are the first of the file.
 */
void stream_begin(stream *s, struct found *found, uint32_t input, uint32_t node,
    enum log_kind kind, uint64_t at, uint64_t from, uint64_t to);
void stream_add(stream *s, const char *bytes, size_t length);
/* Where the caller may put up to *ROOM bytes, to say stream_filled() then. */
char *stream_room(stream *s, size_t *room);
void stream_filled(stream *s, size_t length);
/* Has it all that it takes?  More need not come. */
bool stream_is_done(const stream *s);
void stream_end(stream *s);

#endif
