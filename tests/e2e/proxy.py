"""A network between two ends that does what networks do: TCP and UDP on one port each, to a port behind it.
Datagrams are lost, doubled, delayed and overtake each other; connections are delayed, stalled and cut off."""

import heapq
import random
import selectors
import socket
import threading
import time

from ports import free_port

CHUNK = 65536
TURN = 0.05  # seconds that an idle turn waits


class Proxy:
    """From `at` to `target_at`. Knobs: loss, double, late (shares of the datagrams), delay (seconds, each way), cut (share of TCP's chunks
    after which a connection breaks off). They may be turned while it runs."""

    def __init__(self, target, seed=0, at="127.0.0.1", target_at="127.0.0.1"):
        self.target = (target_at, target)
        self.random = random.Random(seed)
        self.loss = self.double = self.late = self.cut = 0.0
        self.delay = 0.0
        self.open = True
        self.cuts = 0
        self.selector = selectors.DefaultSelector()
        self.port = free_port()
        self.listener = socket.create_server((at, self.port))
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind((at, self.port))
        self.backs = {}  # a client's address: the socket that speaks to the target for it
        self.peers = {}  # TCP: each socket's other end
        self.waiting = []  # (when, number, function)
        self.number = 0
        self.lock = threading.Lock()
        self.ended = False
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(self.front, selectors.EVENT_READ, self.from_client)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self.thread.join()
        for s in [self.listener, self.front, *self.backs.values(), *self.peers]:
            s.close()

    def hang_up(self):
        """Breaks all TCP connections off, and forgets who spoke UDP."""
        with self.lock:
            for s in list(self.peers):
                self.drop(s)

    def shut(self):
        """The line is down: nothing passes, connections included."""
        self.open = False
        self.hang_up()

    def mend(self):
        self.open = True

    def run(self):
        while not self.ended:
            wait = TURN
            if self.waiting:
                wait = min(wait, max(0.0, self.waiting[0][0] - time.monotonic()))
            for key, _ in self.selector.select(wait):
                with self.lock:
                    if key.fileobj.fileno() >= 0:
                        key.data(key.fileobj)
            with self.lock:
                while self.waiting and self.waiting[0][0] <= time.monotonic():
                    heapq.heappop(self.waiting)[2]()

    def later(self, seconds, function):
        if seconds <= 0:
            function()
            return
        self.number += 1
        heapq.heappush(self.waiting, (time.monotonic() + seconds, self.number, function))

    # TCP

    def accept(self, listener):
        client, _ = listener.accept()
        if not self.open:
            client.close()
            return
        try:
            server = socket.create_connection(self.target, timeout=1)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.settimeout(5)
            self.peers[one] = other
            self.selector.register(one, selectors.EVENT_READ, self.relay)

    def drop(self, s):
        other = self.peers.pop(s, None)
        for one in (s, other):
            if one is None:
                continue
            self.peers.pop(one, None)
            try:
                self.selector.unregister(one)
            except (KeyError, ValueError):
                pass
            one.close()

    def relay(self, s):
        other = self.peers.get(s)
        try:
            chunk = s.recv(CHUNK)
        except OSError:
            chunk = b""
        if not chunk or other is None or not self.open:
            self.drop(s)
            return
        cut = self.random.random() < self.cut
        if cut:
            chunk = chunk[:self.random.randrange(len(chunk) + 1)]
            self.cuts += 1
        self.later(self.delay, lambda: self.push(s, other, chunk, cut))

    def push(self, s, other, chunk, cut):
        if other.fileno() < 0:
            return
        try:
            other.sendall(chunk)
        except OSError:
            cut = True
        if cut:
            self.drop(s)

    # UDP

    def from_client(self, front):
        data, address = front.recvfrom(CHUNK)
        back = self.backs.get(address)
        if back is None:
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            back.connect(self.target)
            self.backs[address] = back
            self.selector.register(back, selectors.EVENT_READ, lambda b: self.from_server(b, address))
        self.pass_on(lambda: back.send(data))

    def from_server(self, back, address):
        try:
            data = back.recv(CHUNK)
        except OSError:
            return  # nobody listens there now
        self.pass_on(lambda: self.front.sendto(data, address))

    def pass_on(self, send):
        def quietly():
            try:
                send()
            except OSError:
                pass
        if not self.open or self.random.random() < self.loss:
            return
        copies = 2 if self.random.random() < self.double else 1
        for _ in range(copies):
            late = self.random.uniform(0, 0.05) if self.random.random() < self.late else 0
            self.later(self.delay + late, quietly)
