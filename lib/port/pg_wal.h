/*
 * What PostgreSQL's WAL looks like on its way: the messages of a stream, and
 * the names of its files.
 *
 *     'w' start end time bytes       WAL from START on; numbers of 8 bytes,
 *     'k' end time answer            highest first; 'k' may ask for an answer
 *     'r' written flushed applied time answer        what we answer
 */
#ifndef GONOGO_PORT_PG_WAL_H
#define GONOGO_PORT_PG_WAL_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pg_wal_message {
	bool asks;      /* wants an answer now */
	uint64_t start; /* of `bytes`; they may be none */
	const void *bytes;
	size_t length;
};

/* Takes a message apart; its bytes are borrowed.  REMOTE: none that a server
 * may send, or WAL beyond its own end. */
bool pg_wal_read(struct pg_wal_message *m, const void *message, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

enum { PG_WAL_ANSWER = 34 };
/* FLUSHED: the server may forget what lies before it; 0: nothing. */
void pg_wal_answer(
    uint8_t out[PG_WAL_ANSWER], uint64_t written, uint64_t flushed);

/* A power of two from 1 MiB to 1 GiB. */
bool pg_wal_is_segment(uint64_t bytes);
/* Gives "000000010000000000000002": the file that LSN lies in. */
char *pg_wal_name(unsigned timeline, uint64_t lsn, uint64_t segment);
bool pg_wal_is_name(const char *name);
/* Gives "00000002.history". */
char *pg_wal_history_name(unsigned timeline);
bool pg_wal_is_history(const char *name);

/* Reads "0/16B3748".  DATA. */
bool pg_lsn_read(
    const char *text, uint64_t *lsn, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives "0/16B3748". */
char *pg_lsn_text(uint64_t lsn);

#endif
