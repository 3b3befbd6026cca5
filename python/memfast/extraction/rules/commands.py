"""What asks the assistant for one deed."""

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
    r"|choose|prepare|give|help|make|let) (?:me|us|a|an|the|my|some|it|this|that"
    r"|these|those|them|out|up|for|at|another|more|all|in|to|your|\d+"
    r"|\w+ (?:a|an|the|my|of|for|to|from))\b"
    r"|(?:turn|switch|shut) (?:it |them )?(?:on|off|up|down)\b|play (?:some|a|an|the|my|me|that)\b"
    r"|(?:act|behave) as\b|pretend (?:to be|you)\b|(?:translate|rewrite|proofread|explain"
    r"|summari[sz]e|describe|define|calculate|convert) \w)"
)
COMMAND = re.compile(rf"{LEAD}(?:(?-i:[A-Z][a-z]+), )?{ORDER}", re.IGNORECASE)
# Finds all that `COMMAND` finds, and more, in small letters: it is the quicker of the two.
LIKE_COMMAND = re.compile(rf"{LEAD}(?:[a-z]+, )?{ORDER}")
# What follows is a text to work on, whoever wrote it: behind a colon, or on the next line.
WORK = re.compile(
    rf"{LEAD}(?:(?:help me(?: to)?|(?:can|could|would|will) you"
    r"|i(?: want| need| would like|'d like) you to)[\s,]+(?:please[\s,]+)?)?"
    r"(?:translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e"
    r"|(?:shorten|polish|edit|correct|fix|improve) (?:(?:this|these|the|my) (?:\w+ ){0,2}?(?:text"
    r"|sentences?|paragraph|e-?mail|letter|essay|message|story|poem|post|grammar|spelling|draft"
    r"|code)"
    r"|(?:this|these|the following)(?=:)))\b"
)
WORKS = lexicon(
    """
    translate rewrite rephrase paraphrase proofread summarise summarize shorten polish edit correct
    fix improve
    """
)
TEXT = re.compile(r"[^:]{0,80}:(?=[\s\"\u201c]|\Z)|.{0,80}\b(?:following|below)\b")
# What follows is somebody's text: "Here is the article:".
SHOWN = re.compile(
    r"(?:here(?:'s| is| are)|this is|below is) (?:the|an?|this|that|some) .{0,60}?\b(?:article"
    r"|essay|story|poem|e-?mail|transcript|passage|paragraph|excerpt|abstract|lyrics|script"
    r"|chapter|logs?|output)\b.{0,80}:\Z"
)
# Worth keeping: it asks to remember something, or says how to behave from now on.
STANDING = re.compile(
    r"\b(?:remember|note|remind me|don't forget|keep in mind|call me|always|never|from now on"
    r"|whenever|every time|in future|my profile|(?:set|change|update|save) my \w+(?: \w+)? (?:to|as))\b"
)
# It also says something of who commands.
OF_SELF = re.compile(
    # "Find a hotel, we arrive in June": a clause of its own, and no further wish.
    r"(?:[,:;]| [-\u2013\u2014]| because| since| as) (?:(?:and|so|but) )?(?:(?:i|we|he|she|they)(?:'(?:m|ve|re|s))?"
    r" (?!(?:want|need|would|can|could|will|should|think|guess|mean|do|wonder|hope|just want)\b)"
    r"|(?:my|our) \w+ )\w"
    r"|\b(?:i'?(?:m|ve)|i (?:am|have|had|live|like|love|hate|work|went|got|was|can'?t|don'?t)"
    r"|my \w+ (?:is|are|was|has|have|likes|loves|lives))\b"
)


def is_command(sentence: Sentence) -> bool:
    """Tell whether a sentence asks for one deed, and holds nothing to remember."""
    if LIKE_COMMAND.match(sentence.low) is None:
        return False
    command = COMMAND.match(sentence.plain)
    return (
        command is not None
        and STANDING.search(sentence.low) is None
        and OF_SELF.search(sentence.low, command.end()) is None
    )


def shows(sentence: Sentence) -> bool:
    """Tell whether a sentence shows the text that follows it, whoever wrote that."""
    return sentence.low[-1] == ":" and SHOWN.match(sentence.low) is not None


def works(sentence: Sentence) -> re.Match[str] | None:
    """Return what asks, at the begin of a sentence, to work on a text that somebody wrote."""
    return None if WORKS.isdisjoint(sentence.parts) else WORK.match(sentence.low)


def names_text(sentence: Sentence, work: re.Match[str]) -> bool:
    """Tell whether a sentence, which asks to work on a text, says that the text follows it."""
    return TEXT.match(sentence.low, work.end()) is not None
