/* What every connection to the webhook has in common. */
#ifndef BEDNET_HTTP_TRANSPORT_H
#define BEDNET_HTTP_TRANSPORT_H

#include <curl/curl.h>

#include "options.h"

/** Sets protocol, time limits, socket and TLS. False = out of memory, or libcurl lacks something. */
bool set_transport(CURL *curl, const struct options *options);

/** The request headers for bodies of that type. NULL = out of memory; else to be given to curl_slist_free_all. */
struct curl_slist *build_headers(const char *content_type, const struct options *options);

#endif
