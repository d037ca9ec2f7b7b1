import Admission
import Control
import JSON
import Kubernetes
import Logging
import Synchronization

/// One look at one DataVolume: gathers what is known, has the Control room decide, and does it.
final class CloneRound: Sendable {
  typealias Outcome = WorkQueueCore<ObjectKey>.Outcome

  /// What the mirror does not show yet is there a moment later.
  private static let mirrorDelay = Duration.milliseconds(300)
  /// Until it is looked again whether the mirror is whole.
  private static let blindPause = Duration.seconds(2)

  private let tables: ControlTables
  private let mirrorProblems: @Sendable () -> [String]
  private let client: KubernetesClient
  private let access: CloneAccess
  private let performer: ClonePerformer
  private let events: EventRecorder
  private let settings: ControlSettings
  private let metrics: ControlMetrics
  private let blindness: BlindnessLog
  private let logger: Logger
  /// What the API server said no to, for the next decision.
  private let obstructions = Mutex<[ObjectKey: CloneObstruction]>([:])
  /// Why orders of earlier DataVolumes of a name could not be removed.
  private let strays = Mutex<[ObjectKey: CloneObstruction]>([:])

  init(
    tables: ControlTables, mirrorProblems: @escaping @Sendable () -> [String], client: KubernetesClient,
    access: CloneAccess, performer: ClonePerformer,
    events: EventRecorder, settings: ControlSettings, metrics: ControlMetrics, blindness: BlindnessLog,
    logger: Logger
  ) {
    self.tables = tables
    self.mirrorProblems = mirrorProblems
    self.client = client
    self.access = access
    self.performer = performer
    self.events = events
    self.settings = settings
    self.metrics = metrics
    self.blindness = blindness
    self.logger = logger
  }

  func run(_ key: ObjectKey) async -> Outcome {
    let object = tables.node(.dataVolumes, key)
    guard await sweep(tables.orders(for: key), of: key) else {
      // A DataVolume that has to wait until they are gone says so.
      let trouble = strays.withLock { $0[key]?.trouble }
      if trouble != nil { _ = await look(at: key, object, behind: trouble) }
      return .failed
    }
    strays.withLock { $0[key] = nil }
    let outcome = await look(at: key, object, behind: nil)
    // An order that is to go is looked at again: its node may go too, and nobody would say so.
    guard outcome == .done, tables.orders(for: key).contains(where: isStray) else { return outcome }
    return .again(after: .seconds(ControlTiming.poll))
  }

  /// Whether nobody wants the order any more: its DataVolume is gone, or is made to be filled by others.
  private func isStray(_ name: String) -> Bool {
    tables.dataVolume(uid: name).flatMap { tables.node(.dataVolumes, $0) }.flatMap { CloneDataVolume($0) }
      == nil
  }

  /// - Parameter obstacle: why nothing new may be begun.
  private func look(
    at key: ObjectKey, _ object: JSONNode?, behind obstacle: CloneTrouble?
  ) async -> Outcome {
    guard let object, let clone = CloneDataVolume(object), !isOver(clone) else {
      tables.unlink(key)
      obstructions.withLock { $0[key] = nil }
      guard let object else { return .done }
      let claim = tables.orders(for: key).isEmpty ? tables.node(.claims, key) : nil
      if let (clone, plan) = Control.prePopulated(object, claim: claim, now: now) {
        return await conclude(plan, clone, object)
      }
      if let clone = CloneDataVolume(withdrawn: object) {
        return await conclude(Control.withdraw(clone, now: now), clone, object)
      }
      return await seeToClaim(of: key, object)
    }
    let start = ContinuousClock.now
    forget(ofOthersThan: clone, object)
    var plan = await plan(for: clone, object, behind: obstacle, askedSince: nil)
    if plan.beginsWork {
      // A Pod that uses the source may be one of what was not heard.
      let unknown = mirrorProblems()
      guard unknown.isEmpty else {
        blindness.tell(unknown)
        return .again(after: Self.blindPause)
      }
      // A right that is remembered may have been revoked: nothing begins by it.
      plan = await self.plan(for: clone, object, behind: obstacle, askedSince: start)
    }
    if plan.beginsWork {
      switch await isCurrent(object) {
      case true?: break
      case false?: return .again(after: Self.mirrorDelay)
      case nil: return .failed
      }
    }
    switch await performer.perform(plan.actions) {
    case .done: break
    case .outdated(let error): return overtaken(clone, object, error)
    case .notLeading: return .done
    case .failed(let error): return failed(clone, object, error)
    }
    metrics.acted(plan.actions)
    return await conclude(plan, clone, object)
  }

  private var now: UTCTime { UTCTime(seconds: .secondsSince1970) }

  /// Whether the disk of a clone that is done is still there. The API server is asked only when the mirror
  /// does not show it, and never again once that was written.
  private func seeToClaim(of key: ObjectKey, _ object: JSONNode) async -> Outcome {
    guard let clone = CloneDataVolume(object) else { return .done }
    if let claim = tables.node(.claims, key) {
      guard clone.missesItsDisk, let plan = Control.reunite(clone, with: claim, now: now) else {
        return .done
      }
      return await conclude(plan, clone, object)
    }
    guard clone.claimsItsDisk else { return .done }
    do throws(KubernetesError) {
      let claims = try await client.list(
        .persistentVolumeClaims, in: key.namespace,
        selector: ObjectSelector(fields: "metadata.name=\(key.name)"))
      guard claims.items.isEmpty else { return .done }
      return await conclude(Control.bereave(clone, now: now), clone, object)
    } catch {
      noteRead(error, "claim \(key)")
      return .failed
    }
  }

  private func plan(
    for clone: CloneDataVolume, _ object: JSONNode, behind obstacle: CloneTrouble?,
    askedSince instant: ContinuousClock.Instant?
  ) async -> ClonePlan {
    var situation = await situation(of: clone, object, askedSince: instant)
    if situation.order == nil, let obstacle { situation.trouble = obstacle }
    return Control.decide(situation)
  }

  /// Whether nothing is left to do for it, whatever changes: most DataVolumes are done, and none of them asks
  /// anything of the API server.
  private func isOver(_ clone: CloneDataVolume) -> Bool {
    clone.isSettled && tables.node(.orders, ObjectKey(settings.namespace, clone.uid)) == nil
  }

  /// Removes the orders whose DataVolume is gone; whether that worked.
  private func sweep(_ names: Set<String>, of key: ObjectKey) async -> Bool {
    let orders = names.filter(isStray).compactMap { tables.node(.orders, ObjectKey(settings.namespace, $0)) }
    guard !orders.isEmpty else { return true }
    guard let stored = await stored(key) else { return false }
    var isClean = true
    for order in orders { isClean = await sweep(order, of: key, stored.object) && isClean }
    return isClean
  }

  private func sweep(_ order: JSONNode, of key: ObjectKey, _ dataVolume: JSONNode?) async -> Bool {
    let actions = Control.sweep(order: order, dataVolume: dataVolume, nodeExists: await nodeExists(order))
    switch await performer.perform(actions) {
    case .failed(let error):
      let name = order["metadata"]?["name"]?.string
      logger.warning(
        "an order could not be removed", metadata: ["order": "\(name ?? "")", "error": "\(error)"])
      _ = strays.withLock { $0[key, default: CloneObstruction(earlierOrder: name)].met(error) }
      return false
    case .outdated: return false
    case .notLeading: return true
    case .done:
      metrics.acted(actions)
      return true
    }
  }

  // MARK: - Ends

  private func conclude(_ plan: ClonePlan, _ clone: CloneDataVolume, _ object: JSONNode) async -> Outcome {
    let key = ObjectKey(clone.id.namespace, clone.id.name)
    // What is in force stays so, whatever is written about it.
    obstructions.withLock { if $0[key]?.trouble(at: .now) == nil { $0[key] = nil } }
    if let status = plan.status, status != object["status"]?.value {
      switch await performer.write(status, to: object) {
      case .done: tell(plan.events, clone, status)
      case .notLeading: return .done
      // A status that cannot be written cannot tell so, and must not be tried again at once for ever.
      case .outdated(let error):
        metrics.failed(error)
        return .failed
      case .failed(let error):
        note(error, clone)
        return .failed
      }
    }
    return plan.wakeAfter.map { .again(after: .seconds($0)) } ?? .done
  }

  private func tell(_ all: [CloneEvent], _ clone: CloneDataVolume, _ status: JSONValue) {
    let reference = ObjectEvent.Reference(
      apiVersion: CloneDataVolume.apiVersion, kind: CloneDataVolume.kind, namespace: clone.id.namespace,
      name: clone.id.name, uid: clone.uid)
    for event in all {
      events.record(
        ObjectEvent(event.isWarning ? .warning : .normal, event.reason, on: reference, event.message))
      logger.log(
        level: event.isWarning ? .warning : .notice, "clone",
        metadata: [
          "dataVolume": "\(clone.id)", "phase": "\(status["phase"]?.string ?? "")",
          "reason": "\(event.reason)",
          "message": "\(event.message)",
        ])
    }
  }

  /// A refusal is shown in the status, and so is a failure that lasts; then it is tried again.
  private func failed(_ clone: CloneDataVolume, _ object: JSONNode, _ error: KubernetesError) -> Outcome {
    note(error, clone)
    let (key, subject) = (ObjectKey(clone.id.namespace, clone.id.name), subject(clone, object))
    let isNews = obstructions.withLock { $0[key, default: CloneObstruction(of: subject)].met(error) }
    return isNews ? .again(after: Self.mirrorDelay) : .failed
  }

  /// The mirror shows soon what there is now; somebody who answers every try like that, a webhook for one,
  /// is told of as of any refusal.
  private func overtaken(
    _ clone: CloneDataVolume, _ object: JSONNode, _ error: KubernetesError
  ) -> Outcome {
    let (key, subject) = (ObjectKey(clone.id.namespace, clone.id.name), subject(clone, object))
    let isUsual = obstructions.withLock {
      $0[key, default: CloneObstruction(of: subject)].overtaken(by: error)
    }
    if isUsual { return .again(after: Self.mirrorDelay) }
    note(error, clone)
    return .failed
  }

  /// What was in the way of something else may not be in the way now.
  private func forget(ofOthersThan clone: CloneDataVolume, _ object: JSONNode) {
    let key = ObjectKey(clone.id.namespace, clone.id.name)
    guard let met = obstructions.withLock({ $0[key]?.subject }), met != subject(clone, object) else { return }
    obstructions.withLock { $0[key] = nil }
  }

  private func subject(_ clone: CloneDataVolume, _ object: JSONNode) -> CloneObstruction.Subject {
    var value = object.value
    value["status"] = nil
    value["metadata"]?["resourceVersion"] = nil
    let claim = tables.node(.claims, ObjectKey(clone.id.namespace, clone.id.name))
    let order = tables.node(.orders, ObjectKey(settings.namespace, clone.uid))
    return CloneObstruction.Subject(
      dataVolume: value.bytes, claim: claim?["metadata"]?["uid"]?.string ?? "",
      order: order?["metadata"]?["uid"]?.string ?? "")
  }

  private func note(_ error: KubernetesError, _ clone: CloneDataVolume) {
    metrics.failed(error)
    logger.warning("a write failed", metadata: ["dataVolume": "\(clone.id)", "error": "\(error)"])
  }

  // MARK: - What is known

  /// - Parameter instant: answers about rights that are older than this are no longer known.
  private func situation(
    of clone: CloneDataVolume, _ object: JSONNode, askedSince instant: ContinuousClock.Instant?
  ) async -> CloneSituation {
    let target = ObjectKey(clone.id.namespace, clone.id.name)
    tables.link(target, to: sights(of: clone, nil))
    let order = tables.node(.orders, ObjectKey(settings.namespace, clone.uid))
    let (acceptance, source) = await access.verdict(
      on: clone, object, leadsTo: destination(of: clone, object), order: order, askedSince: instant)
    let sourceKey = source.flatMap { $0.kind == .claim ? ObjectKey($0.id.namespace, $0.id.name) : nil }
    var sights = sights(of: clone, source)
    tables.link(target, to: sights)
    var situation = CloneSituation(
      now: now, dataVolume: object, source: source, acceptance: acceptance,
      settings: settings)
    situation.sourceNamespaceExists =
      source.map { tables.node(.namespaces, ObjectKey(nil, $0.id.namespace)) != nil } ?? true
    situation.sourceClaim = sourceKey.flatMap { tables.node(.claims, $0) }
    situation.targetClaim = tables.node(.claims, target)
    let (from, onto) = (volumeName(situation.sourceClaim), volumeName(situation.targetClaim))
    sights.formUnion([from, onto].compactMap { $0.map(Sight.volume) })
    let wantsVolumes =
      onto == nil && Control.wantsVolumes(dataVolume: object, targetClaim: situation.targetClaim)
    if wantsVolumes { sights.insert(.freeVolumes) }
    tables.link(target, to: sights)
    situation.sourceVolume = volume(from)
    situation.sourceOwner = owner(of: situation.sourceClaim)
    situation.targetVolume = volume(onto)
    situation.storageClasses = tables.nodes(.storageClasses)
    situation.storageProfiles = tables.nodes(.storageProfiles)
    if wantsVolumes { situation.volumes = tables.nodes(.volumes) }
    situation.pods = tables.pods(using: [target] + [sourceKey].compactMap { $0 })
    situation.order = order
    situation.orderHeard = tables.heard(order: clone.uid)
    if let order { situation.nodeExists = await nodeExists(order) }
    situation.trouble = obstructions.withLock { $0[target]?.trouble(at: .now) }
    return situation
  }

  private func sights(of clone: CloneDataVolume, _ source: CloneSource?) -> Set<Sight> {
    var sights: Set<Sight> = []
    if let source {
      sights.insert(.namespace(source.id.namespace))
      if source.kind == .claim { sights.insert(.claim(ObjectKey(source.id.namespace, source.id.name))) }
    }
    if case .dataSource(let id) = clone.source {
      sights.insert(.dataSource(ObjectKey(id.namespace, id.name)))
    }
    return sights
  }

  /// Where the spec leads now.
  private func destination(of clone: CloneDataVolume, _ object: JSONNode) -> StoredSource {
    switch clone.source {
    case .direct(let disk): StoredSource(disk: disk)
    case .dataSource:
      Inventory.build(from: tables.nodes(.dataSources)).inventory.source(ofStored: object)
    }
  }

  private func volumeName(_ claim: JSONNode?) -> String? {
    claim?["spec"]?["volumeName"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func volume(_ name: String?) -> JSONNode? {
    name.flatMap { tables.node(.volumes, ObjectKey(nil, $0)) }
  }

  /// The DataVolume of the name that the claim's controller has.
  private func owner(of claim: JSONNode?) -> JSONNode? {
    let metadata = claim?["metadata"]
    let owners = metadata?["ownerReferences"]?.elements ?? []
    guard let owner = owners.first(where: { $0["controller"]?.bool == true }),
      owner["kind"]?.string == CloneDataVolume.kind, let name = owner["name"]?.string
    else { return nil }
    return tables.node(.dataVolumes, ObjectKey(metadata?["namespace"]?.string, name))
  }

  /// Whether the API server itself has the DataVolume as the mirror shows it. A new leader's mirror may be
  /// behind in one resource and not in another: a copy that is done and whose order is gone would be made
  /// again, onto a disk in use. Nil: nobody could say.
  private func isCurrent(_ object: JSONNode) async -> Bool? {
    let seen = object["metadata"]
    guard let name = seen?["name"]?.string, let version = seen?["resourceVersion"]?.string,
      let stored = await stored(ObjectKey(seen?["namespace"]?.string, name))
    else { return nil }
    return stored.object?["metadata"]?["resourceVersion"]?.string == version
  }

  /// What the API server itself has under a name; nil when it has nothing.
  private struct Stored {
    let object: JSONNode?
  }

  /// The DataVolume as the API server itself has it. Nil: nobody could say.
  private func stored(_ key: ObjectKey) async -> Stored? {
    do throws(KubernetesError) {
      return Stored(object: JSONNode(try await client.get(.dataVolumes, key.name, in: key.namespace)))
    } catch {
      if error.isNotFound { return Stored(object: nil) }
      noteRead(error, "DataVolume \(key)")
      return nil
    }
  }

  /// Nothing can be written about a DataVolume that cannot be read: it waits, and this alone says why.
  private func noteRead(_ error: KubernetesError, _ what: String) {
    metrics.failed(error)
    logger.warning("a read failed", metadata: ["of": "\(what)", "error": "\(error)"])
  }

  /// Asked only when it matters. Nil: nobody could say.
  private func nodeExists(_ order: JSONNode) async -> Bool? {
    let heard = tables.heard(order: order["metadata"]?["name"]?.string ?? "")
    guard Control.wantsNode(order: order, heard: heard, now: now),
      let name = order["spec"]?["nodeName"]?.string
    else { return nil }
    do throws(KubernetesError) {
      _ = try await client.get(.nodes, name)
      return true
    } catch {
      if error.isNotFound { return false }
      noteRead(error, "node \(BoundedText.plain(name))")
      return nil
    }
  }
}
