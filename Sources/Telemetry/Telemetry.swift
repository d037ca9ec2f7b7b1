// What the program says about itself: log lines (a swift-log handler) and numbers (a swift-metrics backend).
//
// One event is one line, written with one call, so that lines of several processes on one pipe never mix.
// Values come from strangers (names of users, namespaces, disks): they are cut to a length and their control
// characters escaped, so that nobody can forge a line or steer a terminal. Logging never waits for long: a
// reader that has stopped reading costs lines, which are counted, and never answers.
//
// Vocabulary:
//   LineLogHandler      a LogHandler: event to line, as JSON for programs or as text for people
//   LogSink             where lines go: a descriptor, and what was lost on the way
//   PrometheusRegistry  a MetricsFactory: counters, gauges and histograms, read with `exposition()`
//
// Do not use this room for what the product decides by (a count that matters is the journal's), for tracing,
// or for object bodies and secrets: they are never logged.
