#include "base/stop.h"

#include <signal.h>

#include "base/error.h"

static volatile sig_atomic_t received;

static void note(int signal)
{
	received = signal;
}

static void take_signals(void (*handler)(int))
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = handler};

	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		ignore(sigaction(signals[i], &action, NULL));
	action.sa_handler = SIG_IGN;
	ignore(sigaction(SIGPIPE, &action, NULL));
}

void stop_listen(void)
{
	take_signals(note);
}

void stop_ignore(void)
{
	take_signals(SIG_IGN);
	received = 0;
}

int stop_signal(void)
{
	return received;
}

bool stop_requested(GError **error)
{
	if (!received)
		return false;
	fail(error, GONOGO_ERROR_STOPPED, "stopped by signal %d (%s)",
	    (int)received, g_strsignal(received));
	return true;
}

bool stop_wait(unsigned ms, GError **error)
{
	const unsigned turn_ms = 100;

	for (unsigned waited = 0; waited < ms; waited += turn_ms) {
		if (stop_requested(error))
			return false;
		g_usleep(MIN(turn_ms, ms - waited) * 1000);
	}
	return !stop_requested(error);
}
