"""Finds passwords, keys, card and social security numbers in texts, and masks them.

Tokens and keys of services are recognised by the detectors of detect-secrets (the maintained
fork), which are loaded with the first text that may hold one. What people say and write about
secrets ("the wifi password is ...") is recognised by patterns here; a number counts as a card's or
an account's only with the right check digit (Luhn; ISO 13616).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from memfast.extraction.rules.words import lexicon
from memfast.types import SecretKind

MASK = "[redacted]"


class Found(NamedTuple):
    """Where a secret is in a text."""

    begin: int
    end: int
    kind: SecretKind


_LABEL = (
    r"(?:pass ?words?|passwd|pass ?phrases?|pass ?codes?|pwd|pw|pass(?= ?(?:is\b|was\b|=|:))|clave|passwort|kennwort"
    r"|contrase\u00f1a|mot de passe|senha|wachtwoord|has\u0142o|l\u00f6senord|\u043f\u0430\u0440\u043e\u043b\u044c"
    r"|\u5bc6\u7801|\u5bc6\u78bc|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638"
    r"|login code|access code|(?:wi-?fi|network|wpa2?|encryption|security|licen[cs]e|master) key)"
)
_PIN = (
    r"(?:pin(?: ?(?:code|number))?|cvv2?|cvc|security code|door ?code|gate ?code|alarm ?code|safe ?code"
    r"|(?:unlock|entry|otp|verification|one-time|2fa|confirmation|lock|safe|vault|locker|backup|recovery|locker room|mailbox|gym) (?:code|combination)|otp|combination|code(?= (?:for|of|to) (?:the|my|our) (?:[\w']+ )?(?:safe|gate|door|alarm|lock|garage|lockbox|building|vault|locker)))"
)
_KEY = (
    r"(?:(?:api|secret|access|private|signing|auth|encryption|deploy)[ _-]?(?:access[ _-]?)?(?:key|token|secret)"
    r"(?:[ _-]id)?|(?:bearer|auth|access|refresh|bot|personal access)[ _-]?token|client[ _-]secret|token)"
)
_IS = (
    r"(?:\s*(?:=|:=?|->|\uff1a)\s*|'s\s+|\?\s+(?:it'?s|it is)\s+|\s+(?:is|was|are|will be|to|ist|lautet|es|est|\u00e9|\u00e8|is now|is still|is:|was:)\s*:?\s+"
    r"|(?:\u662f|\u306f|\u7684\u662f|\uc740|\ub294)\s*)"
)
# "password for the office wifi is ...".
_OF = r"(?:(?: (?:for|of|to|on|at|in|f\u00fcr(?:s)?|\u043e\u0442|\u0434\u043b\u044f|dell[ao']|della|pour|voor|de|del|du|da|do|von|vom|van)) (?:[\w'.-]+ ){0,4}?[\w'.-]+)?(?: (?:here|now|again|over here))?"
_VALUE = r"[\"'`\u201c\u2018]?(?P<value>[^\s\"'`\u201c\u201d]{4,200})"
LABELLED = re.compile(
    rf"(?<!\w){_LABEL}\b{_OF}{_IS}(?:still |now |just |currently |always )?{_VALUE}", re.IGNORECASE
)
LABELLED_CJK = re.compile(
    r"(?:\u5bc6\u7801|\u5bc6\u78bc|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638)\s*(?:\u662f|\u306f|\u4e3a|\u70ba|:|\uff1a|\uc740|\ub294)\s*(?P<value>[!-~]{4,64})"
)
# "password hunter2", "pw: hunter2", "log in as bo / hunter2".
BESIDE = re.compile(rf"(?<!\w){_LABEL}[ :,(]+{_VALUE}", re.IGNORECASE)
# "use hunter2 as the password", "hunter2 is my new password".
BEFORE = re.compile(
    rf"(?<!\S)[\"'`]?(?P<value>[^\s\"'`\u201c\u201d]{{5,64}})[\"'`\u201d]?,? (?:(?:is|as|was|for)(?: still| now)?) (?:the|my|our|your|his|her|a) "
    rf"(?:new |old |current |admin |root |wi-?fi |netflix )?(?:{_LABEL}|(?P<pin>{_PIN})|(?P<key>{_KEY}))\b",
    re.IGNORECASE,
)
SET = re.compile(
    rf"(?<![\w-])(?:my|our|the|his|her|your|das|mein) (?:[\w'-]+[ -]){{0,3}}{_LABEL}(?: (?:from|back))?(?: \S+)? (?:to|auf|en|a|\u00e0) {_VALUE}",
    re.IGNORECASE,
)
# Digits of a PIN, also with "is"; "4 8 2 1".
PIN = re.compile(
    rf"(?<!\w){_PIN}\b{_OF}(?:{_IS}|[ :,#]+)(?:still |now |just )?(?P<value>\d(?:[ -]?\d){{2,7}})(?![\w/:.,-]*\d|\s?(?:%|euros?|dollars?|pm\b|am\b))",
    re.IGNORECASE,
)
KEY = re.compile(rf"(?<![a-z]){_KEY}\b{_OF}(?:{_IS}|[ :\"']+){_VALUE}", re.IGNORECASE)
# DB_PASSWORD=..., "aws_secret_access_key": "...".
ASSIGNED = re.compile(
    r"\b(?=[\w.-]{3,60}[\"']?\s*[:=])[\w.-]*(?:passw(?:or)?d|secret|api_?key|access_?key|token|pwd|credential)\w*[\"']?\s*[:=]\s*"
    r"[\"']?(?P<value>[^\s\"',;]{6,200})",
    re.IGNORECASE,
)
# Prefixes that services give their tokens.
TOKEN = re.compile(
    r"\b(?:sk-(?:[a-z]+-)?[\w-]{16,}|(?:sk|pk|rk|whsec)_(?:live_|test_)?\w{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}"
    r"|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|hf_\w{20,}|npm_\w{20,}"
    r"|pypi-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|(?:AKIA|ASIA)[0-9A-Z]{16}|dop_v1_\w{20,}|shp(?:at|ca|pa|ss)_\w{20,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}|ATATT\w{20,}|lin_api_\w{20,}|secret_\w{30,}|EAACEdEose0cBA\w+)"
)
BEARER = re.compile(r"\b(?:bearer|basic) (?P<value>[\w.~+/-]{16,}=*)", re.IGNORECASE)
IN_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:(?P<value>[^\s:/@]{3,128})@", re.IGNORECASE
)
PRIVATE = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^-]{0,20000}(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
)
PHRASE = re.compile(
    r"\b(?:seed|recovery|backup|mnemonic|wallet)(?: (?:phrase|words|seed))+\b[^\n:]{0,16}?(?: is| are| was|:)[\s:]{1,3}"
    r"(?P<value>[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,23})\b",
    re.IGNORECASE,
)
CARD = re.compile(
    r"(?<![\w.-])(?<!\+)[2-6]\d{3}(?:(?P<gap>[ -])(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{4}|\d{6}(?P=gap)\d{5})|\d{9,15})(?![\w-])"
)
SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")
SSN_NAMED = re.compile(
    r"\b(?:ssn|social security(?: number| no\.?)?|social|sin|national insurance(?: number)?|ni number|steuer-?id)\b"
    r"(?: (?:number|no\.?))?(?:\s*[:=#]\s*|\s+(?:is|ist|was)\s+|\s+)(?P<value>\d(?:[ -]?\d){7,10}|[A-CEGHJ-PR-TW-Z]{2}(?: ?\d){6} ?[A-D])(?![\w-])",
    re.IGNORECASE,
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
# One of these is in each text in which a secret is named.
NAMES = (
    *(
        "pass",
        "pwd",
        "pw",
        "pin",
        "cvv",
        "cvc",
        "code",
        "combination",
        "key",
        "token",
        "secret",
        "otp",
    ),
    *(
        "credential",
        "kennwort",
        "contrase",
        "clave",
        "senha",
        "wachtwoord",
        "has\u0142o",
        "l\u00f6sen",
    ),
    *(
        "\u043f\u0430\u0440\u043e\u043b",
        "\u5bc6",
        "\u30d1\u30b9",
        "\ube44\ubc00",
        "mot de",
        "bearer",
        "basic",
        "seed",
    ),
    *(
        "recovery",
        "mnemonic",
        "backup",
        "wallet",
        "ssn",
        "social",
        "sin ",
        "insurance",
        "ni number",
        "steuer",
    ),
)
# A text without a run like these holds no number of a card, a person or an account, and no token.
LIKELY = re.compile(r"\d{3}[- ]?\d{2}|[A-Z]{2}\d{2}|[\w.-]{16}|:/")
# Long tokens that mix letters and digits: a detector of a service may know them.
LONG = re.compile(r"(?<![\w/-])(?=[\w.~+/-]{0,40}\d)(?=[\w.~+/-]{0,40}[A-Za-z])[\w.~+/-]{20,400}")
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.IGNORECASE)
HEX = re.compile(r"(?:[0-9a-f]{7,40}|[0-9a-f]{64})\Z", re.IGNORECASE)
# What stands after "the password is" without being one.
WORDS = lexicon(
    """
    great good bad weak strong wrong right correct incorrect invalid expired expiring secure insecure safe unsafe
    useless terrible awful annoying stupid needed required optional missing empty blank changed reset stored saved
    hidden known unknown secret hard easy simple short long complex complicated different same unique random not
    the that this what where when there here it's its also still never always only too very really just now
    already about your mine ours written printed somewhere something anything nothing everything working broken
    fine okay case-sensitive case sensitive called with without because since until lost forgotten shared public
    private temporary available enough important encrypted hashed protected compromised leaked stolen being been
    going supposed similar impossible ridiculous correct: below above attached under behind inside from same-as
    """
)
ENDING = re.compile(r"(?:ed|ing|ly|able|ible|ful|less|ous|ive|ent|ant|est|er|al|ic)\Z")
ENDS = ("", ".", "!", "\n", ",")
TRIM = ".,;:!?)]}>\"'`\u201d\u2019\u3002\uff0c"


def find(text: str) -> list[Found]:
    """Return the secrets in a text, in order; none overlaps another."""
    low = text.lower()
    named = any(name in low for name in NAMES)
    if not named and LIKELY.search(text) is None:
        return []
    found: list[Found] = []
    for one in sorted(_all(text, named=named), key=lambda one: (one.begin, -one.end)):
        if not found or one.begin >= found[-1].end:
            found.append(one)
        elif one.end > found[-1].end:
            found[-1] = found[-1]._replace(end=one.end)
    return found


def masked(text: str) -> tuple[str, list[SecretKind]]:
    """Return a text with `MASK` in the place of each secret, and the kinds of the secrets.

    >>> masked("the wifi password is Tr0ub4dor&3")
    ('the wifi password is [redacted]', ['password'])
    """
    found = find(text)
    for one in reversed(found):
        text = text[: one.begin] + MASK + text[one.end :]
    return text, [one.kind for one in found]


def _all(text: str, *, named: bool) -> Iterator[Found]:
    for pattern, kind, counts in (*PATTERNS, *(NAMED_PATTERNS if named else ())):
        for match in pattern.finditer(text):
            valued = "value" in pattern.groupindex
            begin, end = match.span("value" if valued else 0)
            while end > begin and valued and text[end - 1] in TRIM:
                end -= 1
            value = text[begin:end]
            ends = text[end : end + 1] in ENDS
            if MASK not in value and (
                counts(value) or (ends and pattern is LABELLED and _is_word(value))
            ):
                if pattern is BEFORE:
                    yield Found(
                        begin, end, "pin" if match["pin"] else "key" if match["key"] else kind
                    )
                else:
                    yield Found(begin, end, kind)
    for match in LONG.finditer(text):
        value = match.group()
        if UUID.match(value) is None and HEX.match(value) is None and _known(value):
            yield Found(*match.span(), "key")


def _known(token: str) -> bool:
    """Return whether a detector of a service recognises a token."""
    return any(True for detect in _detectors() for _ in detect(token))


@lru_cache(maxsize=1)
def _detectors() -> list[Callable[[str], Iterator[str]]]:
    # Not at the top: they load a client of HTTP, which takes 300 ms.
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
    from detect_secrets.plugins.discord import DiscordBotTokenDetector
    from detect_secrets.plugins.github_token import GitHubTokenDetector
    from detect_secrets.plugins.jwt import JwtTokenDetector
    from detect_secrets.plugins.mailchimp import MailchimpDetector
    from detect_secrets.plugins.npm import NpmDetector
    from detect_secrets.plugins.sendgrid import SendGridDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.square_oauth import SquareOAuthDetector
    from detect_secrets.plugins.stripe import StripeDetector
    from detect_secrets.plugins.twilio import TwilioKeyDetector

    classes = (
        AWSKeyDetector,
        AzureStorageKeyDetector,
        DiscordBotTokenDetector,
        GitHubTokenDetector,
        JwtTokenDetector,
        MailchimpDetector,
        NpmDetector,
        SendGridDetector,
        SlackDetector,
        SquareOAuthDetector,
        StripeDetector,
        TwilioKeyDetector,
    )
    return [detector().analyze_string for detector in classes]


def _is_password(value: str) -> bool:
    """Tell a password from the word of a sentence: it has a digit, a sign or an inner capital."""
    if value.lower() in WORDS or value.startswith(("http:", "https:", "[", "<", "$", "{", "*")):
        return False
    if UUID.match(value):
        return False
    inner = value[1:]
    return (
        any(letter.isdigit() for letter in value)
        or any(letter in "!@#$%^&*_+=~?|\\" for letter in value)
        or (inner != inner.lower() and value != value.upper())
        or ("-" in inner and len(value) > 12)  # noqa: PLR2004 - "case-sensitive" is shorter or listed
    )


def _is_word(value: str) -> bool:
    """Tell a word that is a password from what is said of passwords; it ends its clause."""
    low = value.lower()
    return value.isalpha() and len(value) >= 6 and low not in WORDS and ENDING.search(low) is None  # noqa: PLR2004


def _is_key(value: str) -> bool:
    mixed = any(letter.isdigit() for letter in value) and any(map(str.isalpha, value))
    return len(value) >= 8 and mixed and "/" not in value[:1] and not value.startswith("http")  # noqa: PLR2004


def _is_assigned(value: str) -> bool:
    return _is_password(value) and not value.startswith(("os.", "process.", "getenv", "env."))


def _luhn(value: str) -> bool:
    digits = [int(letter) for letter in value if letter.isdigit()]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * one, 10)) for one in digits[-2::-2])
    return len(digits) in {13, 14, 15, 16, 19} and total % 10 == 0 and len(set(digits)) > 1


def _is_iban(value: str) -> bool:
    plain = value.replace(" ", "")
    if not 15 <= len(plain) <= 34:  # noqa: PLR2004 - the lengths of ISO 13616
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _any(value: str) -> bool:
    return bool(value)


# Patterns that need no name of a secret, and those that do.
Pattern = tuple[re.Pattern[str], SecretKind, Callable[[str], bool]]
PATTERNS: tuple[Pattern, ...] = (
    (PRIVATE, "private key", _any),
    (TOKEN, "token", _any),
    (IN_URL, "password", _any),
    (CARD, "card", _luhn),
    (SSN, "social security number", _any),
    (IBAN, "iban", _is_iban),
)
NAMED_PATTERNS: tuple[Pattern, ...] = (
    (BEARER, "token", _is_key),
    (PHRASE, "key", _any),
    (LABELLED, "password", _is_password),
    (LABELLED_CJK, "password", _any),
    (BESIDE, "password", _is_password),
    (BEFORE, "password", _is_password),
    (SET, "password", _is_password),
    (PIN, "pin", _any),
    (KEY, "key", _is_key),
    (ASSIGNED, "key", _is_assigned),
    (SSN_NAMED, "social security number", _any),
)
