#include "base/progress.h"

#include <glib.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"

enum { MIB = 1 << 20 };

static const double patience_s = 1.0, pace_s = 0.2;

void progress_start(
    struct progress *p, const char *what, const char *unit, uint64_t total)
{
	*p = (struct progress){what, unit, total, clock_monotonic(), 0};
}

void progress_show(struct progress *p, uint64_t done)
{
	double now = clock_monotonic();

	if (!log_colour(STDERR_FILENO) || now - p->started < patience_s ||
	    now - p->shown < pace_s)
		return;
	p->shown = now;
	bool bytes = g_str_equal(p->unit, "bytes");
	uint64_t scale = bytes ? MIB : 1;
	g_autoptr(GString) line = g_string_new(NULL);
	g_string_printf(line, "\r\033[K%s: %" PRIu64, p->what, done / scale);
	if (p->total)
		g_string_append_printf(line, " of %" PRIu64, p->total / scale);
	g_string_append_printf(line, " %s", bytes ? "MiB" : p->unit);
	if (p->total && done && done <= p->total) {
		double rest = (now - p->started) * (double)(p->total - done) /
			      (double)done;
		g_autofree char *span = clock_span((int64_t)rest + 1);
		g_string_append_printf(line, ", about %s left", span);
	}
	g_printerr("%s", line->str);
}

void progress_end(struct progress *p)
{
	if (p->shown > 0)
		g_printerr("\r\033[K");
	p->shown = 0;
}
