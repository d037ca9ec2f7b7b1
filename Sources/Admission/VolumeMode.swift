/// How a volume is presented: a filesystem that holds `disk.img`, or a raw device.
package enum VolumeMode: String, Sendable, Hashable {
  case filesystem = "Filesystem"
  case block = "Block"
}
