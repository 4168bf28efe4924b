#include "port/inflate.h"

#include <isa-l/igzip_lib.h>

#include "base/error.h"

enum { PLAIN_BYTES = 256 * 1024 };

struct inflate {
	struct inflate_state state;
	inflate_sink sink;
	void *user;
	uint64_t limit, plain;
	bool inside; /* of a member: its end is still to come */
	bool any;    /* there was a member */
	bool padded; /* zeros behind the last member: no more is read */
	unsigned char *out;
};

inflate *inflate_new(uint64_t limit, inflate_sink sink, void *user)
{
	struct inflate *i = g_new0(struct inflate, 1);

	i->sink = sink;
	i->user = user;
	i->limit = limit;
	i->out = g_malloc(PLAIN_BYTES);
	return i;
}

void inflate_free(inflate *i)
{
	if (!i)
		return;
	g_free(i->out);
	g_free(i);
}

static bool refuse(const struct inflate *i, int code, GError **error)
{
	return fail(error, GONOGO_ERROR_DATA,
	    code == ISAL_INCORRECT_CHECKSUM ? "its checksum is wrong"
	    : i->any                        ? "damaged gzip"
					    : "not gzip");
}

static void begin_member(struct inflate *i)
{
	isal_inflate_init(&i->state);
	i->state.crc_flag = ISAL_GZIP;
	i->inside = true;
}

/* Hands on what lies in `out`. */
static bool hand_on(struct inflate *i, GError **error)
{
	size_t length = PLAIN_BYTES - i->state.avail_out;

	if (length == 0)
		return true;
	i->plain += length;
	if (i->plain > i->limit)
		return fail(error, GONOGO_ERROR_DATA,
		    "more than %" G_GUINT64_FORMAT " bytes when unpacked",
		    i->limit);
	return i->sink(i->out, length, i->user, error);
}

/* Does what it can with the input at hand; it may be all used up. */
static bool step(struct inflate *i, GError **error)
{
	i->state.next_out = i->out;
	i->state.avail_out = PLAIN_BYTES;
	int code = isal_inflate(&i->state);
	if (!hand_on(i, error))
		return false;
	if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT)
		return refuse(i, code, error);
	if (i->state.block_state == ISAL_BLOCK_FINISH) {
		i->inside = false;
		i->any = true;
	}
	return true;
}

bool inflate_add(inflate *i, const void *bytes, size_t length, GError **error)
{
	const unsigned char *in = bytes;

	while (length > 0 && !i->padded) {
		if (!i->inside) {
			if (i->any && *in == 0) {
				i->padded = true;
				break;
			}
			begin_member(i);
		}
		i->state.next_in = (unsigned char *)in;
		i->state.avail_in = (uint32_t)MIN(length, (size_t)G_MAXINT32);
		uint32_t given = i->state.avail_in;
		do {
			if (!step(i, error))
				return false;
		} while (i->inside &&
			 (i->state.avail_in > 0 || i->state.avail_out == 0));
		in += given - i->state.avail_in;
		length -= given - i->state.avail_in;
	}
	return true;
}

bool inflate_end(inflate *i, GError **error)
{
	if (i->inside || !i->any)
		return fail(error, GONOGO_ERROR_DATA,
		    i->inside ? "cut short" : "empty");
	return true;
}
