#include "audit/collect/rows.h"

#include "audit/collect/read_apps.h"
#include "audit/collect/read_cluster.h"
#include "audit/collect/read_farms.h"
#include "audit/collect/read_home.h"
#include "audit/collect/read_licence.h"
#include "audit/collect/read_node.h"
#include "audit/collect/read_postgres.h"
#include "audit/collect/read_settings.h"
#include "audit/collect/read_watch.h"

/* Settings name the nodes, apps are held against by database and home. */
static const struct row *const tables[] = {
    settings_rows,
    cluster_rows,
    licence_rows,
    apps_rows,
    farms_rows,
    watch_rows,
    postgres_rows,
    home_rows,
    node_rows,
};

const struct row *rows_next(const struct row *row)
{
	if (!row)
		return tables[0];
	if (row[1].what)
		return row + 1;
	for (size_t i = 0; i + 1 < G_N_ELEMENTS(tables); i++)
		for (const struct row *r = tables[i]; r->what; r++)
			if (r == row)
				return tables[i + 1];
	return NULL;
}

const struct row *rows_find(const char *what)
{
	const struct row *row = NULL;

	while ((row = rows_next(row)))
		if (g_str_equal(row->what, what))
			return row;
	return NULL;
}

char *rows_name(const char *what, const char *subject)
{
	const char *dot = strchr(what, '.');

	if (!subject || !dot)
		return g_strdup(what);
	return g_strdup_printf(
	    "%.*s.%s%s", (int)(dot - what), what, subject, dot);
}
