"""Which directory may include which: dependencies point one way."""

import pathlib

# The layers of the libraries, lowest first. A file may include its own layer and those it lists.
_MAY_INCLUDE = {
    "base": {"base"},
    "protocols": {"base", "protocols"},
    "reactor": {"base", "reactor"},
    "core": {"base", "reactor", "core"},
    "net": {"base", "protocols", "reactor", "core", "net"},
}

# Words the whole runtime shares, without behaviour that would tie the reactor to what stands on it.
_VOCABULARY = {
    "weir/core/runnable.h",
    "weir/core/backend.h",
    "weir/core/backend_report.h",
    "weir/net/address.h",
    "weir/net/datagram.h",
    "weir/net/internet_address.h",
    "weir/net/udp_options.h",
    "weir/net/udp_report.h",
}

_PUBLIC_ROOTS = ("runtime/include/", "protocols/include/")
_PRIVATE_ROOTS = ("runtime/src/", "protocols/src/")
_ABOVE = ("tools/", "bench/", "examples/")


def _layer_of_file(path):
    text = str(path)
    if text.startswith("protocols/"):
        return "protocols"
    for root in ("runtime/include/weir/", "runtime/src/"):
        if text.startswith(root):
            layer = text[len(root) :].split("/")[0]
            return layer if layer in _MAY_INCLUDE else None
    return None


def _layer_of_include(spelling):
    parts = pathlib.PurePosixPath(spelling).parts
    if parts and parts[0] == "weir":
        parts = parts[1:]
    return parts[0] if len(parts) > 1 and parts[0] in _MAY_INCLUDE else None


def _is_private_include(file, spelling):
    """Whether the spelling leads into runtime/src or protocols/src."""
    if spelling.startswith("weir/"):
        return False
    beside = (file.root / file.path).parent / spelling
    if beside.is_file():
        resolved = beside.resolve()
        return any(resolved.is_relative_to((file.root / root).resolve()) for root in _PRIVATE_ROOTS)
    return any((file.root / root / spelling).is_file() for root in _PRIVATE_ROOTS)


def upward_includes(file):
    if not file.is_cpp:
        return
    text = str(file.path)
    is_public = text.startswith(_PUBLIC_ROOTS)
    is_above = text.startswith(_ABOVE)
    layer = _layer_of_file(file.path)
    for number, quoted in file.includes:
        spelling = quoted[1:-1]
        if quoted[0] == "<":
            if spelling.startswith("weir/"):
                yield number, f'our own headers are quoted: "{spelling}"'
            elif spelling.startswith("liburing") and is_public:
                message = f"a public header does not need {spelling}: the kernel is the reactor's"
                yield number, message
            continue
        if (is_public or is_above) and _is_private_include(file, spelling):
            yield number, f'"{spelling}" is private; only include/weir is for everybody'
        target = _layer_of_include(spelling)
        if layer and target and target not in _MAY_INCLUDE[layer] and spelling not in _VOCABULARY:
            yield number, (
                f'{layer} must not include "{spelling}": '
                f"it may include {', '.join(sorted(_MAY_INCLUDE[layer]))}"
            )
