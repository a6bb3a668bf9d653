"""The command line: neurocl run, list, validate and bench.

Exit status  0 done, 1 engines disagree (validate), 2 bad input (one line on stderr), 130 interrupted
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from neurocl import __version__
from neurocl.core.errors import NeuroclError

if TYPE_CHECKING:
    from neurocl.experiments import Experiment, RunFolder

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    argv : arguments without the program's name; default those of the process.
    """
    try:
        arguments = _parser().parse_args(argv)
        return int(arguments.command(arguments))
    except NeuroclError as error:
        return _complain(str(error), 2)
    except ImportError as error:  # an extra that is not installed; the message tells which
        return _complain(str(error), 2)
    except OSError as error:
        return _complain(f"{error.filename or 'a file'}: {error.strerror or error}", 2)
    except MemoryError:
        return _complain("there is not enough memory; ask for a smaller network or fewer images", 2)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except SystemExit as done:  # argparse, after --help or --version
        return int(done.code or 0)


def _complain(message: str, status: int) -> int:
    print("neurocl: " + " ".join(message.split()), file=sys.stderr)
    return status


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise NeuroclError(f"{message}; see: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="neurocl", description="Spiking and Hebbian networks that keep learning.")
    parser.add_argument("--version", action="version", version=f"neurocl {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands)
    listing = commands.add_parser("list", help="list the experiments")
    listing.set_defaults(command=_list)
    validate = commands.add_parser("validate", help="compare models on the Numba engine and in Brian2")
    validate.add_argument("model", nargs="?", metavar="MODEL", help="one model of the library (default: all)")
    validate.set_defaults(command=_validate)
    bench = commands.add_parser("bench", help="measure the speed of the core, alone or beside other simulators")
    bench.add_argument("names", nargs="*", metavar="NAME", help="benchmarks, or all (default: three quick ones)")
    bench.add_argument("--dtype", choices=["float32", "float64"], default="float32", help="(default: %(default)s)")
    bench.add_argument("--repeats", type=int, default=5, help="timed runs of each simulator (default: %(default)s)")
    bench.add_argument("--peers", default="", metavar="NAMES", help="brian2,nest or one of them (default: none)")
    bench.add_argument("--out", type=Path, metavar="DIR", help="also write the numbers to DIR/NAME.json")
    bench.set_defaults(command=_bench)
    return parser


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="run an experiment and write results, figures and a report")
    run.add_argument("name", nargs="?", metavar="NAME", help="experiment (default: hlop; see: neurocl list)")
    run.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", dest="settings", help="change settings"
    )  # fmt: skip
    run.add_argument("--seed", type=int, help="the same as --set seed=N")
    run.add_argument("--out", type=Path, metavar="DIR", help="new folder for the results (default: results/NAME-SEED)")
    run.add_argument("--resume", type=Path, metavar="DIR", help="go on with the interrupted run in DIR")
    run.set_defaults(command=_run)


def _run(arguments: argparse.Namespace) -> int:
    from neurocl.experiments.report import format_table, write_outcome

    experiment, config, folder = _resumed(arguments) if arguments.resume else _begun(arguments)
    try:
        print(f"neurocl: {experiment.name}, seed {config.seed}, results in {folder.path}", flush=True)
        outcome = experiment.run(config, folder)
        write_outcome(folder, outcome)
    except KeyboardInterrupt:
        return _complain(f"interrupted; go on with: neurocl run --resume {folder.path}", 130)
    except NeuroclError:
        folder.withdraw()
        raise
    folder.finish()
    print(f"\n{outcome.title}\n\n{format_table(outcome.columns, outcome.rows)}\n")
    print("\n".join(outcome.summary))
    times = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in outcome.times.items())
    print(f"\n{times}\nreport: {folder.path / 'report.html'}")
    return 0


def _begun(arguments: argparse.Namespace) -> tuple[Experiment, Any, RunFolder]:
    """A new run from its arguments."""
    from neurocl.experiments import DEFAULT, RunFolder, find
    from neurocl.experiments.settings import parse_settings

    experiment = find(arguments.name or DEFAULT)
    config = experiment.config(**parse_settings(experiment.config, _settings(arguments)))
    path = arguments.out or _free(Path("results") / f"{experiment.name}-{config.seed}")
    return experiment, config, RunFolder.begin(path, _description(experiment, config))


def _resumed(arguments: argparse.Namespace) -> tuple[Experiment, Any, RunFolder]:
    """The run in the folder `--resume`; what else is given must agree with it."""
    from neurocl.experiments import RunFolder, find
    from neurocl.experiments.settings import make_config, parse_settings

    path = arguments.resume
    if arguments.out is not None:
        raise NeuroclError(f"--out cannot be given with --resume: the run goes on in {path}")
    folder = RunFolder.resume(path)
    begun = folder.description
    if begun["neurocl"] != __version__:
        raise NeuroclError(
            f"--resume {path}: the run was begun by neurocl {begun['neurocl']}, this is {__version__}; start again"
        )
    if arguments.name not in (None, begun["experiment"]):
        raise NeuroclError(f"--resume {path}: it holds a run of '{begun['experiment']}', not of '{arguments.name}'")
    experiment = find(begun["experiment"])
    config = make_config(experiment.config, begun["config"])
    for key, value in parse_settings(experiment.config, _settings(arguments)).items():
        if getattr(config, key) != value:
            raise NeuroclError(
                f"--resume {path}: the run was begun with {key}={getattr(config, key)}, not {value}; leave it out"
            )
    return experiment, config, folder


def _settings(arguments: argparse.Namespace) -> list[str]:
    seed = [] if arguments.seed is None else [f"seed={arguments.seed}"]
    return [*arguments.settings, *seed]


def _description(experiment: Experiment, config: Any) -> dict[str, Any]:
    return {"experiment": experiment.name, "config": dataclasses.asdict(config), "neurocl": __version__}


def _free(path: Path) -> Path:
    """`path`, or the first of `path`-2, `path`-3, ... that is not there."""
    number, chosen = 2, path
    while chosen.exists():
        chosen, number = path.with_name(f"{path.name}-{number}"), number + 1
    return chosen


def _list(arguments: argparse.Namespace) -> int:
    from neurocl.experiments import DEFAULT, EXPERIMENTS

    width = max(map(len, EXPERIMENTS))
    for name, experiment in EXPERIMENTS.items():
        default = " (default)" if name == DEFAULT else ""
        print(f"{name.ljust(width)}  {experiment.description}{default}")
        fields = (f"{field.name}={field.default}" for field in dataclasses.fields(experiment.config))
        print(f"{' ' * width}  settings: {', '.join(fields)}")
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    from neurocl.experiments.validation import MODELS, check_model, validate

    names = [check_model(arguments.model)] if arguments.model else MODELS
    agreed = True
    for name in names:
        found = validate(name)
        agreed &= found.holds()
        spikes = "spikes equal" if found.spikes_equal else "SPIKES DIFFER"
        verdict = "agree" if found.holds() else "DISAGREE"
        number = sum(found.n_spikes.values())
        print(
            f"{name.ljust(max(map(len, MODELS)))}  {verdict.ljust(8)}  {spikes} ({number}),"
            f" largest relative difference {found.max_relative_difference:.1e}",
            flush=True,
        )
    return 0 if agreed else 1


def _bench(arguments: argparse.Namespace) -> int:
    root = Path(__file__).resolve().parent.parent
    if not (root / "benchmarks" / "command.py").is_file():
        raise NeuroclError(
            "bench: the benchmarks are not part of the installed package; get neurocl's source and run it there"
        )
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    command = importlib.import_module("benchmarks.command")
    command.run(arguments.names, arguments.dtype, arguments.repeats, arguments.peers, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
