#define PCRE2_CODE_UNIT_WIDTH 8

#include "port/patterns.h"

#include <fcntl.h>
#include <hs/hs.h>
#include <pcre2.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "port/patterns_strain.h"

const char *const pattern_way_names[] = {
    "hs", "hs-prefilter+pcre2", "pcre2-only", NULL};

struct patterns {
	hs_database_t *database; /* NULL: nothing to scan for */
	pcre2_code **codes;
	enum pattern_way *ways;
	bool *confirms;
	size_t length;
};

struct patterns_tools {
	const patterns *patterns;
	hs_scratch_t *scratch;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_code, pcre2_code_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_match_data, pcre2_match_data_free)

/* ---- one pattern ---- */

static bool refuse(const struct pattern *p, const char *why, GError **error)
{
	return fail(error, GONOGO_ERROR_DATA, "pattern '%s': %s", p->text, why);
}

/* Gives the pattern for libhs, which has no flag for literals beside others. */
static char *plain(const struct pattern *p)
{
	if (!p->literal)
		return g_strdup(p->text);
	GString *out = g_string_new(NULL);
	for (const char *c = p->text; *c; c++) {
		if (g_ascii_ispunct(*c))
			g_string_append_c(out, '\\');
		g_string_append_c(out, *c);
	}
	return g_string_free(out, FALSE);
}

static pcre2_code *compile_pcre(const struct pattern *p, GError **error)
{
	int number = 0;
	PCRE2_SIZE at = 0;
	uint32_t flags = p->literal ? PCRE2_LITERAL
				    : PCRE2_MULTILINE | PCRE2_NEVER_UTF |
					  (p->across ? PCRE2_DOTALL : 0);

	pcre2_code *code = pcre2_compile((PCRE2_SPTR)p->text,
	    PCRE2_ZERO_TERMINATED, flags, &number, &at, NULL);
	if (!code) {
		char why[160] = "";
		pcre2_get_error_message(number, (PCRE2_UCHAR *)why, sizeof why);
		fail(error, GONOGO_ERROR_DATA, "pattern '%s': at %zu: %s",
		    p->text, at, why);
		return NULL;
	}
	/* Without it a match is slower, and no less right. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

static unsigned flags_of(const struct pattern *p, enum pattern_way way)
{
	return HS_FLAG_MULTILINE | (p->across ? HS_FLAG_DOTALL : 0) |
	       (way == PATTERN_FILTERED ? HS_FLAG_PREFILTER : 0);
}

static bool libhs_takes(const char *text, unsigned flags)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *why = NULL;
	bool good = hs_expression_info(text, flags, &info, &why) == HS_SUCCESS;

	free(info);
	hs_free_compile_error(why);
	return good;
}

static enum pattern_way way_of(const struct pattern *p)
{
	g_autofree char *text = plain(p);

	if (p->only_match)
		return PATTERN_ALONE;
	for (enum pattern_way way = PATTERN_SCANNED; way < PATTERN_ALONE; way++)
		if (libhs_takes(text, flags_of(p, way)))
			return way;
	return PATTERN_ALONE;
}

static bool matches_empty(const pcre2_code *code)
{
	uint32_t least = 0;

	pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &least);
	return least != 0;
}

/* Can something in it be a newline?  Rather yes than no. */
static bool may_cross_lines(const struct pattern *p)
{
	static const char harmless[] = "bBdw.[](){}*+?|^$\\/-:\"'@=<>,;!#&%~_ ";

	if (p->literal)
		return strchr(p->text, '\n') != NULL;
	if (p->across)
		return true;
	for (const char *c = p->text; *c; c++) {
		if (c[0] == '\\' && c[1]) {
			if (!strchr(harmless, c[1]))
				return true;
			c++;
		} else if (g_str_has_prefix(c, "[^") ||
			   g_str_has_prefix(c, "[[:") || *c == '\n' ||
			   (g_str_has_prefix(c, "(?") && c[2] != ':' &&
			       !g_str_has_prefix(c, "(?i)"))) {
			return true;
		}
	}
	return false;
}

bool pattern_judge(const struct pattern *p, char *const *samples,
    enum pattern_way *way, GError **error)
{
	g_autoptr(pcre2_code) code = compile_pcre(p, error);

	if (!code)
		return false;
	if (matches_empty(code))
		return refuse(p, "it matches an empty text", error);
	/* Drawn out by an interpreter: the compiled form counts otherwise. */
	if (!p->literal &&
	    !strain(p->text, p->across ? PCRE2_DOTALL : 0, samples))
		return refuse(p,
		    "it runs away on some texts (a repeated group whose "
		    "content is repeated, too?)",
		    error);
	*way = way_of(p);
	return true;
}

/* ---- the cache ---- */

enum { CACHE_MOST = 256 << 20 };

/* Gives the name of the database of these patterns, made by this libhs. */
static char *cache_name(const char *const *texts, const unsigned *flags,
    const unsigned *ids, unsigned length)
{
	g_autoptr(hash) h = hash_new();
	hs_platform_info_t platform = {0};

	hash_add(h, hs_version(), strlen(hs_version()));
	if (hs_populate_platform(&platform) == HS_SUCCESS) {
		hash_add(h, &platform.tune, sizeof platform.tune);
		hash_add(
		    h, &platform.cpu_features, sizeof platform.cpu_features);
	}
	for (unsigned i = 0; i < length; i++) {
		hash_add(h, texts[i], strlen(texts[i]) + 1);
		hash_add(h, &flags[i], sizeof flags[i]);
		hash_add(h, &ids[i], sizeof ids[i]);
	}
	return hash_end_hex(h);
}

/* Is it a file that nobody but us could have written? */
static bool is_ours(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_uid == geteuid() &&
	       !(status.st_mode & (S_IWGRP | S_IWOTH));
}

/* What was kept: 64 hex digits of a sum, then the database.  NULL: nothing. */
static hs_database_t *fetch(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	g_autofree char *bytes = NULL;
	hs_database_t *database = NULL;
	size_t length = 0;

	if (fd < 0)
		return NULL;
	if (is_ours(fd))
		bytes = file_read_fd(fd, path, CACHE_MOST, &length, NULL);
	close(fd);
	if (!bytes || length <= HASH_HEX)
		return NULL;
	g_autofree char *sum = hash_hex(bytes + HASH_HEX, length - HASH_HEX);
	if (memcmp(sum, bytes, HASH_HEX) == 0 &&
	    hs_deserialize_database(
		bytes + HASH_HEX, length - HASH_HEX, &database) != HS_SUCCESS)
		database = NULL;
	return database;
}

/* Nothing is lost but time when it can't be kept. */
static void keep(const char *path, const hs_database_t *database)
{
	char *bytes = NULL;
	size_t length = 0;

	if (hs_serialize_database(database, &bytes, &length) != HS_SUCCESS)
		return;
	g_autofree char *sum = hash_hex(bytes, length);
	g_autoptr(GString) whole = g_string_new(sum);
	g_string_append_len(whole, bytes, (gssize)length);
	free(bytes);
	ignore(file_write(path, 0600, whole->str, whole->len, NULL));
}

/* ---- all of them ---- */

static hs_database_t *make(const char *const *texts, const unsigned *flags,
    const unsigned *ids, unsigned length, GError **error)
{
	hs_database_t *database = NULL;
	hs_compile_error_t *why = NULL;

	if (hs_compile_multi(texts, flags, ids, length, HS_MODE_BLOCK, NULL,
		&database, &why) != HS_SUCCESS) {
		fail(error, GONOGO_ERROR_DATA, "pattern '%s': %s",
		    why && why->expression >= 0 ? texts[why->expression] : "?",
		    why ? why->message : "libhs refused");
		hs_free_compile_error(why);
		return NULL;
	}
	return database;
}

static bool build(
    patterns *p, const struct pattern *list, const char *cache, GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree unsigned *flags = g_new0(unsigned, p->length + 1);
	g_autofree unsigned *ids = g_new0(unsigned, p->length + 1);

	for (unsigned i = 0; i < p->length; i++) {
		if (p->ways[i] == PATTERN_ALONE)
			continue;
		flags[texts->len] = flags_of(&list[i], p->ways[i]);
		ids[texts->len] = i;
		g_ptr_array_add(texts, plain(&list[i]));
	}
	if (!texts->len)
		return true;
	const char *const *all = (const char *const *)texts->pdata;
	g_autofree char *sum = cache_name(all, flags, ids, texts->len);
	g_autofree char *path =
	    cache ? g_strdup_printf("%s/%s.patterns", cache, sum) : NULL;
	p->database = path ? fetch(path) : NULL;
	if (p->database)
		return true;
	p->database = make(all, flags, ids, texts->len, error);
	if (p->database && path)
		keep(path, p->database);
	return p->database != NULL;
}

patterns *patterns_compile(const struct pattern *list, size_t length,
    const char *cache, GError **error)
{
	g_autoptr(patterns) p = g_new0(struct patterns, 1);

	p->length = length;
	p->codes = g_new0(pcre2_code *, length + 1);
	p->ways = g_new0(enum pattern_way, length + 1);
	p->confirms = g_new0(bool, length + 1);
	for (size_t i = 0; i < length; i++) {
		p->codes[i] = compile_pcre(&list[i], error);
		if (!p->codes[i])
			return NULL;
		if (matches_empty(p->codes[i])) {
			refuse(&list[i], "it matches an empty text", error);
			return NULL;
		}
		p->ways[i] = way_of(&list[i]);
		p->confirms[i] =
		    p->ways[i] != PATTERN_SCANNED || may_cross_lines(&list[i]);
	}
	return build(p, list, cache, error) ? g_steal_pointer(&p) : NULL;
}

void patterns_free(patterns *p)
{
	if (!p)
		return;
	hs_free_database(p->database);
	for (size_t i = 0; i < p->length; i++)
		pcre2_code_free(p->codes[i]);
	g_free(p->codes);
	g_free(p->ways);
	g_free(p->confirms);
	g_free(p);
}

enum pattern_way patterns_way(const patterns *p, unsigned id)
{
	return p->ways[id];
}

bool patterns_must_confirm(const patterns *p, unsigned id)
{
	return p->confirms[id];
}

/* ---- searching ---- */

patterns_tools *patterns_tools_new(const patterns *p)
{
	struct patterns_tools *t = g_new0(struct patterns_tools, 1);

	t->patterns = p;
	if (p->database &&
	    hs_alloc_scratch(p->database, &t->scratch) != HS_SUCCESS)
		g_error("libhs: no scratch space");
	t->data = pcre2_match_data_create(4, NULL);
	t->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(t->context, LIMIT_PATTERN_STEPS);
	pcre2_set_depth_limit(t->context, LIMIT_PATTERN_STEPS);
	return t;
}

void patterns_tools_free(patterns_tools *t)
{
	if (!t)
		return;
	hs_free_scratch(t->scratch);
	pcre2_match_data_free(t->data);
	pcre2_match_context_free(t->context);
	g_free(t);
}

struct telling {
	patterns_hit hit;
	void *user;
};

static int tell(unsigned id, unsigned long long from, unsigned long long to,
    unsigned flags, void *user)
{
	const struct telling *telling = user;

	(void)from;
	(void)flags;
	telling->hit(id, (size_t)to, telling->user);
	return 0;
}

void patterns_scan(patterns_tools *t, const char *bytes, size_t length,
    patterns_hit hit, void *user)
{
	struct telling telling = {hit, user};

	if (!t->patterns->database || length == 0)
		return;
	if (hs_scan(t->patterns->database, bytes, (unsigned)length, 0,
		t->scratch, tell, &telling) != HS_SUCCESS)
		g_error("libhs: a scan failed");
}

enum pattern_answer patterns_match(patterns_tools *t, unsigned id,
    const char *text, size_t length, struct pattern_span *span)
{
	int result = pcre2_match(t->patterns->codes[id], (PCRE2_SPTR)text,
	    length, 0, 0, t->data, t->context);

	if (result == PCRE2_ERROR_NOMATCH)
		return PATTERN_NO;
	/* 0: more groups than there is room for. */
	if (result < 0)
		return PATTERN_UNDECIDED;
	if (span) {
		const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(t->data);
		int group = result != 1 && ends[2] != PCRE2_UNSET ? 1 : 0;
		span->start = ends[2 * group];
		span->end = ends[2 * group + 1];
	}
	return PATTERN_YES;
}
