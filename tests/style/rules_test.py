#!/usr/bin/env python3
"""Each rule of tools/dev/tidy finds what it promises, and leaves alone what is fine."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools/dev"))

from style import rules  # noqa: E402
from style.source import SourceFile, tree_files  # noqa: E402

HEADER = "// What it is.\n#pragma once\n"


class Tree:
    """A small source tree in a temporary directory."""

    def __init__(self, case):
        self.folder = tempfile.TemporaryDirectory()
        case.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def add(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        return self

    def findings(self, path):
        """(rule, line) of everything found in one file."""
        files = [SourceFile(self.root, found) for found in tree_files(self.root)]
        chosen = next(file for file in files if str(file.path) == path)
        return [(finding.rule, finding.line) for finding in rules.check(chosen, files)]


class Rules(unittest.TestCase):
    def found(self, path, text, also=None):
        """Findings in one listed file; `also` holds more files by path."""
        tree = Tree(self).add(path, text)
        for other, content in (also or {}).items():
            tree.add(other, content)
        if path.endswith((".h", ".cpp")):
            tree.add("CMakeLists.txt", f"list({path})")
        return tree.findings(path)

    def test_clean_file_has_no_findings(self):
        text = '// Why.\n#include "weir/base/chain.h"\n\nint f() { return 1; }\n'

        self.assertEqual(self.found("runtime/src/base/chain.cpp", text), [])

    def test_long_line_is_found_and_an_address_may_stick_out(self):
        words = "// " + "word " * 30
        address = "// https://example.org/" + "a" * 120

        found = self.found("runtime/src/base/a.cpp", f"{words}\n{address}\n")

        self.assertEqual(found, [("line-length", 1)])

    def test_the_peers_of_the_interop_tests_keep_their_long_lines(self):
        words = "# " + "word " * 30

        self.assertEqual(self.found("tests/interop/peers/client.py", words), [])
        self.assertEqual(self.found("tests/interop/client.py", words), [("line-length", 1)])

    def test_columns_are_characters_not_bytes(self):
        line = "// " + "é" * 95 + " é"

        self.assertEqual(self.found("runtime/src/base/a.cpp", line + "\n"), [])

    def test_reasoned_exception_is_honoured_and_one_without_reason_is_not(self):
        long = "// " + "word " * 30
        text = (
            f"// tidy: allow line-length: a table\n{long}\n\n"
            f"// tidy: allow line-length:\n{long}\n"
        )

        self.assertEqual(self.found("runtime/src/base/a.cpp", text), [("line-length", 5)])

    def test_long_files_warn_and_too_long_files_fail(self):
        for lines, expected in ((500, []), (501, [True]), (800, [True]), (801, [False])):
            with self.subTest(lines=lines):
                tree = Tree(self).add("runtime/src/base/a.cpp", "//\n" * lines)
                tree.add("CMakeLists.txt", "list(runtime/src/base/a.cpp)")
                files = [SourceFile(tree.root, path) for path in tree_files(tree.root)]

                found = rules.check(files[1], files)

                self.assertEqual([finding.is_warning for finding in found], expected)

    def test_function_length_counts_from_the_name_to_the_brace(self):
        body = "  call();\n"
        for lines, expected in ((68, []), (69, [("function", 1)])):
            with self.subTest(lines=lines):
                text = "int Shard::turn(int budget) noexcept {\n" + body * lines + "}\n"

                self.assertEqual(self.found("runtime/src/base/a.cpp", text), expected)

    def test_long_functions_are_found_wherever_they_stand(self):
        body = "  if (x) {\n  }\n" * 40
        for opening, closing, line in (
            ("namespace weir {\nvoid f() {\n", "}\n}\n", 2),
            ("class A {\n public:\n  A() : b_{1}, c_(2) {\n", "}\n};\n", 3),
            ("template <typename T>\n  requires Ready<T>\nauto f(T t) -> int {\n", "}\n", 1),
            ("TEST(Suite, Case) {\n", "}\n", 1),
            ("#define X \\\n  {\nbool operator==(A a, B b) {\n", "}\n", 3),
            ("void f(A a = {}, B b = {.c = 1}) {\n", "}\n", 1),
        ):
            with self.subTest(opening=opening):
                found = self.found("runtime/src/base/a.cpp", opening + body + closing)

                self.assertEqual(found, [("function", line)])

    def test_types_tables_and_namespaces_may_be_long(self):
        for opening, closing in (
            ("namespace weir {\n", "}\n"),
            ("struct A {\n", "};\n"),
            ("enum class Error : int {\n", "};\n"),
            ("constexpr Entry table[] = {\n", "};\n"),
            ("const auto names = std::to_array<Name>({\n", "});\n"),
            ("class A final : public B<decltype(f())> {\n", "};\n"),
        ):
            with self.subTest(opening=opening):
                text = opening + "  // line\n" * 80 + closing

                self.assertEqual(self.found("runtime/src/base/a.cpp", text), [])

    def test_braces_in_literals_and_comments_do_not_count(self):
        text = (
            "int f() {\n  g('{', \"{\", R\"x({{)x\", 1'000'000);  // {\n  /* { */\n}\n"
            + "// line\n" * 80
        )

        self.assertEqual(self.found("runtime/src/base/a.cpp", text), [])

    def test_catch_all_file_names_are_refused(self):
        for name in ("utils.h", "string_util.h", "buffer_manager.h", "common.h"):
            with self.subTest(name=name):
                found = self.found(f"runtime/src/base/{name}", HEADER)

                self.assertIn(("file-name", 1), found)

    def test_vague_names_are_refused_outside_comments_and_strings(self):
        text = (
            "// class BufferManager\n"
            'const char* s = "class BufferManager";\n'
            "class BufferManager;\n"
        )

        self.assertEqual(self.found("runtime/src/base/a.cpp", text), [("name", 3)])

    def test_function_called_process_is_refused(self):
        self.assertEqual(self.found("tools/weir/a.cpp", "void process(int);\n"), [("name", 1)])

    def test_left_overs_are_found_in_every_kind_of_file(self):
        for path in ("runtime/src/base/a.cpp", "docs/a.md", "tools/a.sh", "CMakeLists.txt"):
            with self.subTest(path=path):
                tree = Tree(self).add(path, "# FIX" "ME later\n")
                if path.endswith(".cpp"):
                    tree.add("CMakeLists.txt", f"list({path})")

                self.assertIn(("left-over", 1), tree.findings(path))

    def test_header_without_comment_or_pragma_is_found(self):
        path = "runtime/include/weir/base/a.h"

        self.assertEqual(self.found(path, HEADER), [])
        self.assertEqual(self.found(path, "#pragma once\n"), [("opening", 1)])
        self.assertEqual(self.found(path, "// A.\n#include <a>\n"), [("opening", 1)])

    def test_source_in_no_list_is_dead(self):
        tree = Tree(self).add("runtime/CMakeLists.txt", "# src/base/a.cpp\nlist(src/base/b.cpp)\n")
        tree.add("runtime/src/base/a.cpp", "").add("runtime/src/base/b.cpp", "")

        self.assertEqual(tree.findings("runtime/src/base/a.cpp"), [("dead-file", 1)])
        self.assertEqual(tree.findings("runtime/src/base/b.cpp"), [])

    def test_private_header_is_alive_while_something_includes_it(self):
        tree = Tree(self).add("runtime/src/base/a.h", HEADER)
        self.assertEqual(tree.findings("runtime/src/base/a.h"), [("dead-file", 1)])

        tree.add("runtime/src/base/b.cpp", '#include "base/a.h"\n')

        self.assertEqual(tree.findings("runtime/src/base/a.h"), [])

    def test_public_header_must_be_listed_to_be_installed(self):
        tree = Tree(self).add("runtime/include/weir/base/a.h", HEADER)
        tree.add("runtime/src/base/b.cpp", '#include "weir/base/a.h"\n')

        self.assertEqual(tree.findings("runtime/include/weir/base/a.h"), [("dead-file", 1)])

    def test_upward_includes_are_found(self):
        for path, include, is_upward in (
            ("runtime/src/base/a.cpp", "weir/core/task.h", True),
            ("runtime/src/base/a.cpp", "weir/base/chain.h", False),
            ("runtime/src/reactor/a.cpp", "weir/net/tcp_stream.h", True),
            ("runtime/src/reactor/a.cpp", "weir/core/runnable.h", False),
            ("runtime/src/core/a.cpp", "weir/net/tcp_stream.h", True),
            ("runtime/src/net/a.cpp", "weir/core/task.h", False),
            ("runtime/src/core/a.cpp", "weir/protocols/codec.h", True),
            ("runtime/src/net/a.cpp", "weir/protocols/codec.h", False),
            ("protocols/src/a.cpp", "weir/core/task.h", True),
            ("protocols/src/a.cpp", "weir/base/chain.h", False),
        ):
            with self.subTest(path=path, include=include):
                found = self.found(path, f'#include "{include}"\n')

                self.assertEqual(found, [("layer", 1)] if is_upward else [])

    def test_private_headers_are_private(self):
        private = {
            "runtime/src/reactor/ring.h": HEADER,
            "runtime/src/core/b.cpp": '#include "reactor/ring.h"\n',
        }
        for path, spelling, is_found in (
            ("tools/weir/a.cpp", "reactor/ring.h", True),
            ("bench/a.cpp", "../runtime/src/reactor/ring.h", True),
            ("runtime/include/weir/core/a.h", "reactor/ring.h", True),
            ("runtime/src/core/a.cpp", "reactor/ring.h", False),
            ("tests/core/a.cpp", "reactor/ring.h", False),
        ):
            with self.subTest(path=path):
                text = (HEADER if path.endswith(".h") else "\n\n") + f'#include "{spelling}"\n'

                found = self.found(path, text, private)

                self.assertEqual(found, [("layer", 3)] if is_found else [])

    def test_libraries_neither_throw_print_nor_exit(self):
        text = 'void f() {\n  throw 1;\n  std::cerr << 1;\n  std::exit(1);\n  printf("");\n}\n'

        found = self.found("protocols/src/a.cpp", text)

        self.assertEqual(found, [("io-free", line) for line in (2, 3, 4, 5)])
        self.assertEqual(self.found("tools/weir/a.cpp", text), [])

    def test_an_await_in_a_condition_is_found_unless_it_declares(self):
        text = (
            "Task<void> f() {\n"
            "  if (!co_await g()) co_return;\n"
            "  while (h(co_await g())) i();\n"
            "  if (const auto x = co_await g()) co_await i();\n"
            "  while (j()) co_await g();\n"
            "}\n"
        )

        found = self.found("runtime/src/core/a.cpp", text)

        self.assertEqual(found, [("await-in-condition", 2), ("await-in-condition", 3)])

    def test_tests_do_not_sleep(self):
        text = (
            "void f() {\n"
            "  std::this_thread::sleep_for(1s);\n"
            "  co_await weir::sleep_for(1s);\n"
            "}\n"
        )

        self.assertEqual(self.found("tests/core/a.cpp", text), [("sleep", 2)])


if __name__ == "__main__":
    unittest.main()
