#include "base/exits.h"

#include "base/error.h"
#include "base/stop.h"

int exits_of(const GError *error)
{
	if (error->domain != GONOGO_ERROR)
		return error->domain == G_OPTION_ERROR ? EXITS_USAGE : EXITS_IO;
	switch ((enum gonogo_error)error->code) {
	case GONOGO_ERROR_USAGE:
		return EXITS_USAGE;
	case GONOGO_ERROR_DATA:
		return EXITS_DATA;
	case GONOGO_ERROR_REMOTE:
		return EXITS_UNAVAILABLE;
	case GONOGO_ERROR_SYSTEM:
		return EXITS_IO;
	case GONOGO_ERROR_BUSY:
		return EXITS_BUSY;
	case GONOGO_ERROR_STOPPED:
		return EXITS_SIGNAL + stop_signal();
	case GONOGO_ERROR_INTERNAL:
		break;
	}
	return EXITS_INTERNAL;
}

int exits_worse(int a, int b)
{
	static const int order[] = {EXITS_INVALID, EXITS_DRIFT, EXITS_NO_GO,
	    EXITS_UNKNOWN, EXITS_HOLD, EXITS_CONDITIONAL};

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return MAX(a, b);
}
