"""Recognizes requests for a single action of the assistant."""

from __future__ import annotations

import re

from memfast.extraction.rules.words import Sentence, lexicon

LEAD = r"(?:(?:ok|okay|so|now|then|and|also|hey|please|pls|kindly|just|great|thanks|well)[\s,]+)*"
ORDER = (
    r"(?:please\b|(?:can|could|would|will) you\b|i(?: want| need| would like|'d like) you to\b"
    r"|i have (?:a|another|one more) question\b"
    r"|i(?:'m| am| was) (?:just )?wondering (?:if|whether|how|what|why|when|where)\b"
    r"|(?:write|tell|show|explain|summari[sz]e|translate|find|list|generate|draft|rewrite|rephrase"
    r"|fix|compare|describe|calculate|compute|convert|search|look|check|suggest|recommend|define"
    r"|outline|continue|try|read|open|run|add|remove|delete|update|change|set|send|print|format"
    r"|refactor|debug|implement|create|provide|propose|brainstorm|analy[sz]e|evaluate|elaborate"
    r"|simplify|extract|identify"
    r"|choose|prepare|give|help|make|let|shorten|ignore|disregard|redo|expand|reformat) (?:me|us|a|an|the|my|some|it|this|that"
    r"|these|those|them|what|everything|all|previous|earlier|above|out|up|for|at|another|more|all|in|to|your|\d+"
    r"|\w+ (?:a|an|the|my|of|for|to|from))\b"
    r"|(?:turn|switch|shut) (?:it |them )?(?:on|off|up|down)\b|play (?:some|a|an|the|my|me|that)\b"
    r"|(?:book|order|buy|send|do|use|pick|take|run|cancel|try) (?:it|that|this|them|the (?:cheaper|cheapest|first"
    r"|second|third|last|other|same) one)\b"
    r"|(?:act|behave) as\b|pretend (?:to be|you)\b|(?:translate|rewrite|proofread|explain"
    r"|summari[sz]e|describe|define|calculate|convert) \w)"
)
COMMAND = re.compile(rf"{LEAD}(?:(?-i:[A-Z][a-z]+), )?{ORDER}", re.IGNORECASE)
# Superset of `COMMAND` for lower-case text, and faster: run first.
LIKE_COMMAND = re.compile(rf"{LEAD}(?:[a-z]+, )?{ORDER}")
# A request to work on the text that follows, after a colon or on the next line.
TEXT_REQUEST = re.compile(
    rf"{LEAD}(?:(?:help me(?: to)?|(?:can|could|would|will) you"
    r"|i(?: want| need| would like|'d like) you to)[\s,]+(?:please[\s,]+)?)?"
    r"(?:translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e"
    r"|(?:shorten|polish|edit|correct|fix|improve) (?:(?:this|these|the|my) (?:\w+ ){0,2}?(?:text"
    r"|sentences?|paragraph|e-?mail|letter|essay|message|story|poem|post|grammar|spelling|draft"
    r"|code)"
    r"|(?:this|these|the following)(?=:)))\b"
)
TEXT_VERBS = lexicon(
    """
    translate rewrite rephrase paraphrase proofread summarise summarize shorten polish edit correct
    fix improve
    """
)
TEXT = re.compile(r"[^:]{0,80}:(?=[\s\"\u201c]|\Z)|.{0,80}\b(?:following|below)\b")
# Introduces a quoted text: "Here is the article:".
INTRODUCES = re.compile(
    r"(?:here(?:'s| is| are)|this is|below is) (?:the|an?|this|that|some) .{0,60}?\b(?:article"
    r"|essay|story|poem|e-?mail|transcript|passage|paragraph|excerpt|abstract|lyrics|script"
    r"|chapter|logs?|output)\b.{0,80}:\Z"
)
# Standing instructions, which are kept.
STANDING = re.compile(
    r"\b(?:make (?:it|that) |scratch that|remember|note|remind me|don't forget|keep in mind|call me|always|never|from now on"
    r"|whenever|every time|in future|my profile|(?:set|change|update|save) my \w+(?: \w+)? (?:to|as))\b"
)
# Statements about the speaker inside a request.
OF_SELF = re.compile(
    # "Find a hotel, we arrive in June": a separate clause that is not another wish.
    r"(?:[,:;]| [-\u2013\u2014]| because| since| as) (?:(?:and|so|but) )?(?:(?:i|we|he|she|they)(?:'(?:m|ve|re|s))?"
    r" (?!(?:want|need|would|can|could|will|should|think|guess|mean|do|wonder|hope|just want)\b)"
    r"|(?:my|our) \w+ )\w"
    r"|\b(?:i'?(?:m|ve)|i (?:am|have|had|live|like|love|hate|work|went|got|was|can'?t|don'?t)"
    r"|my \w+ (?:is|are|was|has|have|likes|loves|lives))\b"
)


def is_command(sentence: Sentence) -> bool:
    """Return whether a sentence only asks for a single action."""
    if LIKE_COMMAND.match(sentence.low) is None:
        return False
    command = COMMAND.match(sentence.plain)
    return (
        command is not None
        and STANDING.search(sentence.low) is None
        and OF_SELF.search(sentence.low, command.end()) is None
    )


def introduces_text(sentence: Sentence) -> bool:
    """Return whether a sentence introduces a quoted text that follows it."""
    return sentence.low[-1] == ":" and INTRODUCES.match(sentence.low) is not None


def text_request(sentence: Sentence) -> re.Match[str] | None:
    """Return the match of a request to work on a text; None if there is none."""
    return None if TEXT_VERBS.isdisjoint(sentence.parts) else TEXT_REQUEST.match(sentence.low)


def announces_text(sentence: Sentence, work: re.Match[str]) -> bool:
    """Return whether a sentence with such a request says that the text follows it."""
    return TEXT.match(sentence.low, work.end()) is not None
