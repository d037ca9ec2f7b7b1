/// What a disk holds: a machine's disk image, or a tar archive.
package enum ContentType: String, Sendable, Hashable {
  case kubevirt, archive
}
