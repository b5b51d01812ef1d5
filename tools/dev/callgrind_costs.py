"""Instructions that callgrind counted in one program, without those of the libraries it calls.

The C library picks its memcpy and memchr by the CPU, so only the program's own instructions are the
same on each machine. Reads the dumps that a program asks for (CALLGRIND_DUMP_STATS_AT).
"""

import re
from pathlib import Path

_TRIGGER = re.compile(r"^desc: Trigger: Client Request: (\w+)$")
_NAME = re.compile(r"^(c?ob)=(?:\((\d+)\))?\s*(.*)$")
_COST = re.compile(r"^[0-9+*-]")


def own_cost(text: str, program: str) -> int:
    """The self cost of all functions of the object whose file name is `program`.

    A cost line belongs to the object named last. The line behind `calls=` is the cost of a call
    with all that it led to, which the functions called have as their own.
    """
    names: dict[str, str] = {}
    own, total, is_call = False, 0, False
    for line in text.splitlines():
        if match := _NAME.match(line):
            kind, number, name = match.groups()
            if number and name:
                names[number] = name
            if kind == "ob":
                own = Path(name or names[number]).name == program
        elif line.startswith("calls="):
            is_call = True
        elif _COST.match(line):
            if own and not is_call:
                total += int(line.split()[-1])
            is_call = False
    return total


def last_costs(directory: Path, program: str) -> dict[str, int]:
    """Of the last dump of each name in `directory`: the program's own instructions."""
    dumps = sorted(directory.glob("callgrind.out.*"), key=lambda path: int(path.suffix[1:]))
    costs = {}
    for path in dumps:
        text = path.read_text()
        trigger = next(filter(None, map(_TRIGGER.match, text.splitlines()[:40])), None)
        if trigger:
            costs[trigger.group(1)] = own_cost(text, program)
    return costs
