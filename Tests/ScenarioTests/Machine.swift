import Foundation
import RealCluster
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
    case "ipv6":
      return IPv6.isHere ? nil : IPv6.need
    case "address":
      return ownAddress == nil ? "it needs an IPv4 address that is not loopback's" : nil
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

  /// An IPv4 address of this machine that others could reach, as an EndpointSlice wants it.
  static let ownAddress: String? = {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    return sequence(first: list, next: { $0?.pointee.ifa_next }).lazy.compactMap(text(of:)).first {
      !$0.hasPrefix("127.") && !$0.hasPrefix("169.254.")
    }
  }()

  private static func text(of interface: UnsafeMutablePointer<ifaddrs>?) -> String? {
    guard let address = interface?.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
      return nil
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET_ADDRSTRLEN)) { text in
      var four = UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr_in.self).pointee.sin_addr
      return inet_ntop(AF_INET, &four, text.baseAddress!, socklen_t(text.count)).map { String(cString: $0) }
    }
  }
}
