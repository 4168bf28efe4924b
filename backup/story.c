#include "backup/story.h"

#include "backup/database.h"
#include "backup/mode/hold.h"
#include "backup/mode/mode.h"
#include "backup/prepare.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

enum {
	POINTS = 3,     /* tries when a dump has to give way */
	GIVE_WAY_S = 5, /* between them: who waited gets its turn */
	AT_POINT = 40,  /* per cent, for the maintenance page */
	AT_FINISH = 90,
};

static bool pass(struct job *j, mode_phase phase, GError **error)
{
	return !phase || phase(j, error);
}

/* ---- the common point of database and home ---- */

static bool try_point(struct job *j, GError **error)
{
	/* Each phase may change the mode that the next one belongs to. */
	if (!pass(j, j->mode->hold, error) || !database_point(j, error) ||
	    !pass(j, j->mode->sweep, error) || !pass(j, j->mode->let_go, error))
		return false;
	hold_progress(j, AT_POINT);
	return database_dump(j, error);
}

/* A dump that gave way is made anew, of a new point with its own sweep. */
static bool reach_point(struct job *j, GError **error)
{
	for (int left = POINTS; left > 0; left--) {
		g_autoptr(GError) why = NULL;
		if (try_point(j, &why))
			return true;
		if (left == 1 ||
		    !g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_BUSY)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return false;
		}
		job_note(j, "%s", why->message);
		database_forget(j);
		if (!stop_wait(GIVE_WAY_S * 1000, error))
			return false;
	}
	g_assert_not_reached();
}

/* ---- the whole ---- */

static bool save_home(struct job *j, GError **error)
{
	if (!j->home)
		return true;
	log_say("saving the home");
	return home_save(j->home, error);
}

static bool copy(struct job *j, GError **error)
{
	if (!pass(j, j->mode->first, error) || !database_copy(j, error) ||
	    !reach_point(j, error) || !save_home(j, error))
		return false;
	hold_progress(j, AT_FINISH);
	/* The dump's own files are a whole copy already. */
	return pass(j, j->mode->finish, error) && database_save(j, error);
}

static bool prove(struct job *j, GError **error)
{
	if (j->home)
		log_say("proving the copy");
	return (!j->home || home_prove(j->home, error)) &&
	       database_cross_check(j, error);
}

static void tell(struct job *j)
{
	const struct settings *s = j->settings;

	j->set.made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	j->how.made_by = g_strdup(j->set.made_by);
	j->set.mode = g_strdup(j->mode->name);
	j->set.node = g_strdup(j->node);
	if (!j->no_home)
		strings_add(&j->set.parts, j->kind->name);
	if (!j->no_database)
		strings_add(&j->set.parts, SNAPSHOT_PART_DATABASE);
	j->set.point_at = j->how.point_at;
	j->set.cluster = g_strdup(s->cluster.name);
	j->set.url = g_strdup(s->cluster.url);
	j->set.version = g_strdup(j->found.version);
	j->set.server_id = g_strdup(j->found.server_id);
	g_autofree char *slowed =
	    j->courtesy ? courtesy_end(j->courtesy) : NULL;
	if (slowed)
		job_note(j, "%s", slowed);
	if (j->home)
		home_tell(j->home, &j->set, &j->how);
	g_clear_pointer(&j->home, home_close);
	if (j->undo)
		j->undo(j);
}

bool story(struct job *j, int64_t lock_s, GError **error)
{
	j->set.started_at = number_of(clock_now());
	if (j->mode->instead)
		return j->mode->instead(j, error);
	if (!prepare(j, lock_s, error) || !copy(j, error) || !prove(j, error))
		return false;
	tell(j);
	return run_commit(j->run, &j->set, &j->how, error);
}
