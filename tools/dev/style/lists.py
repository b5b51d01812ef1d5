"""Files nobody builds: sources in no CMake list, private headers that nothing includes."""

import functools
import pathlib
import re

_BUILT = ("runtime/", "protocols/", "tests/", "bench/", "tools/", "examples/")
_PUBLIC_ROOTS = ("runtime/include/", "protocols/include/")


@functools.lru_cache(maxsize=4)
def _listed(root, lists):
    """Every file that a CMakeLists.txt names, relative to the root."""
    found = set()
    for path in lists:
        text = re.sub(r"#[^\n]*", "", (root / path).read_text(encoding="utf-8"))
        folder = pathlib.PurePosixPath(path).parent
        for word in re.findall(r"[\w./+-]+\.(?:cpp|h)\b", text):
            found.add(folder / word)
    return found


@functools.lru_cache(maxsize=4)
def _included(tree):
    """The last parts of everything that is included, "uring/ring.h" also as "ring.h"."""
    found = set()
    for file in tree:
        if file.is_cpp:
            for _, spelling in file.includes:
                found.add(pathlib.PurePosixPath(spelling[1:-1]).name)
    return found


def dead(file, tree):
    if not file.is_cpp or not str(file.path).startswith(_BUILT):
        return
    lists = tuple(str(other.path) for other in tree if other.path.name == "CMakeLists.txt")
    if file.path in _listed(file.root, lists):
        return
    if file.is_header and not str(file.path).startswith(_PUBLIC_ROOTS):
        if file.path.name not in _included(tuple(tree)):
            yield 1, "nothing includes this header"
        return
    yield 1, "in no CMakeLists.txt: add it to the list of its directory, or delete it"
