#include "backup/verify/sample.h"

#include <math.h>

#include "base/error.h"
#include "base/hash.h"

bool sample_parse(struct sample *s, const char *text, GError **error)
{
	char *end;
	double value = g_ascii_strtod(text, &end);
	bool percent = g_str_equal(end, "%");

	if (!g_ascii_isdigit(*text) || (*end && !percent) || value <= 0 ||
	    (percent ? value > 100 : value != floor(value) || value > 1e15))
		return fail(error, GONOGO_ERROR_USAGE,
		    "--sample %s: a share as 10%% or a count as 25 is wanted",
		    text);
	s->share = text;
	s->part = percent ? value / 100 : 0;
	s->count = percent ? 0 : (uint64_t)value;
	return true;
}

struct lot {
	unsigned char digest[HASH_BYTES];
	size_t index;
};

static int by_digest(gconstpointer a, gconstpointer b)
{
	return memcmp(((const struct lot *)a)->digest,
	    ((const struct lot *)b)->digest, HASH_BYTES);
}

uint64_t sample_choose(const struct sample *s, const char *const *names,
    size_t length, bool *chosen)
{
	g_autofree struct lot *lots = g_new(struct lot, length + 1);
	g_autoptr(hash) h = hash_new();
	uint64_t seed = GUINT64_TO_LE(s->seed);
	uint64_t wanted =
	    s->count ? s->count : (uint64_t)ceil((double)length * s->part);

	wanted = s->share ? MIN(wanted, length) : length;
	for (size_t i = 0; i < length; i++) {
		hash_add(h, &seed, sizeof seed);
		hash_add(h, names[i], strlen(names[i]));
		hash_end(h, lots[i].digest);
		lots[i].index = i;
		chosen[i] = false;
	}
	qsort(lots, length, sizeof *lots, by_digest);
	for (size_t i = 0; i < wanted; i++)
		chosen[lots[i].index] = true;
	return wanted;
}
