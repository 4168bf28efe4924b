#include "backup/home/seal.h"

#include "base/hash.h"

struct seal {
	hash *sha1;
	unsigned char tail[HASH_SHA1_BYTES]; /* maybe the sum */
	size_t held;
};

bool seal_is_on(const char *name)
{
	static const char *const ends[] = {
	    ".pack", ".idx", ".rev", ".bitmap", ".mtimes"};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
		if (g_str_has_prefix(name, "pack-") &&
		    g_str_has_suffix(name, ends[i]))
			return true;
	return false;
}

seal *seal_new(void)
{
	struct seal *s = g_new0(struct seal, 1);

	s->sha1 = hash_new_sha1();
	return s;
}

/* The last 20 bytes seen are held back: only the end tells what they are. */
void seal_add(seal *s, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;
	size_t size = sizeof s->tail;

	if (s->held + length <= size) {
		memcpy(s->tail + s->held, next, length);
		s->held += length;
		return;
	}
	size_t out = s->held + length - size; /* go to the sum now */
	size_t old = MIN(out, s->held);
	hash_add(s->sha1, s->tail, old);
	memmove(s->tail, s->tail + old, s->held - old);
	s->held -= old;
	hash_add(s->sha1, next, out - old);
	next += out - old;
	length -= out - old;
	memcpy(s->tail + s->held, next, length);
	s->held += length;
}

bool seal_end(seal *s)
{
	unsigned char digest[HASH_BYTES];

	hash_end(s->sha1, digest);
	bool good = s->held == sizeof s->tail &&
		    memcmp(digest, s->tail, sizeof s->tail) == 0;
	hash_free(s->sha1);
	g_free(s);
	return good;
}
