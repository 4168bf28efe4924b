#include "audit/logs/fingerprint.h"

#include "audit/logs/mask.h"
#include "base/hash.h"

enum {
	FRAMES = 5,        /* of the application */
	CAUSES = 8,        /* of the chain */
	MESSAGE_MOST = 600 /* bytes of a message */
};

/*
 * A trace is hashed once: the same bytes come again and again.  Of two that
 * want one place the later has it, so that memory stays flat; what is
 * remembered is what would be found anew.
 */
enum { REMEMBERED = 1 << 14 };

struct memory {
	uint64_t a, b;
	struct fingerprint value;
};

struct fingerprinter {
	hash *hash;
	GString *fine, *coarse;
	struct memory *memory;
};

fingerprinter *fingerprinter_new(void)
{
	struct fingerprinter *f = g_new0(struct fingerprinter, 1);

	f->hash = hash_new();
	f->fine = g_string_sized_new(4096);
	f->coarse = g_string_sized_new(1024);
	f->memory = g_new0(struct memory, REMEMBERED);
	return f;
}

void fingerprinter_free(fingerprinter *f)
{
	if (!f)
		return;
	hash_free(f->hash);
	g_string_free(f->fine, TRUE);
	g_string_free(f->coarse, TRUE);
	g_free(f->memory);
	g_free(f);
}

static uint64_t digest(fingerprinter *f, const GString *text)
{
	unsigned char bytes[HASH_BYTES];
	uint64_t value = 0;

	hash_add(f->hash, text->str, text->len);
	hash_end(f->hash, bytes);
	for (int i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* ---- traces ---- */

static bool starts(const char *at, size_t length, const char *with)
{
	size_t n = strlen(with);

	return length >= n && memcmp(at, with, n) == 0;
}

/* Frames of the platform tell where it went through, not what it is. */
static bool is_platform(const char *at, size_t length)
{
	static const char *const roots[] = {"java.", "javax.", "jdk.", "sun.",
	    "com.sun.", "java.base/", "org.springframework.", "org.apache.",
	    "org.eclipse.", "org.osgi.", "io.netty.", "kotlin.", "scala.",
	    "jakarta.", "app//", NULL};

	for (size_t i = 0; roots[i]; i++)
		if (starts(at, length, roots[i]))
			return true;
	return false;
}

/* "a.b.C$$Lambda$12/0x00.run(C.java:12) [jar]" -> "a.b.C$$Lambda.run" */
static void append_frame(GString *out, const char *at, size_t length)
{
	static const char *const numbered[] = {"$$Lambda", "$Proxy",
	    "GeneratedMethodAccessor", "GeneratedConstructorAccessor",
	    "CGLIB$$", "$$FastClassBy", "$HibernateProxy$", NULL};
	const char *paren = memchr(at, '(', length);
	const char *end = paren ? paren : at + length;

	while (at < end) {
		const char *word = NULL;
		for (size_t i = 0; numbered[i] && !word; i++)
			if (starts(at, (size_t)(end - at), numbered[i]))
				word = numbered[i];
		if (!word) {
			g_string_append_c(out, *at++);
			continue;
		}
		g_string_append(out, word);
		at += strlen(word);
		/* What numbers it: up to the method's dot. */
		while (at < end && *at != '.')
			at++;
	}
	g_string_append_c(out, '\n');
}

/* The class that a line of the chain begins with: up to ": " or the end. */
static size_t class_length(const char *at, size_t length)
{
	bool dot = false;

	for (size_t i = 0; i < length; i++) {
		if (at[i] == ':' || at[i] == ' ' || at[i] == '\r')
			return dot && at[i] != ' ' ? i : 0;
		if (at[i] == '.')
			dot = true;
		else if (!g_ascii_isalnum(at[i]) && at[i] != '_' &&
			 at[i] != '$')
			return 0;
	}
	return dot ? length : 0;
}

struct trace {
	unsigned causes, frames, others;
	GString *chain, *inside;
	const char *spare[FRAMES]; /* frames of the platform */
	size_t spare_length[FRAMES];
};

static void take_line(struct trace *t, const char *line, size_t length)
{
	static const char cause[] = "Caused by: ";
	size_t skipped = starts(line, length, cause) ? strlen(cause) : 0;

	if (starts(line, length, "\tat ")) {
		line += 4;
		length -= 4;
		if (!is_platform(line, length)) {
			if (t->frames++ < FRAMES)
				append_frame(t->inside, line, length);
		} else if (t->others < FRAMES) {
			t->spare[t->others] = line;
			t->spare_length[t->others++] = length;
		}
		return;
	}
	if (!skipped && t->causes)
		return;
	size_t class = class_length(line + skipped, length - skipped);
	if (class && t->causes++ < CAUSES) {
		g_string_append_len(t->chain, line + skipped, (gssize) class);
		g_string_append_c(t->chain, '\n');
	}
}

/* Fills fine and coarse; false: there is no trace. */
static bool read_trace(fingerprinter *f, const char *at, const char *end)
{
	struct trace t = {.chain = f->coarse, .inside = f->fine};

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop ? stop : end;
		take_line(&t, at, (size_t)(stop - at));
		at = stop + 1;
	}
	if (!t.causes || !(t.frames + t.others))
		return false;
	if (!t.frames)
		for (unsigned i = 0; i < t.others; i++)
			append_frame(t.inside, t.spare[i], t.spare_length[i]);
	return true;
}

/* ---- both ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 both = (unsigned __int128)a * b;

	return (uint64_t)both ^ (uint64_t)(both >> 64);
}

/* Two numbers that the bytes are remembered by. */
static void recall(const char *bytes, size_t length, struct memory *m)
{
	uint64_t a = 0x9e3779b97f4a7c15u ^ length, b = 0xc2b2ae3d27d4eb4fu;
	uint64_t w[2];

	for (; length >= 16; bytes += 16, length -= 16) {
		memcpy(w, bytes, 16);
		a = mix(a ^ w[0], 0xa0761d6478bd642fu ^ w[1]);
		b = mix(b + w[1], 0xe7037ed1a0b428dbu ^ w[0]) ^ a;
	}
	w[0] = w[1] = 0;
	memcpy(w, bytes, length);
	m->a = mix(a ^ w[0], 0x8ebc6af09c88c6e3u ^ w[1]) | 1;
	m->b = mix(b ^ w[1], 0x589965cc75374cc3u ^ w[0]) ^ a;
}

static struct fingerprint of_texts(fingerprinter *f)
{
	struct fingerprint value;

	g_string_prepend(f->fine, f->coarse->str);
	g_string_prepend(f->fine, "f1\n");
	g_string_prepend(f->coarse, "c1\n");
	value.fine = digest(f, f->fine);
	value.coarse = digest(f, f->coarse);
	return value;
}

static struct memory *place_of(fingerprinter *f, const struct memory *key)
{
	return &f->memory[key->a >> 8 & (REMEMBERED - 1)];
}

/* The same messages come again and again, too, once what varies is masked. */
static struct fingerprint of_masked(fingerprinter *f)
{
	struct memory key, logger;

	recall(f->fine->str, f->fine->len, &key);
	recall(f->coarse->str, f->coarse->len, &logger);
	key.a = mix(key.a ^ logger.b, 0x2d358dccaa6c78a5u) | 1;
	key.b ^= logger.a;
	struct memory *place = place_of(f, &key);
	if (place->a != key.a || place->b != key.b) {
		key.value = of_texts(f);
		*place = key;
	}
	return place->value;
}

static struct fingerprint of_message(
    fingerprinter *f, const struct log_entry *entry)
{
	const struct head *h = &entry->head;
	const char *end = memchr(entry->bytes, '\n', entry->length);
	size_t length = end ? (size_t)(end - entry->bytes) : entry->length;
	size_t from = MIN(h->message, length);
	const char *logger = entry->bytes + h->logger;
	const char *dot =
	    h->logger_length ? memrchr(logger, '.', h->logger_length) : NULL;

	/* How much of the packages is written depends on a setting. */
	if (dot)
		g_string_append_len(f->coarse, dot + 1,
		    (gssize)(h->logger_length - (size_t)(dot + 1 - logger)));
	g_string_append_c(f->coarse, '\n');
	mask_message(f->fine, entry->bytes + from,
	    MIN(length - from, (size_t)MESSAGE_MOST));
	return of_masked(f);
}

struct fingerprint fingerprint(fingerprinter *f, const struct log_entry *entry)
{
	const char *end = entry->bytes + entry->length;
	const char *trace = memchr(entry->bytes, '\n', entry->length);

	g_string_truncate(f->fine, 0);
	g_string_truncate(f->coarse, 0);
	if (!trace || ++trace >= end)
		return of_message(f, entry);
	struct memory key;
	recall(trace, (size_t)(end - trace), &key);
	struct memory *place = place_of(f, &key);
	if (place->a == key.a && place->b == key.b)
		return place->value;
	if (!read_trace(f, trace, end)) {
		g_string_truncate(f->fine, 0);
		g_string_truncate(f->coarse, 0);
		return of_message(f, entry);
	}
	key.value = of_texts(f);
	*place = key;
	return key.value;
}

char *fingerprint_text(const char *prefix, uint64_t value)
{
	return g_strdup_printf("%s:%016" G_GINT64_MODIFIER "x", prefix, value);
}

bool fingerprint_parse(const char *text, const char *prefix, uint64_t *value)
{
	size_t n = strlen(prefix);

	return g_str_has_prefix(text, prefix) && text[n] == ':' &&
	       strlen(text) == n + 17 &&
	       g_ascii_string_to_unsigned(
		   text + n + 1, 16, 0, G_MAXUINT64, value, NULL);
}
