#include "audit/grants.h"

#include "audit/collect/rows.h"
#include "audit/rules/rule.h"

/* ---- what is lost ---- */

/* Adds the rules that stay unknown when WHAT is not seen. */
static void add_rules(GPtrArray *lost, const char *what)
{
	g_autofree char *name = rows_name(what, "x");

	for (const struct rule *rule = rules_next(NULL); rule;
	     rule = rules_next(rule))
		if ((rule_needs(rule, what) || rule_needs(rule, name)) &&
		    !g_ptr_array_find(lost, rule->id, NULL))
			g_ptr_array_add(lost, (char *)rule->id);
}

/* Adds the ids of LOST in lines of at most 78 that begin with MARK. */
static void append_lost(GString *text, const char *mark, const GPtrArray *lost)
{
	size_t start = text->len;

	g_string_append_printf(text, "%swithout it:", mark);
	for (guint i = 0; i < lost->len; i++) {
		const char *id = g_ptr_array_index(lost, i);
		if (text->len - start + strlen(id) > 76) {
			g_string_append_c(text, '\n');
			start = text->len;
			g_string_append_printf(text, "%s           ", mark);
		}
		g_string_append_printf(
		    text, " %s%s", id, i + 1 < lost->len ? "," : "");
	}
	g_string_append(text, lost->len ? "\n" : " no rule is lost\n");
}

/* ---- Bitbucket ---- */

static void append_permission(
    GString *text, const char *permission, const char *title)
{
	g_autoptr(GPtrArray) lost = g_ptr_array_new();

	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		if (g_strcmp0(row->permission, permission) == 0)
			add_rules(lost, row->what);
	g_string_append_printf(text, "  %s\n", title);
	append_lost(text, "    ", lost);
}

/* ---- PostgreSQL ---- */

static void append_grant(GString *text, const char *table, const char *role)
{
	g_autoptr(GPtrArray) lost = g_ptr_array_new();

	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		for (size_t i = 0; row->needs[i]; i++)
			if (g_str_equal(row->needs[i], table))
				add_rules(lost, row->what);
	g_string_append_printf(
	    text, "  GRANT SELECT ON %s TO %s;\n", table, role);
	append_lost(text, "    -- ", lost);
}

static void append_tables(GString *text, const char *role)
{
	g_autoptr(GPtrArray) tables = g_ptr_array_new();

	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		for (size_t i = 0; row->needs[i]; i++)
			if (!g_ptr_array_find_with_equal_func(
				tables, row->needs[i], g_str_equal, NULL))
				g_ptr_array_add(tables, (char *)row->needs[i]);
	for (guint i = 0; i < tables->len; i++)
		append_grant(text, g_ptr_array_index(tables, i), role);
}

/* Adds the rules that hang on any of COLLECTOR's rows. */
static void add_collector(GPtrArray *lost, const char *collector)
{
	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		if (g_str_equal(row->collector, collector))
			add_rules(lost, row->what);
}

/* What the server does not give with a right to read tables. */
static void append_backup(GString *text, const char *role)
{
	g_string_append_printf(text,
	    "A backup with the same role needs all of it instead:\n"
	    "  GRANT pg_read_all_data TO %s;\n"
	    "    -- before PostgreSQL 14, for each schema that Bitbucket "
	    "uses:\n"
	    "    -- GRANT USAGE ON SCHEMA, SELECT ON ALL TABLES and ALL "
	    "SEQUENCES\n"
	    "    -- large objects come with it; before 14 a superuser has to\n"
	    "    -- GRANT SELECT ON pg_catalog.pg_largeobject; else the set is "
	    "DEGRADED\n"
	    "  ALTER ROLE %s BYPASSRLS;\n"
	    "    -- only where a table has row security; `gonogo backup "
	    "doctor`\n"
	    "    -- names such tables before anything starts\n"
	    "    -- roles and tablespaces need no right; passwords of roles "
	    "are not saved\n",
	    role, role);
}

static void append_physical(
    GString *text, const struct settings *s, const char *role)
{
	if (!settings_is_physical(s))
		return;
	g_string_append_printf(text,
	    "A physical copy ([database] form = physical) needs this alone, "
	    "and that SELECT on\nproject, repository and pull requests for "
	    "rows to be held against folders:\n"
	    "  ALTER ROLE %s REPLICATION;\n"
	    "  pg_hba.conf: host replication %s <this host> scram-sha-256\n"
	    "  max_wal_senders and max_replication_slots: two and one to "
	    "spare\n",
	    role, role);
}

static void append_database(
    GString *text, const struct settings *s, const char *role)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	g_autoptr(GPtrArray) sessions = g_ptr_array_new();

	add_collector(all, "postgres");
	add_rules(sessions, "database.transactions");
	g_string_append_printf(text,
	    "PostgreSQL, in Bitbucket's database and schema:\n"
	    "  CREATE ROLE %s LOGIN;\n"
	    "  \\password %s\n",
	    role, role);
	append_lost(text, "    -- ", all);
	append_tables(text, role);
	g_string_append_printf(
	    text, "  GRANT pg_read_all_stats TO %s;\n", role);
	append_lost(text, "    -- ", sessions);
	append_backup(text, role);
	append_physical(text, s, role);
}

/* ---- files ---- */

static void append_files(GString *text, const struct settings *s)
{
	g_autoptr(GPtrArray) lost = g_ptr_array_new();

	add_collector(lost, "home");
	g_string_append_printf(text,
	    "Shared home, for the user that runs gonogo:\n"
	    "  read access to %s, as a read-only mount or by its group\n",
	    s->home.shared ? s->home.shared : "[home] shared");
	append_lost(text, "    ", lost);
}

char *grants_text(const struct settings *s)
{
	const char *user = s->cluster.user ? s->cluster.user : "gonogo";
	GString *text = g_string_new(NULL);

	g_string_append_printf(text,
	    "Bitbucket, user %s, Basic authentication (an access token can't "
	    "have these):\n",
	    user);
	append_permission(text, "ADMIN", "global permission Administrator");
	append_permission(text, "SYS_ADMIN",
	    "global permission System Administrator, which includes it");
	append_database(text, s, "gonogo_audit");
	append_files(text, s);
	return g_string_free(text, FALSE);
}
