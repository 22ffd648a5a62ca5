#include "siphash.h"

#include <endian.h>
#include <string.h>

enum { COMPRESSION_ROUNDS = 2, FINAL_ROUNDS = 4, WORD_BYTES = 8 };

static inline uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void run_rounds(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static inline void add_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    run_rounds(v, COMPRESSION_ROUNDS);
    v[0] ^= word;
}

void siphash_begin(struct siphash *hash, const uint64_t key[2])
{
    hash->v[0] = key[0] ^ UINT64_C(0x736f6d6570736575);
    hash->v[1] = key[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee; /* 0xee: 128 bits of output */
    hash->v[2] = key[0] ^ UINT64_C(0x6c7967656e657261);
    hash->v[3] = key[1] ^ UINT64_C(0x7465646279746573);
    hash->tail = 0;
    hash->length = 0;
}

static inline uint64_t load_word(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

static inline uint64_t load_half(const unsigned char *bytes)
{
    uint32_t half;
    memcpy(&half, bytes, sizeof(half));
    return le32toh(half);
}

/* 1 to 7 bytes as a word; where two loads overlap they agree. */
static inline uint64_t load_rest(const unsigned char *bytes, size_t length)
{
    if (length >= 4) {
        return load_half(bytes) | load_half(bytes + length - 4) << 8 * (length - 4);
    }
    return (uint64_t)bytes[0] | (uint64_t)bytes[length / 2] << 8 * (length / 2) |
           (uint64_t)bytes[length - 1] << 8 * (length - 1);
}

/* The state is kept in registers. Of each word the lower bytes join those that wait, the others wait in their place. */
void siphash_add(struct siphash *hash, const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    const size_t waiting = hash->length % WORD_BYTES;
    const size_t rest = length % WORD_BYTES;
    uint64_t v[4] = {hash->v[0], hash->v[1], hash->v[2], hash->v[3]};
    uint64_t tail = hash->tail;
    for (const unsigned char *end = next + length - rest; next < end; next += WORD_BYTES) {
        uint64_t word = load_word(next);
        add_word(v, tail | word << 8 * waiting);
        tail = waiting ? word >> 8 * (WORD_BYTES - waiting) : 0;
    }
    if (rest > 0) {
        uint64_t word = load_rest(next, rest);
        tail |= word << 8 * waiting;
        if (waiting + rest >= WORD_BYTES) {
            add_word(v, tail);
            tail = word >> 8 * (WORD_BYTES - waiting);
        }
    }
    memcpy(hash->v, v, sizeof(v));
    hash->tail = tail;
    hash->length += length;
}

void siphash_end(struct siphash *hash, uint64_t digest[2])
{
    add_word(hash->v, hash->tail | (uint64_t)hash->length << 56);
    hash->v[2] ^= 0xee;
    run_rounds(hash->v, FINAL_ROUNDS);
    digest[0] = hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
    hash->v[1] ^= 0xdd;
    run_rounds(hash->v, FINAL_ROUNDS);
    digest[1] = hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}
