/// What a judge knows. Immutable, and shared by reference: passing a judge on copies one pointer, not a
/// dozen tables.
final class JudgeState: Sendable {
  let inventory: Inventory
  let settings: AdmissionSettings
  let authorizer: CloneAuthorizer

  init(inventory: Inventory, settings: AdmissionSettings, authorizer: CloneAuthorizer) {
    self.inventory = inventory
    self.settings = settings
    self.authorizer = authorizer
  }

  func asking(_ answers: AccessAnswers, trustsPolicy: Bool) -> JudgeState {
    JudgeState(
      inventory: inventory, settings: settings,
      authorizer: authorizer.asking(answers, trustsPolicy: trustsPolicy))
  }
}
