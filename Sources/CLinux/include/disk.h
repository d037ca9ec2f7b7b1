// The disk part of CLinux: calls of the copy engine that want _GNU_SOURCE, a syscall number or a macro.
// Every function returns its result, or the negated errno: no caller has to read errno in time.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What open2(2) may be asked for; combined with |.
enum clinux_open {
  CLINUX_READ = 0,
  CLINUX_WRITE = 1,       // read and write
  CLINUX_CREATE = 2,      // must not exist yet
  CLINUX_EXCLUSIVE = 4,   // O_EXCL on a block device: nobody has claimed it
  CLINUX_DIRECT = 8,      // past the page cache
  CLINUX_DIRECTORY = 16,
  CLINUX_PATH_ONLY = 32,  // O_PATH: look, do not open (a device or a fifo is not woken)
};

/// openat2(2) with O_CLOEXEC and O_NOFOLLOW. `beneath`: the path stays under `directory` and passes no link.
/// `directory` -1: the working directory.
int clinux_open(int directory, const char *path, int how, bool beneath);
/// Opens again what `descriptor` (possibly O_PATH) names, through /proc/self/fd: no path is walked twice.
int clinux_reopen(int descriptor, int how);

/// What is behind a descriptor, after it was opened.
struct clinux_identity {
  uint64_t device, inode, size, allocated;  // allocated: st_blocks in bytes
  int64_t modified_ns, changed_ns, born_ns; // born 0 where the file system does not know
  uint64_t represents;                      // a device node's number (dev_t), else 0
  uint32_t kind;                            // S_IFMT bits
  uint32_t links;
  uint32_t block;                           // preferred I/O size
};
int clinux_identify(int descriptor, struct clinux_identity *identity);
/// The same of what `path` leads to, as far as it is known without asking a server that may hang.
int clinux_look(const char *path, struct clinux_identity *identity);
uint32_t clinux_major(uint64_t device);
uint32_t clinux_minor(uint64_t device);
uint64_t clinux_device(uint32_t major, uint32_t minor);

/// Facts of a block device.
struct clinux_block {
  uint64_t size;
  uint64_t sequence;  // BLKGETDISKSEQ: never the same for two attachments in one boot; 0 if unknown
  uint32_t logical, physical;
  bool read_only;
};
int clinux_block_facts(int descriptor, struct clinux_block *facts);

/// The file that a loop device, or the disk of this partition, lies on; -ENOTTY or -EINVAL for other devices.
struct clinux_loop {
  uint64_t device, inode, offset;
  uint64_t represents;  // the number of a device that it lies on, else 0
};
int clinux_loop_facts(int descriptor, struct clinux_loop *facts);

int64_t clinux_read(int descriptor, void *buffer, size_t count, int64_t offset);
int64_t clinux_write(int descriptor, const void *buffer, size_t count, int64_t offset);
/// copy_file_range(2), once.
int64_t clinux_copy_range(int source, int target, int64_t offset, size_t count);
int clinux_clone_file(int source, int target);
int clinux_clone_range(int source, int target, int64_t offset, int64_t length);
/// lseek(2) to the next data or hole at or after `offset`; -ENXIO past the last one.
int64_t clinux_next_data(int descriptor, int64_t offset);
int64_t clinux_next_hole(int descriptor, int64_t offset);

// Ways to make a range read as zero, or to reserve it.
enum clinux_allocate {
  CLINUX_PUNCH,       // FALLOC_FL_PUNCH_HOLE: zero and released
  CLINUX_ZERO_RANGE,  // FALLOC_FL_ZERO_RANGE: zero and kept
  CLINUX_RESERVE,     // fallocate mode 0: unwritten extents
};
int clinux_allocate(int descriptor, int mode, int64_t offset, int64_t length);
/// BLKZEROOUT: the device zeroes a range by itself, or the kernel writes zeroes.
int clinux_block_zero(int descriptor, int64_t offset, int64_t length);
int clinux_truncate(int descriptor, int64_t size);
int clinux_flush(int descriptor);

/// Starts write-back of a range without waiting (sync_file_range).
int clinux_writeback_start(int descriptor, int64_t offset, int64_t length);
/// Waits for the write-back of a range.
int clinux_writeback_wait(int descriptor, int64_t offset, int64_t length);
/// Tells the page cache that a range will be read, or is no longer needed.
int clinux_will_need(int descriptor, int64_t offset, int64_t length);
int clinux_drop_cache(int descriptor, int64_t offset, int64_t length);
/// Says that reads will be in order (a wider readahead window).
int clinux_sequential(int descriptor);
/// Pages of a range that are in the page cache (cachestat); -ENOSYS before Linux 6.5.
int64_t clinux_cached_pages(int descriptor, int64_t offset, int64_t length);

/// Sums of a file's extent map (FIEMAP): bytes with blocks behind them, and of those the unwritten ones.
int clinux_extent_sums(int descriptor, uint64_t *allocated, uint64_t *unwritten);
/// Room for an ordinary user, and all of the file system, in bytes.
int clinux_room(int descriptor, uint64_t *available, uint64_t *total);

/// The kind of file system (statfs f_type); 0 if it cannot be told.
uint64_t clinux_file_system(int descriptor);

/// A read lease: breaks when someone opens the file for writing. -EAGAIN: someone already has.
int clinux_lease(int descriptor);
/// 1 while the lease holds, 0 when it was broken.
int clinux_lease_holds(int descriptor);
int clinux_unlease(int descriptor);
/// Owner, group and permissions of `from` for `to`, as far as this process may give them.
void clinux_copy_owner(int from, int to);
/// flock(2), exclusive, without waiting. -EWOULDBLOCK: taken.
int clinux_lock(int descriptor);
/// Gives the unnamed or partial file a final name, never over an existing one (renameat2 RENAME_NOREPLACE).
int clinux_rename_new(int directory, const char *from, const char *to);
int clinux_unlink(int directory, const char *name);

/// "ENOSPC" for 28; NULL for a number without a name.
const char *clinux_error_name(int number);
/// "No space left on device" for 28.
const char *clinux_error_text(int number);

/// Length of the run at the start of `bytes` whose granules are all zero (`*zero`) or all not. A short last
/// granule counts as one.
size_t clinux_zero_run(const void *bytes, size_t count, size_t granule, bool *zero);
