#include "counter-files.h"

#include <inttypes.h>
#include <string.h>

#include "broker.h"

enum { LOOK_AGAIN_MS = 1000 };

static bool has_twin(const struct counter_files *files, const struct counter_file *file)
{
    for (size_t i = 0; i < MOST_CACHE_FILES; i++) {
        const struct counter_file *other = &files->files[i];
        if (other != file && other->mapping.start && other->identity.epoch == file->identity.epoch) {
            return true;
        }
    }
    return false;
}

/* Nobody writes to a copy. */
static const char *open_file(struct counter_files *files, struct counter_file *file)
{
    const char *fault = counter_file_open(file, files->owner);
    if (!fault && has_twin(files, file)) {
        fault = "it is a copy of another";
    }
    if (fault) {
        counter_file_close(file);
    }
    return fault;
}

static void say_that_it_is_used(const struct counter_file *file)
{
    mosquitto_log_printf(MOSQ_LOG_INFO, "bednet: the counter file %s is used: %" PRIu64 " slots, lease %" PRIu64 " ms",
                         file->path, file->identity.slot_count, file->identity.lease_ns / 1000000);
}

static void say_that_it_is_not_used(const struct counter_file *file, int type)
{
    mosquitto_log_printf(type, "bednet: the counter file %s is not used: %s", file->path, file->fault);
}

static bool is_missing(const struct counter_file *file)
{
    return file->fault && strcmp(file->fault, "it is missing") == 0;
}

bool counter_files_open(struct counter_files *files, const struct options *options)
{
    bool ok = true;
    files->owner = options->cache_file_owner;
    files->looked_at_ms = now_ms();
    for (; files->count < options->cache_file_count; files->count++) {
        struct counter_file *file = &files->files[files->count];
        file->path = options->cache_files[files->count];
        file->fault = open_file(files, file);
        if (!file->fault) {
            say_that_it_is_used(file);
        } else {
            ok = ok && is_missing(file);
            say_that_it_is_not_used(file, is_missing(file) ? MOSQ_LOG_WARNING : MOSQ_LOG_ERR);
        }
    }
    return ok;
}

static const char *look(struct counter_files *files, struct counter_file *file)
{
    if (file->mapping.start) {
        const char *fault = counter_file_find_fault(file, files->owner);
        if (!fault) {
            return NULL;
        }
        counter_file_close(file);
    }
    return open_file(files, file);
}

/* Logging may make the broker check other clients through this same set (see log_begin), so it comes after each change. */
static void look_and_tell(struct counter_files *files, struct counter_file *file, struct log *log)
{
    uint64_t epoch = file->identity.epoch;
    const char *fault = look(files, file);
    if (fault == file->fault && file->identity.epoch == epoch) {
        return;
    }
    file->fault = fault;
    if (!log_begin(log, fault ? LEVEL_WARN : LEVEL_INFO)) {
        return;
    }
    if (fault) {
        say_that_it_is_not_used(file, MOSQ_LOG_WARNING);
    } else {
        say_that_it_is_used(file);
    }
    log_end(log);
}

bool counter_files_look(struct counter_files *files, struct log *log)
{
    int64_t now = now_ms();
    if (now - files->looked_at_ms < LOOK_AGAIN_MS) {
        return false;
    }
    files->looked_at_ms = now;
    for (size_t i = 0; i < files->count; i++) {
        look_and_tell(files, &files->files[i], log);
    }
    return true;
}

const struct counter_file *counter_files_find(const struct counter_files *files, uint64_t epoch)
{
    for (size_t i = 0; i < files->count; i++) {
        if (files->files[i].mapping.start && files->files[i].identity.epoch == epoch) {
            return &files->files[i];
        }
    }
    return NULL;
}

void counter_files_close(struct counter_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        counter_file_close(&files->files[i]);
    }
}
