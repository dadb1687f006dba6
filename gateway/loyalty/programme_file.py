"""From the text of a programme's file to a programme that serves, or to every reason why it cannot.

Proves what no part can say of itself: that every word exists in every language and every plural form, that rules name
units that are there, and that each rule can give something. Refuses to know menus.
"""

from collections.abc import Collection, Iterator, Mapping

from gateway.datafile import languages, shape
from gateway.datafile.findings import FaultyFileError, choices, to_be_said
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Path
from gateway.loyalty.programme import NO_TIER, PATTERNS, EarningRule, Fulfilment, Programme
from gateway.templates import TextError, plural_categories


def load(file: str, text: str, beside: Mapping[str, str] = languages.ALONE) -> Programme:
    """Read a programme, in the languages that files `beside` it add too; `file` is how findings call it. Raises
    `FaultyFileError` with line and key of each fault."""
    marks = languages.read(file, text, beside)
    programme = shape.validated(marks, Programme, "programme", PATTERNS, _path)
    faults = tuple(marks.finding(path, *fault) for path, fault in _faults(programme))
    if faults:
        raise FaultyFileError(faults)
    return programme


Fault = tuple[Path, tuple[Kind, str, str]]
"""Where it is; what kind of fault, what is wrong, and what to write."""


def _path(loc: Path) -> Path:
    """The path of a fault in the file: without the mark of a key."""
    return tuple(part for part in loc if part != "[key]")


def _faults(programme: Programme) -> Iterator[Fault]:
    faults = list(_languages(programme))
    yield from faults
    if faults:
        return
    yield from _words(programme)
    yield from _plural_forms(programme)
    for place, rule in enumerate(programme.earning):
        at = ("earning", place)
        yield from _names(programme, rule, place)
        yield from _purchase(programme, rule, at)
        yield from _kind(rule, at)
        yield from _never(rule, at)
    yield from _partners(programme)
    yield from _catalogue(programme)
    yield from _groups(programme)


def _languages(programme: Programme) -> Iterator[Fault]:
    for place, language in enumerate(programme.languages):
        if language in programme.languages[:place]:
            yield ("languages", place), (Kind.LANGUAGES_DIFFER, f"{language!r} is listed twice", "keep one")
        try:
            plural_categories(language)
        except TextError as error:
            yield ("languages", place), (Kind.LANGUAGE_UNKNOWN, str(error), "write a language of the CLDR")


def _words(programme: Programme) -> Iterator[Fault]:
    """Every word in every language, and in no other."""
    spoken: dict[Path, Mapping[str, object]] = {("name",): programme.name, ("other_label",): programme.other_label}
    spoken |= {("units", code, "names"): unit.names for code, unit in programme.units.items()}
    spoken |= {("earning", place, "label"): rule.label for place, rule in enumerate(programme.earning)}
    spoken |= {("partners", place, "label"): one.label for place, one in enumerate(programme.partners)}
    spoken |= {("words", word): texts for word, texts in programme.words.items()}
    spoken |= {("categories", place, "label"): one.label for place, one in enumerate(programme.categories)}
    spoken |= {("rewards", place, "label"): one.label for place, one in enumerate(programme.rewards)}
    for path, words in spoken.items():
        for language in programme.languages:
            if language not in words:
                yield (*path, language), (Kind.TEXT_MISSING, f"no text in {language!r}", to_be_said(words))
        for language in words:
            if language not in programme.languages:
                fault = f"{language!r} is not among the programme's `languages`"
                yield (*path, language), (Kind.LANGUAGE_UNKNOWN, fault, "list it there, or remove it")


def _plural_forms(programme: Programme) -> Iterator[Fault]:
    for code, unit in programme.units.items():
        for language, forms in unit.names.items():
            if language not in programme.languages:
                continue
            path = ("units", code, "names", language)
            wanted = plural_categories(language)
            for category in sorted(wanted - set(forms)):
                yield (
                    (*path, category),
                    (
                        Kind.PLURALS_INCOMPLETE,
                        f"the plural form {category!r} is missing",
                        "add it",
                    ),
                )
            for category in sorted(set(forms) - wanted - {"other"}):
                yield (
                    (*path, category),
                    (
                        Kind.PLURAL_UNKNOWN,
                        f"is no plural form in {language!r}",
                        choices(category, sorted(wanted)),
                    ),
                )


def _names(programme: Programme, rule: EarningRule, place: int) -> Iterator[Fault]:
    if rule.rule in [other.rule for other in programme.earning[:place]]:
        fault = f"rule {rule.rule!r} is written twice"
        yield ("earning", place, "rule"), (Kind.NAME_TWICE, fault, "give each a name of its own")
    if rule.unit not in programme.units:
        yield ("earning", place, "unit"), _unknown("unit", rule.unit, list(programme.units))


def _partners(programme: Programme) -> Iterator[Fault]:
    for place, partner in enumerate(programme.partner_codes):
        if partner in programme.partner_codes[:place]:
            yield (
                ("partners", place, "partner"),
                (
                    Kind.NAME_TWICE,
                    f"partner {partner!r} is listed twice",
                    "keep one",
                ),
            )


def _purchase(programme: Programme, rule: EarningRule, at: Path) -> Iterator[Fault]:
    """A rule about purchases, and whose they are."""
    if rule.event.has_partner and not programme.partners:
        yield (*at, "event"), (Kind.RULE_IS_DEAD, "nobody sells anything", "list `partners`, or take the rule out")
    elif rule.partner is not None and not rule.event.has_partner:
        fault = f"{rule.event.value!r} does not happen at a partner's"
        yield (*at, "partner"), (Kind.RULE_IS_DEAD, fault, "remove it")
    elif rule.partner is not None and rule.partner not in programme.partner_codes:
        yield (*at, "partner"), _unknown("partner", rule.partner, programme.partner_codes)


def _kind(rule: EarningRule, at: Path) -> Iterator[Fault]:
    if rule.give is None and not rule.steps:
        yield at, (Kind.RULE_IS_DEAD, "gives nothing", "write `give` (with or without `per`), or `steps`")
    if rule.give is not None and rule.steps:
        yield (*at, "steps"), (Kind.RULE_IS_DEAD, "a rule has either `give` or `steps`", "remove one")
    if rule.give is None and rule.per is not None:
        yield (*at, "per"), (Kind.RULE_IS_DEAD, "`per` goes with `give`, and means nothing here", "remove it")
    starts = [step.from_ for step in rule.steps]
    for place in range(1, len(starts)):
        if starts[place] <= starts[place - 1]:
            yield (
                (*at, "steps", place, "from"),
                (
                    Kind.RULE_IS_DEAD,
                    "must be more than the step before",
                    "write the steps in ascending order",
                ),
            )


def _never(rule: EarningRule, at: Path) -> Iterator[Fault]:
    """Rules that look alive and would never give anything."""
    if rule.starts is not None and rule.ends is not None and rule.ends <= rule.starts:
        yield (*at, "ends"), (Kind.RULE_IS_DEAD, "the rule ends before it starts", "write a later moment")
    if not rule.event.has_amount:
        for key in ("per", "steps"):
            if getattr(rule, key):
                fault = f"{rule.event.value!r} comes without an amount, so this gives nothing"
                yield (*at, key), (Kind.RULE_IS_DEAD, fault, "write `give`")
    if rule.pending_days is not None and rule.once:
        yield (*at, "pending_days"), (Kind.RULE_IS_DEAD, "a gift that comes once is there at once", "remove it")


def _catalogue(programme: Programme) -> Iterator[Fault]:
    """Rewards that can be found, told apart, and delivered."""
    taken = {rule.rule for rule in programme.earning} | set(programme.words)
    for place, category in enumerate(programme.categories):
        yield from _taken(category.category, taken, ("categories", place, "category"))
    numbers: set[int] = set()
    shelves = {category.category for category in programme.categories}
    for place, reward in enumerate(programme.rewards):
        at = ("rewards", place)
        yield from _taken(reward.reward, taken, (*at, "reward"))
        if reward.number in numbers:
            fault = f"{reward.number} is another reward's number, and people text it"
            yield (*at, "number"), (Kind.NAME_TWICE, fault, "give each its own")
        numbers.add(reward.number)
        if reward.category not in shelves:
            yield (*at, "category"), _unknown("category", reward.category, sorted(shelves))
        if reward.unit not in programme.units:
            yield (*at, "unit"), _unknown("unit", reward.unit, list(programme.units))
        if reward.counted and reward.fulfilment is Fulfilment.VOUCHER:
            yield (*at, "counted"), (Kind.REWARD_UNFIT, "vouchers are counted by themselves", "remove it")
        if reward.due_days is None and reward.fulfilment in {Fulfilment.PICK_UP, Fulfilment.MANUAL}:
            advice = "after how many days are the points given back if nobody comes for it?"
            yield (*at, "due_days"), (Kind.REWARD_UNFIT, "is missing", advice)
    for shelf in sorted(shelves - {reward.category for reward in programme.rewards}):
        yield ("categories",), (Kind.REWARD_UNFIT, f"the category {shelf!r} has no reward", "add one, or remove it")


def _groups(programme: Programme) -> Iterator[Fault]:
    """Segments and tiers, each once."""
    for key, codes in (("segments", programme.segments), ("tiers", programme.tiers)):
        for place, code in enumerate(codes):
            if code in codes[:place]:
                yield (key, place), (Kind.NAME_TWICE, f"{code!r} is listed twice", "keep one")
    if NO_TIER in programme.tiers:
        fault = f"{NO_TIER!r} is what commands say for no tier"
        yield ("tiers", programme.tiers.index(NO_TIER)), (Kind.NAME_TWICE, fault, "choose another")


def _taken(code: str, taken: set[str], at: Path) -> Iterator[Fault]:
    if code in taken:
        fault = f"{code!r} is the name of something else already: the statement could not tell them apart"
        yield at, (Kind.NAME_TWICE, fault, "choose another")
    taken.add(code)


def _unknown(what: str, name: str, known: Collection[str]) -> tuple[Kind, str, str]:
    return Kind.NAME_UNKNOWN, f"there is no {what} {name!r}", choices(name, known)
