/*
 * What the headers of a reply tell the door that received it.
 */
#ifndef GONOGO_PORT_HTTP_HEADERS_H
#define GONOGO_PORT_HTTP_HEADERS_H

#include <glib.h>
#include <stdint.h>

/* How long to wait before the attempt behind ATTEMPT (from 0): Retry-After, or
 * twice as long each time. */
int64_t http_pause_ms(GHashTable *headers, unsigned attempt);

/* Gives the media type without its parameters; NULL: none said. */
char *http_media_type(GHashTable *headers);

#endif
