/*
 * Signals set a flag that long loops ask for; they unwind like any error.
 */
#ifndef GONOGO_BASE_STOP_H
#define GONOGO_BASE_STOP_H

#include <glib.h>
#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP set the flag; SIGPIPE is ignored. */
void stop_listen(void);

/*
 * From now on these signals are ignored and none is taken as received: for a
 * fresh child that ends by itself.
 */
void stop_ignore(void);

/* The signal that asked us to stop; 0: none. */
int stop_signal(void);

/* True with *error set to STOPPED when a signal asked us to stop. */
bool stop_requested(GError **error);

/* Waits MS milliseconds; false with *error set to STOPPED when a signal came.
 */
bool stop_wait(unsigned ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
