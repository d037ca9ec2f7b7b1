/// HTTP: requests and answers on a connection, in HTTP/1.1 and HTTP/2.
///
/// The room turns the bytes that Transport delivers into whole requests, and whole answers into bytes; it
/// serves (`HTTPServer`) and it asks (`HTTPClient`) with the same codecs. Do not use it for anything that
/// must be read while it arrives: a message is handed over when its last byte is there, within `HTTPLimits`.
/// Only answers without an end, such as watches, come in pieces: `HTTPStreamClient`.
///
/// Vocabulary: a **head** is a start line with its fields; a **field** is a name and a value; a **codec** is
/// a value that is fed bytes and returns what they mean, without sockets and clocks; a **session** is
/// HTTP/2's codec (libnghttp2) with the streams of one connection; a **refusal** is a request that we will
/// not hand to anyone, with the sentence that says why; a **budget** is how much of something a peer may make
/// us do; **draining** means that what is in flight is answered and nothing else is started.
package enum HTTP {}
