#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "option-reading.h"

enum { LEAST_ENTRIES = 1000, MOST_ENTRIES = 10000000, DEFAULT_ENTRIES = 100000 };

static bool is_given(const struct options *options, const char *path)
{
    for (size_t i = 0; i < options->cache_file_count; i++) {
        if (strcmp(options->cache_files[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static void add_path(struct reading *reading, const char *name, char *path)
{
    struct options *options = reading->options;
    if (!path) {
        report_fault(&reading->faults, "%s: out of memory.", name);
    } else if (path[0] != '/') {
        report_fault(&reading->faults, "%s must be absolute paths, with commas between them, not '%s'.", name, path);
    } else if (is_given(options, path)) {
        report_fault(&reading->faults, "%s names '%s' twice.", name, path);
    } else if (options->cache_file_count == MOST_CACHE_FILES) {
        report_fault(&reading->faults, "%s names more than %d files.", name, MOST_CACHE_FILES);
    } else {
        options->cache_files[options->cache_file_count++] = path;
        return;
    }
    free(path);
}

/* A name, or a number for a user whom this machine has no name for. */
static uid_t read_owner(struct reading *reading, const char *name, const char *text)
{
    const struct passwd *user = text ? getpwnam(text) : NULL;
    if (!text || user) {
        return user ? user->pw_uid : geteuid();
    }
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9' || number > (uid_t)-2) {
        report_fault(&reading->faults, "%s: there is no user '%s'.", name, text);
    }
    return (uid_t)number;
}

void read_cache(struct reading *reading)
{
    struct options *options = reading->options;
    if (options->token_mode) {
        return;
    }
    const char *files_name = name_of(reading, SETTING_CACHE_FILE);
    const char *entries_name = name_of(reading, SETTING_CACHE_ENTRIES);
    const char *owner_name = name_of(reading, SETTING_CACHE_FILE_OWNER);
    const char *files = reading->values[SETTING_CACHE_FILE];
    const char *entries = reading->values[SETTING_CACHE_ENTRIES];
    const char *owner = reading->values[SETTING_CACHE_FILE_OWNER];

    for (const char *rest = files; rest;) {
        size_t length = 0;
        const char *path = next_word(&rest, &length);
        add_path(reading, files_name, strndup(path, length));
    }
    options->cache_entries = read_number(&reading->faults, entries_name, entries, LEAST_ENTRIES, MOST_ENTRIES, DEFAULT_ENTRIES);
    options->cache_file_owner = read_owner(reading, owner_name, owner);
    if (!files && entries) {
        report_fault(&reading->faults, "%s needs %s.", entries_name, files_name);
    }
    if (!files && owner) {
        report_fault(&reading->faults, "%s needs %s.", owner_name, files_name);
    }
}
