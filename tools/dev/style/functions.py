"""How long functions are. C++ by matching braces, which clang-format's layout makes reliable."""

import ast
import re

# What opens a block that is not a function's body.
_CONTROL = re.compile(r"^(?:\}?\s*)?(?:if|else|for|while|switch|do|try|catch)\b")
_TYPE = re.compile(r"\b(?:class|struct|union|enum|namespace|concept|extern)\b")
_NAME = re.compile(r"([\w:~]+(?:\s*operator\s*\S+|\s*operator\b[^(]*)?)\s*\(")


def _head_name(head):
    """The name of the function whose body follows `head`, or None if it opens something else."""
    head = " ".join(head.split())
    head = re.sub(r"^(?:(?:public|private|protected)\s*:|#.*?\s)\s*", "", head)
    if not head or "(" not in head or _CONTROL.match(head):
        return None
    before_parameters = head[: head.index("(")]
    without_operator = re.sub(r"operator\s*[^\s\w(]+", "", before_parameters)
    if _TYPE.search(before_parameters) or "=" in without_operator:
        return None
    if head.startswith("requires"):
        return None
    match = _NAME.search(head)
    return match.group(1).strip() if match else None


def cpp_functions(file):
    """Yields (line, name, lines) of each outermost function. A lambda counts where it stands."""
    # Directives end without a semicolon and would run into the next head.
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  file.code, flags=re.MULTILINE)
    head_start = 0
    depth = 0  # of braces inside the function that is being measured
    parentheses = 0
    current = None
    for mark in re.finditer(r"[(){};]", code):
        character = mark.group()
        if current:
            depth += (character == "{") - (character == "}")
            if depth == 0:
                start, name = current
                yield start, name, _line_at(code, mark.start()) - start + 1
                current = None
                head_start = mark.end()
        elif character in "()":
            parentheses += 1 if character == "(" else -1
        elif parentheses == 0:
            name = _head_name(code[head_start : mark.start()]) if character == "{" else None
            if name:
                first = re.compile(r"\S").search(code, head_start)
                current = (_line_at(code, first.start()), name)
                depth = 1
            else:
                head_start = mark.end()


def _line_at(code, position):
    return code.count("\n", 0, position) + 1


def python_functions(file):
    """Yields (line, name, lines) of each function of a Python file."""
    try:
        module = ast.parse(file.text)
    except SyntaxError:
        return
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, node.end_lineno - node.lineno + 1
