#include "audit/logs/scan.h"

#include "audit/logs/read.h"
#include "base/error.h"

/* What one thread finds; where it goes when all is done or, when it is kept by
 * file, with each job. */
struct scanner {
	stream *stream;
	struct found found, *out;
	unsigned rules;
	guint inputs;
	kept *kept;
	struct log_part part; /* the first of the job */
	bool begun;
	GError **error; /* the first, shared: of what was kept */
};

static void open_found(void *taker)
{
	struct scanner *s = taker;

	if (!s->found.hits)
		found_init(&s->found, s->rules, s->inputs);
	s->begun = false;
}

static void begin(void *taker, const struct log_part *part)
{
	struct scanner *s = taker;

	if (!s->begun)
		s->part = *part;
	s->begun = true;
	stream_begin(s->stream, &s->found, part->input, part->node, part->kind,
	    part->at, part->from, part->to);
}

static char *room(void *taker, size_t *length)
{
	struct scanner *s = taker;

	return stream_room(s->stream, length);
}

static void filled(void *taker, size_t length)
{
	struct scanner *s = taker;

	stream_filled(s->stream, length);
}

static bool is_done(const void *taker)
{
	const struct scanner *s = taker;

	return stream_is_done(s->stream);
}

static void end(void *taker)
{
	struct scanner *s = taker;

	stream_end(s->stream);
}

static void deliver(struct scanner *s)
{
	if (!s->found.hits)
		return;
	found_prune(&s->found);
	found_merge(s->out, &s->found);
	if (s->kept && s->begun && !*s->error)
		ignore(!kept_add(s->kept, &s->part, &s->found, s->error));
	found_clear(&s->found);
	s->begun = false;
}

static void close_found(void *taker)
{
	struct scanner *s = taker;

	if (s->kept)
		deliver(s);
}

bool scan_logs(const log_search *search, struct log_inputs *inputs,
    const struct scan_options *options, struct found *out, GError **error)
{
	static const struct log_taker scanning = {
	    open_found, begin, room, filled, is_done, end, close_found};
	unsigned threads = MAX(options->threads, 1u);
	g_autoptr(GError) why = NULL;
	g_autofree struct scanner *scanners = g_new0(struct scanner, threads);
	g_autofree void **takers = g_new0(void *, threads);
	const struct log_reading reading = {.taker = &scanning,
	    .takers = takers,
	    .threads = threads,
	    .part_bytes = options->part_bytes};

	found_init(out, log_search_length(search), inputs->list->len);
	for (unsigned i = 0; i < threads; i++) {
		scanners[i] = (struct scanner){
		    .stream = stream_new(search, options->unknown),
		    .out = out,
		    .rules = log_search_length(search),
		    .inputs = inputs->list->len,
		    .kept = options->kept,
		    .error = &why};
		takers[i] = &scanners[i];
	}
	bool good = (!options->kept ||
			kept_recall(options->kept, inputs, out, error)) &&
		    log_read(&reading, inputs, error);
	if (good && why) {
		g_propagate_error(error, g_steal_pointer(&why));
		good = false;
	}
	good = good && (!options->kept || kept_commit(options->kept, error));
	for (unsigned i = 0; i < threads; i++) {
		deliver(&scanners[i]);
		stream_free(scanners[i].stream);
	}
	if (!good)
		found_clear(out);
	return good;
}
