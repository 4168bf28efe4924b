/* Ranges of versions: ">=8.9.0 <8.19.4", or one version. */
#include "audit/logs/pack.h"
#include "base/error.h"
#include "bitbucket/version.h"

struct bound {
	bool lower, upper; /* which it limits; both: this version alone */
	bool open;         /* the version itself is outside */
	struct version version;
};

static bool read_bound(const char *word, struct bound *b, GError **error)
{
	static const struct {
		const char *sign;
		struct bound bound;
	} signs[] = {{">=", {true, false, false, {0}}},
	    {"<=", {false, true, false, {0}}}, {">", {true, false, true, {0}}},
	    {"<", {false, true, true, {0}}}, {"", {true, true, false, {0}}}};

	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
		if (g_str_has_prefix(word, signs[i].sign)) {
			*b = signs[i].bound;
			return version_parse(
			    word + strlen(signs[i].sign), &b->version, error);
		}
	return false;
}

static bool is_inside(const struct bound *b, const struct version *v)
{
	int order = version_compare(v, &b->version);

	return (!b->lower || order > 0 || (order == 0 && !b->open)) &&
	       (!b->upper || order < 0 || (order == 0 && !b->open));
}

/* Is V inside all bounds of RANGE? */
static bool holds(const char *range, const struct version *v)
{
	g_auto(GStrv) words = g_strsplit(range, " ", -1);

	for (char **word = words; *word; word++) {
		struct bound b = {0};
		if (**word &&
		    (!read_bound(*word, &b, NULL) || !is_inside(&b, v)))
			return false;
	}
	return true;
}

bool log_range_holds(const char *range, const char *version)
{
	struct version v = {0};

	/* Of what nobody knows it is not said that it is not concerned. */
	return !range || !version || !version_parse(version, &v, NULL) ||
	       holds(range, &v);
}

bool log_range_check(const char *range, GError **error)
{
	g_auto(GStrv) words = g_strsplit(range, " ", -1);
	bool any = false, reached = false;

	for (char **word = words; *word; word++) {
		struct bound b = {0};
		if (!**word)
			continue;
		if (!read_bound(*word, &b, error))
			return false;
		any = true;
		/* Were there a version in it, one would lie at a border, or
		 * one bug-fix beside it. */
		reached = reached || holds(range, &b.version);
		b.version.bugfix++;
		reached = reached || holds(range, &b.version);
		b.version.bugfix -= b.version.bugfix > 1 ? 2 : 1;
		reached = reached || holds(range, &b.version);
	}
	if (!any)
		return fail(error, GONOGO_ERROR_DATA, "'%s': no range", range);
	/* "<9.0" reaches down to where no bug-fix is beside it. */
	struct version first = {0, 0, 0};
	return reached || holds(range, &first) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "'%s': no version is in this range", range);
}
