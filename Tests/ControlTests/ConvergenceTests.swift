import Chance
import Admission
import Control
import JSON
import Testing

/// Whatever happens in the cluster, in whatever order, and however much of a plan was carried out.
@Suite struct ConvergenceTests {
  /// One thing that the controller does not do itself.
  static func happen(_ model: inout ClusterModel, _ dice: inout Dice) {
    switch Int.random(in: 0..<18, using: &dice) {
    case 0, 1: model.bindClaims()
    case 2: model.report(.waiting) { ($0.reason, $0.message) = ("TargetBusy", "the target is open") }
    case 3: model.report(.copying) { ($0.bytesTotal, $0.bytesDone) = (100, 50) }
    case 4: model.report(.failed) { $0.isRetryable = true }
    case 5: model.report(.succeeded)
    case 6: model.pass(Int64.random(in: 1...400, using: &dice))
    case 7: model.releaseOrder()
    case 8: model.pods = [PodDisks(namespace: "images", name: "vm", claims: ["disk": true])]
    case 9: model.pods = []
    case 10: model.targetClaim = nil
    case 11: renewSource(&model)
    case 12: model.targetClaim = model.targetClaim ?? adoptable
    case 13: model.acceptance = .undecided("no key")
    case 14: model.acceptance = .refused("forged")
    case 15: model.acceptance = .lapsed("old key")
    case 16: model.acceptance = .stamped(requester: "alice")
    default: model.nodeExists = Bool.random(using: &dice)
    }
  }

  /// A claim that somebody else has filled for a DataVolume of this name.
  private static let adoptable = ClusterModel.claim(
    "vms", "copy", uid: "c-restored", volume: "pv-restored",
    annotations: ["cdi.kubevirt.io/storage.populatedFor": "copy"])

  /// The one end without a copy: it was told beforehand that nothing is copied into such a claim.
  static func isAdopted(_ model: ClusterModel) -> Bool {
    model.targetClaim == adoptable && model.order == nil
  }

  /// A claim of the same name that came later, or none.
  private static func renewSource(_ model: inout ClusterModel) {
    guard model.sourceClaim == nil else {
      model.sourceClaim = nil
      return
    }
    model.version += 1
    let uid = "c-source-\(model.version)"
    model.sourceClaim = ClusterModel.claim("images", "disk", uid: uid, volume: "pv-source")
    model.sourceVolume = ClusterModel.volume("pv-source", for: ("images", "disk", uid))
  }

  /// The copier says that it filled this very claim for this very DataVolume, at the attempt asked for.
  static func isCopied(_ model: ClusterModel) -> Bool {
    guard let object = model.order, let copy = try? VolumeCopy(JSONNode(object)) else { return false }
    return copy.currentReport?.phase == .succeeded && copy.name == ClusterModel.uid
      && copy.order.target.claimUID == model.targetClaim?["metadata"]?["uid"]?.string
  }

  /// Part of a plan, as after a controller that was killed: the first actions, and nothing of the rest.
  static func carryOutPart(_ model: inout ClusterModel, _ dice: inout Dice) {
    var plan = model.plan
    guard Bool.random(using: &dice) else { return model.carryOut(plan) }
    plan.actions = Array(plan.actions.prefix(Int.random(in: 0...plan.actions.count, using: &dice)))
    plan.status = nil
    model.carryOut(plan)
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `a clone ends well once nothing is in its way, and never says so before`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var model = ClusterModel()
    for _ in 0..<40 {
      Self.happen(&model, &dice)
      let (wasDone, mayEnd) = (model.phase == "Succeeded", Self.isCopied(model) || Self.isAdopted(model))
      Self.carryOutPart(&model, &dice)
      if !wasDone && model.phase == "Succeeded" { #expect(mayEnd, "\(model)") }
    }
    #expect(model.settle(limit: 8) < 8, "actions are repeated for ever: \(model.plan)")
    #expect(model.plan.events.isEmpty)
    makePeace(&model)
    #expect(model.phase == "Succeeded", "\(model)")
  }

  /// Everything is as it should be from now on.
  private func makePeace(_ model: inout ClusterModel) {
    (model.acceptance, model.pods, model.nodeExists) = (.sameNamespace, [], true)
    model.volumes = [ClusterModel.volume("pv-last"), ClusterModel.volume("pv-later")] + model.volumes
    if model.sourceClaim == nil { Self.renewSource(&model) }
    for _ in 0..<(3 * ControlTiming.mostAttempts) where model.phase != "Succeeded" {
      model.settle()
      model.releaseOrder()
      model.bindClaims()
      let copy = model.order.flatMap { try? VolumeCopy(JSONNode($0)) }
      if copy?.currentReport?.phase == .failed {
        exhaust(&model)
      } else {
        model.report(.succeeded)
      }
      model.pass(ControlTiming.longestPause * 2)
      model.settle()
    }
  }

  /// Attempts may be used up by now: then somebody deletes the order, and it begins anew.
  private func exhaust(_ model: inout ClusterModel) {
    model.pass(ControlTiming.longestPause * 2)
    model.settle()
    if model.phase == "Failed" { model.order = nil }
  }

  @Test func `a DataVolume that goes away takes its order along and is not touched`() {
    var model = ClusterModel.scheduled
    model.dataVolume!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    #expect(model.plan.status == nil)
    model.carryOut(model.plan)
    #expect(model.order?["metadata"]?["deletionTimestamp"] != nil)
    model.settle()
    #expect(model.order == nil, "no copier ever took it")
  }

  @Test func `an order waits for the copier that took it, unless its node is gone`() throws {
    var model = ClusterModel.scheduled
    model.report(.copying)
    let object = try #require(model.order)
    let deletion = Control.sweep(order: JSONNode(object), dataVolume: nil, nodeExists: true)
    #expect(deletion == [.deleteOrder(try VolumeCopy(JSONNode(object)).reference)])
    for action in deletion { _ = model.apply(action) }
    let deleted = JSONNode(try #require(model.order))
    #expect(Control.sweep(order: deleted, dataVolume: nil, nodeExists: true).isEmpty)
    #expect(Control.sweep(order: deleted, dataVolume: nil, nodeExists: nil).isEmpty)
    let release = Control.sweep(order: deleted, dataVolume: nil, nodeExists: false)
    #expect(release == [.removeFinalizer(try VolumeCopy(deleted).reference)])
  }

  /// A mirror that lags shows no DataVolume, or an earlier one, where the API server has the order's own.
  @Test func `an order goes only when the API server has no clone that it is for`() throws {
    let model = ClusterModel.scheduled
    let order = JSONNode(try #require(model.order))
    let deletion: [CloneAction] = [.deleteOrder(try VolumeCopy(order).reference)]
    func sweep(_ dataVolume: JSONValue) -> [CloneAction] {
      Control.sweep(order: order, dataVolume: JSONNode(dataVolume), nodeExists: true)
    }
    let own = try #require(model.dataVolume)
    #expect(sweep(own).isEmpty)
    var other = own
    other["metadata"]!["uid"] = "7d1f2c1e-0000-4000-8000-000000000002"
    #expect(sweep(other) == deletion, "a later DataVolume of the name")
    var filled = own
    filled["metadata"]!["annotations"] = ["cdi.kubevirt.io/storage.prePopulated": ""]
    #expect(sweep(filled) == deletion, "it asks for no clone any more")
  }
}
