#include "backup/home/cache.h"

#include <sys/stat.h>

#include "base/file.h"

/*
 * Both are made of chunks: a head, a table (4 letters and an offset of 64 bits
 * for each, one more at the end), the chunks, 20 bytes of SHA-1.
 */
enum {
	ROW = 12,
	NAMES_BYTES = 64 << 20, /* of all names of packs */
	PORTION = 4096,         /* objects asked for at a time */
};

struct chunks {
	int fd;
	uint64_t size; /* of the file */
	unsigned count;
	size_t head; /* bytes before the table */
};

static bool read_at(
    const struct chunks *c, void *to, size_t length, uint64_t offset)
{
	return offset <= c->size && length <= c->size - offset &&
	       file_read_at(c->fd, "a cache", to, length, offset, NULL);
}

static bool open_chunks(
    struct chunks *c, int fd, const char *magic, size_t head, size_t count_at)
{
	unsigned char bytes[16];
	struct stat status;

	if (fstat(fd, &status) != 0)
		return false;
	*c = (struct chunks){.fd = fd, .size = (uint64_t)status.st_size};
	c->head = head;
	/* Version 1, names of 20 bytes. */
	if (!read_at(c, bytes, head, 0) || memcmp(bytes, magic, 4) != 0 ||
	    bytes[4] != 1 || bytes[5] != 1)
		return false;
	c->count = bytes[count_at];
	return true;
}

static uint64_t u64(const unsigned char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	return GUINT64_FROM_BE(value);
}

static bool find_chunk(const struct chunks *c, const char *name,
    uint64_t *offset, uint64_t *length)
{
	unsigned char rows[2 * ROW];

	for (unsigned i = 0; i < c->count; i++) {
		if (!read_at(c, rows, sizeof rows, c->head + (uint64_t)i * ROW))
			return false;
		if (memcmp(rows, name, 4) != 0)
			continue;
		*offset = u64(rows + 4);
		uint64_t end = u64(rows + ROW + 4);
		*length = end - *offset;
		return *offset <= end && end <= c->size;
	}
	return false;
}

bool cache_packs_are_whole(
    int fd, cache_pack pack, void *user, char sum[OID_HEX + 1])
{
	struct chunks c;
	struct oid last;
	uint64_t offset, length;

	if (!open_chunks(&c, fd, "MIDX", 12, 6) || c.size < OID_BYTES ||
	    !read_at(&c, last.bytes, OID_BYTES, c.size - OID_BYTES) ||
	    !find_chunk(&c, "PNAM", &offset, &length) || length > NAMES_BYTES)
		return false;
	oid_hex(&last, sum);
	g_autofree char *names = g_malloc0(length + 1);
	if (!read_at(&c, names, length, offset))
		return false;
	for (const char *name = names; name < names + length;
	     name += strlen(name) + 1) {
		if (!*name)
			continue; /* what fills up the chunk */
		if (!g_str_has_suffix(name, ".idx"))
			return false;
		g_autofree char *wanted =
		    g_strdup_printf("%.*s.pack", (int)(strlen(name) - 4), name);
		if (!pack(wanted, user))
			return false;
	}
	return true;
}

bool cache_graph_is_whole(int fd, cache_has has, void *user)
{
	struct chunks c;
	uint64_t offset, length;

	if (!open_chunks(&c, fd, "CGPH", 8, 6) ||
	    !find_chunk(&c, "OIDL", &offset, &length))
		return false;
	g_autofree struct oid *oids = g_new(struct oid, PORTION);
	while (length >= OID_BYTES) {
		size_t step = (size_t)MIN(length / OID_BYTES, PORTION);
		if (!read_at(&c, oids, step * OID_BYTES, offset) ||
		    !has(oids, step, user))
			return false;
		offset += step * OID_BYTES;
		length -= step * OID_BYTES;
	}
	return length == 0;
}
