"""Names and words that say nothing, or should not be there."""

import re

_FILE_NAMES = {
    "utils": "the noun it is about",
    "util": "the noun it is about",
    "helpers": "the noun it is about",
    "helper": "the noun it is about",
    "misc": "the noun it is about",
    "common": "the noun it is about",
    "manager": "what it owns, e.g. buffer_pool",
    "stuff": "the noun it is about",
}

_TYPE_SUFFIXES = {
    "Manager": "what it owns or does, e.g. BufferPool",
    "Handler": "what it does, e.g. Acceptor",
    "Info": "what it tells, e.g. BackendReport",
    "Data": "what it holds, e.g. Payload",
    "Helper": "what it does",
    "Utils": "free functions in a namespace",
    "Util": "free functions in a namespace",
}

# What the kernel calls so.
_KERNEL_TYPES = {"UserData"}

_TYPE = re.compile(r"\b(?:class|struct|union|concept|using|enum(?:\s+class)?)\s+(\w+)")
_VAGUE_FUNCTION = re.compile(r"(?<![\w.>:])(process|do_it|do_work)\s*\(")

# Spelled in halves, so that this file passes its own check.
_LEFT_OVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")

_PRINTS = re.compile(r"std::(?:cout|cerr|clog)\b|(?<![\w.>])(?:printf|puts|putchar|perror)\s*\(")
_ENDS = re.compile(r"(?<![\w.>:])(?:std::|::)?(?:exit|quick_exit|_exit)\s*\(")
_THROWS = re.compile(r"\bthrow\b")
_SLEEPS = re.compile(
    r"\bthis_thread::sleep_(?:for|until)\b|(?<![\w.])(?:usleep|nanosleep|sleep)\s*\("
)


def _in_code(file, pattern):
    for number, line in enumerate(file.code_lines, 1):
        for match in pattern.finditer(line):
            yield number, match


def file_names(file):
    if not (file.is_cpp or file.path.suffix in (".py", ".sh", ".cmake")):
        return
    for word in re.split(r"[_-]", file.path.stem.lower()):
        if word in _FILE_NAMES:
            yield 1, f'"{file.path.name}" names nothing; call it after {_FILE_NAMES[word]}'


def identifiers(file):
    if not file.is_cpp:
        return
    for number, match in _in_code(file, _TYPE):
        name = match.group(1)
        for suffix, instead in _TYPE_SUFFIXES.items():
            if name.endswith(suffix) and name not in _KERNEL_TYPES:
                yield number, f"{name}: not ...{suffix}; say {instead}"
    for number, match in _in_code(file, _VAGUE_FUNCTION):
        yield number, f"{match.group(1)}() says nothing; name what it does to what"


def left_overs(file):
    for number, line in enumerate(file.lines, 1):
        if match := _LEFT_OVER.search(line):
            yield number, f"{match.group(1)}: do it, or open an issue and say what would trigger it"


def io_free(file):
    if not file.is_cpp or not str(file.path).startswith(("runtime/", "protocols/")):
        return
    for pattern, message in (
        (_PRINTS, "a library does not print: return the text or an error"),
        (_ENDS, "a library does not end its process: return an error"),
        (_THROWS, "nothing here throws: return a Result"),
    ):
        for number, _ in _in_code(file, pattern):
            yield number, message


def sleeps(file):
    if not file.is_cpp or not str(file.path).startswith("tests/"):
        return
    for number, _ in _in_code(file, _SLEEPS):
        yield number, "a test that sleeps is slow and still wrong: wait for the event itself"
