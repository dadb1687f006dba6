"""The ways in which people write one word, brought to one form.

Decides when two writings are the same word to a reader: case, `ё`, full-width and invisible characters, letters of one
alphabet in place of another's, the wrong keyboard layout, Russian in Latin letters; and when one is the other typed by
hasty fingers. Refuses to know keywords, and which of these ways is the likelier.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from gateway.wording import LOOK_ALIKES

TEXT_LENGTH_MAX = 2_000
"""Characters that are read: an SMS of thirty Russian parts. What stands beyond them is not looked at."""

INVISIBLE = frozenset({"Cf", "Mn"})
"""Unicode categories of what nobody sees or types on purpose: joiners, marks of direction, stress marks."""

_WORD = re.compile(r"[^\W_]+")

_SAME_LOOKS = {cyrillic.lower(): latin.lower() for latin, cyrillic in LOOK_ALIKES.items()}
_SAME_LOOKS |= dict(zip("πγλφ", "пглф", strict=True))
"""To the letter that stands for all which look alike. Some phones write П, Г, Л and Ф with the Greek capitals of the
GSM alphabet, to stay within it."""
_LOOKS = str.maketrans(_SAME_LOOKS)

_QWERTY = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~{}:"<>'
_JCUKEN = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ёхъжэбю"
_TO_CYRILLIC = str.maketrans(_QWERTY, _JCUKEN)
_TO_LATIN = str.maketrans(_JCUKEN[:33], _QWERTY[:33])
_LETTER_KEYS = "`[];',.~{}:\"<>"
"""Punctuation that is a letter on the other layout: at an end of a word it may be either."""
_QUOTES = "\"'"

LETTERS_FOR_A_DROP = 9
"""Of shorter words, a letter less makes another: `сто` of `стоп`, `опишите` of `отпишите`."""

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_BESIDE = frozenset(frozenset(pair) for row in _KEY_ROWS for pair in pairwise(row.translate(_LOOKS)))
"""Keys side by side, as their letters look. Not those above and below: with them `стон` would be `стоп`."""

_LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфхцыэ", "abvgdeziiklmnoprstufhcie", strict=True))
    | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "iu", "я": "ia"}
)
_SAME_SOUND = str.maketrans("yjwx", "iivh")
_CLUSTERS = {"shch": "sh", "sch": "sh", "kh": "h", "ts": "c", "tz": "c", "ii": "i"}
_CLUSTER = re.compile("|".join(_CLUSTERS))


def plain(text: str) -> str:
    """The text in small letters, composed, with `е` for `ё`, and without what nobody sees. Punctuation stays, and `№`
    is punctuation: composing would make two letters of it."""
    small = unicodedata.normalize("NFKC", text[:TEXT_LENGTH_MAX].replace("№", "#")).casefold()
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", small) if unicodedata.category(sign) not in INVISIBLE)
    return seen[:TEXT_LENGTH_MAX].replace("ё", "е")


def words(text: str) -> list[str]:
    """The words of a plain text: letters and digits, without what stands between."""
    return _WORD.findall(text)


def joined(text: str) -> str:
    """The letters and digits of a plain text in one piece, since a space too many is a slip like any other."""
    return "".join(words(text))


def looks(word: str) -> str:
    """What all words that look like this one have in common: `бонус` and `бoнуc` are the same."""
    return word.translate(_LOOKS)


def other_layout(token: str) -> Iterator[str]:
    """What was meant if the keyboard stood on the other layout: `,jyec` was `бонус`, `ифдфтсу` was `balance`.

    Takes a plain text with its punctuation, since six Russian letters are punctuation on a Latin keyboard; so a comma
    at an end is read as a letter and as a comma.
    """
    lefts = dict.fromkeys((token, token.lstrip(_QUOTES), token.lstrip(_LETTER_KEYS)))
    ends = dict.fromkeys(end for left in lefts for end in (left, left.rstrip(_LETTER_KEYS)))
    for meant in ends:
        if any("a" <= letter <= "z" for letter in meant):
            yield joined(meant.translate(_TO_CYRILLIC).replace("ё", "е"))
        else:
            yield joined(meant.translate(_TO_LATIN))


def sound(word: str) -> str:
    """What the Latin spellings of one Russian word have in common: `istoriya`, `istoria`, `istorija`, `история`."""
    latin = word.translate(_LATIN).translate(_SAME_SOUND)
    return _CLUSTER.sub(lambda found: _CLUSTERS[found[0]], latin)


def fumbled(typed: str, meant: str) -> bool:
    """Whether fingers that meant one word typed the other: a letter too many, two letters exchanged, the key beside,
    or, in a long word, a letter dropped. The first letter is right. Takes both in one form, by look or by sound.

    Not just any letter in another's place, since that makes other words: `стол` of `стоп`.
    """
    if len(typed) == len(meant) + 1:
        return _has_one_more(typed, meant)
    if len(typed) == len(meant) - 1:
        return len(meant) >= LETTERS_FOR_A_DROP and _has_one_more(meant, typed)
    if len(typed) != len(meant):
        return False
    wrong = [at for at in range(len(meant)) if typed[at] != meant[at]]
    match wrong:
        case [at] if at > 0:
            return frozenset((typed[at], meant[at])) in _BESIDE
        case [at, after] if at > 0:
            return after == at + 1 and (typed[at], typed[after]) == (meant[after], meant[at])
    return False


def _has_one_more(longer: str, shorter: str) -> bool:
    """Anywhere but in front."""
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(1, len(longer)))


def has_cyrillic(word: str) -> bool:
    """Whether any letter is Cyrillic."""
    return any("\u0400" <= letter <= "\u04ff" for letter in word)
