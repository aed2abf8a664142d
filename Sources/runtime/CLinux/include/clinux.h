// What Swift cannot import by itself: macros, variadic functions and functions behind _GNU_SOURCE; and the one piece
// that must not be Swift, the code between fork and exec.
#ifndef CLINUX_H
#define CLINUX_H

// Only headers that Swift's Glibc module lacks, or that agree with it: with _GNU_SOURCE defined here, the two modules
// would disagree about structures.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

int clinux_accept(int listener, struct sockaddr_storage *peer, socklen_t *length);
int clinux_nonblocking_pipe(int ends[2]);
/// A descriptor that becomes readable when the process ends (Linux 5.3).
int clinux_pidfd_open(pid_t pid);
/// Opens for reading what `path` names below the descriptor `directory`: no `..`, no absolute path and no symbolic link
/// leads out of it (openat2 with RESOLVE_BENEATH, Linux 5.6). Never waits for the other end of a named pipe.
int clinux_open_beneath(int directory, const char *path);
/// Each of the two paths gets the other's name, in one step (renameat2 with RENAME_EXCHANGE, Linux 3.15; EINVAL where the
/// file system cannot).
int clinux_exchange(const char *path, const char *other);
/// Names the calling thread; the kernel keeps 15 bytes.
void clinux_name_thread(const char *name);
/// malloc_trim(0): gives free pages back to the system. Whether there were any is of no consequence.
void clinux_return_free_memory(void);
/// sun_path of a unix address; returns -1 if the path does not fit.
int clinux_unix_address(struct sockaddr_un *address, const char *path);
/// The length of a unix address in the abstract namespace: where it ends is part of its name. 0 if it does not fit.
size_t clinux_abstract_address(struct sockaddr_un *address, const char *name);

/// Starts `path` with exactly `arguments` and `environment` (both NULL-terminated), standard output and error on the
/// given descriptors, standard input from /dev/null, every other descriptor closed, all signals at their default.
/// With `death_signal`, the kernel sends it to the child when the calling *thread* ends (PR_SET_PDEATHSIG).
/// With `new_session`, the child leads a session of its own.
/// Returns the pid, or -1 with errno set, also when exec itself failed.
pid_t clinux_spawn(const char *path, char *const arguments[], char *const environment[], const char *directory,
                   int output, int error, int death_signal, int new_session);

#endif
