#include "audit/capacity/line.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BARS_MOST = 64, BARS_LEAST = 8, LEFT = 5, STAMP = 23, FULL = 13 };

const char *const request_class_names[] = {"other", "clone", "shallow-clone",
    "fetch", "push", "refs", "lfs", "api", "page", "status", "mesh", NULL};

/* ---- columns ---- */

struct columns {
	const char *text;
	size_t length;
	unsigned count, most; /* that are asked for */
	uint32_t bar[BARS_MOST];
};

/* A bar between blanks, or at the end behind one, ends a column; false: that
 * was the last that is asked for. */
static bool take_bar(struct columns *c, size_t at)
{
	if (at == 0 || c->text[at - 1] != ' ' ||
	    (at + 1 < c->length && c->text[at + 1] != ' '))
		return true;
	c->bar[c->count++] = (uint32_t)at;
	return c->count < c->most;
}

#ifdef __SSE2__
/* Those from FROM on. */
static void find_bars(struct columns *c, size_t from)
{
	const __m128i bar = _mm_set1_epi8('|');

	for (size_t at = from; at < c->length; at += 16) {
		__m128i bytes =
		    _mm_loadu_si128((const __m128i *)(c->text + at));
		unsigned found =
		    (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, bar));
		if (at + 16 > c->length)
			found &= (1u << (c->length - at)) - 1;
		for (; found; found &= found - 1)
			if (!take_bar(c, at + (size_t)__builtin_ctz(found)))
				return;
	}
}
#else
static void find_bars(struct columns *c, size_t from)
{
	for (size_t at = from; at < c->length; at++)
		if (c->text[at] == '|' && !take_bar(c, at))
			return;
}
#endif

static struct text column(const struct columns *c, unsigned i)
{
	size_t from = i ? c->bar[i - 1] + 2 : 0;
	size_t to = c->bar[i] - 1;

	return (struct text){c->text + from, to > from ? to - from : 0};
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* All of T is digits, few enough not to run over. */
static bool read_number(struct text t, uint64_t *out)
{
	uint64_t value = 0;

	if (t.length == 0 || t.length > 18)
		return false;
	for (size_t i = 0; i < t.length; i++) {
		if (!is_digit(t.at[i]))
			return false;
		value = value * 10 + (uint64_t)(t.at[i] - '0');
	}
	*out = value;
	return true;
}

static bool is_dash(struct text t)
{
	return t.length == 1 && *t.at == '-';
}

/* A count, or a dash for none. */
static bool is_count(struct text t)
{
	uint64_t ignored;

	return is_dash(t) || read_number(t, &ignored);
}

/* ---- the id ---- */

/* The number that ends before *END, with an x before it; *end then is there. */
static bool number_before(const char *begin, const char **end, uint64_t *out)
{
	const char *at = *end;

	while (at > begin && is_digit(at[-1]))
		at--;
	if (!read_number((struct text){at, (size_t)(*end - at)}, out))
		return false;
	*end = at;
	return true;
}

/* "[@*]?TOKENx921x19253x0"; the minute is not needed. */
static bool read_id(struct text t, struct line *out)
{
	const char *end = t.at + t.length;
	uint64_t in_flight, minute;

	if (!number_before(t.at, &end, &in_flight) || end == t.at ||
	    end[-1] != 'x')
		return false;
	end--;
	if (!number_before(t.at, &end, &out->counter) || end == t.at ||
	    end[-1] != 'x')
		return false;
	end--;
	if (!number_before(t.at, &end, &minute))
		return false;
	out->in_flight = in_flight < UINT32_MAX ? (uint32_t)in_flight : 0;
	out->token = 0;
	const char *at = t.at;
	if (at < end && (*at == '@' || *at == '*'))
		at++;
	if (at == end)
		return true;
	if (end[-1] != 'x')
		return false;
	for (end--; at < end; at++)
		out->token = out->token * 43 + (uint64_t)(*at - '/');
	return true;
}

/* Are the eight bytes at AT those of FORM, with any digit for a 0? */
static bool has_form(const char *at, const char *form)
{
	const uint64_t zeros = 0x3030303030303030u, high = 0x8080808080808080u;
	uint64_t text, wanted;

	memcpy(&text, at, 8);
	memcpy(&wanted, form, 8);
	/* Bytes of the form that are no 0 become 0x80, all others 0. */
	uint64_t off = wanted ^ zeros;
	uint64_t fixed = ((off + 0x7f7f7f7f7f7f7f7fu) | off) & high;
	uint64_t mask = (fixed >> 7) * 0xff;
	uint64_t digit = (text ^ zeros) & ~mask;
	return ((text ^ wanted) & mask) == 0 &&
	       (((digit + 0x7676767676767676u) | digit) & high) == 0;
}

/* "2026-02-03 14:05:08,431" by its form; what day it is, the caller asks. */
static bool is_stamp(struct text t)
{
	return t.length == STAMP && has_form(t.at, "0000-00-") &&
	       has_form(t.at + 8, "00 00:00") &&
	       has_form(t.at + 15, "0:00,000");
}

/* ---- what it is ---- */

static bool is(struct text t, const char *word, size_t length)
{
	return t.length == length && memcmp(t.at, word, length) == 0;
}
#define IS(text, word) is(text, word, sizeof(word) - 1)

static bool begins(const char *at, const char *end, const char *w, size_t n)
{
	return (size_t)(end - at) >= n && memcmp(at, w, n) == 0;
}
#define BEGINS(at, end, word) begins(at, end, word, sizeof(word) - 1)

static void take_label(struct text t, struct line *out)
{
	enum request_class class = CLASS_OTHER;

	if (IS(t, "refs"))
		class = CLASS_REFS;
	else if (IS(t, "fetch"))
		class = CLASS_FETCH;
	else if (IS(t, "clone"))
		class = CLASS_CLONE;
	else if (IS(t, "push"))
		class = CLASS_PUSH;
	else if (IS(t, "shallow clone"))
		class = CLASS_SHALLOW;
	else if (IS(t, "cache:hit"))
		out->cache = CACHE_HIT;
	else if (IS(t, "cache:miss"))
		out->cache = CACHE_MISS;
	else if (IS(t, "cache:bypass"))
		out->cache = CACHE_BYPASS;
	/* A pack tells more than the refs that were asked for on the way. */
	if (class && (!out->class || out->class == CLASS_REFS))
		out->class = class;
}

/* Comma separated; users' words stand in quotes, commas may be in them. */
static void read_labels(struct text t, struct line *out)
{
	const char *at = t.at, *end = t.at + t.length;

	while (at < end) {
		while (at < end && (*at == ' ' || *at == ','))
			at++;
		const char *from = at;
		bool quoted = false;
		for (; at < end && (quoted || *at != ','); at++)
			quoted ^= *at == '\'';
		take_label((struct text){from, (size_t)(at - from)}, out);
	}
}

static enum request_class class_of_path(const char *at, const char *end)
{
	if (BEGINS(at, end, "/scm/"))
		return memmem(at, (size_t)(end - at), "/info/lfs/", 10)
			   ? CLASS_LFS
			   : CLASS_OTHER;
	if (BEGINS(at, end, "/rest/"))
		return BEGINS(at, end, "/rest/api/") ? CLASS_API : CLASS_PAGE;
	if (BEGINS(at, end, "/status"))
		return CLASS_STATUS;
	return CLASS_PAGE;
}

/* A context path may stand before: /bitbucket/rest/api/... */
static enum request_class class_of_action(struct text action)
{
	const char *end = action.at + action.length;
	const char *at = memchr(action.at, '/', action.length);

	if (action.length == 0 || *action.at != '"' || !at)
		return CLASS_OTHER;
	if (action.length > 4 && memcmp(action.at, "\"SSH", 4) == 0)
		return CLASS_OTHER;
	enum request_class class = class_of_path(at, end);
	const char *next = memchr(at + 1, '/', (size_t)(end - at - 1));
	if (class != CLASS_PAGE || !next || BEGINS(at, end, "/rest/"))
		return class;
	return class_of_path(next, end);
}

/* ---- a line ---- */

/*
 * Finds the labels: the columns from FIRST on up to LAST, with three counts
 * before them.
 */
static bool find_labels(const struct columns *c, unsigned last, unsigned *first)
{
	for (unsigned i = last; i > LEFT + 3; i--)
		if (is_count(column(c, i - 1)) && is_count(column(c, i - 2)) &&
		    is_count(column(c, i - 3))) {
			*first = i;
			return true;
		}
	return false;
}

static bool read_answer(const struct columns *c, struct line *out)
{
	unsigned last = c->count - 2, first;
	uint64_t took = 0, status = 0;
	bool has_took = read_number(column(c, last), &took);

	out->class = CLASS_OTHER;
	out->cache = CACHE_NONE;
	out->took_ms = has_took ? (int64_t)took : TOOK_UNKNOWN;
	if (has_took || (c->count >= FULL && is_dash(column(c, last))))
		last--;
	if (!find_labels(c, last, &first))
		return false;
	struct text written = column(c, first - 1);
	struct text labels = column(c, first);
	labels.length =
	    (size_t)(column(c, last).at + column(c, last).length - labels.at);
	out->action = column(c, LEFT);
	out->status = read_number(column(c, first - 3), &status)
			  ? (int)(status < 1000 ? status : 999)
			  : STATUS_UNKNOWN;
	out->written = 0;
	read_number(written, &out->written);
	if (!is_dash(labels))
		read_labels(labels, out);
	if (out->class == CLASS_OTHER)
		out->class = class_of_action(out->action);
	return true;
}

/* The first five columns: what every line has. */
static enum line_kind read_head(struct columns *c, struct line *out)
{
	c->most = LEFT;
	find_bars(c, 0);
	if (c->count == 0)
		return LINE_ODD;
	if (c->count < LEFT)
		return c->text[c->length - 1] == '|' ? LINE_ODD : LINE_CUT;
	struct text id = column(c, 2), stamp = column(c, 4);
	if (id.length < 2 || (*id.at != 'i' && *id.at != 'o') ||
	    !is_stamp(stamp))
		return LINE_ODD;
	if (c->text[c->length - 1] != '|' || c->text[c->length - 2] != ' ' ||
	    c->length == c->bar[LEFT - 1] + 1)
		return LINE_CUT;
	if (!read_id((struct text){id.at + 1, id.length - 1}, out))
		return LINE_ODD;
	out->stamp = stamp.at;
	return *id.at == 'i' ? LINE_IN : LINE_OUT;
}

enum line_kind line_read(const char *text, size_t length, struct line *out)
{
	struct columns c; /* its places are not zeroed, a line at a time */

	c.text = text;
	c.length = length;
	c.count = 0;
	if (length && text[length - 1] == '\r')
		c.length--;
	if (c.length > UINT32_MAX)
		return LINE_ODD;
	enum line_kind kind = read_head(&c, out);
	if (kind != LINE_OUT)
		return kind;
	c.most = BARS_MOST;
	find_bars(&c, c.bar[LEFT - 1] + 1);
	if (c.count == BARS_MOST)
		return LINE_ODD;
	struct text protocol = column(&c, 1);
	bool web = IS(protocol, "https") || IS(protocol, "http");
	if (c.count < BARS_LEAST || (web && c.count < FULL))
		return LINE_CUT;
	out->address = column(&c, 0);
	out->user = column(&c, 3);
	if (!read_answer(&c, out))
		return LINE_ODD;
	if (IS(protocol, "grpc"))
		out->class = CLASS_MESH;
	return LINE_OUT;
}

/* ---- the repository ---- */

/* "KEY/slug.git" or "KEY/repos/slug" at AT. */
static struct text key_and_slug(
    const char *at, const char *end, bool by_page, struct text *slug)
{
	const char *slash = memchr(at, '/', (size_t)(end - at));
	struct text none = {at, 0};

	*slug = none;
	if (!slash || slash == at)
		return none;
	struct text key = {at, (size_t)(slash - at)};
	slash++;
	if (by_page && !BEGINS(slash, end, "repos/"))
		return none;
	if (by_page)
		slash += 6;
	const char *stop = slash;
	while (stop < end && *stop != '/' && *stop != ' ' && *stop != '\'' &&
	       *stop != '?' && *stop != '"')
		stop++;
	size_t length = (size_t)(stop - slash);
	if (length > 4 && memcmp(stop - 4, ".git", 4) == 0)
		length -= 4;
	*slug = (struct text){slash, length};
	return length ? key : none;
}

struct text line_repository(struct text action, struct text *slug)
{
	const char *end = action.at + action.length;
	const char *at = memmem(action.at, action.length, "/scm/", 5);

	if (at)
		return key_and_slug(at + 5, end, false, slug);
	at = memmem(action.at, action.length, "/projects/", 10);
	if (at)
		return key_and_slug(at + 10, end, true, slug);
	at = memchr(action.at, '\'', action.length);
	if (at && at + 1 < end && at[1] == '/')
		return key_and_slug(at + 2, end, false, slug);
	*slug = (struct text){action.at, 0};
	return *slug;
}
