#include "backup/store/line.h"

static const uint64_t EXACT = (1ull << 53) - 1; /* numbers in JSON */

/* What is left of the line; NULL: it is not as we write it. */
struct scan {
	const char *next, *end;
};

static void give_up(struct scan *s)
{
	s->next = NULL;
}

/* Passes over TEXT if it stands there. */
static bool skip(struct scan *s, const char *text)
{
	size_t length = strlen(text);

	if (!s->next || (size_t)(s->end - s->next) < length ||
	    memcmp(s->next, text, length) != 0)
		return false;
	s->next += length;
	return true;
}

static void want(struct scan *s, const char *text)
{
	if (!skip(s, text))
		give_up(s);
}

static uint64_t digits(struct scan *s, unsigned base)
{
	uint64_t value = 0;
	const char *first = s->next;

	if (!first)
		return 0;
	/* 20 digits may not fit: those are left to others. */
	while (s->next < s->end && s->next - first < 20 && *s->next >= '0' &&
	       *s->next < (char)('0' + base))
		value = value * base + (uint64_t)(*s->next++ - '0');
	if (s->next == first || s->next - first == 20)
		give_up(s);
	return value;
}

/* A bare one, as JSON has them: without zeros in front, and exact. */
static uint64_t number(struct scan *s, const char *key, uint64_t most)
{
	want(s, key);
	bool zero = s->next && s->next < s->end && *s->next == '0';
	const char *first = s->next;
	uint64_t value = digits(s, 10);

	if (value > most || (zero && s->next && s->next - first > 1))
		give_up(s);
	return value;
}

/* A number in quotes, which may be negative. */
static int64_t wide(struct scan *s, const char *key)
{
	want(s, key);
	bool negative = skip(s, "-");
	uint64_t value = digits(s, 10);
	want(s, "\"");
	if (value > G_MAXINT64)
		give_up(s);
	return negative ? -(int64_t)value : (int64_t)value;
}

/* Up to the closing quote, which is passed over. */
static char *text(struct scan *s)
{
	const char *from = s->next;
	bool plain = true;

	if (!from)
		return NULL;
	const char *stop = from;
	while (stop < s->end && *stop != '"' && *stop != '\\' &&
	       (unsigned char)*stop >= 0x20) {
		plain = plain && (unsigned char)*stop < 0x7f;
		stop++;
	}
	if (stop == s->end || *stop != '"' ||
	    (!plain && !g_utf8_validate(from, stop - from, NULL))) {
		give_up(s);
		return NULL;
	}
	s->next = stop + 1;
	return g_strndup(from, (gsize)(stop - from));
}

static void sum(struct scan *s, const char *key, char sha256[HASH_HEX + 1])
{
	want(s, key);
	if (!s->next || s->end - s->next <= HASH_HEX) {
		give_up(s);
		return;
	}
	memcpy(sha256, s->next, HASH_HEX);
	sha256[HASH_HEX] = 0;
	s->next += HASH_HEX;
	if (!hash_is_hex(sha256))
		give_up(s);
	want(s, "\"");
}

static void kind(struct scan *s, struct entry *e)
{
	want(s, ",\"kind\":\"");
	if (skip(s, "file\""))
		e->kind = ENTRY_FILE;
	else if (skip(s, "folder\""))
		e->kind = ENTRY_FOLDER;
	else if (skip(s, "link\""))
		e->kind = ENTRY_LINK;
	else if (skip(s, "hard_link\""))
		e->kind = ENTRY_HARD_LINK;
	else
		give_up(s);
}

static void form(struct scan *s, struct entry *e)
{
	if (!skip(s, ",\"object\":\""))
		return;
	if (skip(s, "\""))
		e->suffix = "";
	else if (skip(s, ".zst\""))
		e->suffix = ".zst";
	else if (skip(s, ".pfd\""))
		e->suffix = ".pfd";
	else
		give_up(s);
}

static void scan(struct scan *s, struct entry *e)
{
	want(s, "{");
	if (skip(s, "\"base\":\"")) {
		sum(s, "", e->base);
		want(s, ",");
	}
	bool bytes = skip(s, "\"bytes\":");
	if (bytes) {
		e->bytes = number(s, "", EXACT);
		want(s, ",");
	}
	e->ctime_ns = wide(s, "\"ctime_ns\":\"");
	e->device = (uint64_t)wide(s, ",\"device\":\"");
	e->frame = (unsigned)number(s, ",\"frame\":", G_MAXUINT32);
	e->gid = (gid_t)number(s, ",\"gid\":", G_MAXUINT32);
	e->inode = (uint64_t)wide(s, ",\"inode\":\"");
	kind(s, e);
	want(s, ",\"mode\":\"");
	e->mode = (mode_t)digits(s, 8);
	want(s, "\"");
	e->mtime_ns = wide(s, ",\"mtime_ns\":\"");
	form(s, e);
	want(s, ",\"path\":\"");
	e->path = text(s);
	if (e->kind == ENTRY_FILE)
		sum(s, ",\"sha256\":\"", e->sha256);
	if (e->suffix)
		e->stored_bytes = number(s, ",\"stored_bytes\":", EXACT);
	if (e->kind == ENTRY_LINK || e->kind == ENTRY_HARD_LINK) {
		want(s, ",\"target\":\"");
		e->target = text(s);
	}
	e->uid = (uid_t)number(s, ",\"uid\":", G_MAXUINT32);
	want(s, "}");
	/* What does not belong together is told by entry_read(). */
	if (bytes != (e->kind == ENTRY_FILE) || e->mode > 07777 ||
	    (e->suffix && g_str_equal(e->suffix, ".pfd")) != (*e->base != 0))
		give_up(s);
}

bool line_scan(struct entry *e, const char *line, size_t length)
{
	struct scan s = {line, line + length};

	scan(&s, e);
	if (s.next == s.end)
		return true;
	entry_clear(e);
	return false;
}
