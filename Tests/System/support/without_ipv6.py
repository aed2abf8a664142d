"""Runs a command as on a kernel without IPv6 (ipv6.disable=1): socket(AF_INET6) fails with EAFNOSUPPORT, by seccomp(2).

    python3 without_ipv6.py COMMAND [ARGUMENT]...
"""

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

# System call numbers of socket(2), and where the low half of its first argument is in struct seccomp_data.
SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]
LOAD_NUMBER, LOAD_FAMILY, JUMP_IF_EQUAL, RETURN = (0x20, 0), (0x20, 16), 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER_MODE = 38, 22, 2


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


program = b"".join([
    instruction(*LOAD_NUMBER),
    instruction(JUMP_IF_EQUAL, SOCKET, if_false=3),
    instruction(*LOAD_FAMILY),
    instruction(JUMP_IF_EQUAL, socket.AF_INET6, if_false=1),
    instruction(RETURN, FAIL | errno.EAFNOSUPPORT),
    instruction(RETURN, ALLOW),
])
buffer = ctypes.create_string_buffer(program, len(program))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, FILTER_MODE, filter, 0, 0)):
    if libc.prctl(*arguments) != 0:
        sys.exit(f"without_ipv6: prctl: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[1], sys.argv[1:])
