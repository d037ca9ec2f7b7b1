import ArgumentParser

/// Flags of `apply` and `delete` that a command takes which asks the gate nothing, so that one set of flags
/// fits them all.
struct UnaskedOptions: ParsableArguments {
  @Option(name: .customLong("as"), help: "No effect here: nobody's right is asked for.")
  var user: String?

  @Option(name: .customLong("as-group"), help: "No effect here, likewise (repeatable).")
  var groups: [String] = []
}
