#include "counter-file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LAYOUT_VERSION = 1, HEADER_BYTES = 128, LEAST_SLOTS = 1024, MOST_SLOTS = 4194304 };

static const char MAGIC[] = "BEDNETCF";
static const uint64_t LONGEST_LEASE_NS = UINT64_C(10000000000);

static const char *explain_open_error(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return "it is missing";
    case ELOOP:
        return "it is a symbolic link";
    case EACCES:
        return "this broker's user may not read it";
    default:
        return "it can't be opened";
    }
}

/* What the system says about an open file: only those who may revoke may write to it, and it is memory. */
static const char *find_file_fault(int fd, uid_t owner)
{
    struct stat status;
    struct statfs filesystem;
    if (fstat(fd, &status) != 0 || fstatfs(fd, &filesystem) != 0) {
        return "it can't be inspected";
    }
    if (!S_ISREG(status.st_mode)) {
        return "it is no regular file";
    }
    if (filesystem.f_type != TMPFS_MAGIC && filesystem.f_type != RAMFS_MAGIC) {
        return "it is not on tmpfs";
    }
    if (status.st_uid != 0 && status.st_uid != geteuid() && status.st_uid != owner) {
        return "it belongs neither to root nor to the broker's user nor to cache_file_owner";
    }
    if (status.st_mode & (S_IWGRP | S_IWOTH)) {
        return "others than its owner may write to it";
    }
    return status.st_nlink == 0 ? "it was deleted or replaced" : NULL;
}

static const char *find_size_fault(int fd, uint64_t slot_count)
{
    struct stat status;
    bool fits = fstat(fd, &status) == 0 && (uint64_t)status.st_size == HEADER_BYTES + slot_count * sizeof(uint64_t);
    return fits ? NULL : "its size is not that of its slots";
}

static const char *find_identity_fault(const struct counter_file_identity *identity)
{
    if (memcmp(&identity->magic, MAGIC, sizeof(identity->magic)) != 0) {
        return "it is no counter file";
    }
    if (identity->layout_version != LAYOUT_VERSION || identity->header_bytes != HEADER_BYTES) {
        return "its layout version is not 1";
    }
    if (identity->epoch == 0) {
        return "its epoch is 0";
    }
    if (identity->slot_count < LEAST_SLOTS || identity->slot_count > MOST_SLOTS ||
        (identity->slot_count & (identity->slot_count - 1)) != 0) {
        return "its slot count is no power of two from 1024 to 4194304";
    }
    if (identity->lease_ns == 0 || identity->lease_ns > LONGEST_LEASE_NS) {
        return "its lease is not within 10 s";
    }
    return NULL;
}

/* The webhook's clock is not this one, as in containers with a time namespace of their own. */
static bool is_too_far(uint64_t steady_deadline, uint64_t lease_ns)
{
    uint64_t now = instant_now().steady_ns;
    return steady_deadline > now && steady_deadline - now > lease_ns;
}

static const char *find_fault(int fd, uid_t owner, struct counter_file_identity *identity)
{
    uint64_t header[HEADER_BYTES / sizeof(uint64_t)];
    const char *fault = find_file_fault(fd, owner);
    if (fault) {
        return fault;
    }
    if (pread(fd, header, sizeof(header), 0) != (ssize_t)sizeof(header)) {
        return "it is no counter file";
    }
    memcpy(identity, header, sizeof(*identity));
    fault = find_identity_fault(identity);
    fault = fault ? fault : find_size_fault(fd, identity->slot_count);
    return !fault && is_too_far(header[STEADY_DEADLINE], identity->lease_ns)
               ? "its deadline lies further ahead than its lease: does the webhook run by another clock?"
               : fault;
}

static bool map(struct counter_file *file, int fd, uint64_t slot_count)
{
    struct guarded_mapping *mapping = &file->mapping;
    mapping->length = HEADER_BYTES + slot_count * sizeof(uint64_t);
    void *start = mmap(NULL, mapping->length, PROT_READ, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED) {
        return false;
    }
    mapping->start = start;
    if (!guard_mapping(mapping)) {
        munmap(start, mapping->length);
        mapping->start = NULL;
    }
    return mapping->start != NULL;
}

/* O_NONBLOCK: a FIFO would be waited for. */
const char *counter_file_open(struct counter_file *file, uid_t owner)
{
    struct counter_file_identity identity;
    int fd = open(file->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return explain_open_error(errno);
    }
    const char *fault = find_fault(fd, owner, &identity);
    if (!fault && !map(file, fd, identity.slot_count)) {
        fault = "it can't be mapped";
    }
    if (fault) {
        close(fd);
        return fault;
    }
    file->fd = fd;
    file->identity = identity;
    return NULL;
}

const char *counter_file_find_fault(const struct counter_file *file, uid_t owner)
{
    struct counter_file_identity identity;
    const char *fault = find_fault(file->fd, owner, &identity);
    if (fault) {
        return fault;
    }
    bool is_same = memcmp(&identity, &file->identity, sizeof(identity)) == 0 &&
                   memcmp(file->mapping.start, &identity, sizeof(identity)) == 0;
    return is_same ? NULL : "it was written anew in place";
}

void counter_file_close(struct counter_file *file)
{
    if (!file->mapping.start) {
        return;
    }
    unguard_mapping(&file->mapping);
    munmap(file->mapping.start, file->mapping.length);
    close(file->fd);
    file->mapping.start = NULL;
    file->identity = (struct counter_file_identity){0};
}
