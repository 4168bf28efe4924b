#include "audit/capacity/stamps.h"

#include <string.h>

void stamps_init(struct stamps *s, GTimeZone *zone)
{
	*s = (struct stamps){.zone = zone};
}

static int two(const char *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

static bool fill_day(struct stamp_day *d, const char *stamp)
{
	int year = two(stamp) * 100 + two(stamp + 2);
	GDate date;

	if (!g_date_valid_dmy((GDateDay)two(stamp + 8),
		(GDateMonth)two(stamp + 5), (GDateYear)year) ||
	    year < 1970)
		return false;
	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)two(stamp + 8),
	    (GDateMonth)two(stamp + 5), (GDateYear)year);
	memcpy(d->date, stamp, sizeof d->date);
	/* 1970-01-01 is day 719163 of the calendar. */
	d->midnight_s = ((int64_t)g_date_get_julian(&date) - 719163) * 86400;
	for (int i = 0; i < HALF_HOURS; i++)
		d->east[i] = INT32_MIN;
	return true;
}

static int32_t offset_as(GTimeZone *zone, GTimeType type, int64_t local_s)
{
	gint64 at = local_s;
	gint interval = g_time_zone_adjust_time(zone, type, &at);

	return g_time_zone_get_offset(zone, interval);
}

static void look_up(struct stamps *s, struct stamp_day *d, int half)
{
	int64_t local_s = d->midnight_s + half * 1800;
	int32_t one = offset_as(s->zone, G_TIME_TYPE_STANDARD, local_s);
	int32_t other = offset_as(s->zone, G_TIME_TYPE_DAYLIGHT, local_s);

	/* Further east comes first. */
	d->east[half] = MAX(one, other);
	d->again[half] = MAX(one, other) - MIN(one, other);
}

int64_t stamps_read(struct stamps *s, const char *stamp, int32_t *again)
{
	struct stamp_day *d = &s->days[two(stamp + 8) & 31];
	int hour = two(stamp + 11), minute = two(stamp + 14);
	int second = two(stamp + 17);

	if (memcmp(d->date, stamp, sizeof d->date) != 0 && !fill_day(d, stamp))
		return G_MININT64;
	if (hour > 23 || minute > 59 || second > 60)
		return G_MININT64;
	int half = hour * 2 + minute / 30;
	if (d->east[half] == INT32_MIN)
		look_up(s, d, half);
	*again = d->again[half] * 1000;
	return (d->midnight_s + hour * 3600 + minute * 60 + second -
		   d->east[half]) *
		   1000 +
	       (stamp[20] - '0') * 100 + two(stamp + 21);
}

int64_t stamps_offset(GTimeZone *zone, int64_t utc_s)
{
	gint interval =
	    g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, utc_s);

	return g_time_zone_get_offset(zone, interval);
}
