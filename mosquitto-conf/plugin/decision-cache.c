#include "decision-cache.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "broker.h"
#include "siphash.h"

enum { TELL_COUNTS_MS = 60 * 60 * 1000 };

bool decision_cache_open(struct decision_cache *cache, const struct options *options)
{
    if (options->cache_file_count == 0) {
        return true;
    }
    cache->told_at_ms = now_ms();
    if (getrandom(cache->hash_key, sizeof(cache->hash_key), 0) != (ssize_t)sizeof(cache->hash_key) ||
        !decision_table_open(&cache->table, (size_t)options->cache_entries)) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "bednet: out of memory.");
        return false;
    }
    return counter_files_open(&cache->files, options);
}

bool decision_cache_takes(const struct decision_cache *cache, const struct check *check)
{
    return cache->table.grants && check->kind == CHECK_ACL;
}

/* Each string goes in with its NUL, which no string holds: so none can lend bytes to its neighbour. */
static void write_key(const struct decision_cache *cache, const struct check *check, uint64_t key[2])
{
    struct siphash hash;
    siphash_begin(&hash, cache->hash_key);
    siphash_add(&hash, &check->access, sizeof(check->access));
    siphash_add(&hash, check->username, strlen(check->username) + 1);
    siphash_add(&hash, check->client_id, strlen(check->client_id) + 1);
    siphash_add(&hash, check->topic, strlen(check->topic) + 1);
    siphash_end(&hash, key);
}

/* The deadline first, then the stamps: whoever changed a stamp before the deadline was prolonged is seen
 * (tests/model/decision-cache.pml finds stale grants in the other order). */
static bool still_counts(const struct decision_cache *cache, const struct grant *grant)
{
    const struct counter_file *file = &cache->files.files[grant->file];
    if (grant->epoch != file->identity.epoch || !counter_file_allows(file, grant->until_ns)) {
        return false;
    }
    struct stamps stamps = counter_file_read(file, grant->slot);
    return stamps.slot == grant->stamps.slot && stamps.global == grant->stamps.global;
}

/* Before the first request: what is revoked while the webhook answers must find the older stamp here. */
static void note_stamps(const struct counter_files *files, const char *client_id, struct question *question)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct counter_file *file = &files->files[i];
        question->before[i].epoch = file->identity.epoch;
        if (file->mapping.start) {
            question->before[i].slot = counter_file_slot(file, client_id);
            question->before[i].stamps = counter_file_read(file, question->before[i].slot);
        }
    }
}

bool decision_cache_grants(struct decision_cache *cache, const struct check *check, struct question *question)
{
    write_key(cache, check, question->key);
    struct grant *grant = decision_table_find(&cache->table, question->key);
    if (grant && still_counts(cache, grant)) {
        decision_table_touch(&cache->table, grant);
        cache->hits++;
        return true;
    }
    cache->misses++;
    note_stamps(&cache->files, check->client_id, question);
    return false;
}

bool decision_cache_store(struct decision_cache *cache, const struct question *question, const struct offer *offer)
{
    const struct counter_file *file = offer->epoch ? counter_files_find(&cache->files, offer->epoch) : NULL;
    if (!file) {
        return offer->epoch == 0;
    }
    size_t i = (size_t)(file - cache->files.files);
    uint64_t now_ns = instant_now().steady_ns;
    if (question->before[i].epoch != offer->epoch || question->before[i].slot != offer->slot ||
        offer->until_ns <= now_ns) {
        return true;
    }
    struct grant *place = decision_table_place(&cache->table, question->key, now_ns);
    *place = (struct grant){
        .key = {question->key[0], question->key[1]},
        .until_ns = offer->until_ns,
        .epoch = offer->epoch,
        .stamps = question->before[i].stamps,
        .slot = question->before[i].slot,
        .file = (uint16_t)i,
    };
    decision_table_touch(&cache->table, place);
    cache->stored++;
    return true;
}

static void tell_counts(struct decision_cache *cache, struct log *log)
{
    cache->told_at_ms = now_ms();
    if (log_begin(log, LEVEL_INFO)) {
        mosquitto_log_printf(MOSQ_LOG_INFO,
                             "bednet: decision cache: %" PRIu64 " checks granted from memory, %" PRIu64
                             " asked, %" PRIu64 " of these remembered",
                             cache->hits, cache->misses, cache->stored);
        log_end(log);
    }
    cache->hits = cache->misses = cache->stored = 0;
}

void decision_cache_continue(struct decision_cache *cache, struct log *log)
{
    bool has_looked = cache->table.grants && counter_files_look(&cache->files, log);
    if (has_looked && now_ms() - cache->told_at_ms >= TELL_COUNTS_MS) {
        tell_counts(cache, log);
    }
}

void decision_cache_close(struct decision_cache *cache, struct log *log)
{
    if (cache->hits + cache->misses > 0) {
        tell_counts(cache, log);
    }
    counter_files_close(&cache->files);
    decision_table_free(&cache->table);
}
