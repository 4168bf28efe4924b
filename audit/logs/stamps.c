#include "audit/logs/stamps.h"

enum { BACKWARDS_S = 1800 };

void stamps_begin(struct stamps *s)
{
	s->minute_s = s->first_s = s->previous_s = -1;
}

static void see(struct stamps *s, struct file_found *f, int64_t local_s)
{
	if (s->first_s < 0)
		s->first_s = local_s;
	if (s->previous_s >= 0 && local_s < s->previous_s - BACKWARDS_S)
		f->backwards++;
	s->previous_s = local_s;
	if (f->first_s < 0 || local_s < f->first_s)
		f->first_s = local_s;
	f->last_s = MAX(f->last_s, local_s);
}

static bool are_there(enum log_kind kind)
{
	return kind != LOG_AUDIT && kind != LOG_LAUNCHER && kind != LOG_OTHER;
}

/* A stamp is only read when the minute is another. */
int32_t stamps_hour(struct stamps *s, struct file_found *file,
    enum log_kind kind, const char *line, size_t length)
{
	size_t at =
	    are_there(kind) ? head_stamp_at(kind, line, length) : length;

	if (at + STAMPS_MINUTE + 3 > length) {
		file->no_stamp += are_there(kind);
		return -1;
	}
	const char *stamp = line + at;
	if (s->minute_s < 0 || memcmp(stamp, s->minute, STAMPS_MINUTE) != 0) {
		memcpy(s->minute, stamp, STAMPS_MINUTE);
		s->minute_s = head_stamp(kind, line, length);
		if (s->minute_s >= 0)
			s->minute_s -= s->minute_s % 60;
	}
	if (s->minute_s < 0) {
		file->no_stamp++;
		return -1;
	}
	/* ":05,118" */
	see(s, file, s->minute_s + (stamp[17] - '0') * 10 + stamp[18] - '0');
	return (int32_t)(s->minute_s / 3600);
}

void stamps_end(const struct stamps *s, struct file_found *file, uint64_t from)
{
	const struct span span = {from, s->first_s, s->previous_s};

	if (span.first_s < 0)
		return;
	if (!file->spans)
		file->spans = g_array_new(FALSE, TRUE, sizeof(struct span));
	g_array_append_val(file->spans, span);
}
