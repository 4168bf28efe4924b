/*
 * Lines of a manifest in the form that we write ourselves, read without a JSON
 * document each: a set has as many as the home has files.
 */
#ifndef GONOGO_BACKUP_STORE_LINE_H
#define GONOGO_BACKUP_STORE_LINE_H

#include "backup/store/entry.h"

/*
 * Reads the line into the empty *e.  False, with *e empty: it has another
 * form, which entry_read() may know.
 */
bool line_scan(struct entry *e, const char *line, size_t length);

#endif
