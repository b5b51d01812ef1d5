"""The loopback addresses that a test of programs can use here."""

import errno
import functools
import os
import socket
import sys


@functools.cache
def hosts() -> tuple[str, ...]:
    """IPv4's, and IPv6's where it works: many containers have none. The summary of the tests says
    that it went untested."""
    lack = ipv6_lack()
    if not lack:
        return ("127.0.0.1", "::1")
    print(f"not tested on IPv6: {lack}", file=sys.stderr, flush=True)
    return ("127.0.0.1",)


def ipv6_lack() -> str:
    """Why nothing can be bound to ::1; empty if it can."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return f"cannot bind to ::1: {os.strerror(error.errno or errno.EAFNOSUPPORT)}"
    return ""
