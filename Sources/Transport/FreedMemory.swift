internal import CLinux

/// What the allocator keeps of what was freed.
package enum FreedMemory {
  /// Gives it back to the system. On a thread of its own, since a large heap takes a while.
  package static func giveBack() { SystemThread.detach { clinux_return_freed_memory() } }
}
