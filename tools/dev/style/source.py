"""The files of the tree, with comments and literals told apart from code."""

import functools
import pathlib
import re
import subprocess

CPP = {".h", ".cpp"}
TEXT = CPP | {".py", ".sh", ".cmake", ".in", ".md", ".txt", ".json", ".yml"}

# One alternative for each thing whose inside is not code. Raw strings first: they hold quotes.
_NOT_CODE = re.compile(
    r'(?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")'
    r"|(?P<line>//(?:[^\n\\]|\\.)*)"
    r"|(?P<block>/\*.*?\*/)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>\b[0-9][0-9a-fA-FxX.]*(?:'[0-9a-fA-F]+)+)"
    r"|(?P<char>'(?:[^'\\\n]|\\.)+')",
    re.DOTALL,
)


def tree_files(root):
    """Every file that is committed or would be, relative to root."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout.decode()
        paths = [pathlib.PurePosixPath(path) for path in listed.split("\0") if path]
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        paths = [
            pathlib.PurePosixPath(path.relative_to(root).as_posix())
            for path in root.rglob("*")
            if path.is_file()
        ]
        paths = [path for path in paths if path.parts[0] not in ("build", ".git")]
    return sorted(path for path in paths if (root / path).is_file())


def _blank(text, keep_quotes):
    """Spaces for everything but line ends, so that positions stay."""
    blanked = re.sub(r"[^\n]", " ", text)
    return '"' + blanked[1:-1] + '"' if keep_quotes and len(text) > 1 else blanked


class SourceFile:
    """One file, read when first asked for its text."""

    def __init__(self, root, path):
        self.root = root
        self.path = pathlib.PurePosixPath(path)

    @property
    def is_cpp(self):
        return self.path.suffix in CPP

    @property
    def is_header(self):
        return self.path.suffix == ".h"

    @functools.cached_property
    def is_text(self):
        if self.path.suffix in TEXT or self.path.name in ("CMakeLists.txt", ".clang-tidy"):
            return True
        if self.path.suffix:
            return False
        with open(self.root / self.path, "rb") as file:
            return file.read(2) == b"#!"

    @functools.cached_property
    def text(self):
        return (self.root / self.path).read_text(encoding="utf-8", errors="replace")

    @functools.cached_property
    def lines(self):
        return self.text.split("\n")

    @functools.cached_property
    def code(self):
        """The text with comments and the inside of literals blanked; same lines and columns."""
        return _NOT_CODE.sub(
            lambda found: _blank(found.group(), found.lastgroup in ("string", "char", "mark")),
            self.text,
        )

    @functools.cached_property
    def code_lines(self):
        return self.code.split("\n")

    @functools.cached_property
    def includes(self):
        """(line number, spelling) of each quoted or bracketed include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r'\s*#\s*include\s*(["<][^">]+[">])', line):
                found.append((number, match.group(1)))
        return found

    def allows(self, rule, number):
        """Whether line `number`, or the one above it, has a reasoned exception from the rule."""
        for line in self.lines[max(0, number - 2) : number]:
            if re.search(rf"tidy: allow {re.escape(rule)}: \S", line):
                return True
        return False
