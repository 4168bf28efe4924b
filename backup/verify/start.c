#include "backup/verify/start.h"

#include "backup/choice.h"
#include "backup/physical/trial.h"
#include "base/error.h"
#include "port/fs.h"

static bool try_it(const struct trial *t, pg_server *server, GError **error)
{
	g_auto(db_login) login = {0};
	struct trial_counts counts;

	return trial_start(t, server, &login, error) &&
	       trial_read(&login, &counts, error);
}

bool start_check(struct verify *v, const struct settings *s, GError **error)
{
	g_auto(evidence) how = {0};
	GError *why = NULL;

	if (!snapshot_is_physical(&v->set->snapshot))
		return true;
	if (!choice_evidence(v->set, &how, &why))
		return flaws_take(
		    &v->flaws, "record", "EVIDENCE.json", why, error);
	const struct trial t = {
	    .store = v->store,
	    .set = v->set,
	    .role = how.physical.role,
	    .above = g_get_tmp_dir(),
	    .bindir = s->database.bindir,
	    .run_as = s->database.run_as,
	    .jobs = v->jobs,
	};
	if (!fs_has_room(t.above, trial_room(v->set), "starting a server on it",
		error)) {
		g_prefix_error(error, "TMPDIR is ");
		return false;
	}
	g_autoptr(pg_server) server = trial_open(&t, error);
	if (!server)
		return false;
	return try_it(&t, server, &why) ||
	       flaws_take(&v->flaws, "database", v->set->id, why, error);
}
