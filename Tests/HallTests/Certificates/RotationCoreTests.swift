import Chance
import Testing

@testable import clonegate

@Suite struct RotationCoreTests {
  typealias World = RotationWorld

  /// Runs to the end, with all the waiting; checks trust after every write.
  private func finish(_ world: inout World, limit: Int = 40) -> [String] {
    var steps: [String] = []
    for _ in 0..<limit {
      let step = world.next
      steps.append(Self.name(step))
      switch step {
      case .done, .leave, .refuse: return steps
      case .wait(let until, _): world.now = until
      default:
        for write in world.writes(of: step) {
          write(&world)
          #expect(world.isTrusted, "after \(step) at \(world.now)")
        }
      }
    }
    Issue.record("it does not end: \(steps)")
    return steps
  }

  private static func name(_ step: RotationStep) -> String {
    String("\(step)".prefix { $0.isLetter })
  }

  @Test func `the first run makes everything at once`() {
    var world = World()
    #expect(finish(&world) == ["makeAuthority", "publish", "issue", "done"])
    #expect(finish(&world) == ["done"])
  }

  @Test func `without a registration a certificate is made, and published when there is one`() {
    var world = World(registrations: 0)
    #expect(finish(&world) == ["makeAuthority", "issue", "done"])
    world.facts.registrations = World().facts.registrations
    #expect(world.next == .publish(["ca1"]))
  }

  @Test func `a certificate near its end is made anew by the same authority`() {
    var world = World()
    _ = finish(&world)
    world.now += Int64(world.rules.days - world.rules.renewBefore) * World.day
    #expect(finish(&world) == ["done"])
    world.now += 1
    #expect(finish(&world) == ["issue", "done"])
    #expect(world.facts.authorities.map(\.id) == ["ca1"])
  }

  @Test func `a certificate for other names is made anew`() {
    var world = World()
    _ = finish(&world)
    world.rules.names = ["other.ns.svc"]
    #expect(finish(&world) == ["issue", "done"])
  }

  private static let whole = [
    "makeAuthority", "publish", "wait", "issue", "wait", "publish", "tell", "forget", "done",
  ]

  @Test func `a forced rotation publishes first, serves then, and drops last`() {
    var world = World()
    _ = finish(&world)
    world.rules.replacing = "ca1"
    #expect(finish(&world) == Self.whole)
    #expect(world.facts.authorities.map(\.id) == ["ca2"])
    #expect(world.facts.registrations.allSatisfy { $0.bundles == [["ca2"], ["ca2"]] })
  }

  @Test func `an authority is replaced while certificates by it still fit into its life`() {
    var world = World()
    _ = finish(&world)
    world.now =
      world.facts.authorities[0].notAfter
      - Int64(world.rules.days + world.rules.renewBefore) * World.day + 1
    world.facts.serving?.notAfter = world.now + 80 * World.day
    #expect(finish(&world) == Self.whole)
    #expect(world.facts.authorities.map(\.id) == ["ca2"])
  }

  @Test func `a certificate that has expired is replaced without waiting`() {
    var world = World()
    world.startWithFiles()
    world.now = (world.facts.serving?.notAfter ?? 0) + 1
    for _ in 0..<2 { for write in world.writes(of: world.next) { write(&world) } }
    #expect(world.next == .issue(bundle: ["ca2", "ca1"]))
  }

  @Test func `what was made from files before is taken over without a gap`() {
    var world = World()
    world.startWithFiles()
    #expect(world.isTrusted)
    let steps = finish(&world)
    #expect(steps == ["makeAuthority", "publish", "wait", "issue", "wait", "publish", "tell", "done"])
    #expect(world.facts.registrations[0].bundles == [["ca2"], ["ca2"]])
  }

  /// The table of crashes: a run ends after any write, and its next one comes at once, a little later or a
  /// day later.
  @Test(arguments: 0..<10, [0, 45, World.day])
  func `a run that ends after any write is finished by the next`(writes: Int, pause: Int64) {
    var world = World()
    world.startWithFiles()
    var left = writes
    while left > 0 {
      let step = world.next
      if case .wait(let until, _) = step { world.now = until }
      let all = world.writes(of: step)
      for write in all.prefix(left) {
        write(&world)
        #expect(world.isTrusted)
      }
      left -= max(1, all.count)
    }
    world.now += pause
    #expect(finish(&world).last == "done")
    #expect(world.facts.authorities.count == 1 && world.facts.others.isEmpty)
    #expect(world.facts.serving?.signer == world.facts.authorities.first?.id)
  }

  @Test func `forced again and again in the middle, nothing is lost`() {
    var generator = Dice(seed: 42)
    for _ in 0..<200 {
      var world = World()
      _ = finish(&world)
      for _ in 0..<5 {
        world.rules.replacing = world.facts.authorities[0].id
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
          let step = world.next
          if case .wait(let until, _) = step, Bool.random(using: &generator) { world.now = until }
          let writes = world.writes(of: step)
          for write in writes.prefix(Int.random(in: 0...2, using: &generator)) {
            write(&world)
            #expect(world.isTrusted, "\(step)")
          }
          world.now += Int64.random(in: 0...90, using: &generator)
        }
      }
      world.rules.replacing = nil
      #expect(finish(&world).last == "done")
    }
  }

  @Test func `too many authorities in use are not added to by force`() {
    var world = World()
    _ = finish(&world)
    for _ in 1..<RotationRules.mostAuthorities {
      world.rules.replacing = world.facts.authorities[0].id
      for write in world.writes(of: world.next) { write(&world) }
    }
    world.rules.replacing = world.facts.authorities[0].id
    guard case .refuse = world.next else { return #expect(Bool(false), "\(world.next)") }
    world.rules.replacing = nil
    #expect(finish(&world).last == "done")
  }

  @Test func `a bundle that somebody emptied is written again, and waited for again`() {
    var world = World()
    world.startWithFiles()
    for write in world.writes(of: world.next) { write(&world) }
    let publish = world.next
    for write in world.writes(of: publish) { write(&world) }
    world.now += world.rules.settle - 1
    world.facts.registrations[1].bundles[0] = nil
    #expect(world.next == publish)
    for write in world.writes(of: publish) { write(&world) }
    #expect(world.next == .wait(until: world.now + world.rules.settle + 1, .settling))
  }

  @Test func `a date from a clock that is wrong is not believed`() {
    var world = World()
    world.startWithFiles()
    for _ in 0..<2 { for write in world.writes(of: world.next) { write(&world) } }
    world.facts.registrations[0].publishedAt = world.now + RotationRules.clockSkew + 1
    guard case .publish = world.next else { return #expect(Bool(false), "\(world.next)") }
  }

  @Test func `cert-manager's installations are left alone, half annotated ones refused`() {
    var world = World()
    let annotation = "cert-manager.io/inject-ca-from"
    for place in 0..<2 { world.facts.registrations[place].injector = annotation }
    #expect(world.next == .leave(injector: annotation))
    world.facts.registrations[1].injector = nil
    guard case .refuse = world.next else { return #expect(Bool(false), "\(world.next)") }
    world.facts.registrations[0].injector = nil
    world.facts.servingKeeper = "cert-manager.io/certificate-name"
    guard case .refuse = world.next else { return #expect(Bool(false), "\(world.next)") }
  }
}
