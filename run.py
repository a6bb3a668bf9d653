#!/usr/bin/env python3
"""Install neurocl into .venv beside this file and run it. Needs only Python 3.11 or newer with pip.

usage: python3 run.py demo [options]   learn without forgetting; the options are those of `neurocl run`
       python3 run.py test [options]   run the tests; the options are those of pytest
       python3 run.py lint             check style and types with ruff and mypy

The first call installs with pip, which takes about a minute. Later calls install again only when
pyproject.toml or constraints.txt changed; a change in neurocl/ needs no installation.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Above every definition: Python 3.6 to 3.8 could not even evaluate the annotations below.
if sys.version_info < (3, 11):
    sys.exit(f"run.py: neurocl needs Python 3.11 or newer, this is {sys.version.split()[0]}; try python3.12")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / ("python.exe" if os.name == "nt" else "python"))
STAMP = VENV / "neurocl-install.json"

# Command -> (extras to install, programs of .venv to run). The extra "test" brings torch, too; it is named so that a
# demo after the tests installs nothing.
COMMANDS = {
    "demo": (["torch"], [["neurocl", "run"]]),
    "test": (["test", "torch"], [["pytest", "-n", "auto", "--dist", "worksteal"]]),
    "lint": (["test", "torch", "dev"], [["ruff", "check"], ["mypy"]]),
}
NETWORK_SIGNS = ("Retrying (", "NewConnectionError", "NameResolutionError", "Max retries exceeded")


def main(arguments: list[str]) -> int:
    """Install what the command needs, run it, and return its exit status."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    command, *options = arguments
    if command not in COMMANDS:
        return complain(f"unknown command {command!r}; expected one of {', '.join(COMMANDS)}", status=2)
    extras, programs = COMMANDS[command]
    if command == "lint" and options:
        return complain(f"lint takes no options, got {' '.join(options)!r}", status=2)
    error = make_venv() or install(set(extras))
    if error:
        return complain(error)
    if is_quiet():
        os.environ.setdefault("TQDM_DISABLE", "1")
    if command != "demo":  # demo writes its results relative to the caller's folder
        os.chdir(ROOT)
    return run([[str(BIN / name), *rest, *options] for name, *rest in programs])


def complain(message: str, status: int = 1) -> int:
    """Print one line and return the exit status."""
    print(f"run.py: {message}", file=sys.stderr)
    return status


def is_quiet() -> bool:
    """Tell whether progress bars would only fill a log."""
    return "CI" in os.environ or not sys.stderr.isatty()


def read_stamp() -> dict:
    """Return what the last completed installation wrote: root, sources, extras."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def make_venv() -> str | None:
    """Create .venv unless it is there; return the error, if any."""
    if read_stamp().get("root", str(ROOT)) != str(ROOT):
        shutil.rmtree(VENV)  # copied with the project: its scripts would still run the original
    if VENV.exists():
        works = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0
        return None if works else f"{VENV} has no working Python with pip; delete that folder and run again"
    print("run.py: making .venv", flush=True)
    try:
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    except KeyboardInterrupt:
        shutil.rmtree(VENV, ignore_errors=True)
        raise
    if made.returncode == 0:
        return None
    shutil.rmtree(VENV, ignore_errors=True)
    reason = last_line(made.stderr + made.stdout)
    return f"{sys.executable} cannot make .venv ({reason}); on Debian, Ubuntu: sudo apt install python3-venv"


def install(extras: set[str]) -> str | None:
    """Install the package with `extras` unless the stamp says that it is done; return the error, if any."""
    sources = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    fingerprint = hashlib.sha256(sources).hexdigest()
    stamp = read_stamp()
    installed = set(stamp["extras"]) if stamp.get("sources") == fingerprint else None
    if installed is not None and extras <= installed:
        return None
    extras = extras | (installed or set())
    STAMP.unlink(missing_ok=True)  # an interrupted installation counts as none
    error = pip_install(f".[{','.join(sorted(extras))}]" if extras else ".")
    if error is None:
        stamp = {"root": str(ROOT), "sources": fingerprint, "extras": sorted(extras)}
        STAMP.with_suffix(".tmp").write_text(json.dumps(stamp))
        STAMP.with_suffix(".tmp").replace(STAMP)
    return error


def pip_install(target: str) -> str | None:
    """Install `target` in place with the tested versions; return the error in one line, if any."""
    print(f"run.py: installing neurocl ({target}) into .venv; this can take a minute or two", flush=True)
    command = [PYTHON, "-m", "pip", "install", "-c", "constraints.txt", "-e", target]
    quiet = ["--quiet", "--progress-bar", "off"] if is_quiet() else []
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command + quiet, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return None
    if any(sign in done.stderr for sign in NETWORK_SIGNS):
        return "pip cannot reach the package index; check the network or proxy and run again"
    errors = [line for line in done.stderr.splitlines() if "ERROR: " in line] or [done.stderr]
    return f"pip could not install neurocl ({last_line(errors[-1])}); to see all of it: {' '.join(command)}"


def last_line(text: str) -> str:
    """Return the last line of `text` that is not empty."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or ["no message"])[-1]


def run(commands: list[list[str]]) -> int:
    """Run all commands and return the worst exit status."""
    if len(commands) == 1 and os.name == "posix":
        os.execv(commands[0][0], commands[0])  # so that signals reach the program itself
    return max(subprocess.call(command) for command in commands)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
