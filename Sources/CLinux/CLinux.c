#define _GNU_SOURCE 1
#include "CLinux.h"
#include <stddef.h>
#include <sys/socket.h>

int clinux_accept_nonblocking(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static _Thread_local const void *current_loop;
bool clinux_on_loop(const void *loop) { return current_loop == loop; }
void clinux_enter_loop(const void *loop) { current_loop = loop; }
