/*
 * What each unit test begins with: cmocka, without its macro `fail`, which is
 * the name of our own function.
 */
#ifndef GONOGO_TESTS_UNIT_H
#define GONOGO_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#undef fail

#endif
