"""A UDP echo server that loses, doubles, swaps, damages or delays what a rule says, and counts."""

import heapq
import os
import socket
import threading
import time

RECEIVE_BUFFER_BYTES = 8 << 20


class Faults:
    """Which of the datagrams, counted from 1 as they come, meets what. 0: none."""

    def __init__(self, **every: int) -> None:
        self.drop_every = every.pop("drop_every", 0)
        self.double_every = every.pop("double_every", 0)
        self.swap_every = every.pop("swap_every", 0)  # with the one after it
        self.damage_every = every.pop("damage_every", 0)
        self.cut_every = every.pop("cut_every", 0)
        self.stray_every = every.pop("stray_every", 0)  # sends something of its own, too
        self.delay_every = every.pop("delay_every", 0)
        self.delay_s = every.pop("delay_s", 0)
        self.damage_at = every.pop("damage_at", -1)
        if every:
            raise TypeError(f"no such fault: {every}")


class FaultServer:
    """Answers in a thread, until `end`."""

    def __init__(self, **faults) -> None:
        self.faults = Faults(**faults)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.target = f"udp://127.0.0.1:{self.port}"
        self.received = 0
        self.sent = 0
        self.last = None  # what was sent last, and to whom
        self.counts = dict.fromkeys(
            ("dropped", "doubled", "swapped", "damaged", "cut", "strays", "delayed"), 0
        )
        self.held = None  # the one that lets the next pass
        self.delayed = []  # (when, order, what, to whom)
        self.ending = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def end(self) -> None:
        if not self.ending:
            self.ending = True
            self.thread.join()
            self.socket.close()

    def run(self) -> None:
        self.socket.settimeout(0.005)
        while not self.ending:
            try:
                datagram, peer = self.socket.recvfrom(65536)
            except TimeoutError:
                self.send_delayed()
                continue
            except OSError:
                continue  # an ICMP error of an earlier answer
            self.received += 1
            self.answer(datagram, peer)
            self.send_delayed()

    def is_turn(self, every: int) -> bool:
        return every != 0 and self.received % every == 0

    def send(self, datagram: bytes, peer: tuple) -> None:
        try:
            self.socket.sendto(datagram, peer)
            self.sent += 1
            self.last = (datagram, peer)
        except OSError:
            pass  # the client has gone

    def answer(self, datagram: bytes, peer: tuple) -> None:
        faults = self.faults
        if self.is_turn(faults.drop_every):
            self.counts["dropped"] += 1
            return
        if self.is_turn(faults.delay_every):
            self.counts["delayed"] += 1
            when = time.monotonic() + faults.delay_s
            heapq.heappush(self.delayed, (when, self.received, datagram, peer))
            return
        if self.is_turn(faults.swap_every) and self.held is None:
            self.held = (datagram, peer)
            return
        if self.is_turn(faults.damage_every):
            self.counts["damaged"] += 1
            changed = bytearray(datagram)
            changed[faults.damage_at] ^= 0x01
            datagram = bytes(changed)
        if self.is_turn(faults.cut_every):
            self.counts["cut"] += 1
            datagram = datagram[:-1]
        if self.is_turn(faults.stray_every):
            self.counts["strays"] += 1
            self.send(b"nothing that anybody asked for", peer)
        self.send(datagram, peer)
        if self.is_turn(faults.double_every):
            self.counts["doubled"] += 1
            self.send(datagram, peer)
        if self.held is not None:
            held, self.held = self.held, None
            self.counts["swapped"] += 1
            self.send(*held)

    def send_delayed(self) -> None:
        while self.delayed and self.delayed[0][0] <= time.monotonic():
            _, _, datagram, peer = heapq.heappop(self.delayed)
            self.send(datagram, peer)


class DeafSocket:
    """Receives nothing: its buffer, as small as the kernel makes them, overflows."""

    def __init__(self, takes_trains: bool = False) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        if takes_trains:
            udp_gro = 104
            self.socket.setsockopt(socket.IPPROTO_UDP, udp_gro, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.target = f"udp://127.0.0.1:{self.socket.getsockname()[1]}"

    def waiting(self) -> int:
        """How many datagrams wait in it; takes them."""
        count = 0
        self.socket.setblocking(False)
        while True:
            try:
                self.socket.recv(65536)
            except BlockingIOError:
                return count
            count += 1

    def drops(self) -> int:
        inode = str(os.fstat(self.socket.fileno()).st_ino)
        with open("/proc/net/udp", encoding="ascii") as table:
            for line in table:
                columns = line.split()
                if columns[9] == inode:
                    return int(columns[-1])
        raise AssertionError("the socket is not in /proc/net/udp")

    def end(self) -> None:
        self.socket.close()
