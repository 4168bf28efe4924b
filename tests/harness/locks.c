/*
 * Tells ThreadSanitizer what GLib's locks do; linked into what is made with
 * SAN=thread, and into nothing else.
 *
 *     g_mutex_lock --here--> "I lock m" --> GLib's own --> "I have m"
 *
 * GLib is not made with the sanitizer and locks by futex(2), which it does not
 * see: without this everything that a GMutex guards would look like a race.
 * Each function has the name of GLib's, stands in front of it, tells, and calls
 * it.  A wait for a condition gives the mutex up and takes it again, which is
 * all that the sanitizer needs to know of conditions.
 */
#include <dlfcn.h>
#include <glib.h>
#include <sanitizer/tsan_interface.h>

/* Found by whoever comes first, and by more than one when they come at once. */
static void *next(void **place, const char *name)
{
	void *found = __atomic_load_n(place, __ATOMIC_RELAXED);

	if (!found) {
		found = dlsym(RTLD_NEXT, name);
		__atomic_store_n(place, found, __ATOMIC_RELAXED);
	}
	return found;
}

#define NEXT(name)                                                             \
	static void *place;                                                    \
	__typeof__(name) *real = (__typeof__(real))next(&place, #name)

void g_mutex_init(GMutex *m)
{
	NEXT(g_mutex_init);
	__tsan_mutex_create(m, 0);
	real(m);
}

void g_mutex_clear(GMutex *m)
{
	NEXT(g_mutex_clear);
	real(m);
	__tsan_mutex_destroy(m, 0);
}

void g_mutex_lock(GMutex *m)
{
	NEXT(g_mutex_lock);
	__tsan_mutex_pre_lock(m, 0);
	real(m);
	__tsan_mutex_post_lock(m, 0, 0);
}

gboolean g_mutex_trylock(GMutex *m)
{
	NEXT(g_mutex_trylock);
	__tsan_mutex_pre_lock(m, __tsan_mutex_try_lock);
	gboolean locked = real(m);
	__tsan_mutex_post_lock(m,
	    __tsan_mutex_try_lock | (locked ? 0 : __tsan_mutex_try_lock_failed),
	    0);
	return locked;
}

void g_mutex_unlock(GMutex *m)
{
	NEXT(g_mutex_unlock);
	__tsan_mutex_pre_unlock(m, 0);
	real(m);
	__tsan_mutex_post_unlock(m, 0);
}

static void give_up(GMutex *m)
{
	__tsan_mutex_pre_unlock(m, 0);
	__tsan_mutex_post_unlock(m, 0);
}

static void take_again(GMutex *m)
{
	__tsan_mutex_pre_lock(m, 0);
	__tsan_mutex_post_lock(m, 0, 0);
}

void g_cond_wait(GCond *c, GMutex *m)
{
	NEXT(g_cond_wait);
	give_up(m);
	real(c, m);
	take_again(m);
}

gboolean g_cond_wait_until(GCond *c, GMutex *m, gint64 until)
{
	NEXT(g_cond_wait_until);
	give_up(m);
	gboolean woken = real(c, m, until);
	take_again(m);
	return woken;
}

/* What was done once is seen by all who find it done, or waited for it. */
gboolean(g_once_init_enter)(volatile void *location)
{
	NEXT(g_once_init_enter);
	gboolean first = real(location);
	if (!first)
		__tsan_acquire((void *)location);
	return first;
}

void(g_once_init_leave)(volatile void *location, gsize result)
{
	NEXT(g_once_init_leave);
	__tsan_release((void *)location);
	real(location, result);
}

gpointer g_once_impl(GOnce *once, GThreadFunc work, gpointer data)
{
	NEXT(g_once_impl);
	gpointer result = real(once, work, data);
	__tsan_acquire(once);
	__tsan_release(once);
	return result;
}
