// Linux calls that need _GNU_SOURCE, behind plain prototypes, so that no other module's view of
// the libc headers changes. One line of reason for each; nothing here has a policy.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC; the peer's address is not wanted here.
int clinux_accept_nonblocking(int listener);

/// Which event loop the calling thread runs. A C thread-local, because `pthread_self()` is unreliable after an
/// await under -O (glibc marks it const).
bool clinux_on_loop(const void *loop);
void clinux_enter_loop(const void *loop);
