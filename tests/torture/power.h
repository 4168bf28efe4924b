/*
 * What a power cut would take: of a folder that a program works in, the bytes
 * that were written and the names that were given since they were last made
 * durable.
 *
 *     write --fsync of the file, or syncfs--> durable
 *     new name --fsync of its folder, or syncfs--> durable
 *
 * No disk is so bad as this one, which keeps nothing that nobody asked it to
 * keep, or (power_cut() without NAMES) each name and no byte behind it.  Only
 * what this process did itself is known; bytes written over others stay.
 */
#ifndef GONOGO_TESTS_POWER_H
#define GONOGO_TESTS_POWER_H

#include <stdbool.h>

/* Before FD is written to. */
void power_write(int fd);
/* PATH in the open FOLDER is a new name: of a file, a folder, a link. */
void power_name(int folder, const char *path);
/* TO in B is the new name of what was FROM in A. */
void power_move(int a, const char *from, int b, const char *to);
/* FD, a file or a folder, is durable; FD -1: all is. */
void power_synced(int fd);
/* Takes it away, and with NAMES the names, too.  The process ends then. */
void power_cut(bool names);

#endif
