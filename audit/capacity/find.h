/*
 * From the logs to the answer.
 *
 *     inputs --read--> traffic --sweep--> load --+
 *                         |                      +--> windows --> capacity
 *                         +--hosting alone--> demand
 */
#ifndef GONOGO_AUDIT_CAPACITY_FIND_H
#define GONOGO_AUDIT_CAPACITY_FIND_H

#include "audit/capacity/options.h"
#include "audit/logs/input.h"
#include "contract/capacity.h"

/*
 * Fills the empty *OUT, names of people in it.  USAGE: no such zone, or none of
 * the inputs is an access log.  SYSTEM, STOPPED.
 */
bool capacity_find(struct log_inputs *in,
    const struct capacity_options *options, struct capacity *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Prints what a tired person wants to know, the answer first. */
void capacity_print(const struct capacity *c);

/* Writes the windows as a calendar to PATH.  SYSTEM. */
bool capacity_calendar(const struct capacity *c, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
