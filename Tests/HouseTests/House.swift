import Foundation

/// The house as it stands on disk, and the table of what each room may import.
enum House {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let sources = root.appending(path: "Sources")

  /// Rooms of ours that a room may import. The hall may import every Swift room.
  static let mayImport: [String: Set<String>] = [
    "CLinux": [], "COpenSSL": [], "CNghttp2": [], "JSON": [], "Telemetry": [],
    "Authorization": ["JSON"],
    "Admission": ["JSON", "Authorization"],
    "Control": ["JSON", "Authorization", "Admission"],
    "Transport": ["CLinux", "COpenSSL", "Telemetry"],
    "HTTP": ["Transport", "CNghttp2", "Telemetry"],
    "Kubernetes": ["HTTP", "JSON", "Telemetry"],
    "VolumeCopy": ["CLinux", "COpenSSL"],
    "Jobs": ["VolumeCopy", "JSON", "CLinux", "Telemetry"],
    "clonegate": [
      "JSON", "Telemetry", "Authorization", "Admission", "Control", "Transport", "HTTP", "Kubernetes",
      "VolumeCopy", "Jobs",
    ],
  ]

  /// Rooms that must stay free of Foundation: the foundations, the judgement wing and the network wing.
  static let withoutFoundation: Set<String> = [
    "CLinux", "COpenSSL", "CNghttp2", "JSON", "Telemetry", "Authorization", "Admission", "Control",
    "Transport", "HTTP", "Kubernetes",
  ]

  static let rooms = names(in: sources)
  static let swiftRooms = rooms.filter { !$0.hasPrefix("CL") && !$0.hasPrefix("CO") && !$0.hasPrefix("CN") }

  static let productFiles = files(under: sources)
  static let testFiles = files(under: root.appending(path: "Tests"))

  static func names(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  static func files(under folder: URL, ending: String = ".swift") -> [SwiftSource] {
    let paths = FileManager.default.subpaths(atPath: folder.path) ?? []
    return paths.filter { $0.hasSuffix(ending) && !$0.contains(".build/") }.sorted()
      .compactMap { try? SwiftSource(folder.appending(path: $0)) }
  }

  static func room(of file: SwiftSource) -> String {
    String(file.url.path.dropFirst(sources.path.count + 1).prefix { $0 != "/" })
  }
}
