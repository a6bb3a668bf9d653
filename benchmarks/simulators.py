"""Starts the programs of `peers/` and tells them to run: one process per simulator, so that memory is its own.

The Python that runs a peer is that of $NEUROCL_BRIAN2_PYTHON or $NEUROCL_NEST_PYTHON, else this one. All are told to
use as many threads as the benchmark says.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.networks import Benchmark
from neurocl import NeuroclError

__all__ = ["OWN", "PEERS", "AbsentError", "Program", "Running", "chosen_peers"]

ROOT = Path(__file__).resolve().parent.parent
WIRED = ("cuba", "coba", "brunel")
CANNOT_RUN = 3  # the status of a program that cannot run the network


class AbsentError(Exception):
    """A peer that cannot take part, and why."""


@dataclass(frozen=True)
class Program:
    """How a simulator is started.

    Attributes
    ----------
    key : its name on the command line and in that of its program, KEY_networks.py.
    takes_wiring : networks whose wiring file it reads; None: all. The others it draws by itself.
    """

    key: str
    takes_wiring: tuple[str, ...] | None = None

    def command(self, benchmark: Benchmark, dtype: str, wiring: Path) -> list[str]:
        """The command line that serves `benchmark`."""
        script = ROOT / "benchmarks" / "peers" / f"{self.key}_networks.py"
        python = os.environ.get(f"NEUROCL_{self.key.upper()}_PYTHON", sys.executable)
        command = [python, str(script), benchmark.network, "--serve", "--seed", "1"]
        command += ["--seconds", str(benchmark.seconds), *benchmark.size_options()]
        if self.takes_wiring is None or benchmark.network in self.takes_wiring:
            command += ["--adjacency", str(wiring)]
        return [*command, "--dtype", dtype, "--threads", str(benchmark.threads)]


OWN = Program("neurocl", takes_wiring=())
PEERS = {program.key: program for program in (Program("brian2"), Program("nest", WIRED))}
"""Programs of the peers by their names on the command line."""


class Running:
    """A program that has built the network and waits to be told to run; use it as a context.

    Attributes
    ----------
    about : what it said when it was ready: name, build_seconds.
    rate, peak_memory_mb : of the last run, Hz; so far.

    Raises
    ------
    AbsentError
        If it cannot run the network, or ends on its way.
    """

    def __init__(self, program: Program, benchmark: Benchmark, dtype: str, wiring: Path) -> None:
        threads = str(benchmark.threads)
        environment = {
            **os.environ, "OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "NEUROCL_CACHE_DIR": str(wiring.parent / "compiled"),  # empty: building includes compiling, as in Brian2
        }  # fmt: skip
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in __exit__)
        try:
            self._process = subprocess.Popen(
                program.command(benchmark, dtype, wiring), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._errors, text=True, env=environment,
            )  # fmt: skip
        except OSError as error:
            raise AbsentError(f"{error.filename}: {error.strerror}") from None
        self.rate, self.peak_memory_mb = 0.0, 0.0
        try:
            self.about = self._answer()
        except BaseException:
            self._process.kill()
            raise

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._errors.close()

    @property
    def name(self) -> str:
        """Name and version of the simulator."""
        return str(self.about["name"])

    def run(self) -> float:
        """Wall seconds per biological second of one run."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write("run\n")
            stdin.flush()
        except BrokenPipeError:  # it has ended; the answer tells why
            pass
        answer = self._answer()
        self.rate = float(answer["rate_hz"])
        return float(answer["seconds"])

    def _answer(self) -> dict[str, Any]:
        """The next line that is JSON; a simulator may print others."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                self.peak_memory_mb = max(self.peak_memory_mb, answer.get("peak_memory_mb", 0.0))
                return answer
        status = self._process.wait()
        self._errors.seek(0)
        last = (self._errors.read().strip().splitlines() or ["nothing on stderr"])[-1]
        raise AbsentError(last if status == CANNOT_RUN else f"ended with status {status}: {last}")


def chosen_peers(names: str) -> list[Program]:
    """The programs of a list such as "brian2,nest"; NeuroclError for an unknown one."""
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    for name in chosen:
        if name not in PEERS:
            raise NeuroclError(f"bench: there is no peer '{name}'; known: {', '.join(PEERS)}")
    return [PEERS[name] for name in dict.fromkeys(chosen)]
