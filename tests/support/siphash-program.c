/* Prints SipHash-2-4-128 of the bytes 0, 1, 2 … for each length up to 63, cut at each place, under the key 0, 1 … 15. */
#include <stdio.h>
#include <string.h>

#include "siphash.h"

static void print_digest(const unsigned char *bytes, size_t length, size_t cut)
{
    const unsigned char key_bytes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    uint64_t key[2], digest[2];
    unsigned char digest_bytes[sizeof(digest)];
    struct siphash hash;
    memcpy(key, key_bytes, sizeof(key));
    siphash_begin(&hash, key);
    siphash_add(&hash, bytes, cut);
    siphash_add(&hash, bytes + cut, length - cut);
    siphash_end(&hash, digest);
    memcpy(digest_bytes, digest, sizeof(digest));
    printf("%zu ", length);
    for (size_t i = 0; i < sizeof(digest_bytes); i++) {
        printf("%02x", digest_bytes[i]);
    }
    printf("\n");
}

int main(void)
{
    unsigned char bytes[64];
    for (size_t length = 0; length < sizeof(bytes); length++) {
        bytes[length] = (unsigned char)length;
        for (size_t cut = 0; cut <= length; cut++) {
            print_digest(bytes, length, cut);
        }
    }
    return 0;
}
