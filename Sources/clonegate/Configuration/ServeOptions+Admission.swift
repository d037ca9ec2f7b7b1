import Admission
import ArgumentParser

extension ServeOptions {
  /// What the operator chose for judging, as the admission room wants it.
  var admission: AdmissionSettings {
    var settings = AdmissionSettings(subjectRule: dvSubject, implicitPodGrant: implicitPodGrant)
    settings.preallocation = preallocation
    settings.claimAdoption = claimAdoption
    settings.copies = copying == .clonegate
    settings.isAlone = standalone != nil
    for field in withoutDefault { settings.defaults[keyPath: field.switchPath] = false }
    for overhead in filesystemOverhead { overhead.set(in: &settings) }
    return settings
  }
}

/// A field that the gate fills in unless it is told not to.
enum DefaultedField: String, ExpressibleByArgument, CaseIterable {
  case contentType, sourceNamespace, accessModes, volumeMode, size, storageClass, preallocation

  static var listed: String { allCases.map(\.rawValue).joined(separator: ", ") }

  var switchPath: WritableKeyPath<DefaultsSettings, Bool> {
    switch self {
    case .contentType: \.contentType
    case .sourceNamespace: \.sourceNamespace
    case .accessModes: \.accessModes
    case .volumeMode: \.volumeMode
    case .size: \.size
    case .storageClass: \.storageClass
    case .preallocation: \.preallocation
    }
  }
}

/// `0.06` for every class, or `CLASS=0.055` for one: what a file system takes for itself, as CDI's setting
/// of that name.
struct OverheadArgument: ExplainedArgument {
  let storageClass: String?
  let fraction: Double

  static let expected = "a part from 0 to 1 such as 0.06, or CLASS=0.055"

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let fraction = Double(parts.last ?? ""), (0...1).contains(fraction), parts.first?.isEmpty == false
    else { return nil }
    storageClass = parts.count == 2 ? String(parts[0]) : nil
    self.fraction = fraction
  }

  func set(in settings: inout AdmissionSettings) {
    if let storageClass {
      settings.filesystemOverhead.perClass[storageClass] = fraction
    } else {
      settings.filesystemOverhead.global = fraction
    }
  }
}
