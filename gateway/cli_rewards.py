"""`gateway rewards` and `gateway switches`: what there is left to give, and what nobody may have for now."""

import dataclasses
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.actions.exchange import LONGEST_VOUCHER
from gateway.cli_ground import EXIT_FAULTS, Desk, Json, Reason, at_desk, out, print_json, say
from gateway.errors import BadRequestError
from gateway.loyalty.programme import Fulfilment, Programme, Reward
from gateway.store import rewards_view
from gateway.store.rewards_view import Stock

STOCK_CHANGE_MAX = 1_000_000
VOUCHERS_MAX = 100_000
"""Of one file; it is read whole before any of it is written."""
VOUCHER_LENGTH_MAX = len(LONGEST_VOUCHER)
"""What `gateway check` made sure of: longer ones would cost their SMS another part."""
FAULTS_NAMED_MAX = 5
ACTIONS = ("action:redeem", "action:exchange")

rewards_app = typer.Typer(no_args_is_help=True, help="Rewards: stock, vouchers.")
switches_app = typer.Typer(no_args_is_help=True, help="Kill switches: of an action, a reward, a campaign.")

Name = Annotated[str, typer.Argument(help="A reward's code, or its number.", show_default=False)]
Switch = Annotated[str, typer.Argument(help="action:redeem, reward:mug, campaign:spring.", show_default=False)]


@rewards_app.command("list")
def list_rewards(as_json: Json = False) -> None:
    """List the rewards of the pack, with what is left of each."""

    async def read(desk: Desk) -> list[tuple[Reward, Stock]]:
        rewards = desk.pack.programme.rewards
        stocks = await rewards_view.stocks(desk.ledger, [reward.reward for reward in rewards])
        return list(zip(rewards, stocks, strict=True))

    found = at_desk(read)
    if as_json:
        print_json({"rewards": [_row(reward, stock) for reward, stock in found]})
        return
    table = Table("number", "reward", "price", "by", "left", "switch", box=None)
    for reward, stock in found:
        row = _row(reward, stock)
        left = "any number" if row["left"] is None else str(row["left"])
        table.add_row(
            str(reward.number), reward.reward, f"{reward.price} {reward.unit}", reward.fulfilment, left,
            "thrown" if stock.stopped else "",
        )  # fmt: skip
    out.print(table)


def _row(reward: Reward, stock: Stock) -> dict[str, object]:
    left: int | None = stock.remaining or 0 if reward.counted else None
    if reward.fulfilment is Fulfilment.VOUCHER:
        left = stock.vouchers
    return {
        "reward": reward.reward,
        "number": reward.number,
        "price": reward.price,
        "unit": reward.unit,
        "fulfilment": reward.fulfilment,
        "left": left,
        "stopped": stock.stopped,
    }


# So that `-5` is a number here, and no option.
@rewards_app.command("stock", context_settings={"ignore_unknown_options": True})
def change_stock(name: Name, by: Annotated[str, typer.Argument(help="+100 or -5.", show_default=False)]) -> None:
    """Add to a counted reward's stock, or take from it. Exit 1 when there is less than that."""
    if by[:1] not in {"+", "-"} or not by[1:].isdecimal() or not 0 < int(by[1:]) <= STOCK_CHANGE_MAX:
        raise BadRequestError(f"by how many? +100 or -5, up to {STOCK_CHANGE_MAX}")

    async def write(desk: Desk) -> tuple[str, int | None]:
        reward = _reward(desk.pack.programme, name)
        if not reward.counted:
            raise BadRequestError(f"{reward.reward} has no stock: write `counted: true` into the pack, if it shall")
        key = uuid.uuid4().hex
        return reward.reward, await rewards_view.change_stock(
            desk.ledger, reward.reward, int(by), key, desk.actor, desk.at
        )

    code, remaining = at_desk(write)
    if remaining is None:
        say(f"{code}: there are fewer than {by[1:]} left, and nothing was changed")
        raise typer.Exit(EXIT_FAULTS)
    say(f"{code}: {remaining} left")


@rewards_app.command("vouchers")
def put_vouchers(
    name: Name, file: Annotated[Path, typer.Argument(help="One voucher a line.", show_default=False)]
) -> None:
    """Take vouchers in, to be handed on one by one. Those that are there already are left out."""
    lines = read_vouchers(file)

    async def write(desk: Desk) -> tuple[str, int]:
        reward = _reward(desk.pack.programme, name)
        if reward.fulfilment is not Fulfilment.VOUCHER:
            raise BadRequestError(f"{reward.reward} hands out no vouchers: its fulfilment is {reward.fulfilment}")
        vouchers = list(dict.fromkeys(lines))
        return reward.reward, await rewards_view.put_vouchers(desk.ledger, reward.reward, vouchers, desk.actor, desk.at)

    code, new = at_desk(write)
    say(f"{code}: {new} new vouchers, {len(lines) - new} were there already")


def read_vouchers(file: Path) -> Sequence[str]:
    """The vouchers of a file, as often as they are there. Raises `BadRequestError` that names lines, and no voucher."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequestError(f"{file} cannot be read as text in UTF-8: {type(error).__name__}") from None
    lines = {place: line.strip() for place, line in enumerate(text.splitlines(), 1) if line.strip()}
    faults = [str(place) for place, line in lines.items() if not _sendable(line)]
    if faults:
        more = f" and {len(faults) - FAULTS_NAMED_MAX} more" if len(faults) > FAULTS_NAMED_MAX else ""
        raise BadRequestError(
            f"{file}: line {', '.join(faults[:FAULTS_NAMED_MAX])}{more}: a voucher has up to {VOUCHER_LENGTH_MAX} "
            "Latin letters, digits and signs, without a space; nothing was taken in"
        )
    if not 0 < len(lines) <= VOUCHERS_MAX:
        raise BadRequestError(f"{file} has {len(lines)} vouchers: a file has from 1 to {VOUCHERS_MAX}")
    return tuple(lines.values())


def _sendable(voucher: str) -> bool:
    return len(voucher) <= VOUCHER_LENGTH_MAX and voucher.isascii() and voucher.isprintable() and " " not in voucher


def _reward(programme: Programme, name: str) -> Reward:
    """The reward that is meant. Raises `BadRequestError` that lists those that there are."""
    if reward := programme.reward(name):
        return reward
    known = ", ".join(one.reward for one in programme.rewards) or "none"
    raise BadRequestError(f"the pack has no reward {name}: there are {known}")


@switches_app.command("list")
def list_switches(as_json: Json = False) -> None:
    """List the switches that are thrown."""
    found = at_desk(lambda desk: rewards_view.switches(desk.ledger))
    if as_json:
        print_json({"switches": [dataclasses.asdict(one) for one in found]})
        return
    table = Table("switch", "since", "by", "reason", box=None)
    for one in found:
        table.add_row(one.name, one.since.isoformat(timespec="minutes"), one.thrown_by, one.reason)
    out.print(table)
    say(f"{len(found)} switches are thrown")


@switches_app.command("throw")
def throw(name: Switch, reason: Reason) -> None:
    """Stop an action, a reward or a campaign at once, for everybody. What is held stays held."""

    async def write(desk: Desk) -> bool:
        await _known(desk, name)
        return await rewards_view.throw(desk.ledger, name, reason, desk.actor, desk.at)

    say(f"{name} is stopped" if at_desk(write) else f"{name} was stopped already")


@switches_app.command("close")
def close(name: Switch) -> None:
    """Let go on what a switch stopped. Exit 1 when none is thrown of that name."""
    if at_desk(lambda desk: rewards_view.close(desk.ledger, name, desk.actor, desk.at)):
        say(f"{name} goes on")
        return
    say(f"no switch {name} is thrown: `gateway switches list` lists those that are")
    raise typer.Exit(EXIT_FAULTS)


async def _known(desk: Desk, name: str) -> None:
    """A misspelt switch would stop nothing. Raises `BadRequestError` that lists what there is to stop."""
    rewards = [f"reward:{one.reward}" for one in desk.pack.programme.rewards]
    campaigns = [f"campaign:{one}" for one in await rewards_view.campaigns(desk.ledger)]
    known = [*ACTIONS, *rewards, *campaigns]
    if name not in known:
        raise BadRequestError(f"nothing is called {name}: there are {', '.join(known)}")
