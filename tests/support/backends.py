"""The backends that a test of programs runs on."""

import json
import os
import subprocess
import sys

BACKENDS = ("io_uring", "epoll")


def environment(**changes: str) -> dict:
    """This one, without what would change what our programs do."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if name != "CI" and not name.startswith("WEIR_")
    }
    return kept | changes


def reason_of(doctor: subprocess.CompletedProcess) -> str:
    """Why `weir doctor --json` has no backend to name."""
    try:
        return json.loads(doctor.stdout)["backend"]["reason"]
    except (json.JSONDecodeError, KeyError):
        return doctor.stderr.strip() or f"weir doctor ended with {doctor.returncode}"


def available_backends(weir: str) -> list[str]:
    """Those that `weir` can run on. The summary of the tests names the others: they go untested."""
    available = []
    for backend in BACKENDS:
        doctor = subprocess.run(
            [weir, "doctor", "--json"],
            env=environment(WEIR_BACKEND=backend),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if doctor.returncode == 0:
            available.append(backend)
        else:
            print(f"not tested on {backend}: {reason_of(doctor)}", file=sys.stderr, flush=True)
    return available
