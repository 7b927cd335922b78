"""Ports that stay theirs over restarts of who listens there: none of those that the kernel gives out by itself meanwhile."""

import random
import socket

LOWEST = 10000


def free_port():
    """Free now for TCP and UDP, at all addresses of this machine."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        given_out = int(file.read().split()[0])
    assert given_out > 2 * LOWEST, "the kernel leaves no room for ports of our own"
    while True:
        port = random.randrange(LOWEST, given_out)
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind(("", port))
                datagrams.bind(("", port))
                return port
            except OSError:
                continue
