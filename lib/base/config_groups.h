/*
 * INI files whose groups people name themselves, each read against one table:
 * a group for each problem that is known, each question that is answered.
 *
 *     [G02]                  static const struct config_key keys[] = {
 *     by = Anna Example          {"", "by", CONFIG_TEXT, ...},
 *     [G07]                      {0},
 *     by = Bert Example      };
 */
#ifndef GONOGO_BASE_CONFIG_GROUPS_H
#define GONOGO_BASE_CONFIG_GROUPS_H

#include "base/config.h"

/*
 * Takes the group NAME, whose VALUE is a struct as its table fills it; it is
 * gone afterwards.  Errors are named with config_fail(C, NAME, key, ...).
 */
typedef bool (*config_group_taker)(const config *c, const char *name,
    const void *value, void *data, GError **error);

/*
 * Reads the groups of the file PATH in their order, each into a struct of SIZE
 * bytes that TAKE is called with.  KEYS bear no group of their own.  USAGE
 * with file, line, `[group] key`: as config_read(), and a group twice.
 */
bool config_groups_read(const struct config_key *keys, size_t size,
    const char *path, config_group_taker take, void *data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for TEXT, which people know as NAME. */
bool config_groups_parse(const struct config_key *keys, size_t size,
    const char *text, const char *name, config_group_taker take, void *data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
