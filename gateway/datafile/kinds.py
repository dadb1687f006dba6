"""Everything that a check can find, by name: one word for each kind of fault, for programs, and for the list of what is
proved. tests/unit/test_mutations.py breaks the shipped packs in each of these ways, and demands each name.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What is wrong. Names are for programs, and stay; the sentence of a finding is for people."""

    # Any file.
    UNREADABLE = "unreadable"
    FILE_UNKNOWN = "file-unknown"
    SYNTAX = "syntax"
    KEY_TWICE = "key-twice"
    ANCHOR = "anchor"
    TOO_LARGE = "too-large"
    EMPTY_FILE = "empty-file"
    KEY_MISSING = "key-missing"
    KEY_UNKNOWN = "key-unknown"
    WRONG_TYPE = "wrong-type"
    WRONG_VALUE = "wrong-value"

    # Languages and words, of screens, SMS and programmes.
    LANGUAGES_DIFFER = "languages-differ"
    LANGUAGE_UNKNOWN = "language-unknown"
    TEXT_MISSING = "text-missing"
    TEXT_UNUSED = "text-unused"
    TEMPLATE = "template"
    FACTS_DIFFER = "facts-differ"
    FACT_UNKNOWN = "fact-unknown"
    FACT_MAY_BE_MISSING = "fact-may-be-missing"
    LIST_UNKNOWN = "list-unknown"
    MIXED_ALPHABETS = "mixed-alphabets"
    STRAY_LETTER = "stray-letter"
    PLURALS_INCOMPLETE = "plurals-incomplete"
    PLURAL_UNKNOWN = "plural-unknown"

    # Actions.
    ACTION_UNKNOWN = "action-unknown"
    OUTCOME_UNHANDLED = "outcome-unhandled"
    OUTCOME_UNKNOWN = "outcome-unknown"
    ARGUMENT_MISSING = "argument-missing"
    ARGUMENT_UNKNOWN = "argument-unknown"
    ARGUMENT_VALUE = "argument-value"

    # Screens and the ways between them.
    SCREEN_UNKNOWN = "screen-unknown"
    UNREACHABLE = "unreachable"
    NO_WAY_BACK = "no-way-back"
    POINTS_UNASKED = "points-unasked"
    CALLS_IN_A_CIRCLE = "calls-in-a-circle"
    OPTION_KEY_TWICE = "option-key-twice"
    NAVIGATION_KEY_TAKEN = "navigation-key-taken"
    RESUME_KEY_TAKEN = "resume-key-taken"
    END_TAKES_INPUT = "end-takes-input"

    # Fragments.
    FRAGMENT_UNKNOWN = "fragment-unknown"
    FRAGMENT_UNUSED = "fragment-unused"

    # Conditions.
    CONDITION = "condition"
    CONDITION_UNFIT = "condition-unfit"
    CONDITIONS_TOO_MANY = "conditions-too-many"
    NEVER_SO = "never-so"
    ALWAYS_SO = "always-so"
    NO_OPTION_LEFT = "no-option-left"
    INSTEAD_UNFIT = "instead-unfit"
    NEVER_SHOWN = "never-shown"
    PILOT_UNUSED = "pilot-unused"

    # Room.
    SCREEN_TOO_LONG = "screen-too-long"
    TOO_MANY_PAGES = "too-many-pages"
    WORD_TOO_LONG = "word-too-long"
    LINE_DIVIDED = "line-divided"
    MESSAGE_TOO_LONG = "message-too-long"
    NAVIGATION_TOO_LONG = "navigation-too-long"
    QUESTION_TOO_LONG = "question-too-long"
    SMS_TOO_LONG = "sms-too-long"

    # What is typed, dialled and kept.
    INPUT_UNKNOWN = "input-unknown"
    INPUT_UNUSED = "input-unused"
    INPUT_MEETS_KEY = "input-meets-key"
    INPUT_NOT_DIALLED = "input-not-dialled"
    PATTERN = "pattern"
    FAILURE_UNKNOWN = "failure-unknown"
    FAILURE_TOO_LONG = "failure-too-long"
    INPUTS_ALIKE = "inputs-alike"
    KEPT_UNKNOWN = "kept-unknown"
    KEPT_TOO_LONG = "kept-too-long"
    KEPT_IN_VAIN = "kept-in-vain"
    KEPT_TOO_MANY = "kept-too-many"
    NEVER_KEPT = "never-kept"
    NOT_KEPT_ON_A_WAY = "not-kept-on-a-way"

    # Dial strings.
    DIAL_TWICE = "dial-twice"
    RESERVED_CODE = "reserved-code"
    ROAMING = "roaming"
    PUBLISHED_GONE = "published-gone"
    PUBLISHED_CHANGED = "published-changed"
    NOT_PUBLISHED = "not-published"

    # What is texted.
    KEYWORDS_MISSING = "keywords-missing"
    NUMBER_TWICE = "number-twice"
    NUMBER_UNKNOWN = "number-unknown"
    ROW_HEARS_NOTHING = "row-hears-nothing"
    ROW_HEARS_TWICE = "row-hears-twice"
    ROW_KEY_IN_VAIN = "row-key-in-vain"
    GENEROUS = "generous"
    KEYWORDS_ALIKE = "keywords-alike"
    KEYWORD_HAS_DIGIT = "keyword-has-digit"
    REPLY_TAKEN = "reply-taken"

    # The programme.
    NAME_TWICE = "name-twice"
    NAME_UNKNOWN = "name-unknown"
    RULE_IS_DEAD = "rule-is-dead"
    REWARD_UNFIT = "reward-unfit"
