/*
 * A checksum of rows in any order: two tables that hold the same rows have the
 * same sum, however their rows lie.  Against accidents; what has to stand
 * against intent has a SHA-256.
 *
 *     sum of XXH3-128(row) over all rows, modulo 2^128
 */
#ifndef GONOGO_BASE_ROW_SUM_H
#define GONOGO_BASE_ROW_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROW_SUM_HEX = 32 };

struct row_sum { /* {0}: of no row */
	uint64_t high, low;
};

void row_sum_add(struct row_sum *s, const void *row, size_t length);
/* Adds all rows of OTHER. */
void row_sum_join(struct row_sum *s, const struct row_sum *other);
void row_sum_hex(const struct row_sum *s, char hex[ROW_SUM_HEX + 1]);
bool row_sum_is_hex(const char *text);

#endif
