#!/usr/bin/env python3
"""The HTML reports of `weir load` and `weir bench` in a real browser: they render in both schemes,
with and without scripts, say nothing in the console, ask nobody for anything, and let no text
become markup.

    load_html_test.py PATH_OF_REPORT_PROBE [unittest arguments]

Screenshots go to the directory that WEIR_SCREENSHOTS names, if it is set.
"""

import contextlib
import functools
import html.parser
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import browser

PROBE = ""
LIMIT_S = 120  # a browser on a busy machine
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
CASES = (
    "closed",
    "open",
    "datagram",
    "few",
    "hostile",
    "untrusted",
    "saturated",
    "refused",
    "sweep",
    "bench",
)
NO_RUN = ("sweep", "bench")  # these are about more than one
CHARTS = {"percentiles", "rate", "latency"}
VOID = {"meta", "link", "br", "hr", "img", "input"}


@functools.cache
def page_of(case: str) -> str:
    run = subprocess.run([PROBE, case, "html"], capture_output=True, timeout=LIMIT_S, check=True)
    return run.stdout.decode("utf-8")


class Outline(html.parser.HTMLParser):
    """What a page consists of; `faults` has elements that are not closed where they should be."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        self.faults += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> ends {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)

    def having(self, tag: str, **attributes) -> list[dict]:
        return [
            found
            for name, found in self.elements
            if name == tag and attributes.items() <= found.items()
        ]


class MarkupTest(unittest.TestCase):
    """Without a browser."""

    def test_pages_are_well_formed(self) -> None:
        for case in CASES:
            with self.subTest(case=case):
                self.assertEqual(Outline(page_of(case)).faults, [])

    def test_ids_are_unique_and_references_lead_somewhere(self) -> None:
        for case in CASES:
            with self.subTest(case=case):
                elements = Outline(page_of(case)).elements
                ids = [found["id"] for _, found in elements if "id" in found]
                self.assertEqual(len(ids), len(set(ids)))
                for _, found in elements:
                    for name in found.get("aria-labelledby", "").split():
                        self.assertIn(name, ids)

    def test_nothing_is_fetched(self) -> None:
        for case in CASES:
            with self.subTest(case=case):
                for tag, attributes in Outline(page_of(case)).elements:
                    for name in ("src", "href", "action", "data", "poster", "srcset"):
                        self.assertIn(attributes.get(name, "data:,"), ("data:,",), tag)

    def test_charts_are_named_and_described(self) -> None:
        outline = Outline(page_of("open"))

        charts = outline.having("svg", role="img")

        self.assertEqual({chart["id"] for chart in charts}, CHARTS)
        for chart in charts:
            self.assertEqual(chart["aria-labelledby"], f"{chart['id']}-title {chart['id']}-desc")

    def test_the_report_is_embedded_as_it_is(self) -> None:
        for case in CASES:
            if case in NO_RUN:
                continue
            with self.subTest(case=case):
                run = subprocess.run([PROBE, case, "json"], capture_output=True, check=True)

                embedded = json.loads(Outline(page_of(case)).scripts[0])

                self.assertEqual(embedded, json.loads(run.stdout))

    def test_a_sweep_embeds_every_run(self) -> None:
        runs = json.loads(Outline(page_of("sweep")).scripts[0])

        self.assertEqual(len(runs), 6)
        self.assertEqual({run["schema"] for run in runs}, {"weir.load/1"})

    def test_a_suite_embeds_its_rounds_and_no_foreign_markup(self) -> None:
        outline = Outline(page_of("bench"))
        suite = json.loads(outline.scripts[0])

        self.assertEqual(len(suite["benchmarks"]), 48)
        self.assertEqual(len(outline.scripts), 2)
        self.assertEqual(outline.having("img"), [])
        self.assertGreaterEqual(len(outline.having("svg", role="img")), 3)

    def test_percentiles_of_single_samples_stand_in_parentheses(self) -> None:
        page = page_of("few")

        cards = re.findall(r"<li><span>(p[0-9.]+)</span><b>([^<]*)</b>", page)

        self.assertEqual(cards, [("p50", "100 µs"), ("p99", "(100 µs)"), ("p99.9", "(100 µs)")])
        goals = Outline(page).text[Outline(page).text.index("p50<1ms") :]
        self.assertEqual([text for text in goals if "100 µs" in text][:2], ["100 µs", "(100 µs)"])

    def test_hostile_text_stays_text(self) -> None:
        page = page_of("hostile")
        outline = Outline(page)

        self.assertEqual(len(outline.scripts), 2)
        self.assertEqual(outline.having("img"), [])
        self.assertNotIn("<script>window.owned", page)
        self.assertNotIn("</script><", page.replace("</script>\n", ""))
        self.assertFalse(any("onerror" in found for _, found in outline.elements))
        self.assertIn("<script>window.owned=1</script>", "".join(outline.text))
        self.assertIn("window.owned=1", json.loads(outline.scripts[0])["config"]["target"])


class Trap(http.server.BaseHTTPRequestHandler):
    """Hears every request that a page may make over HTTP."""

    heard: list[str] = []

    def do_GET(self) -> None:
        Trap.heard.append(self.path)
        with contextlib.suppress(ConnectionError):  # the browser may be gone already
            self.send_error(404)

    do_CONNECT = do_POST = do_GET

    def log_message(self, format: str, *arguments) -> None:
        """The list is enough."""


@unittest.skipIf(BROWSER is None, "chromium is missing; apt-get install chromium")
class BrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = Path(tempfile.mkdtemp(prefix="weir-html-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        for case in CASES:
            (cls.directory / f"{case}.html").write_text(page_of(case), encoding="utf-8")
        # Every request, to whatever host, would have to go through this proxy.
        cls.trap = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap)
        threading.Thread(target=cls.trap.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.trap.server_close)
        cls.addClassCleanup(cls.trap.shutdown)
        cls.browser = browser.Browser(BROWSER, cls.directory, cls.trap.server_port, LIMIT_S)
        cls.addClassCleanup(cls.browser.end)

    def page(self, case: str, fragment: str = "", **emulated) -> browser.Page:
        page = self.browser.open((self.directory / f"{case}.html").as_uri() + fragment, **emulated)
        self.addCleanup(page.close)
        return page

    def requests(self) -> list[str]:
        """Of the page: a browser also phones home, about itself and its search engine."""
        own = ("google", "gvt1", "duckduckgo.com:443")
        return [path for path in Trap.heard if not any(host in path for host in own)]

    def test_a_console_message_would_be_seen(self) -> None:
        (self.directory / "loud.html").write_text("<script>console.error('loud')</script>")

        lines = self.page("loud").console

        self.assertTrue(any("loud" in line for line in lines), lines)

    def test_a_refusal_by_the_page_s_own_policy_would_be_seen(self) -> None:
        page = (self.directory / "open.html").read_text(encoding="utf-8")
        (self.directory / "refused-image.html").write_text(
            page.replace("</body>", "<img src='http://weir.invalid/no'></body>"), encoding="utf-8"
        )

        self.assertNotEqual(self.page("refused-image").console, [])
        self.assertEqual(self.requests(), [])

    def test_a_request_would_be_seen(self) -> None:
        (self.directory / "curious.html").write_text("<img src='http://weir.invalid/curious'>")

        self.page("curious")

        self.assertIn("http://weir.invalid/curious", Trap.heard)
        Trap.heard.remove("http://weir.invalid/curious")

    def test_pages_render_in_silence_and_ask_nobody(self) -> None:
        for case in CASES:
            with self.subTest(case=case):
                page = self.page(case)

                outline = Outline(page.dom())
                self.assertEqual(page.console, [])
                self.assertEqual(self.requests(), [])
                self.assertEqual(outline.having("button", id="theme", hidden=""), [])
                if case not in ("refused", *NO_RUN):
                    ids = {chart["id"] for chart in outline.having("svg", role="img")}
                    self.assertEqual(ids, CHARTS)

    def test_hostile_text_runs_nothing(self) -> None:
        page = (self.directory / "hostile.html").read_text(encoding="utf-8")
        spy = "<script>document.title = 'owned ' + (typeof window.owned)</script></body>"
        (self.directory / "spied.html").write_text(page.replace("</body>", spy), encoding="utf-8")

        dom = self.page("spied").dom()

        self.assertIn("<title>owned undefined</title>", dom)

    def test_both_schemes_look_different_and_are_not_blank(self) -> None:
        kept = os.environ.get("WEIR_SCREENSHOTS")
        for case in ("open", *NO_RUN):
            images = {}
            for theme in ("light", "dark"):
                images[theme] = self.page(case, fragment=f"#theme={theme}").screenshot()
                if kept:
                    (Path(kept) / f"{case}-{theme}.png").write_bytes(images[theme])
            with self.subTest(case=case):
                # A blank page of this size compresses to some 15 KB.
                self.assertGreater(len(images["light"]), 60_000)
                self.assertGreater(len(images["dark"]), 60_000)
                self.assertNotEqual(images["light"], images["dark"])

    def test_the_system_s_scheme_is_followed(self) -> None:
        color = "getComputedStyle(document.body).backgroundColor"
        script = f"<script>document.title = {color}</script></body>"
        page = (self.directory / "open.html").read_text(encoding="utf-8")
        page = page.replace("</body>", script)
        (self.directory / "color.html").write_text(page, encoding="utf-8")
        titles = {}
        for name, scheme, fragment in (
            ("system light", "light", ""),
            ("system dark", "dark", ""),
            ("asked light", "dark", "#theme=light"),
            ("asked dark", "light", "#theme=dark"),
        ):
            page = self.page("color", fragment=fragment, scheme=scheme)
            titles[name] = page.evaluate("document.title")

        self.assertEqual(titles["system light"], titles["asked light"])
        self.assertEqual(titles["system dark"], titles["asked dark"])
        self.assertNotEqual(titles["system light"], titles["system dark"])

    def test_it_prints_and_does_without_scripts(self) -> None:
        page = (self.directory / "open.html").read_text(encoding="utf-8")
        (self.directory / "plain.html").write_text(
            page.replace("script-src 'unsafe-inline'", "script-src 'none'"), encoding="utf-8"
        )
        dom = self.page("plain").dom()
        pdf = self.page("open").pdf()

        outline = Outline(dom)
        self.assertEqual(len(outline.having("svg", role="img")), len(CHARTS))
        self.assertEqual(len(outline.having("button", id="theme", hidden="")), 1)
        self.assertEqual(pdf[:5], b"%PDF-")
        self.assertGreater(len(pdf), 20_000)


if __name__ == "__main__":
    PROBE = sys.argv[1]
    del sys.argv[1]
    if BROWSER is None:
        print("skipped in part: chromium is missing; apt-get install chromium")
    unittest.main()
