// VolumeCopy: one volume to another, on one machine.
//
// For: copying a virtual-machine disk between files and block devices, exactly, sparsely, resumably, with
// proof. Not for: transports, image formats (a volume is raw bytes), directories of many files, or anything
// a cluster knows: claims, sizes asked for, who may copy. Those arrive as numbers in `CopyOptions`.
//
// Vocabulary, in the order a reader meets it:
//   VolumeLocation  where a volume is: a directory that holds disk.img, a block device, a plain file
//   Copier          measures both sides, refuses what cannot work, runs the copy
//   Segment         the unit of work (an aligned power of two): one thread copies one segment, in requests
//   Granule         4 KiB: the unit in which zeroes are found
//   Partial         the target's temporary name while bytes are missing; it never takes the place of a file
//   Finished        a range that is written AND flushed; only such ranges enter a checkpoint
//   TreeDigest      SHA-256 over a binary tree of 64 KiB leaves: made in parallel, resumed anywhere
//   DiskCalls       the table of system calls behind it all; tests put faults and recorders in it
//
// Every call here blocks: use a thread of your own, never Swift's pool. Nothing waits for ever: a copy ends
// by finishing, by failing with a `CopyError`, or within moments of `CopyEvents.isCancelled` turning true.
