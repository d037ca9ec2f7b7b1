@testable import clonegate

/// A cluster with one installation, as a rotation changes it, which remembers what every API server may still
/// trust and every gate may still serve.
struct RotationWorld {
  typealias Facts = RotationFacts

  static let day: Int64 = 86_400
  var now: Int64 = 1_000_000_000
  var rules = RotationRules()
  var facts = Facts()
  private var made = 0
  /// Since when, what: the newest last.
  private var trusted: [[(since: Int64, bundle: Set<String>)]]
  private var served: [(since: Int64, signer: String)] = []

  /// - Parameter registrations: 0 to 2 configurations, each of two webhooks that trust nobody.
  init(registrations: Int = 2) {
    rules.names = ["gate.ns.svc"]
    facts.registrations = (0..<registrations).map {
      Facts.Registration(name: "kind \($0)", bundles: [nil, nil], publishedAt: nil, injector: nil)
    }
    trusted = Array(repeating: [], count: registrations)
  }

  /// Somebody came before us, with files: an authority, published by hand, and a certificate by it.
  mutating func startWithFiles() {
    let old = newAuthority(days: 3650)
    facts.others = [old]
    for place in facts.registrations.indices { trust([old.id], at: place, dated: false) }
    serve(by: old.id, days: 365, names: rules.names, bundle: [])
  }

  var next: RotationStep { RotationCore(facts: facts, rules: rules, now: now).next }

  /// The writes that a step is made of, so that a run may end between any two.
  func writes(of step: RotationStep) -> [(inout RotationWorld) -> Void] {
    switch step {
    case .makeAuthority:
      return [
        { world in
          let authority = world.newAuthority(days: 3650)
          world.facts.authorities.insert(authority, at: 0)
        }
      ]
    case .publish(let ids):
      return facts.registrations.indices.map { place in { $0.trust(Set(ids), at: place, dated: true) } }
    case .issue(let ids):
      return [
        { world in
          let id = world.facts.authorities[0].id
          world.serve(by: id, days: Int64(world.rules.days), names: world.rules.names, bundle: Set(ids))
        }
      ]
    case .tell(let ids):
      return [
        { world in
          world.facts.serving?.bundle = Set(ids)
          world.gather()
        }
      ]
    case .forget: return [{ $0.facts.authorities = [$0.facts.authorities[0]] }]
    case .leave, .refuse, .wait, .done: return []
    }
  }

  private mutating func newAuthority(days: Int64) -> Facts.Authority {
    made += 1
    return Facts.Authority(id: "ca\(made)", notBefore: now, notAfter: now + days * Self.day)
  }

  private mutating func trust(_ bundle: Set<String>, at place: Int, dated: Bool) {
    let webhooks = facts.registrations[place].bundles.count
    facts.registrations[place].bundles = Array(repeating: bundle, count: webhooks)
    facts.registrations[place].publishedAt = dated ? now : nil
    trusted[place].append((now, bundle))
    gather()
  }

  private mutating func serve(by signer: String, days: Int64, names: Set<String>, bundle: Set<String>) {
    facts.serving = Facts.Serving(
      signer: signer, madeAt: now, notAfter: now + days * Self.day, names: names, bundle: bundle)
    served.append((now, signer))
    gather()
  }

  /// What is found outside the Secret of the authorities: the model keeps all that registrations hold.
  private mutating func gather() {
    let own = Set(facts.authorities.map(\.id))
    let found = facts.registrations.reduce(into: facts.serving?.bundle ?? []) { all, registration in
      for bundle in registration.bundles { all.formUnion(bundle ?? []) }
    }
    let kept = facts.others.filter { found.contains($0.id) && !own.contains($0.id) }
    facts.others = kept
  }

  /// Whether every API server, however late within `settle`, trusts every gate, however late within
  /// `overlap`.
  var isTrusted: Bool {
    let signers = Set(Self.current(served.map { ($0.since, $0.signer) }, within: rules.overlap, at: now))
    return trusted.allSatisfy { history in
      Self.current(history.map { ($0.since, $0.bundle) }, within: rules.settle, at: now)
        .allSatisfy { $0.isSuperset(of: signers) }
    }
  }

  /// The values in force at any moment of the last `lag` seconds.
  private static func current<Value>(_ history: [(Int64, Value)], within lag: Int64, at now: Int64) -> [Value]
  {
    history.indices.filter { index in
      index + 1 == history.count || now - history[index + 1].0 < lag
    }.map { history[$0].1 }
  }
}
