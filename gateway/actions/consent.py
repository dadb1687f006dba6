"""Take a member's word on advertising: given, or withdrawn. It needs no active member, and no reason.

Service messages are not advertising and stay.
"""

from gateway.actions.verb import Call, Intent
from gateway.errors import ConfigurationError
from gateway.loyalty.ports import Result
from gateway.loyalty.programme import Programme
from gateway.loyalty.writes import RecordConsent
from gateway.outcome import ActionSpec, Outcome

GIVEN = "given"
WITHDRAWN = "withdrawn"


def declare(_: Programme) -> ActionSpec:
    """`given` or `withdrawn`, as the argument `advertising` says."""
    return ActionSpec("consent", {GIVEN: {}, WITHDRAWN: {}}, arguments={"advertising": (GIVEN, WITHDRAWN)})


async def run(call: Call) -> Outcome | Intent:
    """Keep the word, with its time, its channel and the version of what was agreed to. A blocked member's as well."""
    word = call.arguments["advertising"]
    if word not in {GIVEN, WITHDRAWN}:
        raise ConfigurationError(f"the action consent was called for {word!r}: advertising is {GIVEN} or {WITHDRAWN}")
    member = await call.member()
    wording = call.loyalty.programme.advertising.version
    write = RecordConsent(member.member_id, word == GIVEN, call.channel, wording, call.key)
    return Intent(write, {Result.RECORDED: Outcome(word, language=member.language)})
