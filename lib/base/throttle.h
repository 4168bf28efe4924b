/*
 * A limit of bytes a second that many threads share, and how it gives way
 * while others have to wait for what we take.
 */
#ifndef GONOGO_BASE_THROTTLE_H
#define GONOGO_BASE_THROTTLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct throttle throttle;

/* RATE: bytes a second; 0: no limit. */
throttle *throttle_new(uint64_t rate);
void throttle_free(throttle *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(throttle, throttle_free)

/* Counts LENGTH bytes and waits until they are due.  T may be NULL: no limit.
 * STOPPED.  Any thread. */
bool throttle_take(
    throttle *t, size_t length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From now on half of what flowed since the last call of either, but never less
 * than 1 MiB a second. */
void throttle_lower(throttle *t);
/* Twice as much again.  True: it is what throttle_new() was told. */
bool throttle_raise(throttle *t);
/* Bytes a second that are allowed now; 0: no limit. */
uint64_t throttle_allowed(throttle *t);

#endif
