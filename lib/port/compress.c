#include "port/compress.h"

#include <sys/stat.h>
#include <zstd.h>

#include "base/error.h"
#include "base/file.h"

/* docs: zstd's contrib/seekable_format, version 0.1.0 */
#define SEEKABLE_MAGIC 0x8F92EAB1u
#define SKIPPABLE_MAGIC 0x184D2A5Eu

enum {
	PATCH_WINDOW = 31, /* the most that zstd has on 64 bits */
	PATCH_LEVEL = 3,
	PATCH_TABLE = 22, /* 2^22 places of 8 bytes, whatever the window */
};

struct frame {
	uint64_t pressed, plain;
};

struct compress {
	ZSTD_CCtx *context;
	compress_sink sink;
	void *user;
	char *buffer;
	size_t size;
	uint64_t written, plain; /* plain: of the frame that is open */
	uint64_t began;          /* of that frame, in `written` */
	GArray *frames;          /* struct frame */
};

compress *compress_new(int level, compress_sink sink, void *user)
{
	struct compress *c = g_new0(struct compress, 1);

	c->context = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(c->context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(c->context, ZSTD_c_checksumFlag, 1);
	c->sink = sink;
	c->user = user;
	c->size = ZSTD_CStreamOutSize();
	c->buffer = g_malloc(c->size);
	c->frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
	return c;
}

compress *compress_new_wide(
    int level, unsigned threads, compress_sink sink, void *user)
{
	compress *c = compress_new(level, sink, user);

	/* A library without threads refuses, and does it by ours. */
	ZSTD_CCtx_setParameter(c->context, ZSTD_c_nbWorkers, (int)threads);
	return c;
}

static bool put(
    struct compress *c, const void *bytes, size_t length, GError **error)
{
	if (length == 0)
		return true;
	c->written += length;
	return c->sink(bytes, length, c->user, error);
}

/* One step of zstd; *left is what it says is still to do. */
static bool step(struct compress *c, ZSTD_inBuffer *in, ZSTD_EndDirective how,
    size_t *left, GError **error)
{
	ZSTD_outBuffer out = {c->buffer, c->size, 0};

	*left = ZSTD_compressStream2(c->context, &out, in, how);
	if (ZSTD_isError(*left))
		return fail(error, GONOGO_ERROR_INTERNAL, "zstd: %s",
		    ZSTD_getErrorName(*left));
	return put(c, c->buffer, out.pos, error);
}

bool compress_add(compress *c, const void *bytes, size_t length, GError **error)
{
	ZSTD_inBuffer in = {bytes, length, 0};
	size_t left;

	c->plain += length;
	while (in.pos < in.size)
		if (!step(c, &in, ZSTD_e_continue, &left, error))
			return false;
	return true;
}

bool compress_end_frame(compress *c, GError **error)
{
	ZSTD_inBuffer in = {NULL, 0, 0};
	size_t left = 0;

	if (c->plain == 0)
		return true;
	do {
		if (!step(c, &in, ZSTD_e_end, &left, error))
			return false;
	} while (left > 0);
	struct frame frame = {c->written - c->began, c->plain};
	g_array_append_val(c->frames, frame);
	c->began = c->written;
	c->plain = 0;
	return true;
}

bool compress_copy_frame(compress *c, const void *bytes, size_t length,
    uint64_t plain, GError **error)
{
	struct frame frame = {length, plain};

	g_assert(c->plain == 0);
	if (!put(c, bytes, length, error))
		return false;
	g_array_append_val(c->frames, frame);
	c->began = c->written;
	return true;
}

/* The table has 32 bits for each; an object's frame may be larger. */
static bool fits(const struct frame *frame)
{
	return frame->pressed <= G_MAXUINT32 && frame->plain <= G_MAXUINT32;
}

static void add_u32(GByteArray *bytes, uint32_t value)
{
	uint32_t little = GUINT32_TO_LE(value);

	g_byte_array_append(bytes, (const guint8 *)&little, sizeof little);
}

bool compress_end_table(compress *c, GError **error)
{
	g_autoptr(GByteArray) table = g_byte_array_new();

	if (!compress_end_frame(c, error))
		return false;
	add_u32(table, SKIPPABLE_MAGIC);
	add_u32(table, c->frames->len * 8 + 9);
	for (guint i = 0; i < c->frames->len; i++) {
		struct frame *frame =
		    &g_array_index(c->frames, struct frame, i);
		if (!fits(frame))
			return fail(error, GONOGO_ERROR_INTERNAL,
			    "a zstd frame over 4 GiB has no place in a table");
		add_u32(table, (uint32_t)frame->pressed);
		add_u32(table, (uint32_t)frame->plain);
	}
	add_u32(table, c->frames->len);
	g_byte_array_append(table, (const guint8 *)"", 1); /* no checksums */
	add_u32(table, SEEKABLE_MAGIC);
	return put(c, table->data, table->len, error);
}

uint64_t compress_written(const compress *c)
{
	return c->written;
}

void compress_free(compress *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->context);
	g_array_unref(c->frames);
	g_free(c->buffer);
	g_free(c);
}

struct decompress {
	ZSTD_DCtx *context;
	compress_sink sink;
	void *user;
	char *buffer;
	size_t size;
	uint64_t left; /* plain bytes still allowed */
	bool inside;   /* a frame has begun and not ended */
};

static struct decompress *new_decompress(
    uint64_t limit, int window, compress_sink sink, void *user)
{
	struct decompress *d = g_new0(struct decompress, 1);

	d->context = ZSTD_createDCtx();
	/* A window beyond what we write would let a file eat our memory. */
	ZSTD_DCtx_setParameter(d->context, ZSTD_d_windowLogMax, window);
	d->sink = sink;
	d->user = user;
	d->size = ZSTD_DStreamOutSize();
	d->buffer = g_malloc(d->size);
	d->left = limit;
	return d;
}

decompress *decompress_new(uint64_t limit, compress_sink sink, void *user)
{
	return new_decompress(limit, 27, sink, user);
}

decompress *decompress_new_patch(uint64_t limit, const void *base,
    size_t length, compress_sink sink, void *user)
{
	struct decompress *d = new_decompress(limit, PATCH_WINDOW, sink, user);

	ZSTD_DCtx_refPrefix(d->context, base, length);
	return d;
}

bool decompress_add(
    decompress *d, const void *bytes, size_t length, GError **error)
{
	ZSTD_inBuffer in = {bytes, length, 0};
	bool full = false;

	/* A full buffer means that zstd may hold more without more input. */
	while (in.pos < in.size || full) {
		ZSTD_outBuffer out = {d->buffer, d->size, 0};
		size_t left = ZSTD_decompressStream(d->context, &out, &in);
		if (ZSTD_isError(left))
			return fail(error, GONOGO_ERROR_DATA, "zstd: %s",
			    ZSTD_getErrorName(left));
		if (out.pos > d->left)
			return fail(error, GONOGO_ERROR_DATA,
			    "zstd: more plain bytes than expected");
		d->left -= out.pos;
		d->inside = left != 0;
		full = out.pos == out.size && d->inside;
		if (out.pos > 0 && !d->sink(d->buffer, out.pos, d->user, error))
			return false;
	}
	return true;
}

bool decompress_end(decompress *d, GError **error)
{
	return !d->inside || fail(error, GONOGO_ERROR_DATA,
				 "zstd: the last frame is cut short");
}

void decompress_free(decompress *d)
{
	if (!d)
		return;
	ZSTD_freeDCtx(d->context);
	g_free(d->buffer);
	g_free(d);
}

static uint32_t u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	       (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/*
 * The table: magic, length, for each frame two sizes of 32 bits; then how many
 * there are, a byte of flags (0) and the table's own magic.
 */
bool compress_last_frame(int fd, const char *name, uint64_t *offset,
    uint64_t *length, GError **error)
{
	enum { FOOT = 9, HEAD = 8, ROW = 8 };
	unsigned char foot[FOOT], row[ROW];
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fail_errno(error, "%s", name);
	uint64_t size = (uint64_t)status.st_size;
	if (size < FOOT + HEAD + ROW)
		return fail(error, GONOGO_ERROR_DATA, "%s: cut short", name);
	if (!file_read_at(fd, name, foot, FOOT, size - FOOT, error))
		return false;
	uint64_t table = HEAD + (uint64_t)u32(foot) * ROW + FOOT;
	if (u32(foot + 5) != SEEKABLE_MAGIC || foot[4] != 0 || u32(foot) == 0 ||
	    table > size)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: no table of frames at its end", name);
	if (!file_read_at(fd, name, row, ROW, size - FOOT - ROW, error))
		return false;
	if (u32(row) > size - table)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: its table of frames is harmed", name);
	*length = u32(row);
	*offset = size - table - *length;
	return true;
}

/* A window that reaches from the end of PLAIN to the beginning of BASE. */
static int window_over(uint64_t bytes)
{
	int window = 10;

	while (window < PATCH_WINDOW && (UINT64_C(1) << window) < bytes)
		window++;
	return window;
}

size_t compress_patch(const void *base, size_t base_length, const void *plain,
    size_t length, void *out, size_t room)
{
	uint64_t both = (uint64_t)base_length + length;

	if (both > UINT64_C(1) << PATCH_WINDOW)
		return 0;
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, PATCH_LEVEL);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_over(both));
	ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_ldmHashLog,
	    MIN(PATCH_TABLE, window_over(both) - 4));
	ZSTD_CCtx_refPrefix(context, base, base_length);
	size_t made = ZSTD_compress2(context, out, room, plain, length);
	ZSTD_freeCCtx(context);
	return ZSTD_isError(made) ? 0 : made;
}

bool compress_pays(const void *bytes, size_t length)
{
	size_t room = ZSTD_compressBound(length);
	g_autofree char *out = g_malloc(room);
	size_t pressed = ZSTD_compress(out, room, bytes, length, 1);

	return !ZSTD_isError(pressed) && pressed < length - length / 8;
}
