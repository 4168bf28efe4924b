/*
 * Texts of logs without what differs from one occurrence to the next, and
 * without what is nobody's business.
 */
#ifndef GONOGO_AUDIT_LOGS_MASK_H
#define GONOGO_AUDIT_LOGS_MASK_H

#include <glib.h>
#include <stddef.h>

/*
 * Appends TEXT with its variable parts named: <n> numbers, <hex>, <uuid>,
 * <ip>, <mail>, <path> (and PROJECT/slug), <id> of a request, <q> what stands
 * in quotes.
 */
void mask_message(GString *out, const char *text, size_t length);

/*
 * Appends TEXT as it may be shown to others: addresses, mail addresses, long
 * tokens and what follows the word password (token, secret ...) are taken out,
 * and so is what is no UTF-8.
 */
void mask_private(GString *out, const char *text, size_t length);

#endif
