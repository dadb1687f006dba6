"""The reference pack with segments and tiers: it ships without."""

from collections.abc import Mapping
from pathlib import Path

from gateway import packs
from gateway.pack import PROGRAMME, Pack, compile_pack

GROUPS = "\nsegments: [at_risk, vip]\ntiers: [bronze, silver, gold]\n"


def pack() -> Pack:
    """As a gateway serves it."""
    return compile_pack(_files())


def folder(parent: Path) -> Path:
    """As an operator keeps it."""
    made = parent / "grouped"
    for name, text in _files().items():
        file = made / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return made


def _files() -> Mapping[str, str]:
    files = dict(packs.locate("bolshe").read())
    return files | {PROGRAMME: files[PROGRAMME] + GROUPS}
