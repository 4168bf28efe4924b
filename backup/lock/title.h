/*
 * What `ps` shows for a forked process.
 */
#ifndef GONOGO_BACKUP_LOCK_TITLE_H
#define GONOGO_BACKUP_LOCK_TITLE_H

/*
 * Names this process NAME (15 characters) and writes TEXT over its arguments,
 * as far as they have room for it.  Nobody may use argv afterwards.
 */
void title_set(const char *name, const char *text);

#endif
