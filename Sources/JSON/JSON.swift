// Bytes to values and back (RFC 8259), with JSON Pointer (RFC 6901) and JSON Patch (RFC 6902).
//
// This room reads what strangers send. One pass over the bytes validates everything (UTF-8, escapes, numbers,
// depth, trailing bytes, member names given twice, also in parts that nobody will read) and leaves a flat
// tape; after that a value is decoded only when it is asked for.
//
// Vocabulary:
//   JSONDocument  bytes that were found valid, and their tape
//   JSONNode      a place in a document: cheap to pass on, decodes on demand
//   JSONValue     a tree that owns its values: for building, patching and writing
//   JSONPointer   the name of a place in a value; JSONPatch  a list of changes to one
//
// Read with `JSONDocument` and `JSONNode`; reach for `JSONValue` only to build or to change something. Do not
// use this room for streams or for several values in a row: one call, one document. It knows nothing of
// Kubernetes.
