#!/usr/bin/env python3
"""Writes the C++ of the documentation to files, so that the build proves that it compiles.

Usage: extract_snippets.py OUT_DIR PAGE.md...

Takes each ```cpp block that includes something; one without an #include is a fragment, for reading.
Prints the path of each file it wrote, in a folder of OUT_DIR that says what it is for:

    headers   begins with "// NAME.h": other blocks, and tests, include it by that name
    servers   defines main() and runs until it is told to stop: is only compiled
    programs  defines main() and returns 0 by itself if what the page says is so: is run as a test
    parts     all others: are only compiled

A compiler's message points at the page, through #line. Files that would not change are left alone,
so that nothing is compiled again for them.
"""

import pathlib
import re
import sys

_BLOCK = re.compile(r"^```cpp[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HEADER = re.compile(r"// (\w+\.h)\b")


def snippets(text):
    """Yields (line, code, folder) of each block of a page that stands for itself."""
    for block in _BLOCK.finditer(text):
        code = block.group(1)
        if re.search(r"^\s*#include\b", code, re.MULTILINE):
            line = text.count("\n", 0, block.start(1)) + 1
            yield line, code, _folder(code)


def _folder(code):
    if _HEADER.match(code):
        return "headers"
    if not re.search(r"\bint\s+main\s*\(", code):
        return "parts"
    return "servers" if re.search(r"\bweir::run\s*\(", code) else "programs"


def main():
    out_dir, *pages = map(pathlib.Path, sys.argv[1:])
    written = []
    for page in pages:
        found = snippets(page.read_text(encoding="utf-8"))
        for number, (line, code, folder) in enumerate(found, 1):
            header = _HEADER.match(code)
            path = out_dir / folder / (header[1] if header else f"{page.stem}_{number}.cpp")
            path.parent.mkdir(parents=True, exist_ok=True)
            text = f'#line {line} "{page}"\n{code}'
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
            written.append(path)
    for old in set(out_dir.glob("*/*")) - set(written):
        old.unlink()
    print("\n".join(map(str, sorted(written))))


if __name__ == "__main__":
    main()
