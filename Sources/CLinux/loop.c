#define _GNU_SOURCE 1
#include "CLinux.h"
#include <stddef.h>
#include <linux/filter.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int clinux_accept_nonblocking(int listener, void *peer) {
  socklen_t length = sizeof(struct sockaddr_storage);
  return accept4(listener, peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_drop_newcomers(int listener) {
  // The filter sees a packet from its TCP header on; the flags are its byte 13.
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02 /* SYN */, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  struct sock_fprog program = {.len = 4, .filter = code};
  return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
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

void clinux_return_freed_memory(void) { malloc_trim(0); }
