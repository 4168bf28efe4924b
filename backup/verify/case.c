#include "backup/verify/case.h"

void verify_count(struct verify *v, uint64_t bytes)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&v->mutex);

	v->proof.bytes.value += (int64_t)bytes;
	progress_show(&v->progress, (uint64_t)v->proof.bytes.value);
}
