"""The shipped pack in a third language: files that are added to it, and to no other file a change."""

import shutil
from pathlib import Path

from gateway.packs import PackFiles

HERE = Path(__file__).parent
DIALOGUE = HERE / "dialogue.yaml"
WORDS = ("programme.uz.yaml", "ussd.uz.yaml", "sms.uz.yaml")


def learnt(pack: PackFiles, folder: Path) -> Path:
    """The pack written out into a folder, with the language beside it."""
    for place, text in pack.read().items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    shutil.copy(pack.published, folder)
    for name in WORDS:
        shutil.copy(HERE / name, folder)
    shutil.copytree(HERE / "texts", folder / "texts", dirs_exist_ok=True)
    return folder
