#include "backup/database.h"

#include "backup/cover.h"
#include "backup/db/save.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bitbucket/schema.h"
#include "port/fs.h"

/* ---- files, where they are what is saved ---- */

static bool is_physical(const struct job *j)
{
	return !j->no_database && settings_is_physical(j->settings);
}

bool database_copy(struct job *j, GError **error)
{
	const struct settings *s = j->settings;

	if (!is_physical(j))
		return true;
	j->order = (struct physical_order){
	    .login = &j->found.login,
	    .run = j->run,
	    .fast = g_str_equal(s->database.checkpoint, "fast"),
	    .databases = j->found.cluster.databases,
	};
	j->physical = physical_copy(&j->order, error);
	return j->physical != NULL;
}

/* The role need not be allowed to read a row. */
static bool try_rows(struct job *j, GPtrArray *(*read)(pg *db, GError **error),
    const char *what, GPtrArray **out, GError **error)
{
	pg *db = physical_rows(j->physical);
	g_autoptr(GError) why = NULL;

	if (!pg_do(db, "SAVEPOINT try", error))
		return false;
	*out = read(db, &why);
	if (*out)
		return true;
	job_note(j, "%s were not cross-checked: %s", what, why->message);
	return pg_do(db, "ROLLBACK TO SAVEPOINT try", error);
}

static bool finish_copy(struct job *j, GError **error)
{
	if (!j->no_home && (!try_rows(j, schema_repositories, "repositories",
				&j->rows, error) ||
			       !try_rows(j, schema_open_pulls, "pull requests",
				   &j->pulls, error)))
		return false;
	log_say("waiting for the server's WAL up to the point");
	return physical_end(j->physical, error);
}

/* ---- the point ---- */

bool database_point(struct job *j, GError **error)
{
	if (j->no_database) {
		j->how.point_at = number_of(clock_now());
		return true;
	}
	if (!(j->physical ? physical_point(j->physical, &j->point, error)
			  : db_point_take(&j->found.login, &j->point, error)))
		return false;
	g_autofree char *at = clock_text(j->point.at);
	log_say("point %s, LSN %s%s", at, j->point.lsn,
	    j->point.standby ? ", replayed by a standby" : "");
	return true;
}

void database_forget(struct job *j)
{
	g_clear_pointer(&j->rows, g_ptr_array_unref);
	g_clear_pointer(&j->pulls, g_ptr_array_unref);
	db_point_clear(&j->point);
}

/* ---- the dump ---- */

/* Rows of the same moment as the dump, for the cross-check. */
static bool read_rows(struct job *j, GError **error)
{
	g_autoptr(pg) db = db_point_open(&j->point, error);

	if (!db)
		return false;
	j->rows = schema_repositories(db, error);
	if (!j->rows)
		return false;
	/* Pull requests are looked at where the table is as we know it. */
	g_autoptr(GError) why = NULL;
	g_autoptr(pg) other = db_point_open(&j->point, error);
	if (!other)
		return false;
	j->pulls = schema_open_pulls(other, &why);
	if (!j->pulls)
		job_note(j, "pull requests were not cross-checked: %s",
		    why->message);
	return true;
}

static char *dump_scratch(const struct job *j)
{
	return g_build_filename(run_scratch(j->run), "db", NULL);
}

bool database_dump(struct job *j, GError **error)
{
	g_autofree char *scratch = dump_scratch(j);

	if (j->no_database)
		return true;
	if (j->physical)
		return finish_copy(j, error);
	log_say("dumping the database");
	/* One that gave way has left its files. */
	if (g_file_test(scratch, G_FILE_TEST_EXISTS) &&
	    !fs_remove_tree(scratch, error))
		return false;
	if (!fs_make_folders(scratch, 0700, error) ||
	    !(j->no_home || read_rows(j, error)) ||
	    !dump_make(&j->found.login, &j->point, &j->found.programs, scratch,
		run_objects(j->run), &j->dump, error))
		return false;
	db_point_end(&j->point);
	return true;
}

bool database_save(struct job *j, GError **error)
{
	g_autofree char *scratch = dump_scratch(j);

	if (j->physical)
		return physical_save(
		    j->physical, &j->point, &j->set, &j->how, error);
	return j->no_database ||
	       (dump_finish(&j->found.login, &j->point, &j->found.programs,
		    scratch, &j->dump, error) &&
		   dump_save(
		       j->run, &j->dump, &j->point, &j->set, &j->how, error));
}

/* ---- rows against folders ---- */

/* Whom the cross-check may ask. */
struct asked {
	pg *live;
	GHashTable *mesh;
};

static bool is_live(uint64_t id, bool *there, void *user, GError **error)
{
	const struct asked *asked = user;
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, id);
	const char *const parameters[] = {text, NULL};
	g_autoptr(pg_rows) rows = pg_query(asked->live,
	    "SELECT 1 FROM repository WHERE id = $1::bigint", parameters,
	    error);

	if (!rows)
		return false;
	*there = pg_rows_length(rows) > 0;
	return true;
}

/* One of another hierarchy is another cluster's, or of another day's. */
static const char *is_elsewhere(uint64_t id, const char *hierarchy, void *user)
{
	const struct asked *asked = user;
	g_autofree char *name = g_strdup_printf("%" G_GUINT64_FORMAT, id);
	const struct covered *c = g_hash_table_lookup(asked->mesh, name);

	return c && c->hierarchy && g_strcmp0(c->hierarchy, hierarchy) == 0
		   ? c->where
		   : NULL;
}

bool database_cross_check(struct job *j, GError **error)
{
	/* No row of any database is of what a mirror's or a Mesh node's home
	 * alone has. */
	if (j->kind != &home_shared)
		return true;
	if (j->no_database || j->no_home) {
		job_note(j,
		    "the %s is not in this set: rows and folders were not "
		    "compared",
		    j->no_home ? "home" : "database");
		return true;
	}
	if (!j->rows) {
		snapshot_add_flaw(&j->set, "database", j->point.database,
		    "the role may not read the rows of repositories: they were "
		    "not held against the folders");
		return true;
	}
	g_autoptr(pg) live = db_open_bitbucket(&j->found.login, error);
	g_autoptr(GHashTable) mesh =
	    live ? cover_mesh(j->store, j->settings->cluster.name,
		       j->how.point_at.value, error)
		 : NULL;
	if (!mesh)
		return false;
	struct asked asked = {live, mesh};
	const struct home_rows rows = {
	    j->rows, j->pulls, is_live, is_elsewhere, &asked};
	return home_cross_check(j->home, &rows, error);
}
