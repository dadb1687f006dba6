"""Choose the language that the programme speaks to the member, from now on and on every channel."""

from gateway.actions.verb import Call, Intent
from gateway.errors import ConfigurationError
from gateway.loyalty.ports import Result, Status
from gateway.loyalty.programme import Programme
from gateway.loyalty.writes import ChooseLanguage
from gateway.outcome import ActionSpec, Outcome


def declare(programme: Programme) -> ActionSpec:
    """`changed`, spoken in the new language already. The argument `language` is one of the pack's."""
    return ActionSpec("language", {"changed": {}, "blocked": {}}, arguments={"language": programme.languages})


async def run(call: Call) -> Outcome | Intent:
    """Keep the choice, once per key."""
    language = call.arguments["language"]
    if language not in call.loyalty.programme.languages:
        raise ConfigurationError(f"the action language was called for {language!r}, which the pack does not speak")
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    write = ChooseLanguage(member.member_id, language, call.key)
    return Intent(write, {Result.CHOSEN: Outcome("changed", language=language)})
