#include "base/throttle.h"

#include "base/clock.h"
#include "base/stop.h"

static const uint64_t LEAST = 1u << 20; /* slower than this never ends */

struct throttle {
	uint64_t rate; /* as it was asked for; 0: no limit */
	GMutex mutex;  /* for what follows */
	uint64_t allowed;
	bool lowered;
	uint64_t peak;  /* the most that flowed before it was */
	uint64_t taken; /* since `looked` */
	double looked;
	double due; /* when the next byte is */
};

throttle *throttle_new(uint64_t rate)
{
	struct throttle *t = g_new0(struct throttle, 1);

	t->rate = t->allowed = rate;
	t->looked = clock_monotonic();
	g_mutex_init(&t->mutex);
	return t;
}

void throttle_free(throttle *t)
{
	if (!t)
		return;
	g_mutex_clear(&t->mutex);
	g_free(t);
}

bool throttle_take(throttle *t, size_t length, GError **error)
{
	double wait_s = 0;

	if (!t)
		return true;
	g_mutex_lock(&t->mutex);
	t->taken += length;
	if (t->allowed > 0) {
		double now = clock_monotonic();
		t->due = MAX(t->due, now) + (double)length / (double)t->allowed;
		wait_s = t->due - now;
	}
	g_mutex_unlock(&t->mutex);
	return wait_s < 0.001 || stop_wait((unsigned)(wait_s * 1000), error);
}

/* Bytes a second since the last look. */
static uint64_t look(struct throttle *t)
{
	double now = clock_monotonic();
	double span = MAX(now - t->looked, 0.001);
	uint64_t flow = (uint64_t)((double)t->taken / span);

	t->looked = now;
	t->taken = 0;
	return flow;
}

void throttle_lower(throttle *t)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&t->mutex);
	uint64_t flow = look(t);

	t->peak = MAX(t->peak, flow);
	if (t->allowed > 0)
		flow = MIN(flow, t->allowed);
	t->allowed = MAX(flow / 2, LEAST);
	if (t->rate > 0)
		t->allowed = MIN(t->allowed, t->rate);
	t->lowered = true;
}

bool throttle_raise(throttle *t)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&t->mutex);

	look(t);
	if (!t->lowered)
		return true;
	t->allowed *= 2;
	if (t->allowed >= (t->rate > 0 ? t->rate : t->peak)) {
		t->allowed = t->rate;
		t->peak = 0;
		t->lowered = false;
	}
	return !t->lowered;
}

uint64_t throttle_allowed(throttle *t)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&t->mutex);

	return t->allowed;
}
