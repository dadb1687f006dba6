"""A pack of an operator's own, which a test edits, and a phone that dials its gateway."""

import secrets
from pathlib import Path

import httpx

from gateway import packs
from gateway.pack import Pack, compile_pack


class Folder:
    """A pack of an operator's own, in the hands of whoever edits it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for place, text in packs.locate("bolshe").read().items():
            self.write(place, text)
        published = packs.locate("bolshe").published
        self.write(published.name, published.read_text(encoding="utf-8"))

    def write(self, place: str, text: str) -> None:
        (self.path / place).parent.mkdir(parents=True, exist_ok=True)
        (self.path / place).write_text(text, encoding="utf-8")

    def edit(self, place: str, before: str, after: str) -> None:
        text = (self.path / place).read_text(encoding="utf-8")
        assert before in text
        self.write(place, text.replace(before, after))

    def pack(self) -> Pack:
        return compile_pack(packs.locate(str(self.path)).read())


class Phone:
    """A phone at Africa's Talking, whose sessions may go to one gateway or another."""

    def __init__(self, number: str = "+79218880077") -> None:
        self._number, self._session, self._said = number, "", ""

    async def dial(self, gateway: httpx.AsyncClient) -> str:
        self._session, self._said = secrets.token_hex(8), ""
        return await self._hop(gateway)

    async def answer(self, gateway: httpx.AsyncClient, said: str) -> str:
        self._said = f"{self._said}*{said}".removeprefix("*")
        return await self._hop(gateway)

    async def _hop(self, gateway: httpx.AsyncClient) -> str:
        form = {"sessionId": self._session, "phoneNumber": self._number, "serviceCode": "*123#", "text": self._said}
        return (await gateway.post("/ussd/africastalking", data=form)).text
