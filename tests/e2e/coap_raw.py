"""CoAP put together by hand, to be as wrong as it has to be: messages of RFC 7252 and RFC 8323, over Python's TLS and
over DTLS by openssl."""

import fcntl
import os
import select
import socket
import ssl
import struct
import subprocess
import termios
import time

from box import PATIENCE

GET, POST = 0x01, 0x02
CSM, PING, PONG, ABORT = 0xE1, 0xE2, 0xE3, 0xE5
URI_PATH, CONTENT_FORMAT, URI_QUERY, BLOCK2, BLOCK1 = 11, 12, 15, 23, 27
CBOR = (CONTENT_FORMAT, b"\x3c")


def nibble(value):
    """Of a delta or a length, RFC 7252 section 3.1: the nibble, and what follows."""
    if value < 13:
        return value, b""
    if value < 269:
        return 13, bytes([value - 13])
    return 14, (value - 269).to_bytes(2, "big")


def options(pairs):
    out, last = b"", 0
    for number, value in sorted(pairs, key=lambda pair: pair[0]):
        delta, more = nibble(number - last)
        length, rest = nibble(len(value))
        out += bytes([delta << 4 | length]) + more + rest + value
        last = number
    return out


def path(text):
    return [(URI_PATH, part.encode()) for part in text.split("/")]


def block(number, more, szx):
    return (number << 4 | more << 3 | szx).to_bytes(3, "big").lstrip(b"\0")


def body_of(pairs, payload):
    return options(pairs) + (b"\xff" + payload if payload else b"")


def stream_message(code, pairs=(), payload=b"", token=b"t"):
    """RFC 8323 section 3.2."""
    body = body_of(pairs, payload)
    n = len(body)
    if n < 13:
        head, more = n, b""
    elif n < 269:
        head, more = 13, bytes([n - 13])
    elif n < 65805:
        head, more = 14, (n - 269).to_bytes(2, "big")
    else:
        head, more = 15, (n - 65805).to_bytes(4, "big")
    return bytes([head << 4 | len(token)]) + more + bytes([code]) + token + body


def datagram(code, pairs=(), payload=b"", token=b"t", mid=1, kind=0):
    """RFC 7252 section 3; kind 0 is confirmable."""
    return bytes([0x40 | kind << 4 | len(token), code]) + mid.to_bytes(2, "big") + token + body_of(pairs, payload)


def take_message(data):
    """The first message of a stream: code, payload, and how long it is; None: not all of it is there."""
    if len(data) < 2:
        return None
    head, at = data[0] >> 4, 1
    extra = {13: 1, 14: 2, 15: 4}.get(head, 0)
    if len(data) < 1 + extra + 1:
        return None
    n = head if head < 13 else int.from_bytes(data[1 : 1 + extra], "big") + {13: 13, 14: 269, 15: 65805}[head]
    at += extra
    whole = at + 1 + (data[0] & 15) + n
    if len(data) < whole:
        return None
    body = data[whole - n : whole]
    return data[at], payload_of(body), whole


def payload_of(body):
    at = 0
    while at < len(body) and body[at] != 0xFF:
        delta, length = body[at] >> 4, body[at] & 15
        at += 1 + (delta == 13) + 2 * (delta == 14)
        if length == 13:
            length = body[at] + 13
            at += 1
        elif length == 14:
            length = int.from_bytes(body[at : at + 2], "big") + 269
            at += 2
        at += length
    return body[at + 1 :]


class Stream:
    """A TLS connection; papers is (certificate, key) or None."""

    def __init__(self, port, ca, papers=None, csm=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(ca)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        if papers:
            context.load_cert_chain(*papers)
        raw = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket = context.wrap_socket(raw, server_hostname="localhost")
        self.data = b""
        if csm:
            self.send(stream_message(CSM, token=b""))

    def send(self, raw):
        """False: the hub has hung up."""
        try:
            self.socket.sendall(raw)
            return True
        except OSError:
            return False

    def answer(self, patience=PATIENCE):
        """Code and payload of the next answer, signals aside. None: the hub has hung up."""
        end = time.monotonic() + patience
        while True:
            message = take_message(self.data)
            if message:
                self.data = self.data[message[2] :]
                if message[0] == ABORT:
                    return None
                if message[0] >> 5 != 7 or message[0] == PONG:
                    return message[0], message[1]
                continue
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = self.socket.recv(65536)
            except TimeoutError as e:
                raise AssertionError("the hub says nothing, and does not hang up") from e
            except OSError:
                return None
            if not more:
                return None
            self.data += more

    def ask(self, *words, **more):
        self.send(stream_message(*words, **more))
        return self.answer()

    def close(self):
        self.socket.close()


class Datagrams:
    """A DTLS association, by openssl: what is written at once goes as one datagram."""

    def __init__(self, port, ca, papers=None):
        words = ["openssl", "s_client", "-dtls1_2", "-quiet", "-connect", f"127.0.0.1:{port}", "-CAfile", ca]
        if papers:
            words += ["-cert", papers[0], "-key", papers[1]]
        self.data = b""
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def send(self, raw):
        """Once openssl has taken what was sent before: two writes would else be one datagram."""
        pipe = self.process.stdin.fileno()
        while struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0] and self.process.poll() is None:
            select.select([], [], [], 0.001)
        os.write(pipe, raw)

    def answer(self, patience=PATIENCE):
        """The next datagram's code and payload; None: nothing came. Where one ends nobody says: an empty one has 4 bytes."""
        if not self.data:
            ready, _, _ = select.select([self.process.stdout], [], [], patience)
            self.data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
        if len(self.data) < 4:
            return None
        raw, self.data = (self.data, b"") if self.data[1] else (self.data[:4], self.data[4:])
        return raw[1], payload_of(raw[4 + (raw[0] & 15) :])

    def close(self):
        self.process.kill()
        self.process.wait(PATIENCE)
