/*
 * Calls that have hurt others: using one does not compile.  The build includes
 * this header first in every source file.
 */
#ifndef GONOGO_BASE_BANNED_H
#define GONOGO_BASE_BANNED_H

/* These headers name some of them, so they come first. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atoll
#pragma GCC poison mktemp tmpnam tempnam popen vfork

#endif
