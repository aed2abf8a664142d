#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_accept(int listener, struct sockaddr_storage *peer, socklen_t *length) {
    *length = sizeof *peer;
    return accept4(listener, (struct sockaddr *)peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_nonblocking_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK);
}

int clinux_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int clinux_open_beneath(int directory, const char *path) {
    // Nothing in `how` may be set that the kernel does not know, so all of it is cleared first.
    struct open_how how = {0};
    how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

void clinux_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

int clinux_unix_address(struct sockaddr_un *address, const char *path) {
    if (strlen(path) >= sizeof address->sun_path) return -1;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strcpy(address->sun_path, path);
    return 0;
}

size_t clinux_abstract_address(struct sockaddr_un *address, const char *name) {
    size_t length = strlen(name);
    if (length >= sizeof address->sun_path) return 0;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    // Behind the NUL each byte up to the length is part of the name, further NULs too.
    memcpy(address->sun_path + 1, name, length);
    return offsetof(struct sockaddr_un, sun_path) + 1 + length;
}

static void become(const char *path, char *const arguments[], char *const environment[], const char *directory,
                   int output, int error, int death_signal, int new_session, pid_t parent) {
    if (new_session && setsid() < 0) return;
    if (death_signal) {
        if (prctl(PR_SET_PDEATHSIG, death_signal) < 0) return;
        // The parent may have died before prctl: then nobody would ever send the signal.
        if (getppid() != parent) _exit(125);
    }
    // Ignored signals and the mask survive exec; a child starts as if from a shell.
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (directory && chdir(directory) < 0) return;
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) return;
    // close_range(3, ~0U, CLOSE_RANGE_CLOEXEC): Linux 5.11; the flag keeps the exec error pipe open until exec succeeds.
    syscall(SYS_close_range, 3U, ~0U, 4U);
    execve(path, arguments, environment);
}

pid_t clinux_spawn(const char *path, char *const arguments[], char *const environment[], const char *directory,
                   int output, int error, int death_signal, int new_session) {
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) < 0) return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        int saved = errno;
        close(failure[0]);
        close(failure[1]);
        errno = saved;
        return -1;
    }
    if (child == 0) {
        become(path, arguments, environment, directory, output, error, death_signal, new_session, parent);
        int code = errno;
        (void)!write(failure[1], &code, sizeof code);
        _exit(127);
    }
    close(failure[1]);
    int code = 0;
    ssize_t got;
    do got = read(failure[0], &code, sizeof code); while (got < 0 && errno == EINTR);
    close(failure[0]);
    if (got == sizeof code) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        errno = code;
        return -1;
    }
    return child;
}

void clinux_return_free_memory(void) {
    malloc_trim(0);
}

int clinux_exchange(const char *path, const char *other) {
    return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
}
