/// What recording one request did.
package struct Recorded: Sendable, Hashable {
  package enum Outcome: Sendable, Hashable {
    /// A job was made; it is on disk.
    case new
    /// This key was recorded before: nothing was added.
    case already
    /// Another live DataVolume has this namespace and name; no job was made. For a DataVolume the gate
    /// answers as the API server would (409, already exists); a template's VirtualMachine simply uses what is
    /// there.
    case taken(by: String)
  }
  package let key: String
  package let outcome: Outcome
}
