#include "base/stop.h"

#include <signal.h>

#include "base/error.h"

static volatile sig_atomic_t received;

static void note(int signal)
{
	received = signal;
}

void stop_listen(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note};

	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		ignore(sigaction(signals[i], &action, NULL));
	action.sa_handler = SIG_IGN;
	ignore(sigaction(SIGPIPE, &action, NULL));
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
