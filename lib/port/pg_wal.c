#include "port/pg_wal.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"

enum {
	WAL_HEAD = 25, /* letter, start, end, time */
	KEEP_ALIVE = 18,
	NAME_LENGTH = 24,
	HISTORY_DIGITS = 8,
};
static const char history[] = ".history";

static uint64_t number_at(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof value);
	return GUINT64_FROM_BE(value);
}

static void put_number(uint8_t *at, uint64_t value)
{
	uint64_t big = GUINT64_TO_BE(value);

	memcpy(at, &big, sizeof big);
}

bool pg_wal_read(struct pg_wal_message *m, const void *message, size_t length,
    GError **error)
{
	const uint8_t *at = message;

	*m = (struct pg_wal_message){0};
	if (length >= WAL_HEAD && at[0] == 'w') {
		m->start = number_at(at + 1);
		m->bytes = at + WAL_HEAD;
		m->length = length - WAL_HEAD;
		if (m->start <= G_MAXUINT64 - m->length)
			return true;
	} else if (length == KEEP_ALIVE && at[0] == 'k') {
		m->asks = at[KEEP_ALIVE - 1] != 0;
		return true;
	}
	return fail(error, GONOGO_ERROR_REMOTE,
	    "database: the server's WAL: a message that no server sends");
}

void pg_wal_answer(
    uint8_t out[PG_WAL_ANSWER], uint64_t written, uint64_t flushed)
{
	enum { WRITTEN = 1, FLUSHED = 9 };

	/* The time may be nobody's; it only serves a display. */
	memset(out, 0, PG_WAL_ANSWER);
	out[0] = 'r';
	put_number(out + WRITTEN, written);
	put_number(out + FLUSHED, flushed);
}

/* ---- names ---- */

bool pg_wal_is_segment(uint64_t bytes)
{
	static const uint64_t least = 1u << 20, most = 1u << 30;

	return bytes >= least && bytes <= most && (bytes & (bytes - 1)) == 0;
}

char *pg_wal_name(unsigned timeline, uint64_t lsn, uint64_t segment)
{
	uint64_t number = lsn / segment;
	uint64_t each = (UINT64_C(1) << 32) / segment;

	return g_strdup_printf("%08X%08" PRIX64 "%08" PRIX64, timeline,
	    number / each, number % each);
}

static bool is_hex(const char *text, size_t length)
{
	return strspn(text, "0123456789ABCDEF") == length;
}

bool pg_wal_is_name(const char *name)
{
	return strlen(name) == NAME_LENGTH && is_hex(name, NAME_LENGTH);
}

char *pg_wal_history_name(unsigned timeline)
{
	return g_strdup_printf("%08X%s", timeline, history);
}

bool pg_wal_is_history(const char *name)
{
	return is_hex(name, HISTORY_DIGITS) &&
	       g_str_equal(name + HISTORY_DIGITS, history);
}

/* ---- places ---- */

bool pg_lsn_read(const char *text, uint64_t *lsn, GError **error)
{
	g_auto(GStrv) halves = g_strsplit(text, "/", 3);
	uint64_t high = 0, low = 0;

	if (g_strv_length(halves) != 2 ||
	    !g_ascii_string_to_unsigned(
		halves[0], 16, 0, G_MAXUINT32, &high, NULL) ||
	    !g_ascii_string_to_unsigned(
		halves[1], 16, 0, G_MAXUINT32, &low, NULL))
		return fail(error, GONOGO_ERROR_DATA,
		    "'%s': not an LSN like 0/16B3748", text);
	*lsn = high << 32 | low;
	return true;
}

char *pg_lsn_text(uint64_t lsn)
{
	return g_strdup_printf(
	    "%" PRIX64 "/%" PRIX64, lsn >> 32, lsn & G_MAXUINT32);
}
