"""Feeds the importers of measurement files with what a coverage-guided fuzzer makes.

    pip install atheris && python benchmarks/fuzz_importers.py --minutes 10
    python benchmarks/fuzz_importers.py --minutes 1 --format pstats

Atheris is no dependency of the project. Every input must be read or refused, within the limits;
anything else ends the run with the input in a file. It prints how many inputs were tried.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["bot.adapters.signals.formats", "bot.domain"]):
    from bot.adapters.signals.formats import Limits, Meter, Recognised, Refused, read
    from bot.adapters.signals.formats.registry import ALL
from tests.adapters.signals.formats import samples

SMALL = Limits(
    file_bytes=100_000,
    inflated_bytes=200_000,
    containers=5_000,
    values=20_000,
    depth=50,
    steps=200_000,
    series=500,
    functions=1_000,
)
TRIED = dict.fromkeys(("read", "refused"), 0)


def corpus(wanted: str, folder: Path) -> None:
    """One file of each kind to begin with."""
    chosen = {kind: [samples.as_bytes(make())] for kind, make in samples.DOCUMENTS.items()}
    chosen |= {kind: [text.encode() for text in texts] for kind, texts in samples.TEXTS.items()}
    chosen["pstats"] = [samples.pstats(folder)]
    (folder / "profile.bin").unlink()
    for kind, files in chosen.items():
        for number, data in enumerate(files):
            if wanted in ("", kind):
                (folder / f"{kind}-{number}").write_bytes(data)


def check(data: bytes, kind: str) -> None:
    """The contract of `read`."""
    found = read(data, "name", kind=kind, meter=Meter(SMALL))
    assert isinstance(found, Recognised | Refused)
    if isinstance(found, Recognised):
        TRIED["read"] += 1
        assert all((one.value is None) == bool(one.missing) for one in found.results)
        for profile in found.profiles:
            assert all(0 <= cost.own <= cost.total for cost in profile.functions)
    else:
        TRIED["refused"] += 1
        assert found.why
        assert found.remedy
    if sum(TRIED.values()) % 20_000 == 0:
        print(f"{sum(TRIED.values()):,} inputs: {TRIED}", flush=True)


def main() -> None:
    """Fuzz for so long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--format", default="", choices=["", *(one.kind for one in ALL)])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31) or 1)
    chosen: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        corpus(chosen.format, Path(place))
        options = [f"-max_total_time={int(chosen.minutes * 60)}", f"-seed={chosen.seed}"]
        options += ["-max_len=4096", "-rss_limit_mb=2048", "-timeout=20", "-verbosity=0"]
        options += ["-print_final_stats=1", f"-artifact_prefix={Path.cwd()}/fuzz-"]
        atheris.Setup([sys.argv[0], *options, place], lambda data: check(data, chosen.format))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
