// swift-tools-version: 6.2
import PackageDescription

/// Language mode 6, every warning an error, and the upcoming features that the house agreed on.
/// `NonisolatedNonsendingByDefault` is not among them: Swift 6.3.1 miscompiles it under -O; see the
/// README, "Decisions".
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]
let judgement: [SwiftSetting] = house + [.strictMemorySafety()]

/// A product of another package, by package name.
func library(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package)
}

func tests(_ room: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: "\(room)Tests", dependencies: dependencies, exclude: exclude, swiftSettings: house)
}

let package = Package(
  name: "clonegate",
  products: [.executable(name: "clonegate", targets: ["clonegate"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
  ],
  targets: [
    // Foundations: know nothing of the house.
    .target(name: "CLinux"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .target(name: "JSON", swiftSettings: judgement),
    .target(
      name: "Telemetry",
      dependencies: [
        library("Logging", "swift-log"), library("Metrics", "swift-metrics"),
        library("CoreMetrics", "swift-metrics"),
      ],
      swiftSettings: house),

    // Judgement wing: pure; no descriptors, no clock, no await.
    .target(name: "Authorization", dependencies: ["JSON"], swiftSettings: judgement),
    .target(name: "Admission", dependencies: ["JSON", "Authorization"], swiftSettings: judgement),
    .target(name: "Control", dependencies: ["JSON", "Authorization", "Admission"], swiftSettings: judgement),

    // Network wing: bytes and time.
    .target(name: "Transport", dependencies: ["CLinux", "COpenSSL", "Telemetry"], swiftSettings: house),
    .target(name: "HTTP", dependencies: ["Transport", "CNghttp2", "Telemetry"], swiftSettings: house),
    .target(
      name: "Kubernetes",
      dependencies: ["HTTP", "JSON", "Telemetry", library("Subprocess", "swift-subprocess")],
      swiftSettings: house),

    // Disk wing: blocking, on threads of its own.
    .target(name: "VolumeCopy", dependencies: ["CLinux", "COpenSSL"], swiftSettings: house),
    .target(
      name: "Jobs",
      dependencies: ["VolumeCopy", "JSON", "CLinux", "Telemetry", library("GRDB", "GRDB.swift")],
      swiftSettings: house),

    // Hall: the only room that sees both ends of the house.
    .executableTarget(
      name: "clonegate",
      dependencies: [
        "JSON", "Telemetry", "Authorization", "Admission", "Control", "Transport", "HTTP", "Kubernetes",
        "VolumeCopy", "Jobs",
        library("ArgumentParser", "swift-argument-parser"), library("Logging", "swift-log"),
        library("Metrics", "swift-metrics"), library("ServiceLifecycle", "swift-service-lifecycle"),
        library("UnixSignals", "swift-service-lifecycle"), library("Subprocess", "swift-subprocess"),
        library("Yams", "Yams"),
      ],
      swiftSettings: house),

    tests("JSON", ["JSON", "JSONOracle", "Chance"]),
    tests("Telemetry", ["Telemetry", library("Logging", "swift-log"), library("Metrics", "swift-metrics")]),
    tests("Authorization", ["Authorization", "JSON", "Chance", library("Yams", "Yams")]),
    tests(
      "Admission", ["Admission", "Authorization", "JSON", "Chance", library("Yams", "Yams")],
      exclude: ["Cases"]),
    tests("Control", ["Control", "Admission", "JSON", "Chance"]),
    tests("Transport", ["Transport", "CLinux", "RealCluster", "Chance"]),
    tests("HTTP", ["HTTP", "Transport"]),
    tests("Kubernetes", ["Kubernetes", "HTTP", "Transport", "JSON", "RealCluster"]),
    tests("VolumeCopy", ["VolumeCopy", "CLinux"]),
    tests("Jobs", ["Jobs", "VolumeCopy", "JSON", library("GRDB", "GRDB.swift")]),
    tests(
      "Hall",
      [
        "clonegate", "Chance", "Fuzzing", "RealCluster", "JSON", "Admission", "Authorization", "Control",
        "HTTP", "Jobs", "Kubernetes", "Transport",
      ]),
    tests(
      "Scenario", ["RealCluster"],
      exclude: [
        "Manifests", "Scenarios", "apiserver.sh", "kubelet.sh", "prelude.sh", "flags.py", "grants.py",
        "hold.py",
        "line.py", "pods.py",
      ]),
    tests("House", []),

    // Not tests, but used by them: repeatable chance, a second opinion on JSON, a fuzzer, a real API server,
    // programs that measure.
    .target(name: "Chance", path: "Tests/Chance", swiftSettings: house),
    .target(
      name: "Fuzzing", dependencies: ["Chance", "JSON", "JSONOracle"], path: "Tests/Fuzzing",
      swiftSettings: house),
    .target(name: "JSONOracle", dependencies: ["JSON"], path: "Tests/JSONOracle", swiftSettings: house),
    .target(
      name: "RealCluster", dependencies: ["Kubernetes", "HTTP", "Transport", "JSON"],
      path: "Tests/RealCluster", swiftSettings: house),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["Fuzzing", "JSONOracle", "JSON", "Authorization", "Admission", "HTTP"],
      path: "Tests/Fuzz",
      swiftSettings: house),
    .executableTarget(
      name: "LoopCheck", dependencies: ["Transport"], path: "Tests/LoopCheck", swiftSettings: house),
    .executableTarget(
      name: "JSONBenchmark", dependencies: ["JSON"], path: "Tests/Benchmarks/json", swiftSettings: house),
    .executableTarget(
      name: "AdmissionBenchmark", dependencies: ["Admission", "Authorization", "JSON"],
      path: "Tests/Benchmarks/admission", swiftSettings: house),
    .executableTarget(
      name: "HTTPBenchmark", dependencies: ["HTTP", "Transport"], path: "Tests/Benchmarks/http",
      exclude: ["run"],
      swiftSettings: house),
  ]
)
