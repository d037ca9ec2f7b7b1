// libnghttp2 for HTTP: framing, HPACK and flow control of HTTP/2.
#pragma once
#include <nghttp2/nghttp2.h>
