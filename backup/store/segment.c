#include "backup/store/segment.h"

#include "backup/store/frames.h"

enum { LEVEL = 1 };

struct segment {
	frames *file;
	archive_writer *tar;
};

static bool pass_on(
    const void *bytes, size_t length, void *user, GError **error)
{
	return frames_add(user, bytes, length, error);
}

segment *segment_create(const char *path, GError **error)
{
	frames *file = frames_create(path, LEVEL, error);

	if (!file)
		return NULL;
	struct segment *s = g_new0(struct segment, 1);
	s->file = file;
	s->tar = archive_writer_new(pass_on, file);
	return s;
}

bool segment_add(segment *s, const struct archive_member *member,
    const void *bytes, GError **error)
{
	return archive_writer_add(s->tar, member, bytes, error);
}

bool segment_end_frame(
    segment *s, uint64_t *offset, uint64_t *length, GError **error)
{
	return frames_end(s->file, offset, length, error);
}

uint64_t segment_written(const segment *s)
{
	return frames_written(s->file);
}

bool segment_finish(
    segment *s, char sha256[HASH_HEX + 1], uint64_t *bytes, GError **error)
{
	return archive_writer_end(s->tar, error) &&
	       frames_finish(s->file, sha256, bytes, error);
}

void segment_free(segment *s)
{
	if (!s)
		return;
	archive_writer_free(s->tar);
	frames_free(s->file);
	g_free(s);
}
