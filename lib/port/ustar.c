#include "port/ustar.h"

#include <string.h>

#include "base/error.h"

enum {
	BLOCK = 512,
	EMPTY_AT_END = 2, /* blocks */
	CHECKSUM_AT = 148,
	CHECKSUM_LENGTH = 8,
	KIND_AT = 156,
};

/* Where a field of a header is; numbers are octal letters. */
struct span {
	size_t at, length;
};
static const struct span name_span = {0, 100}, mode_span = {100, 8},
			 uid_span = {108, 8}, gid_span = {116, 8},
			 size_span = {124, 12}, mtime_span = {136, 12},
			 target_span = {157, 100}, magic_span = {257, 5},
			 prefix_span = {345, 155};

struct ustar {
	struct ustar_takers takers;
	void *user;
	uint8_t header[BLOCK];
	size_t filled;    /* of it */
	uint64_t left;    /* of the member's content */
	size_t padding;   /* behind it */
	unsigned empty;   /* blocks in a row */
	uint64_t members; /* so far */
};

ustar *ustar_new(const struct ustar_takers *takers, void *user)
{
	ustar *u = g_new0(struct ustar, 1);

	u->takers = *takers;
	u->user = user;
	return u;
}

void ustar_free(ustar *u)
{
	g_free(u);
}

uint64_t ustar_left(const ustar *u)
{
	return u->left;
}

static bool fail_archive(const ustar *u, const char *what, GError **error)
{
	return fail(error, GONOGO_ERROR_DATA,
	    "tar: %s, behind %" G_GUINT64_FORMAT " members", what, u->members);
}

/* ---- a header ---- */

/* Gives the text of a field, which need not end by NUL. */
static char *text_of(const ustar *u, struct span s)
{
	return g_strndup((const char *)u->header + s.at, s.length);
}

/* The highest bit of the first byte says that a number is binary. */
static bool read_binary(const uint8_t *at, size_t length, uint64_t *out)
{
	uint64_t value = at[0] & 0x7fu;

	for (size_t i = 1; i < length; i++) {
		if (value >> 55)
			return false;
		value = value << 8 | at[i];
	}
	*out = value;
	return true;
}

static bool read_number(const ustar *u, struct span s, uint64_t *out)
{
	const uint8_t *at = u->header + s.at;
	size_t i = 0;
	uint64_t value = 0;

	if (at[0] & 0x80u)
		return read_binary(at, s.length, out);
	while (i < s.length && at[i] == ' ')
		i++;
	for (; i < s.length && at[i] >= '0' && at[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(at[i] - '0');
	*out = value;
	return i == s.length || at[i] == ' ' || at[i] == '\0';
}

static bool sum_is_right(const ustar *u)
{
	static const struct span span = {CHECKSUM_AT, CHECKSUM_LENGTH};
	uint64_t told = 0, sum = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool inside =
		    i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LENGTH;
		sum += inside ? (uint64_t)' ' : u->header[i];
	}
	return read_number(u, span, &told) && told == sum;
}

static bool is_empty(const ustar *u)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (u->header[i])
			return false;
	return true;
}

static char *name_of(const ustar *u)
{
	g_autofree char *prefix = text_of(u, prefix_span);
	g_autofree char *tail = text_of(u, name_span);
	char *name = *prefix ? g_strconcat(prefix, "/", tail, NULL)
			     : g_steal_pointer(&tail);
	size_t start = g_str_has_prefix(name, "./") ? 2 : 0;
	size_t length = strlen(name);

	while (length > start && name[length - 1] == '/')
		name[--length] = '\0';
	memmove(name, name + start, length - start + 1);
	if (g_str_equal(name, "."))
		*name = '\0';
	return name;
}

static bool kind_of(char letter, enum ustar_kind *kind)
{
	switch (letter) {
	case '0':
	case '\0':
		*kind = USTAR_FILE;
		return true;
	case '5':
		*kind = USTAR_FOLDER;
		return true;
	case '2':
		*kind = USTAR_LINK;
		return true;
	default:
		return false;
	}
}

static bool read_numbers(const ustar *u, struct ustar_member *m)
{
	uint64_t mode, uid, gid, mtime;

	if (!read_number(u, mode_span, &mode) ||
	    !read_number(u, uid_span, &uid) ||
	    !read_number(u, gid_span, &gid) ||
	    !read_number(u, mtime_span, &mtime) ||
	    !read_number(u, size_span, &m->bytes))
		return false;
	m->mode = (mode_t)(mode & 07777);
	m->uid = (uid_t)uid;
	m->gid = (gid_t)gid;
	m->mtime = (int64_t)MIN(mtime, (uint64_t)G_MAXINT64);
	return m->bytes <= G_MAXINT64 && (m->kind == USTAR_FILE || !m->bytes);
}

static bool take_header(ustar *u, GError **error)
{
	struct ustar_member m = {0};

	if (is_empty(u)) {
		u->empty++;
		return true;
	}
	if (u->empty)
		return fail_archive(u, "a member behind the end", error);
	if (memcmp(u->header + magic_span.at, "ustar", magic_span.length) !=
		0 ||
	    !sum_is_right(u))
		return fail_archive(u, "not a header", error);
	if (!kind_of((char)u->header[KIND_AT], &m.kind))
		return fail_archive(u, "a member of a kind of its own", error);
	if (!read_numbers(u, &m))
		return fail_archive(u, "a number that is none", error);
	g_autofree char *name = name_of(u);
	g_autofree char *target =
	    m.kind == USTAR_LINK ? text_of(u, target_span) : g_strdup("");
	m.name = name;
	m.target = target;
	u->members++;
	u->left = m.bytes;
	u->padding = (BLOCK - m.bytes % BLOCK) % BLOCK;
	return u->takers.member(&m, u->user, error) &&
	       (u->left > 0 || u->takers.end(u->user, error));
}

/* ---- pieces ---- */

static bool give_between(
    ustar *u, const void *bytes, size_t length, GError **error)
{
	return !u->takers.between || length == 0 ||
	       u->takers.between(bytes, length, u->user, error);
}

/* How much of LENGTH bytes belongs to what comes next. */
static size_t step_of(const ustar *u, size_t length)
{
	if (u->left > 0)
		return (size_t)MIN(u->left, (uint64_t)length);
	return MIN(u->padding ? u->padding : BLOCK - u->filled, length);
}

static bool add_header(ustar *u, const uint8_t *at, size_t step, GError **error)
{
	memcpy(u->header + u->filled, at, step);
	u->filled += step;
	if (!give_between(u, at, step, error))
		return false;
	if (u->filled < BLOCK)
		return true;
	u->filled = 0;
	return take_header(u, error);
}

static bool add_content(
    ustar *u, const uint8_t *at, size_t step, GError **error)
{
	u->left -= step;
	return u->takers.content(at, step, u->user, error) &&
	       (u->left > 0 || u->takers.end(u->user, error));
}

bool ustar_add(ustar *u, const void *bytes, size_t length, GError **error)
{
	const uint8_t *at = bytes;

	while (length > 0) {
		size_t step = step_of(u, length);
		bool good;

		if (u->left > 0) {
			good = add_content(u, at, step, error);
		} else if (u->padding > 0) {
			u->padding -= step;
			good = give_between(u, at, step, error);
		} else {
			good = add_header(u, at, step, error);
		}
		if (!good)
			return false;
		at += step;
		length -= step;
	}
	return true;
}

bool ustar_pass(ustar *u, GError **error)
{
	u->left = 0;
	return u->takers.end(u->user, error);
}

bool ustar_end(const ustar *u, GError **error)
{
	return (u->empty >= EMPTY_AT_END && u->left == 0 && u->filled == 0) ||
	       fail_archive(u, "cut short", error);
}
