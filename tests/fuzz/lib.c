/* Readers of the ground, the documents, the doors and the product. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/home.h"
#include "bitbucket/jdbc.h"
#include "bitbucket/properties.h"
#include "bitbucket/version.h"
#include "contract/advice.h"
#include "contract/bundle.h"
#include "contract/evidence.h"
#include "contract/facts.h"
#include "contract/finding.h"
#include "contract/logs.h"
#include "contract/policy.h"
#include "contract/proof.h"
#include "contract/sets.h"
#include "contract/settings.h"
#include "contract/snapshot.h"
#include "contract/verdict.h"
#include "port/archive.h"
#include "port/compress.h"
#include "port/inflate.h"
#include "port/pg_base.h"
#include "port/pg_replication.h"
#include "port/pg_url.h"
#include "port/yaml.h"

enum { MOST = 1 << 20 }; /* of plain bytes out of pressed ones */

/* ---- people's files ---- */

static void read_config(
    const struct config_key *keys, const char *text, void *into)
{
	g_autoptr(config) c = NULL;

	if (!CALL((c = config_parse(keys, text, "c", "/x", into, &error))))
		return;
	g_autoptr(json) written = config_write(keys, into);
	g_autofree char *once = json_compact(written);
	g_autoptr(json) again = NULL;
	HOLDS(CALL((again = json_parse(once, strlen(once), "c", &error))));
	config_clear(keys, into);
}

static void config_file(const char *bytes, size_t length)
{
	g_autofree char *text = fuzz_text(bytes, length);
	g_autofree struct settings *s = g_new0(struct settings, 1);
	g_autofree struct policy *p = g_new0(struct policy, 1);

	read_config(settings_keys, text, s);
	read_config(policy_keys, text, p);
}

static void properties(const char *bytes, size_t length)
{
	g_autofree char *text = fuzz_text(bytes, length);
	g_autofree char *shown = properties_redact(text);
	g_autoptr(GHashTable) all = properties_parse(text);
	g_autoptr(GHashTable) redacted = properties_parse(shown);
	GHashTableIter iter;
	gpointer key, value;

	HOLDS(g_utf8_validate(shown, -1, NULL));
	g_hash_table_iter_init(&iter, all);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const char *kept = g_hash_table_lookup(redacted, key);
		HOLDS(!properties_is_secret(key) || !*(char *)value ||
		      (kept && *kept == '<'));
	}
}

/* What we made of a URL is one, and says the same (in libpq's order). */
static void url(const char *bytes, size_t length)
{
	g_autofree char *text = fuzz_text(bytes, length);
	g_autofree char *words = NULL, *again = NULL, *third = NULL;
	g_autofree char *with = NULL;
	g_autofree char *pg = NULL, *value = NULL;

	if (CALL((words = pg_url_words(text, &error)))) {
		HOLDS(CALL((again = pg_url_words(words, &error))));
		HOLDS(CALL((third = pg_url_words(again, &error))));
		HOLDS(g_str_equal(again, third));
	}
	value = pg_url_value(text, "host");
	if (CALL((with = pg_url_with(text, "dbname", "a b'\\", &error)))) {
		g_autofree char *name = pg_url_value(with, "dbname");
		HOLDS(g_strcmp0(name, "a b'\\") == 0);
	}
	if (CALL((pg = jdbc_pg_url(text, "u'@:/", &error)))) {
		g_autofree char *user = pg_url_value(pg, "user");
		HOLDS(g_strcmp0(user, "u'@:/") == 0);
	}
}

/* ---- documents ---- */

static void json_document(const char *bytes, size_t length)
{
	g_autoptr(json) one = NULL, two = NULL, three = NULL;

	if (!CALL((one = json_parse(bytes, length, "x", &error))))
		return;
	g_autofree char *compact = json_compact(one);
	g_autofree char *pretty = json_pretty(one);
	HOLDS(CALL((two = json_parse(compact, strlen(compact), "x", &error))));
	HOLDS(CALL((three = json_parse(pretty, strlen(pretty), "x", &error))));
	g_autofree char *again = json_compact(two);
	g_autofree char *third = json_compact(three);
	HOLDS(g_str_equal(compact, again) && g_str_equal(compact, third));
}

static void yaml(const char *bytes, size_t length)
{
	g_autoptr(json) value = NULL;

	if (CALL((value = yaml_parse(bytes, length, "x", &error)))) {
		g_autofree char *text = json_compact(value);
		json_document(text, strlen(text));
	}
}

static const struct shape *const shapes[] = {&advice_shape, &raw_meta_shape,
    &contents_shape, &evidence_shape, &facts_shape, &findings_shape,
    &logs_shape, &proof_shape, &sets_shape, &snapshot_shape, &verdict_shape};

static void round_trip(const struct shape *shape, const json *document)
{
	g_autofree void *value = g_malloc0(shape->size);
	g_autofree void *second = g_malloc0(shape->size);

	if (!CALL(shape_read(shape, document, value, &error)))
		return;
	g_autoptr(json) one = document_write(shape, value);
	g_autofree char *text = json_pretty(one);
	g_autoptr(json) parsed = NULL;
	HOLDS(CALL((parsed = json_parse(text, strlen(text), "x", &error))));
	HOLDS(CALL(document_read(shape, parsed, second, &error)));
	g_autoptr(json) two = document_write(shape, second);
	g_autofree char *again = json_pretty(two);
	HOLDS(g_str_equal(text, again));
	shape_clear(shape, value);
	shape_clear(shape, second);
}

/* Which document it is to be says the first letter, from A on. */
static void document(const char *bytes, size_t length)
{
	unsigned which = fuzz_take(&bytes, &length, 256) - 'A';
	g_autoptr(json) one = json_parse(bytes, length, "x", NULL);

	if (one && which < G_N_ELEMENTS(shapes))
		round_trip(shapes[which], one);
}

/* ---- servers ---- */

struct sent {
	bool begun, manifest;
};

static bool archive_begins(
    const char *name, const char *folder, void *user, GError **error)
{
	struct sent *s = user;

	(void)error;
	HOLDS(g_str_has_suffix(name, ".tar") && !strchr(name, '/'));
	HOLDS(!*folder || *folder == '/');
	s->begun = true;
	return true;
}

static bool archive_goes_on(
    const void *bytes, size_t length, void *user, GError **error)
{
	const struct sent *s = user;

	(void)error;
	HOLDS(s->begun && !s->manifest && (bytes || !length));
	return true;
}

static bool manifest_comes(
    const void *bytes, size_t length, void *user, GError **error)
{
	struct sent *s = user;

	(void)error;
	HOLDS(bytes || !length);
	s->manifest = true;
	return true;
}

/* Messages, each behind a byte that says how long it is. */
static void base_backup(const char *bytes, size_t length)
{
	static const struct pg_base_takers takers = {
	    archive_begins, archive_goes_on, manifest_comes};
	struct sent sent = {0};
	g_autoptr(pg_base) b = pg_base_new(&takers, &sent);
	bool good = true;

	while (good && length > 0) {
		size_t part = fuzz_take(&bytes, &length, 256);
		part = MIN(part, length);
		good = CALL(pg_base_take(b, bytes, part, &error));
		bytes += part;
		length -= part;
	}
	if (good && CALL(pg_base_end(b, &error)))
		HOLDS(sent.begun && sent.manifest);
}

/* ---- small texts ---- */

static void words(const char *bytes, size_t length)
{
	g_autofree char *text = fuzz_text(bytes, length);
	struct version v = {0};
	struct repository_config config = {0};
	int64_t seconds = 0, again = 0;
	uint64_t lsn = 0, id = 0;
	const char *rest = NULL;

	ignore(CALL(version_parse(text, &v, &error)));
	if (CALL(clock_parse(text, &seconds, &error))) {
		g_autofree char *written = clock_text(seconds);
		HOLDS(CALL(clock_parse(written, &again, &error)));
		HOLDS(seconds == again);
	}
	ignore(CALL(clock_parse_http(text, &seconds, &error)));
	ignore(CALL(pg_lsn_read(text, &lsn, &error)));
	if (home_in_repository(text, &id, &rest))
		HOLDS(rest >= text && rest <= text + strlen(text));
	ignore(home_is_left_out(text, false));
	repository_config_read(text, &config);
	repository_config_clear(&config);
}

/* ---- pressed bytes ---- */

static bool count(const void *bytes, size_t length, void *user, GError **error)
{
	uint64_t *sum = user;

	(void)error;
	HOLDS(bytes || !length);
	*sum += length;
	HOLDS(*sum <= MOST);
	return true;
}

/* In two pieces, since a file comes in pieces. */
static void gzip(const char *bytes, size_t length)
{
	size_t cut = fuzz_take(&bytes, &length, 256);
	uint64_t sum = 0;
	g_autoptr(inflate) i = inflate_new(MOST, count, &sum);

	cut = MIN(cut, length);
	if (CALL(inflate_add(i, bytes, cut, &error)) &&
	    CALL(inflate_add(i, bytes + cut, length - cut, &error)))
		ignore(CALL(inflate_end(i, &error)));
}

static void zstd(const char *bytes, size_t length)
{
	size_t cut = fuzz_take(&bytes, &length, 256);
	uint64_t sum = 0, offset = 0, last = 0;
	g_autoptr(decompress) d = decompress_new(MOST, count, &sum);

	cut = MIN(cut, length);
	if (CALL(decompress_add(d, bytes, cut, &error)) &&
	    CALL(decompress_add(d, bytes + cut, length - cut, &error)))
		ignore(CALL(decompress_end(d, &error)));
	int fd = fuzz_file(bytes, length);
	if (CALL(compress_last_frame(fd, "x", &offset, &last, &error)))
		HOLDS(offset <= length && last <= length - offset);
	ignore(close(fd));
}

static void unpack(archive_reader *r)
{
	const struct archive_member *member = NULL;
	uint64_t total = 0;

	while (CALL(archive_next(r, &member, &error)) && member) {
		const void *bytes = NULL;
		size_t part = 0;
		HOLDS(member->path);
		while (CALL(archive_read_bytes(r, &bytes, &part, &error)) &&
		       part > 0) {
			total += part;
			HOLDS(total <= MOST);
		}
	}
}

static void archive(const char *bytes, size_t length)
{
	static const struct archive_limits limits = {1000, MOST, MOST};
	int fd = fuzz_file(bytes, length);
	g_autoptr(archive_reader) many = NULL;
	g_autoptr(archive_reader) lone = NULL;

	if (CALL((many = archive_open(fd, 0, 0, "x", &limits, &error))))
		unpack(many);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0);
	if (CALL((lone = archive_open_lone(fd, "x", &limits, &error))))
		unpack(lone);
	ignore(close(fd));
}

const struct fuzz_reader fuzz_readers[] = {
    {"settings", config_file},
    {"properties", properties},
    {"url", url},
    {"json", json_document},
    {"yaml", yaml},
    {"document", document},
    {"base-backup", base_backup},
    {"words", words},
    {"gzip", gzip},
    {"zstd", zstd},
    {"archive", archive},
    {0},
};
