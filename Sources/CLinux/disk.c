#define _GNU_SOURCE 1
#include "disk.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef BLKGETDISKSEQ
#define BLKGETDISKSEQ _IOR(0x12, 128, __u64)
#endif

static inline int64_t result(int64_t value) { return value < 0 ? -errno : value; }

static uint64_t open_flags(int how) {
  uint64_t flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  if (how & CLINUX_PATH_ONLY) return O_PATH | O_CLOEXEC | O_NOFOLLOW;
  flags |= (how & CLINUX_WRITE) ? O_RDWR : O_RDONLY;
  if (how & CLINUX_CREATE) flags |= O_CREAT | O_EXCL;
  if (how & CLINUX_EXCLUSIVE) flags |= O_EXCL;
  if (how & CLINUX_DIRECT) flags |= O_DIRECT;
  if (how & CLINUX_DIRECTORY) flags |= O_DIRECTORY;
  return flags;
}

int clinux_open(int directory, const char *path, int how, bool beneath) {
  struct open_how request = {
      .flags = open_flags(how) | O_NOFOLLOW,
      .mode = (how & CLINUX_CREATE) ? 0660 : 0,
      .resolve = RESOLVE_NO_MAGICLINKS | (beneath ? RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS : 0),
  };
  int at = directory < 0 ? AT_FDCWD : directory;
  return (int)result(syscall(SYS_openat2, at, path, &request, sizeof request));
}

int clinux_reopen(int descriptor, int how) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  return (int)result(open(path, (int)open_flags(how)));
}

static int64_t nanoseconds(struct statx_timestamp time) {
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int identify(int directory, const char *path, int flags, struct clinux_identity *identity) {
  struct statx facts;
  if (statx(directory, path, flags, STATX_BASIC_STATS | STATX_BTIME, &facts) < 0) return -errno;
  *identity = (struct clinux_identity){
      .device = makedev(facts.stx_dev_major, facts.stx_dev_minor),
      .inode = facts.stx_ino,
      .size = facts.stx_size,
      .allocated = facts.stx_blocks * 512,
      .modified_ns = nanoseconds(facts.stx_mtime),
      .changed_ns = nanoseconds(facts.stx_ctime),
      .born_ns = (facts.stx_mask & STATX_BTIME) ? nanoseconds(facts.stx_btime) : 0,
      .represents = makedev(facts.stx_rdev_major, facts.stx_rdev_minor),
      .kind = facts.stx_mode & S_IFMT,
      .links = facts.stx_nlink,
      .block = facts.stx_blksize,
  };
  return 0;
}

int clinux_identify(int descriptor, struct clinux_identity *identity) {
  return identify(descriptor, "", AT_EMPTY_PATH, identity);
}

int clinux_look(const char *path, struct clinux_identity *identity) {
  return identify(AT_FDCWD, path, AT_STATX_DONT_SYNC, identity);
}

uint32_t clinux_major(uint64_t device) { return major(device); }
uint32_t clinux_minor(uint64_t device) { return minor(device); }
uint64_t clinux_device(uint32_t major, uint32_t minor) { return makedev(major, minor); }

int clinux_block_facts(int descriptor, struct clinux_block *facts) {
  int logical = 0, read_only = 0;
  unsigned physical = 0;
  __u64 size = 0, sequence = 0;
  if (ioctl(descriptor, BLKGETSIZE64, &size) < 0) return -errno;
  if (ioctl(descriptor, BLKSSZGET, &logical) < 0) return -errno;
  if (ioctl(descriptor, BLKPBSZGET, &physical) < 0) physical = (unsigned)logical;
  if (ioctl(descriptor, BLKROGET, &read_only) < 0) return -errno;
  if (ioctl(descriptor, BLKGETDISKSEQ, &sequence) < 0) sequence = 0;
  *facts = (struct clinux_block){size, sequence, (uint32_t)logical, physical, read_only != 0};
  return 0;
}

int clinux_loop_facts(int descriptor, struct clinux_loop *facts) {
  struct loop_info64 info;
  if (ioctl(descriptor, LOOP_GET_STATUS64, &info) < 0) return -errno;
  *facts = (struct clinux_loop){info.lo_device, info.lo_inode, info.lo_offset, info.lo_rdevice};
  return 0;
}

int64_t clinux_read(int descriptor, void *buffer, size_t count, int64_t offset) {
  return result(pread(descriptor, buffer, count, offset));
}

int64_t clinux_write(int descriptor, const void *buffer, size_t count, int64_t offset) {
  return result(pwrite(descriptor, buffer, count, offset));
}

int64_t clinux_copy_range(int source, int target, int64_t offset, size_t count) {
  loff_t from = offset, to = offset;
  return result(copy_file_range(source, &from, target, &to, count, 0));
}

int clinux_clone_file(int source, int target) { return (int)result(ioctl(target, FICLONE, source)); }

int clinux_clone_range(int source, int target, int64_t offset, int64_t length) {
  struct file_clone_range range = {source, (__u64)offset, (__u64)length, (__u64)offset};
  return (int)result(ioctl(target, FICLONERANGE, &range));
}

int64_t clinux_next_data(int descriptor, int64_t offset) {
  return result(lseek(descriptor, offset, SEEK_DATA));
}

int64_t clinux_next_hole(int descriptor, int64_t offset) {
  return result(lseek(descriptor, offset, SEEK_HOLE));
}

int clinux_allocate(int descriptor, int mode, int64_t offset, int64_t length) {
  static const int flags[] = {
      [CLINUX_PUNCH] = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
      [CLINUX_ZERO_RANGE] = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
      [CLINUX_RESERVE] = 0,
  };
  return (int)result(fallocate(descriptor, flags[mode], offset, length));
}

int clinux_block_zero(int descriptor, int64_t offset, int64_t length) {
  uint64_t range[2] = {(uint64_t)offset, (uint64_t)length};
  return (int)result(ioctl(descriptor, BLKZEROOUT, range));
}

int clinux_truncate(int descriptor, int64_t size) { return (int)result(ftruncate(descriptor, size)); }
int clinux_flush(int descriptor) { return (int)result(fsync(descriptor)); }

int clinux_writeback_start(int descriptor, int64_t offset, int64_t length) {
  return (int)result(sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE));
}

int clinux_writeback_wait(int descriptor, int64_t offset, int64_t length) {
  unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  return (int)result(sync_file_range(descriptor, offset, length, all));
}

int clinux_will_need(int descriptor, int64_t offset, int64_t length) {
  return -posix_fadvise(descriptor, offset, length, POSIX_FADV_WILLNEED);
}

int clinux_drop_cache(int descriptor, int64_t offset, int64_t length) {
  return -posix_fadvise(descriptor, offset, length, POSIX_FADV_DONTNEED);
}

int clinux_sequential(int descriptor) { return -posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL); }

int64_t clinux_cached_pages(int descriptor, int64_t offset, int64_t length) {
  struct { uint64_t offset, length; } range = {(uint64_t)offset, (uint64_t)length};
  struct { uint64_t cached, dirty, writeback, evicted, recently_evicted; } counts = {0};
  if (syscall(SYS_cachestat, descriptor, &range, &counts, 0) < 0) return -errno;
  return (int64_t)counts.cached;
}

enum { EXTENTS_PER_CALL = 128 };

int clinux_extent_sums(int descriptor, uint64_t *allocated, uint64_t *unwritten) {
  enum { size = sizeof(struct fiemap) + EXTENTS_PER_CALL * sizeof(struct fiemap_extent) };
  _Alignas(struct fiemap) char memory[size];
  struct fiemap *map = (struct fiemap *)memory;
  uint64_t start = 0;
  *allocated = *unwritten = 0;
  for (;;) {
    memset(memory, 0, sizeof memory);
    map->fm_start = start;
    map->fm_length = FIEMAP_MAX_OFFSET - start;
    map->fm_flags = FIEMAP_FLAG_SYNC;
    map->fm_extent_count = EXTENTS_PER_CALL;
    if (ioctl(descriptor, FS_IOC_FIEMAP, map) < 0) return -errno;
    for (uint32_t i = 0; i < map->fm_mapped_extents; i++) {
      struct fiemap_extent *extent = &map->fm_extents[i];
      *allocated += extent->fe_length;
      if (extent->fe_flags & FIEMAP_EXTENT_UNWRITTEN) *unwritten += extent->fe_length;
      start = extent->fe_logical + extent->fe_length;
      if (extent->fe_flags & FIEMAP_EXTENT_LAST) return 0;
    }
    if (map->fm_mapped_extents == 0) return 0;
  }
}

int clinux_room(int descriptor, uint64_t *available, uint64_t *total) {
  struct statvfs facts;
  if (fstatvfs(descriptor, &facts) < 0) return -errno;
  *available = (uint64_t)facts.f_bavail * facts.f_frsize;
  *total = (uint64_t)facts.f_blocks * facts.f_frsize;
  return 0;
}

uint64_t clinux_file_system(int descriptor) {
  struct statfs facts;
  return fstatfs(descriptor, &facts) < 0 ? 0 : (uint64_t)(unsigned long)facts.f_type & 0xFFFFFFFF;
}

int clinux_lease(int descriptor) {
  // The default signal of a broken lease, SIGIO, would end the process; SIGURG is ignored by default. Nobody
  // waits for it: the lease is polled.
  if (fcntl(descriptor, F_SETSIG, SIGURG) < 0) return -errno;
  return (int)result(fcntl(descriptor, F_SETLEASE, F_RDLCK));
}

int clinux_lease_holds(int descriptor) { return fcntl(descriptor, F_GETLEASE) == F_RDLCK; }
int clinux_unlease(int descriptor) { return (int)result(fcntl(descriptor, F_SETLEASE, F_UNLCK)); }

void clinux_copy_owner(int from, int to) {
  struct stat facts;
  if (fstat(from, &facts) < 0) return;
  // An ordinary user may not give files away: then the copy is his, which the mode below must not make wider.
  if (fchown(to, facts.st_uid, facts.st_gid) == 0) fchmod(to, facts.st_mode & 0777);
}

int clinux_lock(int descriptor) { return (int)result(flock(descriptor, LOCK_EX | LOCK_NB)); }

int clinux_rename_new(int directory, const char *from, const char *to) {
  return (int)result(renameat2(directory, from, directory, to, RENAME_NOREPLACE));
}

int clinux_unlink(int directory, const char *name) { return (int)result(unlinkat(directory, name, 0)); }

const char *clinux_error_name(int number) { return strerrorname_np(number); }
const char *clinux_error_text(int number) { return strerrordesc_np(number); }

// Eight words at a time, so that the compiler uses vectors; stops at the first line that holds anything.
static bool all_zero(const unsigned char *bytes, size_t count) {
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    uint64_t words[8];
    memcpy(words, bytes + i, sizeof words);
    uint64_t any = 0;
    for (int word = 0; word < 8; word++) any |= words[word];
    if (any) return false;
  }
  for (; i < count; i++)
    if (bytes[i]) return false;
  return true;
}

size_t clinux_zero_run(const void *bytes, size_t count, size_t granule, bool *zero) {
  const unsigned char *start = bytes;
  size_t length = count < granule ? count : granule;
  *zero = all_zero(start, length);
  while (length < count) {
    size_t next = count - length < granule ? count - length : granule;
    if (all_zero(start + length, next) != *zero) break;
    length += next;
  }
  return length;
}
