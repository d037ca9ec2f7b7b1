import Foundation
import Glibc

/// What a scenario may ask of the machine.
enum Machine {
  struct UnknownNeed: Error { let name: String }

  /// nil when the machine has it, else the sentence that a skipped scenario prints.
  static func missing(_ need: String) throws -> String? {
    switch need {
    case "root":
      return getuid() == 0 ? nil : "it needs root"
    case "loop":
      let ready = getuid() == 0 && FileManager.default.fileExists(atPath: "/dev/loop-control")
      return ready ? nil : "it needs root and loop devices"
    case "apiserver":
      let folder = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"] ?? "/usr/local/kubebuilder/bin"
      let absent = ["kube-apiserver", "etcd", "kubectl"].filter {
        !FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
      }
      return absent.isEmpty
        ? nil : "no \(absent.joined(separator: ", ")) in \(folder); KUBEBUILDER_ASSETS names another place"
    default:
      throw UnknownNeed(name: need)
    }
  }
}
