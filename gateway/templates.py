"""Texts with places for facts: compiled once per language, filled many times, the same facts to the same letters.

Decides how an amount, a date, a signed number and a reason are written in a language. Refuses to know menus,
programmes and clocks: units and labels come as a `Vocabulary`, facts as plain values.

Everything a filter writes in English stays inside the GSM 7-bit alphabet. So digits are grouped with a plain space
where the language would use a no-break one (U+00A0 alone would take an English screen from 182 characters to 80),
and a minus is a hyphen.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from types import CodeType

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from jinja2 import StrictUndefined, Template, TemplateAssertionError, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.errors import ConfigurationError
from gateway.text import gsm7

DAY_PATTERNS: Mapping[str, str] = {"ru": "dd.MM.yy"}
"""A short date as the language writes it, where it is unambiguous there."""
DAY_PATTERN_DEFAULT = "d MMM yy"
"""`31 Dec 26`. `12/11/26` would be two different days on the two sides of an ocean."""
AMOUNTS_REMEMBERED_MAX = 16_384  # a rule costs 4 µs; small and round balances are most of what is shown
DAYS_REMEMBERED_MAX = 4096  # points expire at month ends: a few dozen dates are most of the traffic

TEXTS_REMEMBERED_MAX = 4096  # a few packs, each in a few versions: the texts of one are some hundreds

FILTERS = ("count", "number", "day", "signed", "label")
UNIT_FILTERS = frozenset({"count", "signed"})
"""The filters that take a unit: `count` always, `signed` if it is to be named."""
SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))
WHOLE_NUMBERS_TRIED = (*range(201), 1_000, 1_000_000, 2_000_000)
"""Enough whole numbers to meet every plural category that whole numbers have (CLDR); `other` is for fractions in
Russian, and `many` begins at a million in French."""


class TextError(ConfigurationError):
    """A text that cannot be compiled or filled. `line` counts inside the text, from 1."""

    code = "text"

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Vocabulary:
    """A programme's words: `units[unit][language][plural category]`, and `labels[reason][language]`.

    `other_label` is said for a reason that has no label: a journal outlives the rules that wrote it, and a session
    the menu that it began with. `languages` are the programme's, the default first; `segments` and `tiers` are what it
    calls its members, no words for them.
    """

    languages: tuple[str, ...]
    units: Mapping[str, Mapping[str, Mapping[str, str]]]
    labels: Mapping[str, Mapping[str, str]]
    other_label: Mapping[str, str]
    segments: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()

    @cached_property
    def compilers(self) -> Mapping[str, "Compiler"]:
        """One for each language: whoever proves a text and whoever says it share what was compiled."""
        return {language: Compiler(self, language) for language in self.languages}

    def longest(self) -> "Vocabulary":
        """The same vocabulary with every word at its longest, to measure texts with.

        The longest number need not take the longest form: 99 подарочных единиц is shorter than 92 подарочные
        единицы. Likewise no list of facts holds every label, so each label becomes the longest of its language.
        """
        units = {
            unit: {language: dict.fromkeys(forms, _widest(forms.values())) for language, forms in by_language.items()}
            for unit, by_language in self.units.items()
        }
        spoken = [self.other_label, *self.labels.values()]
        widest = {language: _widest([words[language] for words in spoken]) for language in self.languages}
        return replace(self, units=units, labels=dict.fromkeys(self.labels, widest), other_label=widest)


def _widest(words: Iterable[str]) -> str:
    return max(words, key=lambda word: (gsm7.septets(word) is None, len(word)), default="")


def plural_categories(language: str) -> frozenset[str]:
    """The plural categories that whole numbers take: in Russian `one`, `few`, `many`. Raises `TextError`."""
    plural_form = _locale(language).plural_form
    return frozenset(plural_form(number) for number in WHOLE_NUMBERS_TRIED)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError) as error:
        raise TextError(f"{language!r} is not a language code: write one such as ru or en") from error


@dataclass(frozen=True, slots=True)
class Text:
    """One compiled text. `placeholders` are the facts it names: `points`, `item.on`."""

    source: str
    placeholders: frozenset[str]
    words: tuple[str, ...]
    """The literal stretches between the places for facts."""
    _template: Template | None

    @property
    def is_static(self) -> bool:
        """Whether it says the same whatever the facts."""
        return self._template is None

    def fill(self, facts: Mapping[str, object]) -> str:
        """The text with these facts in their places. Raises `TextError` for a fact that is missing or unfit."""
        if self._template is None:
            return self.source
        try:
            return self._template.render(facts).strip()
        except (TemplateError, TypeError, ValueError) as error:
            raise TextError(f"cannot fill {self.source!r}: {error}") from error


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    environment.globals.clear()
    environment.filters.clear()
    return environment


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What a text is in any language: parsing costs a hundred times what binding it to a vocabulary does."""

    words: tuple[str, ...]
    placeholders: frozenset[str]
    filters: tuple[nodes.Filter, ...]
    code: CodeType | None
    """None for a text that names nothing."""


def _unknown_yet(*_: object) -> str:
    """Stands for a filter while there is no vocabulary: what fails here is left for later, even on a constant."""
    raise ValueError("a filter needs a vocabulary")


@lru_cache(maxsize=TEXTS_REMEMBERED_MAX)
def _parsed(source: str) -> _Parsed:
    """A text, parsed. Raises what the templates raise."""
    environment = _environment()
    environment.filters.update(dict.fromkeys(FILTERS, _unknown_yet))
    tree = environment.parse(source)
    words = tuple(part.data for part in tree.find_all(nodes.TemplateData))
    if not any(_expressions(tree)):
        return _Parsed(words, frozenset(), (), None)
    code = environment.compile(tree)
    return _Parsed(words, _placeholders(tree), tuple(tree.find_all(nodes.Filter)), code)


class Compiler:
    """Compiles the texts of one language with one vocabulary, each once."""

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        words = Words(vocabulary, language)
        self._vocabulary = vocabulary
        self._compiled: dict[str, Text] = {}
        self._environment = _environment()
        self._environment.filters.update({name: getattr(words, name) for name in FILTERS})

    def compile(self, source: str) -> Text:
        """The text, ready to fill. Raises `TextError` for what is no template, or names a unit that is not there.

        Letters are composed (NFC): `й` as two code points would weigh two units on the air.
        """
        source = unicodedata.normalize("NFC", source).strip()
        text = self._compiled.get(source)
        if text is None:
            text = self._compiled[source] = self._compile(source)
        return text

    def _compile(self, source: str) -> Text:
        try:
            parsed = _parsed(source)
        except TemplateSyntaxError as error:
            raise TextError(self._told(error), error.lineno) from error
        if parsed.code is None:
            return Text("".join(parsed.words), frozenset(), parsed.words, None)
        for call in parsed.filters:
            self._refuse_misuse(call)
        template = Template.from_code(self._environment, parsed.code, {})
        return Text(source, parsed.placeholders, parsed.words, template)

    def _told(self, error: TemplateSyntaxError) -> str:
        if isinstance(error, TemplateAssertionError):
            return f"{error.message} There are: {', '.join(sorted(FILTERS))}"
        return f"not a template: {error.message}; a place for a fact is written {{{{ points | number }}}}"

    def _refuse_misuse(self, call: nodes.Filter) -> None:
        """A filter that lacks its unit, names one that the programme has not, or was handed what it does not take."""
        taken = [*call.args, *call.kwargs, *(extra for extra in (call.dyn_args, call.dyn_kwargs) if extra)]
        units = list(self._vocabulary.units)
        if call.name == "count" and not taken:
            raise TextError(f"count needs a unit: count('{units[0]}')", call.lineno)
        if len(taken) > (call.name in UNIT_FILTERS) or len(taken) != len(call.args):
            form = f"{call.name}('{units[0]}')" if call.name in UNIT_FILTERS else call.name
            raise TextError(f"{call.name} is written so: {{{{ … | {form} }}}}", call.lineno)
        for argument in call.args:
            if isinstance(argument, nodes.Const) and argument.value not in units:
                raise TextError(
                    f"unknown unit {argument.value!r}: the programme has {', '.join(sorted(units))}", call.lineno
                )


def _expressions(tree: nodes.Template) -> Iterator[nodes.Node]:
    return (
        node
        for node in tree.find_all((nodes.Expr, nodes.Stmt))
        if not isinstance(node, nodes.TemplateData | nodes.Output)
    )


def _placeholders(tree: nodes.Template) -> frozenset[str]:
    """The names that a text asks of its facts; an attribute counts with its owner, as `item.on`."""
    names = find_undeclared_variables(tree)
    dotted = {
        f"{node.node.name}.{node.attr}"
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name in names
    }
    owners = {name.partition(".")[0] for name in dotted}
    return frozenset(dotted | (names - owners))


class Words:
    """The filters of one language: how it writes amounts, days, signs and reasons."""

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        locale = _locale(language)
        self._language = language
        self._plural_form = lru_cache(maxsize=AMOUNTS_REMEMBERED_MAX)(locale.plural_form)
        self._separator = locale.number_symbols["latn"]["group"].translate(SPACES)
        self._units = {unit: by_language[language] for unit, by_language in vocabulary.units.items()}
        self._labels = {code: words[language] for code, words in vocabulary.labels.items()}
        self._other_label = vocabulary.other_label[language]

    def number(self, amount: int) -> str:
        """`1 234` in Russian, `1,234` in English."""
        return f"{amount:,}".replace(",", self._separator)

    def count(self, amount: int, unit: str) -> str:
        """`1 балл`, `2 балла`, `1 235 баллов`."""
        return f"{self.number(amount)} {self._form(amount, unit)}"

    def signed(self, amount: int, unit: str | None = None) -> str:
        """`+50` or `-50`, and `+50 баллов` when the unit is given."""
        number = ("+" if amount > 0 else "") + self.number(amount)
        return number if unit is None else f"{number} {self._form(amount, unit)}"

    def day(self, iso: str) -> str:
        """An ISO date, short: `31.12.26` in Russian, `31 Dec 26` in English."""
        return _day(iso, self._language)

    def label(self, reason: str) -> str:
        """The programme's short word for why points moved; its word for anything else where it has none."""
        return self._labels.get(reason, self._other_label)

    def _form(self, amount: int, unit: str) -> str:
        """The unit's word beside this amount. Of a unit that the programme no longer has, its code is all that is
        known, and says more than a bare number, which would pass for points."""
        forms = self._units.get(unit)
        if forms is None:
            return unit
        category = self._plural_form(amount)
        if category not in forms:
            raise TextError(f"unit {unit!r} has no plural form {category!r} in {self._language!r}")
        return forms[category]


@lru_cache(maxsize=DAYS_REMEMBERED_MAX)
def _day(iso: str, language: str) -> str:
    pattern = DAY_PATTERNS.get(language, DAY_PATTERN_DEFAULT)
    return format_date(date.fromisoformat(iso), pattern, locale=language).translate(SPACES)
