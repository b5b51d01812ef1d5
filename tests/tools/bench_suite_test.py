"""`weir bench`: what it prints and writes.

Usage: bench_suite_test.py WEIR
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import program
from program import BAD_USAGE, DONE, weir

RUN_FAILED = 1
SLOWER = 7
INCOMPLETE = 8
UNTRUSTED = 6  # the host is too busy for the study: that is no failure of the program


class NagleSuite(unittest.TestCase):
    def test_shows_the_stall_and_what_ends_it(self):
        with tempfile.TemporaryDirectory() as directory:
            run = weir("bench", "nagle", "--only", r"^N(1|14) .*loopback$", "-o", directory)

            self.assertIn(run.returncode, (DONE, UNTRUSTED), run.stderr)
            result = json.loads((Path(directory) / "nagle.json").read_text())
            page = (Path(directory) / "nagle.md").read_text()
        cells = {(cell["scenario"], cell["mode"], cell["acks"]): cell for cell in result["cells"]}
        nagle = cells["N1", "nagle", "delayed"]
        self.assertEqual(len(nagle["rounds"]), 3)
        self.assertIn(nagle["congestion_control"], ("cubic", "reno"))
        self.assertEqual(len(result["benchmarks"]), 3 * len(result["cells"]))
        for moment in ("before", "after"):
            self.assertTrue(result["context"][moment]["load_average"])
        for one in nagle["rounds"]:
            self.assertGreater(one["stalls"], 0.5)
            self.assertGreater(one["segments_per_message"], 1.9)
        for one in cells["N1", "gather", "delayed"]["rounds"]:
            self.assertLess(one["segments_per_message"], 1.5)
        self.assertEqual((result["format"], result["suite"]), ("weir-bench", "nagle"))
        self.assertIn("weir bench nagle", result["context"]["command"])
        for finding in result["findings"]:
            self.assertIn(finding["sentence"], page)
            self.assertIn(finding["sentence"], run.stdout)

    def few_cells(self, path, only):
        """The JSON, page and plots of a few cells on a path; skips where it cannot be made."""
        with tempfile.TemporaryDirectory() as directory:
            run = weir("bench", "nagle", "--only", only, "-o", directory)
            files = {file.name: file.read_text() for file in Path(directory).iterdir()}
        if run.returncode == BAD_USAGE:  # no cell at all: the path is not there
            self.assertIn("left out: ", run.stderr)
            self.skipTest(f"{path}: {run.stderr}")
        self.assertIn(run.returncode, (DONE, UNTRUSTED), run.stderr)
        result = json.loads(files["nagle.json"])
        self.assertEqual({cell["path"] for cell in result["cells"]}, {path})
        self.assertFalse([cell for cell in result["cells"] if "failure" in cell])
        return result, files

    def test_measures_over_virtual_ethernet(self):
        result, files = self.few_cells("veth", "^N1 .*, (nagle|gather|cork), veth$")

        segments = {cell["mode"]: cell["rounds"][0]["segments_per_message"]
                    for cell in result["cells"]}
        self.assertGreater(segments["nagle"], 1.9)
        self.assertLess(segments["gather"], 1.5)
        ends = result["context"]["path_ends"]
        self.assertEqual([(end["path"], end["end"]) for end in ends],
                         [("veth", "client"), ("veth", "server")])
        self.assertEqual(ends[0]["interfaces"][-1]["mtu"], 1500)
        self.assertIn("veth, client: weir0: MTU 1500", files["nagle.md"])
        ElementTree.fromstring(files["nagle-write-modes.svg"])
        self.assertIn("(nagle-write-modes.svg)", files["nagle.md"])

    def test_measures_over_a_thin_link(self):
        result, files = self.few_cells("veth at 10 Mbit/s", "^N(8|11) .*(batch|nodelay)")

        cells = {(cell["case"], cell["sender"]): cell for cell in result["cells"]}
        gathered = cells["64 B every 100 us", "batch 1448 B, 1.0 ms"]
        self.assertLess(gathered["rounds"][0]["segments_per_message"], 0.9)
        self.assertFalse(cells["64 B every 200 us", "nodelay, no autocork"]["autocorking"])
        self.assertIn("a rate, not a delay", files["nagle.md"])

    def test_measures_over_a_distance_and_says_how_late_the_relay_was(self):
        only = "^N(2|7) .*(nagle|nodelay), relay.*10 ms"
        result, files = self.few_cells("relay, RTT 10 ms", only)

        for cell in result["cells"]:
            late_us = sorted(one["relay_late_us"] for one in cell["rounds"])
            self.assertEqual(cell["trusted"], late_us[1] <= 500, cell["name"])
            self.assertEqual(cell["path_rtt_ns"], 10_000_000)
        exchanges = [cell for cell in result["cells"] if cell["scenario"] == "N2"]
        self.assertTrue(exchanges)
        for cell in exchanges:
            for one in cell["rounds"]:
                self.assertGreaterEqual(one["p50_us"], 10_000)
        self.assertIn("The relay was late by", files["nagle.md"])
        for name, text in files.items():
            if name.endswith(".svg"):
                ElementTree.fromstring(text)

    def test_a_study_is_compared_with_an_earlier_one(self):
        with tempfile.TemporaryDirectory() as directory:
            arguments = ("nagle", "--only", "^N4 .*loopback$")
            first = weir("bench", *arguments, "-o", directory)
            path = Path(directory) / "nagle.json"
            again = weir("bench", *arguments, "--baseline", str(path))
            same = weir("bench", "compare", str(path), str(path))
            result = json.loads(path.read_text())
            for one in result["cells"][0]["rounds"]:
                one["segments_per_message"] *= 3
            path.with_name("slower.json").write_text(json.dumps(result))
            slower = weir("bench", "compare", str(path), str(path.with_name("slower.json")))
            result = json.loads(path.read_text())
            del result["cells"][0]
            path.with_name("fewer.json").write_text(json.dumps(result))
            fewer = weir("bench", "compare", str(path), str(path.with_name("fewer.json")))
            other = weir("bench", "echo", "--baseline", str(path))

        self.assertIn(first.returncode, (DONE, UNTRUSTED), first.stderr)
        self.assertIn(again.returncode, (DONE, SLOWER, UNTRUSTED), again.stderr)
        self.assertIn("Cells then and now", again.stdout)
        self.assertEqual(same.returncode, DONE, same.stderr)
        self.assertEqual(slower.returncode, SLOWER, slower.stdout)
        self.assertIn("segments_per_message", slower.stdout)
        self.assertEqual(fewer.returncode, INCOMPLETE, fewer.stdout)
        self.assertIn("not measured now", fewer.stdout)
        self.assertEqual(other.returncode, BAD_USAGE)
        self.assertIn("a result of other suites", other.stderr)

    def micro_benchmarks(self, path, *arguments):
        micro_bench = Path(program.WEIR).with_name("micro_bench")
        if not micro_bench.exists():
            self.skipTest("this build has no micro benchmarks: WEIR_BUILD_BENCH is off")
        subprocess.run([micro_bench, "--benchmark_filter=^BufferMove$",
                        "--benchmark_min_time=0.001", f"--benchmark_out={path}",
                        "--benchmark_out_format=json", *arguments],
                       check=True, capture_output=True, timeout=60)
        return json.loads(path.read_text())

    def test_micro_benchmarks_are_compared(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "micro.json"
            result = self.micro_benchmarks(path, "--benchmark_repetitions=3")
            same = weir("bench", "compare", str(path), str(path))
            for entry in result["benchmarks"]:
                entry["cpu_time"] *= 100
            path.with_name("slower.json").write_text(json.dumps(result))
            slower = weir("bench", "compare", str(path), str(path.with_name("slower.json")))
            path.with_name("none.json").write_text(json.dumps({**result, "benchmarks": []}))
            none = weir("bench", "compare", str(path), str(path.with_name("none.json")))
            self.micro_benchmarks(path.with_name("once.json"))
            once = weir("bench", "compare", str(path), str(path.with_name("once.json")))
            baseline = weir("bench", "echo", "--baseline", str(path))

        self.assertEqual(same.returncode, DONE, same.stderr)
        self.assertIn("1 of 1 comparisons show no difference", same.stdout)
        self.assertEqual(slower.returncode, SLOWER, slower.stdout)
        self.assertIn("BufferMove ", slower.stdout)
        self.assertEqual(none.returncode, INCOMPLETE, none.stdout)
        self.assertIn("MISSING BufferMove: not measured now", none.stdout)
        self.assertEqual(once.returncode, DONE, once.stderr)
        self.assertIn("--benchmark_repetitions=3", once.stdout)
        self.assertIn("repetitions: 3 then, 1 now", once.stderr)
        self.assertEqual(baseline.returncode, BAD_USAGE)
        self.assertIn("a result of micro benchmarks", baseline.stderr)

    def test_refuses_what_it_cannot_do(self):
        for arguments, words in (
            (("nagel",), 'no suite "nagel"'),
            ((), "no suite"),
            (("nagle", "--only", "no such cell"), "--only selects no cell"),
            (("echo", "--only", "no such case"), "--only selects no case"),
            (("compare", program.WEIR, program.WEIR), "no result of weir bench"),
            (("echo", "--baseline", program.WEIR), "no result of weir bench"),
        ):
            with self.subTest(arguments=arguments):
                run = weir("bench", *arguments)

                self.assertEqual(run.returncode, BAD_USAGE)
                self.assertIn(words, run.stderr)


class ServerSuites(unittest.TestCase):
    """Few and short rounds: whether it runs, not what comes of it."""

    def setUp(self):
        if not Path(program.WEIR).with_name("raw_epoll").exists():
            self.skipTest("this build has no peers to compare with: WEIR_BUILD_BENCH is off")

    def bench(self, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            run = weir("bench", *arguments, "--cell", "30ms", "-o", directory)
            self.assertEqual(run.returncode, DONE, run.stdout + run.stderr)
            files = {path.name: path.read_text() for path in Path(directory).iterdir()}
        self.assertEqual(set(files), {"bench.json", "bench.md", "bench.html"})
        self.result = json.loads(files["bench.json"])
        return run, self.result["weir"]["cases"]

    def assert_latencies(self, case):
        """Of each contender where requests are answered, else of none."""
        is_one_way = case["suite"] == "stream" or case["name"].startswith("receive")
        start = "response" if case["name"].startswith("latency") else "service"
        for contender in case["contenders"]:
            if is_one_way:
                self.assertNotIn("latency", contender)
                continue
            latency = contender["latency"][start]
            self.assertGreater(latency["count"], 0)
            self.assertLessEqual(latency["min"], latency["p"]["50"])
            self.assertLessEqual(latency["p"]["50"], latency["max"])
            self.assertTrue(latency["hdr"].startswith("HISTF"), latency["hdr"])

    def test_every_suite_runs_beside_the_raw_loops(self):
        # Each quick case once, beside the raw loops alone: the libraries have tests of their own,
        # and weir on io_uring is in the idle suite.
        run, cases = self.bench("echo", "framing", "stream", "churn", "udp", "--rounds", "1",
                                "--contenders", "^(weir_epoll|raw_.*)$")

        suites = [case["suite"] for case in cases]
        self.assertEqual(sorted(set(suites)), ["churn", "echo", "framing", "stream", "udp"])
        for case in cases:
            with self.subTest(case=case["name"]):
                self.assertNotIn("failure", case)
                names = [contender["name"] for contender in case["contenders"]]
                self.assertIn("weir_epoll", names)
                self.assertTrue(any(name.startswith("raw_") for name in names), names)
                self.assertGreaterEqual(len(case["comparisons"]), 1)
                self.assert_latencies(case)
        for entry in self.result["benchmarks"]:
            self.assertGreater(entry["items_per_second"], 0, entry["name"])
        self.assertIn("CPU a request", run.stdout)
        libraries = self.result["context"]["machine"]["libraries"]
        self.assertIn("liburing " + libraries["liburing"], run.stdout)

    def test_a_case_ends_when_it_is_known_well_enough(self):
        arguments = ("echo", "--only", "64B-c1-d1", "--contenders", "^(weir_epoll$|raw_epoll)")
        _, precise = self.bench(*arguments, "--rounds", "100", "--precision", "50%")
        self.assertEqual(self.result["context"]["precision"], 0.5)
        self.assertGreaterEqual(precise[0]["rounds"], 24)
        self.assertLess(precise[0]["rounds"], 100)
        for contender in precise[0]["contenders"]:
            entries = [entry for entry in self.result["benchmarks"]
                       if entry["run_name"] == contender["run_name"]]
            self.assertEqual(len(entries), precise[0]["rounds"])

    def test_idle_connections_are_weighed(self):
        _, cases = self.bench("idle", "shards", "--rounds", "1", "--contenders", "^weir_")

        self.assertEqual([case["suite"] for case in cases], ["idle", "shards"])
        self.assertTrue(any("memory" in limit for limit in cases[0]["limits"]), cases[0])

    def test_a_result_is_compared_with_an_earlier_one(self):
        with tempfile.TemporaryDirectory() as directory:
            arguments = ("echo", "--only", "64B-c1-d1", "--contenders", "^(weir_epoll|raw_epoll)",
                         "--rounds", "2", "--cell", "30ms")
            first = weir("bench", *arguments, "-o", directory)
            self.assertEqual(first.returncode, DONE, first.stderr)
            path = Path(directory) / "bench.json"

            same = weir("bench", "compare", str(path), str(path))
            again = weir("bench", *arguments, "--baseline", str(path))
            result = json.loads(path.read_text())
            older = json.loads(path.read_text())
            older["weir"]["cases"].append({**older["weir"]["cases"][0], "name": "64B-c1-d1-old"})
            path.with_name("older.json").write_text(json.dumps(older))
            more = weir("bench", *arguments, "--baseline", str(path.with_name("older.json")))
            (Path(directory) / "taken" / "bench.html").mkdir(parents=True)
            unwritten = weir("bench", *arguments, "--baseline", str(path.with_name("older.json")),
                             "-o", str(Path(directory) / "taken"))
            for comparison in result["weir"]["cases"][0]["comparisons"]:
                for key in ("ratio", "low", "high"):
                    comparison[key] *= 10 if comparison["metric"] == "cpu_ns" else 0.1
                comparison["pairs"] = 6
                comparison["verdict"] = "slower"
            path.with_name("slower.json").write_text(json.dumps(result))
            many = json.loads(path.read_text())
            for comparison in many["weir"]["cases"][0]["comparisons"]:
                comparison.update(pairs=6, verdict="no difference shown")
            path.with_name("many.json").write_text(json.dumps(many))
            slower = weir("bench", "compare", str(path.with_name("many.json")),
                          str(path.with_name("slower.json")))
            result["weir"]["cases"][0]["failure"] = "weir_epoll: it stopped"
            result["context"]["machine"]["cpu_model"] = "Another"
            path.with_name("failed.json").write_text(json.dumps(result))
            failed = weir("bench", "compare", str(path), str(path.with_name("failed.json")))

        self.assertEqual(more.returncode, INCOMPLETE, more.stdout)
        self.assertIn("64B-c1-d1-old: not measured now", more.stdout)
        self.assertEqual(unwritten.returncode, RUN_FAILED, unwritten.stdout)  # outranks the other
        self.assertIn("64B-c1-d1-old: not measured now", unwritten.stdout)
        self.assertEqual(failed.returncode, INCOMPLETE, failed.stdout)
        self.assertIn("echo/64B-c1-d1: failed now: weir_epoll: it stopped", failed.stdout)
        self.assertIn("warning: processor: ", failed.stderr)
        self.assertEqual(same.returncode, DONE, same.stderr)
        self.assertIn("too few rounds", same.stdout)
        self.assertIn(again.returncode, (DONE, SLOWER), again.stderr)
        self.assertIn("Then and now", again.stdout)
        self.assertEqual(slower.returncode, SLOWER, slower.stdout)


    def test_another_build_takes_part(self):
        with tempfile.TemporaryDirectory() as directory:
            other = Path(directory) / "weir"
            other.write_text(f'#!/bin/sh\nexec "{program.WEIR}" "$@"\n')
            other.chmod(0o755)

            run, cases = self.bench("echo", "--only", "64B-c1-d1", "--rounds", "1",
                                    "--contenders", "epoll$", "--against", str(other))

        roles = {one["name"]: (one["role"], one["command"]) for one in cases[0]["contenders"]}
        self.assertIn("against_epoll", roles)
        self.assertEqual(roles["against_epoll"][0], "build")
        self.assertTrue(roles["against_epoll"][1].startswith(str(other)), roles)
        pairs = [(one["numerator"], one["denominator"]) for one in cases[0]["comparisons"]]
        self.assertIn(("weir_epoll", "against_epoll"), pairs)
        self.assertIn("weir_epoll / against_epoll", run.stdout)
        self.assertIn(f"--against {other}", cases[0]["command"])


class Peers(unittest.TestCase):
    def test_a_folder_without_them_is_told(self):
        with tempfile.TemporaryDirectory() as directory:
            run = weir("bench", "echo", "--bin", directory)

        self.assertEqual(run.returncode, 1)
        self.assertIn("WEIR_BUILD_BENCH", run.stderr)


class Doctor(unittest.TestCase):
    def test_says_what_it_saw(self):
        run = weir("bench", "doctor")

        self.assertEqual(run.returncode, DONE, run.stderr)
        for name in ("gaps", "wake-up", "load", "cpus", "clock source", "build"):
            self.assertIn(f"{name} = ", run.stdout)


if __name__ == "__main__":
    program.WEIR = sys.argv.pop(1)
    unittest.main()
