#include "backup/lock/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

bool wire_send(int fd, const void *message, size_t size)
{
	ssize_t put;

	do
		put = send(fd, message, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (put < 0 && errno == EINTR);
	return put == (ssize_t)size;
}

static bool is_readable(int fd, double until)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (;;) {
		double left_s = until - clock_monotonic();
		int got = poll(&wait, 1, left_s > 0 ? (int)(left_s * 1000) : 0);
		if (got != 0 && !(got < 0 && errno == EINTR))
			return true; /* recv() tells what there is */
		if (got == 0 && clock_monotonic() >= until)
			return false;
	}
}

enum wire_got wire_receive(
    int fd, void *message, size_t size, unsigned timeout_ms)
{
	ssize_t got;

	if (!is_readable(fd, clock_monotonic() + timeout_ms / 1000.0))
		return WIRE_NOTHING;
	do
		got = recv(fd, message, size, MSG_TRUNC | MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	/* The version comes first in every message. */
	return got == (ssize_t)size && *(uint32_t *)message == WIRE_VERSION
		   ? WIRE_MESSAGE
		   : WIRE_GONE;
}
