"""An HTTP/1.1 server that hangs for a part of each period: the known answer for load generators
that speak nothing else. What comes in a silence is answered at its end, kT; all else at once.

    http_stall.py PERIOD_S STALL_S     prints READY HOST:PORT, ends with SIGTERM or SIGINT
"""

import asyncio
import signal
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Stalling(asyncio.Protocol):
    def __init__(self, began: float, period: float, stall: float) -> None:
        self._began, self._period, self._stall = began, period, stall
        self._unread = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._unread = (self._unread + data).split(b"\r\n\r\n")
        if not requests:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        left = self._period - (now - self._began) % self._period
        if left <= self._stall:
            loop.call_at(now + left, self._transport.write, ANSWER * len(requests))
        else:
            self._transport.write(ANSWER * len(requests))


async def serve(period: float, stall: float) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(lambda: Stalling(began, period, stall), "127.0.0.1", 0)
    print("READY {}:{}".format(*server.sockets[0].getsockname()), flush=True)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), float(sys.argv[2])))
