// libssl and libcrypto for Transport (TLS, certificates) and VolumeCopy (digests).
// Swift cannot see function-like macros: each one in use is an inline function here.
#pragma once
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static inline int copenssl_set_min_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}
