internal import JSON
internal import Subprocess
internal import SystemPackage

/// A program that prints credentials, as kubeconfigs name it (client.authentication.k8s.io/v1).
package struct ExecPlugin: Sendable, Hashable {
  package var command: String
  package var arguments: [String]
  /// Added to our own environment.
  package var environment: [String: String]
  package var apiVersion: String
  package var installHint: String?

  /// v1beta1 differs from v1 in nothing that we use.
  private static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
  /// Plugins ask a cloud over the network; kubectl waits for ever.
  private static let patience = Duration.seconds(30)
  /// A token and a certificate with its chain are under 20 KB.
  private static let outputBytes = 256 * 1024
  private static let complaintBytes = 400

  package init(
    command: String, arguments: [String] = [], environment: [String: String] = [:],
    apiVersion: String = "client.authentication.k8s.io/v1"
  ) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.apiVersion = apiVersion
  }

  init(_ exec: JSONValue, folder: String) throws(KubernetesError) {
    guard let command = exec["command"]?.string, !command.isEmpty else {
      throw .unusable("the kubeconfig's exec plugin has no command")
    }
    let version = exec["apiVersion"]?.string ?? ""
    guard Self.versions.contains(version) else {
      throw .unusable("the exec plugin '\(command)' wants apiVersion '\(version)', which is not supported")
    }
    guard exec["interactiveMode"]?.string != "Always" else {
      throw .unusable("the exec plugin '\(command)' wants a terminal (interactiveMode: Always)")
    }
    guard exec["provideClusterInfo"]?.bool != true else {
      throw .unusable("the exec plugin '\(command)' wants provideClusterInfo, which is not supported")
    }
    // A command with a slash is relative to the kubeconfig; without one it is looked up in PATH.
    let isRelative = command.contains("/") && !command.hasPrefix("/")
    var environment: [String: String] = [:]
    for pair in exec["env"]?.array ?? [] {
      if let name = pair["name"]?.string { environment[name] = pair["value"]?.string ?? "" }
    }
    self.init(
      command: isRelative ? "\(folder)/\(command)" : command,
      arguments: exec["args"]?.array?.compactMap(\.string) ?? [], environment: environment,
      apiVersion: version)
    installHint = exec["installHint"]?.string
  }

  /// Runs the plugin once and reads what it prints.
  func run() async throws(KubernetesError) -> ExecCredential {
    let output: [UInt8]
    do {
      output = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        group.addTask { try await self.printed() }
        group.addTask {
          try await Task.sleep(for: Self.patience)
          throw KubernetesError.unusable("it did not end within \(Self.patience)")
        }
        defer { group.cancelAll() }
        return try await group.next() ?? []
      }
    } catch let error as KubernetesError {
      throw .unusable("the exec plugin '\(command)' gave no credential: \(error.message)\(hint)")
    } catch {
      throw .unusable("the exec plugin '\(command)' could not be run: \(error)\(hint)")
    }
    return try ExecCredential(output, apiVersion: apiVersion, of: command)
  }

  private func printed() async throws -> [UInt8] {
    var platform = PlatformOptions()
    platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
    let result = try await Subprocess.run(
      command.contains("/") ? .path(FilePath(command)) : .name(command),
      arguments: Arguments(arguments), environment: .inherit.updating(variables),
      platformOptions: platform, output: .bytes(limit: Self.outputBytes),
      error: .string(limit: Self.outputBytes))
    guard result.terminationStatus.isSuccess else {
      let complaint = PlainText.line(result.standardError, limit: Self.complaintBytes)
      throw KubernetesError.unusable("it ended with \(result.terminationStatus): \(complaint)")
    }
    return result.standardOutput
  }

  private var variables: [Environment.Key: String?] {
    let info = JSONValue.object([
      "apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": ["interactive": false],
    ])
    var all = environment
    all["KUBERNETES_EXEC_INFO"] = String(decoding: info.bytes, as: UTF8.self)
    return Dictionary(
      uniqueKeysWithValues: all.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) })
  }

  private var hint: String { installHint.map { "; \(PlainText.line($0, limit: 400))" } ?? "" }
}
