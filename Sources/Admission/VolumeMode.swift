/// How a volume is presented: a filesystem that holds `disk.img`, or a raw device.
package enum VolumeMode: String, Sendable, Hashable, CaseIterable {
  case filesystem = "Filesystem"
  case block = "Block"
}
