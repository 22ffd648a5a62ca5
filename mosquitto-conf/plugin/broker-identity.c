#include "broker-identity.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "text.h"

enum { MOST_NAME_CHARACTERS = 256 };

bool write_instance(char instance[INSTANCE_CHARACTERS + 1])
{
    unsigned char random[INSTANCE_BYTES];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(random); i++) {
        snprintf(instance + 2 * i, 3, "%02x", random[i]);
    }
    return true;
}

/* The words of the command line, each with a blank before it. Without /proc there are none. */
static bool append_command_line(struct buffer *name)
{
    char words[MOST_NAME_CHARACTERS];
    FILE *file = fopen("/proc/self/cmdline", "re");
    size_t length = file ? fread(words, 1, sizeof(words), file) : 0;
    if (file) {
        fclose(file);
    }
    while (length > 0 && words[length - 1] == '\0') {
        length--;
    }
    for (size_t i = 0; i < length; i++) {
        words[i] = words[i] ? words[i] : ' ';
    }
    return buffer_append_text(name, " ") && buffer_append(name, words, length);
}

bool write_broker_name(struct buffer *name)
{
    char host[HOST_NAME_MAX + 1] = "";
    struct buffer line = {0};
    gethostname(host, sizeof(host) - 1);
    bool ok = buffer_append_text(&line, host) && append_command_line(&line);
    if (ok) {
        printable(buffer_text(&line), MOST_NAME_CHARACTERS, name);
    }
    buffer_free(&line);
    return ok && name->length > 0;
}
