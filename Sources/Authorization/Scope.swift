/// What is granted in one namespace, or everywhere: by user name and by group.
struct Scope: Sendable {
  private(set) var users: [ExactText: Holding] = [:]
  private(set) var groups: [ExactText: Holding] = [:]

  mutating func add(_ candidate: Candidate, to subject: Subject, of role: Role, class number: Int) {
    if case .group(let name) = subject {
      groups[ExactText(name), default: Holding()].add(candidate, of: role, class: number)
    } else if let name = subject.userName {
      users[ExactText(name), default: Holding()].add(candidate, of: role, class: number)
    }
  }
}

/// A role that a subject holds, and through which binding and which of its subjects: positions in the
/// policy's arrays.
struct Candidate: Sendable {
  let role: Int
  let binding: Int
  let subject: Int
}

/// The roles that one subject holds in one scope.
struct Holding: Sendable {
  /// Roles that must be looked at for any question.
  private(set) var broad: [Candidate] = []
  /// Roles that only grant single named objects, by each of the names: thousands of per-disk roles cost one
  /// look-up.
  private(set) var byName: [ExactText: [Candidate]] = [:]
  private var classes: Set<Int> = []

  /// A role with more names than this is looked at for any question instead of being indexed by each name.
  /// The bound keeps the index linear in the size of the objects: a role with 100,000 names and 10,000
  /// subjects is possible.
  private static let indexedNames = 16

  mutating func add(_ candidate: Candidate, of role: Role, class number: Int) {
    guard classes.insert(number).inserted else { return }
    let names = role.rules.reduce(into: Set<ExactText>()) { $0.formUnion($1.names) }
    let onlyNamed = role.rules.allSatisfy { !$0.names.isEmpty }
    guard onlyNamed, names.count <= Holding.indexedNames else { return broad.append(candidate) }
    for name in names { byName[name, default: []].append(candidate) }
  }
}
