#include "audit/logs/kind.h"

/* docs/sources.md#logs */
const char *const log_kind_names[] = {"app", "access", "audit", "mesh", "gc",
    "search", "launcher", "pg", "other", NULL};
const char *const log_level_names[] = {
    "NONE", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", NULL};

static const struct {
	const char *part; /* of the name without its folders */
	enum log_kind kind;
} parts[] = {
    {"-access", LOG_ACCESS},
    {"audit", LOG_AUDIT},
    {"mesh", LOG_MESH},
    {"gc.log", LOG_GC},
    {"gc-", LOG_GC},
    {"search", LOG_SEARCH},
    {"elastic", LOG_SEARCH},
    {"launcher", LOG_LAUNCHER},
    {"catalina", LOG_LAUNCHER},
    {"hs_err", LOG_LAUNCHER},
    {"postgresql", LOG_PG},
    {"atlassian-bitbucket", LOG_APP},
    {"atlassian-stash", LOG_APP},
};

static const char *const passed_over[] = {
    "-profiler", "-mail", ".hprof", ".jfr", NULL};

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

bool log_kind_is_passed_over(const char *name)
{
	const char *base = base_of(name);

	for (size_t i = 0; passed_over[i]; i++)
		if (strstr(base, passed_over[i]))
			return true;
	return false;
}

enum log_kind log_kind_of_name(const char *name)
{
	const char *base = base_of(name);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		if (strstr(base, parts[i].part))
			return parts[i].kind;
	return LOG_OTHER;
}
