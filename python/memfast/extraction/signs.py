"""Recognizes refusals, empty replies, instructions and unfilled forms in replies."""

from __future__ import annotations

import re

from memfast.extraction.grounding import content

_APOSTROPHE = "['\u2019`]?"
_AM = f"(?: am|{_APOSTROPHE}m)"
_DO_NOT = f"(?:do not|don{_APOSTROPHE}t)"
_CANNOT = (
    f"(?: ?can ?not| ?can{_APOSTROPHE}t| won{_APOSTROPHE}t| will not|{_AM} (?:unable|not able)"
    f"| (?:must |have to )?(?:decline|refuse)| {_DO_NOT} have the ability)"
)
_SORRY = (
    f"(?:i{_AM} (?:\\w+ )?(?:sorry|afraid)|i apologi[sz]e|(?:my )?apologies|sorry|unfortunately)"
)
_TASK = (
    "(?:help|assist|comply|fulfill?|process|provide|complete|do|continue|engage|extract|discuss"
    "|answer|support|with|store|storing|save|record|share|respond|generate)"
)
_REQUEST = "(?:this|that|the|your) (?:request|content|conversation|prompt|message)s?"
_FORBIDS = "(?:violat|against (?:my|our|the)|goes against|not (?:allowed|permitted))"
# In other languages: an apology with an inability, or either alone where it is unambiguous.
_SORRY_ELSEWHERE = (
    "lo siento|lamento|(?:es )?tut mir leid|leider|entschuldigung|(?:je suis )?d\u00e9sol\u00e9"
    "|desculpe|sinto muito|mi dispiace|извините|простите|к сожалению|很?抱歉|[对對]不起|申し訳|죄송"
)
_CANNOT_ELSEWHERE = (
    "no puedo|ich kann|kann ich|ne (?:peux|suis) pas|n\u00e3o posso|non posso|я не мог"
    "|[无無]法|不能|できません|できかね|없"
)
_ELSEWHERE = (
    f"(?:{_SORRY_ELSEWHERE})[^.!?。]{{0,60}}(?:{_CANNOT_ELSEWHERE})"
    "|no puedo (?:ayudar|procesar)|我[无無]法(?:提供|处理|协助|帮助|满足)"
)
# Only at the start and about the model: "Anna is sorry that she cannot help" is a fact.
REFUSAL = re.compile(
    rf"\W*(?:{_SORRY}\b[^.!?]{{0,80}}?\b(?:i{_CANNOT}\b|{_FORBIDS})"
    rf"|i{_CANNOT} (?:to )?(?:be able to )?{_TASK}\b"
    rf"|as an? (?:\w+ ){{0,2}}(?:ai|model|assistant)\b[^.!?]{{0,80}}?\bi{_CANNOT}"
    rf"|i{_AM} (?:just|only) (?:an ai|a (?:large )?language model)\b"
    rf"|i{_AM} (?:designed|programmed)\b"
    rf"|i(?:{_AM} not| {_DO_NOT} feel) comfortable (?:\w+ing|with)\b"
    rf"|{_REQUEST}\b[^.!?]{{0,40}}\b{_FORBIDS}"
    rf"|it (?:is|would) (?:not be |not )?(?:in)?appropriate for me|{_ELSEWHERE})",
    re.IGNORECASE,
)
# An empty result written in the form of a fact.
NOTHING = re.compile(
    r"\W*(?:there (?:is|are|was|were) )?(?:no|not any|nothing)(?: \w+){0,3}"
    r" (?:facts?|information|memor(?:y|ies)|details|preferences|keep|remember|store|extract)"
    r"(?: \w+){0,6}\W*"
    rf"|\W*the user (?:did not|didn{_APOSTROPHE}t|has not|does not)"
    r" (?:share|provide|mention|reveal|state|disclose) any\b[^.!?]*\W*",
    re.IGNORECASE,
)

_THINGS = "(?:facts?|information|memor(?:y|ies)|details|preferences|statements?)"
# A whole reply that states in prose that there are no facts, with an explanation after it.
NOTHING_SAID = re.compile(
    r"(?!(?s:.*)\b(?:but|except|however|only|other than|apart from|besides)\b)(?:"
    r"\W*(?:(?:facts?|memories|answer|results?)\s*[:=-]\s*)?"
    r"(?:none|n/?a|null|nil|empty|nothing(?: new| relevant| to \w+)?)\W*\Z"
    r"|\W*(?:(?:sorry|ok|okay|sure|well)\W+)?"
    rf"(?:(?:there (?:is|are|was|were)|i (?:found|find|see|have|extracted|detected|identified)"
    r"|(?:the|this) (?:\w+ )?(?:conversation|messages?|text|user|chat|dialogue|exchange)s? \w+) )?"
    rf"(?:no|not any|nothing)\b(?: \w+){{0,4}} (?:{_THINGS}|keep|remember|store|extract|save)\b"
    r"[^{}\[\]]{0,300}\Z"
    rf"|\W*i (?:could not|couldn{_APOSTROPHE}t|did not|didn{_APOSTROPHE}t|cannot|can{_APOSTROPHE}t)"
    rf" (?:find|see|identify|detect) any\b(?: \w+){{0,4}} {_THINGS}\b[^{{}}\[\]]{{0,300}}\Z"
    r"|\W*(?:no hay (?:ning\w+ )?(?:hechos|datos|informaci\w+)"
    r"|keine? (?:\w+ )?(?:fakten|information\w*)"
    r"|aucun(?:e)? (?:fait|information)|\u6ca1\u6709.{0,8}(?:\u4e8b\u5b9e|\u4fe1\u606f))"
    r"[^{}\[\]]{0,300}\Z)",
    re.IGNORECASE,
)

# Stems of words that state or request an end and carry no other meaning.
ENDINGS = content(
    "longer anymore never without none stopped stops quit ended ends forget delete remove erase"
    " cancel clear asked ask wants want wished request requested memory memories all everything"
    " nicht kein keine keinen keiner mehr nie ya nunca ningun plus pas jamais rien piu non mai nao"
    " mais niet geen meer inte ikke nie juz artik degil не нет больше никогда"
)
_ORDER_WORDS = frozenset(
    {
        "ignore", "disregard", "forget", "override", "bypass", "reveal", "print", "show", "leak",
        "repeat", "system", "you", "mode", "instruction", "instructions", "im_start",
    }
)  # fmt: skip
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}"
    r"\b(?:instruction|prompt|rule|guideline|direction|polic)\w*"
    r"|\b(?:reveal|print|show|leak|repeat)\b[^.]{0,30}\b(?:system prompt|instructions)\b"
    r"|\bsystem prompt\b|\byou (?:are now|must (?:now|always|never)|should always)\b"
    r"|\b(?:developer|jailbreak|dan) mode\b|\bnew instructions?:|<\|?(?:im_start|system)\b",
    re.IGNORECASE,
)


def is_order(text: str, words: set[str]) -> bool:
    """Return whether a text with these words reads like an instruction to a model."""
    return not _ORDER_WORDS.isdisjoint(words) and _ORDER.search(text) is not None


_TOOL_ORDER = re.compile(
    r"\b(?:remember|memori[sz]e|store|save|record|add|write|update|delete|erase|remove|forget|note)\b"
    r"[^.\n]{0,60}\b(?:that|memor(?:y|ies)|profile|(?:the|this) user|following|fact|preferences?)\b"
    r"|\b(?:assistant|ai|system|model|agent)\s*(?::|,|must|should|note)|\bimportant\s*:"
    r"|\b(?:do not|don't|never|always|please|from now on|you must|you should)\b[^.\n]{0,40}"
    r"\b(?:tell|mention|answer|reply|respond|recommend|trust|treat|call|assume|remember|user)\b"
    r"|\b(?:ignoriere|vergiss|merke? dir|ignora|olvida|recuerda|ignorez|oublie|retiens|ricorda"
    r"|dimentica|esque[cç]a|lembre|negeer|onthoud|игнорируй|забудь|запомни)\b|忽略|记住|無視|覚えて",
    re.IGNORECASE,
)


def gives_orders(text: str) -> bool:
    """Return whether the output of a tool holds orders to the assistant."""
    return _ORDER.search(text) is not None or _TOOL_ORDER.search(text) is not None


_USER = re.compile(
    r"\b(?:user|users|nutzer\w*|benutzer\w*|usuari[oa]|usuári[oa]|utilisat\w+|utente|gebruiker"
    r"|пользовател\w*|användare\w*|bruger\w*|kullan\u0131c\u0131\w*|użytkowni\w+|χρήστ\w+)\b"
    r"|用户|用戶|使用者|ユーザー?|사용자|مستخدم|משתמש|उपयोगकर्ता|ผู้ใช้",
    re.IGNORECASE,
)


def is_about_user(text: str) -> bool:
    """Return whether a text names the user as such."""
    return _USER.search(text) is not None


_DENIAL = re.compile(
    r"\b(?:no longer|not|never|no more|any ?more|without|stopped|quit|ended|gave up|does ?n'?t"
    r"|kein\w*|nicht|nie|nunca|ya no|no|ne|plus|jamais|non|più|mai|não|niet|geen|inte|ikke|нет|не"
    r"|больше не|nie)\b|不|没|沒|無|ない|ません|않|없",
    re.IGNORECASE,
)
_FORGETS = re.compile(
    r"\b(?:forget|delete|remove|erase|clear|vergessen|lösch\w*|olvid\w*|borrar|oubli\w*|забыть)\b|忘|删",
    re.IGNORECASE,
)


def denies(text: str) -> bool:
    """Return whether a text says that something holds no longer, and asks for no forgetting."""
    return _DENIAL.search(text) is not None and _FORGETS.search(text) is None


# A text of only these words is an unfilled form.
FORM_WORDS = frozenset(
    {
        "a", "an", "the", "your", "here", "of", "list", "item", "example", "placeholder", "str",
        "string", "text", "fact", "facts", "statement", "user", "s", "null", "none", "n", "unknown",
    }
)  # fmt: skip
