/// What the operator chose. Each value is a key of the configuration file or a flag of `serve`.
package struct AdmissionSettings: Sendable {
  /// Whose right counts when a DataVolume asks for a disk of another namespace.
  package enum SubjectRule: String, Sendable, CaseIterable {
    /// The requesting user, or the ServiceAccount `default` of the target namespace (the reference
    /// document's grant).
    case either
    /// Only the requesting user: CDI's rule.
    case requester
  }

  package var subjectRule: SubjectRule
  /// `create pods` in the source namespace also allows a clone, as in CDI: who may run a pod there can read
  /// the disk.
  package var implicitPodGrant: Bool
  package var defaults: DefaultsSettings
  package var filesystemOverhead: FilesystemOverhead
  /// Written into `spec.preallocation` when it is absent.
  package var preallocation: Bool
  /// A claim that exists is adopted unless the DataVolume says otherwise (CDI's gate
  /// `DataVolumeClaimAdoption`).
  package var claimAdoption: Bool
  /// Accepted clones are copied by clonegate's own workers.
  package var copies = true
  /// Nobody but this gate's worker fills disks: there is no CDI that imports, uploads or blanks them.
  package var isAlone = false

  package init(
    subjectRule: SubjectRule = .either, implicitPodGrant: Bool = true,
    defaults: DefaultsSettings = DefaultsSettings(),
    filesystemOverhead: FilesystemOverhead = FilesystemOverhead(), preallocation: Bool = false,
    claimAdoption: Bool = false
  ) {
    self.subjectRule = subjectRule
    self.implicitPodGrant = implicitPodGrant
    self.defaults = defaults
    self.filesystemOverhead = filesystemOverhead
    self.preallocation = preallocation
    self.claimAdoption = claimAdoption
  }
}

/// Which fields the gate may fill in. All on unless switched off.
package struct DefaultsSettings: Sendable, Hashable {
  package var contentType = true
  package var sourceNamespace = true
  package var accessModes = true
  package var volumeMode = true
  package var size = true
  package var storageClass = true
  package var preallocation = true

  package init() {}

  /// Nothing is filled in.
  package static var none: DefaultsSettings {
    var settings = DefaultsSettings()
    settings.contentType = false
    settings.sourceNamespace = false
    settings.accessModes = false
    settings.volumeMode = false
    settings.size = false
    settings.storageClass = false
    settings.preallocation = false
    return settings
  }
}
