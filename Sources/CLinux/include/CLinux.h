// Linux calls that need _GNU_SOURCE, behind plain prototypes, so that no other module's view of
// the libc headers changes. One line of reason for each; nothing here has a policy.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include "disk.h"

// -- event loops (loop.c)

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC; Swift cannot pass accept4's transparent union.
/// `peer` has room for a sockaddr_storage; untyped, so that this header does not pull the socket API
/// out of Glibc.
int clinux_accept_nonblocking(int listener, void *peer);

/// Makes the kernel drop SYNs to a listening socket, by a socket filter, which needs C's macros.
/// Handshakes that have begun still end, and what is queued can be accepted: closing a socket resets both.
int clinux_drop_newcomers(int listener);

/// What a descriptor can report. The epoll constants import unevenly (some as enums), so they are named
/// once here.
static const uint32_t clinux_readable = EPOLLIN;
static const uint32_t clinux_writable = EPOLLOUT;
static const uint32_t clinux_hangup = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
static const uint32_t clinux_stream_edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// The Glibc module has no epoll: these are epoll_create1, epoll_ctl and epoll_wait.
int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int clinux_epoll_remove(int epoll, int descriptor);
int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int milliseconds);

/// An eventfd(2), non-blocking and close-on-exec; the Glibc module has none.
int clinux_wakeup_create(void);

/// Which event loop the calling thread runs. A C thread-local, because `pthread_self()` is unreliable
/// after an await under -O (glibc marks it const).
bool clinux_on_loop(const void *loop);
void clinux_enter_loop(const void *loop);

/// malloc_trim(3), of the whole heap; the Glibc module has no <malloc.h>.
void clinux_return_freed_memory(void);

/// prctl(PR_SET_NAME), which is variadic: at most 15 bytes, shown by top and ps.
void clinux_name_thread(const char *name);
