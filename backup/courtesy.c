#include "backup/courtesy.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/node.h"
#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/home.h"
#include "port/http.h"

enum { PROBES = 2, LOOKS = 3 };

/* Longer by less than these is no burden, however short it was before. */
static const double STATUS_S = 0.1, NAMES_S = 0.02;

struct courtesy {
	http *node; /* NULL: none is asked */
	int folder; /* -1: none is looked into */
	pace *pace;
};

/* A reply of any kind took as long as users have to wait for theirs. */
static double ask_status(void *user)
{
	struct courtesy *c = user;
	const struct http_request request = {.path = "/status", .once = true};
	g_auto(http_reply) reply = {0};
	double begun = clock_monotonic();

	ignore(http_do(c->node, &request, &reply, NULL));
	return clock_monotonic() - begun;
}

/* One that nobody has asked for before, so that no cache answers in place of
 * the file system or its server. */
static double look_for_a_name(int folder)
{
	struct stat status;
	g_autofree char *name = g_strdup_printf("%" PRIx64 ".gonogo",
	    (uint64_t)g_random_int() << 32 | g_random_int());
	double begun = clock_monotonic();

	ignore(fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW));
	return clock_monotonic() - begun;
}

/* The quickest of some: our own workers may have had the processor. */
static double ask_for_names(void *user)
{
	struct courtesy *c = user;
	double quickest = look_for_a_name(c->folder);

	for (int left = LOOKS - 1; left > 0; left--)
		quickest = MIN(quickest, look_for_a_name(c->folder));
	return quickest;
}

static int open_folder(const char *home)
{
	g_autofree char *path =
	    home ? g_build_filename(home, HOME_REPOSITORIES, NULL) : NULL;

	return path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

courtesy *courtesy_begin(
    const struct settings *s, const char *url, const char *home)
{
	struct courtesy *c = g_new0(struct courtesy, 1);
	struct pace_probe probes[PROBES + 1] = {{0}};
	size_t count = 0;

	c->folder = open_folder(home);
	c->node = url ? node_open(s, url, NULL, NULL) : NULL;
	if (c->node)
		probes[count++] =
		    (struct pace_probe){"GET /status", ask_status, c, STATUS_S};
	if (c->folder >= 0)
		probes[count++] = (struct pace_probe){
		    "a look into the home", ask_for_names, c, NAMES_S};
	c->pace = pace_start((uint64_t)s->backup.rate, probes, 0);
	return c;
}

throttle *courtesy_throttle(courtesy *c)
{
	return pace_throttle(c->pace);
}

char *courtesy_end(courtesy *c)
{
	return pace_end(c->pace);
}

void courtesy_free(courtesy *c)
{
	if (!c)
		return;
	pace_free(c->pace);
	if (c->node)
		http_close(c->node);
	if (c->folder >= 0)
		ignore(close(c->folder));
	g_free(c);
}
