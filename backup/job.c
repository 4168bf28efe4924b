#include "backup/job.h"

#include "base/log.h"

/* The lock first: whatever else is slow to go, users come in again. */
void job_clear(struct job *j)
{
	g_clear_pointer(&j->lock, lock_end);
	db_point_clear(&j->point);
	g_clear_pointer(&j->physical, physical_free);
	dump_clear(&j->dump);
	g_clear_pointer(&j->rows, g_ptr_array_unref);
	g_clear_pointer(&j->pulls, g_ptr_array_unref);
	g_clear_pointer(&j->home, home_close);
	g_clear_pointer(&j->courtesy, courtesy_free);
	if (j->undo)
		j->undo(j);
	g_free(j->snapshot);
	g_clear_pointer(&j->run, run_abandon);
	g_clear_pointer(&j->store, store_close);
	g_clear_pointer(&j->password, secret_free);
	preflight_clear(&j->found);
	snapshot_clear(&j->set);
	evidence_clear(&j->how);
}

void job_note(struct job *j, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	log_warn("%s", text);
	strings_add(&j->how.notes, text);
}
