"""Reads the Dockerfile as far as ours goes, to run its steps where there is no Docker."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Instruction:
    """One instruction of one stage; `words` are those of the JSON form, if it has that."""

    stage: int
    name: str
    text: str

    @property
    def words(self) -> list[str]:
        found: list[str] = json.loads(self.text[self.text.index("[") :])
        return found


def instructions() -> list[Instruction]:
    """All of them in their order, comments and line ends taken out."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    stage, found = -1, []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        name, _, rest = line.partition(" ")
        stage += name == "FROM"
        if name:
            found.append(Instruction(stage, name, rest))
    return found


def environment(stage: int) -> dict[str, str]:
    """What `ENV` sets in a stage."""
    texts = [one.text for one in instructions() if (one.stage, one.name) == (stage, "ENV")]
    return dict(pair.split("=", 1) for text in texts for pair in text.split())
