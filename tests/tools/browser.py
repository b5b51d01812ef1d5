"""One headless Chromium for many pages, through its debugging protocol over a pair of pipes.

    browser = Browser(executable, directory, proxy_port, limit_s)
    page = browser.open("file:///...")
    page.dom(), page.console

The protocol (https://chromedevtools.github.io/devtools-protocol/) is JSON with a zero byte behind
each message; with --remote-debugging-pipe the browser reads descriptor 3 and writes descriptor 4.
"""

import base64
import itertools
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path


class Browser:
    def __init__(self, executable: str, directory: Path, proxy_port: int, limit_s: float) -> None:
        self.limit_s = limit_s
        self.numbers = itertools.count(1)
        self.unread = b""
        self.sessions: dict[str, Page] = {}
        their_input, self.input = os.pipe()
        self.output, their_output = os.pipe()
        self.errors = tempfile.TemporaryFile(dir=directory)
        self.process = subprocess.Popen(
            # The shell puts the pipes where they are expected, whatever their numbers here.
            [
                *("sh", "-c", f'exec "$0" "$@" 3<&{their_input} 4>&{their_output}', executable),
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                *("--no-first-run", "--disable-component-update", "--disable-sync"),
                *("--disable-background-networking", "--window-size=1200,2600"),
                *("--disable-features=PreconnectToSearch", "--hide-scrollbars"),
                f"--user-data-dir={tempfile.mkdtemp(dir=directory)}",
                f"--proxy-server=http://127.0.0.1:{proxy_port}",
                "--proxy-bypass-list=<-loopback>",
                "--remote-debugging-pipe",
                "about:blank",
            ],
            pass_fds=(their_input, their_output),
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
        )
        os.close(their_input)
        os.close(their_output)

    def open(self, url: str, **emulated) -> "Page":
        """A new page, once it has loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        page = Page(self, target, attached["sessionId"])
        page.load(url, **emulated)
        return page

    def call(self, method: str, session: str | None = None, **parameters) -> dict:
        number = next(self.numbers)
        request = {"id": number, "method": method, "params": parameters}
        if session is not None:
            request["sessionId"] = session
        message = json.dumps(request).encode() + b"\0"
        while message:
            message = message[os.write(self.input, message) :]
        while True:
            answer = self.next_message()
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise AssertionError(f"{method}: {answer['error']}")
            return answer["result"]

    def next_message(self) -> dict:
        """Events go to the page they are about, too."""
        deadline = time.monotonic() + self.limit_s
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.output], [], [], max(0, deadline - time.monotonic()))
            part = os.read(self.output, 1 << 20) if ready else b""
            if not part:
                self.errors.seek(0)
                told = self.errors.read().decode(errors="replace")[-2000:]
                raise AssertionError(f"the browser {'ended' if ready else 'hangs'}: {told}")
            self.unread += part
        text, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(text)
        page = self.sessions.get(message.get("sessionId"))
        if page is not None and "method" in message:
            page.hear(message["method"], message["params"])
        return message

    def end(self) -> None:
        os.close(self.input)  # it ends with its client
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.output)
        self.errors.close()


class Page:
    """`console` has what the page said there, and what the browser said about it."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self.browser = browser
        self.target = target
        self.session = session
        self.console: list[str] = []
        self.has_loaded = False
        browser.sessions[session] = self
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters) -> dict:
        return self.browser.call(method, self.session, **parameters)

    def hear(self, event: str, parameters: dict) -> None:
        if event == "Page.loadEventFired":
            self.has_loaded = True
        elif event == "Log.entryAdded":
            self.console.append(parameters["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.console.append(json.dumps(parameters["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled":
            self.console.append(json.dumps(parameters["args"]))

    def load(self, url: str, scheme: str = "") -> None:
        """`scheme` is the system's: light or dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}] if scheme else []
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=url)
        while not self.has_loaded:
            self.browser.next_message()

    def evaluate(self, expression: str) -> str:
        return self.call("Runtime.evaluate", expression=expression)["result"]["value"]

    def dom(self) -> str:
        return self.evaluate("document.documentElement.outerHTML")

    def screenshot(self) -> bytes:
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def pdf(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def close(self) -> None:
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.sessions[self.session]
