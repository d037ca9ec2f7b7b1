#define _GNU_SOURCE 1
#include "CLinux.h"
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int clinux_accept_nonblocking(int listener, void *peer) {
  socklen_t length = sizeof(struct sockaddr_storage);
  return accept4(listener, peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int clinux_epoll_remove(int epoll, int descriptor) {
  struct epoll_event event = {0};
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
}

int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int milliseconds) {
  return epoll_wait(epoll, events, capacity, milliseconds);
}

int clinux_wakeup_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static _Thread_local const void *current_loop;
bool clinux_on_loop(const void *loop) { return current_loop == loop; }
void clinux_enter_loop(const void *loop) { current_loop = loop; }

void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
