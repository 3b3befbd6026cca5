"""Words that say that something changed, ended or is not certain."""

from __future__ import annotations

import re

from memfast.extraction.rules.words import lexicon

# What denies a change, wishes it, reports it of others, or limits it in time.
# The verb, not the month.
MAY = r"(?<!\dst )(?<!\dnd )(?<!\drd )(?<!\dth )(?<!\d )(?<!in )(?<!of )may(?! \d)"
DOUBTFUL = re.compile(
    rf"\b(?:if|unless|wish|would|could|might|{MAY}|maybe|perhaps|thinking (?:about|of)|considering"
    r"|tempted|almost|nearly|want(?:s|ed|ing)? to|wanna|hop(?:e|ing) to|plan(?:s|ning)? (?:to|on)"
    r"|going to|gonna|will|'ll|about to|should|dream(?:s|t|ed)?|imagine|pretend|suppose|for once"
    r"|(?:just )?this (?:time|once)|for now|temporarily|(?:n't|not|never) (?:actually |even |yet )?"
    r"(?:sell|sold|quit|stop|stopped|move|moved|left|leave|give|gave|given|cancel\w*)"
    r"|for (?:an?|the|one|two|three|four|five|six|a few|a couple of|\d+) "
    r"(?:day|night|week|weekend|month|summer)s?|trying to|how to|need(?:s|ed)? to|used to)\b"
    r"|\?|[\"\u201c\u201d]|\b(?:he|she|they) (?:said|says)\b|\bi'd\b"
)
# The whole statement is supposed or asked.
SUPPOSED = re.compile(r"\b(?:if|unless)\b|\?")
NEGATED = re.compile(r"\b(?:not|never|no longer|nor|neither)\b|n't\b")
# The value that follows is the new one.
SHIFTED = re.compile(
    r"\b(?:now|nowadays|these days|by now|so far|already|currently|as of (?:today|now)"
    r"|(?:back|down|up) (?:to|at)|instead|make (?:it|that)|scratch that|actually|correction"
    r"|i meant|nope|new (?:record|total|date|time)|change of plans?|another"
    r"|(?:was|were|been|being|is|are|got|has|have|had to|they|we|i|it|'ve|\w+) "
    r"(?:re-?scheduled?|postponed?|pushed|extended?|shifted|brought forward|delayed|raised"
    r"|increased|lowered|reduced|bumped|upped|moved?|changed|switched|cut|dropped|grown|risen"
    r"|put (?:off|back))|(?:goes|went|gone|going) (?:up|down) to|beat)\b"
)
CORRECTED = re.compile(
    r"(?:\A|[.!,;] ?)(?:(?:no|nope|sorry|oh|wait|hm+|oops)[\s,.!]+)*"
    r"(?:scratch that|actually|correction|i meant|make (?:it|that)|on second thoughts?"
    r"|change of plans?|instead)\b"
)
# A shift of a thing by anyone: the owner is that of the thing.
BY_ANYONE = re.compile(
    r"\b(?:re-?scheduled?|postponed?|pushed|extended?|shifted|delayed|raised|increased|lowered"
    r"|reduced|moved?|changed|bumped|upped|cut)\b"
)
# More of something leaves what there was, but for its number.
ADDED = re.compile(r"\b(?:also|too|as well|besides|in addition|additional|on top)\b")
ANOTHER = re.compile(r"\b(?:another|a second|a new) (?P<what>[\w' -]+)")

TAKE = r"(?P<what>[^,;.!?]+)"
WE = r"(?:i|we)(?:'ve| have|'re| are|'m| am)?"
AGAIN = (
    r"(?:just|finally|recently|already|actually|now|also|have|ended up|decided|officially|had to)"
)
BEGINS = rf"(?:\A|.*?\b(?:and|but|so|then) )(?:{WE} )?(?:{AGAIN} )*"
# The end of a possession, of a habit or an occupation, and of what is denied now.
SOLD = re.compile(
    rf"{BEGINS}(?:sold|sell off|gave away|given away|give away|got rid of|scrapped|donated"
    r"|traded in|trade in|lost|ditched|totall?ed|wrecked|returned|threw (?:out|away)|thrown out"
    rf"|swapped|replaced) {TAKE}"
)
QUIT = re.compile(
    rf"{BEGINS}(?:quit(?:ting)?|stopped|gave up|given up|give up|dropped(?: out of)?|cancell?ed"
    r"|resigned from|retired from|unsubscribed from|ended|called off|done with|gone off|left"
    rf"|went off|finished with|moved out of|stepped down (?:as|from)) {TAKE}"
)
DENIED = re.compile(
    rf"{BEGINS}(?:(?:no longer|don't|do not|can't|cannot|not|never) )(?P<verb>[\w']+)"
    r"(?: (?P<what>[^,;.!?]*?))??(?P<more> ?\b(?:any ?more|any longer))?(?=[,;.!?]|\Z)"
)
CALLED_OFF = re.compile(
    r"(?P<what>[\w' -]+?) (?:is|was|got|has been|have been|are|were)(?: now| been)? "
    r"(?:cancell?ed|called off|over|scrapped|sold|gone|stolen|dead)\b"
)
DIED = re.compile(
    r"(?:(?P<what>(?:(?:my|our|the) )?[\w'-]+(?: [\w'-]+)?) (?:has |just |sadly )*"
    r"(?:died|passed away|passed on|ran away)|(?:had to put|put) (?P<down>[\w' -]+?) "
    r"(?:down|to sleep))\b"
)
PARTED = re.compile(
    rf"(?:\A|.*?\b(?:and|but) )(?:{WE}|(?P<who>[\w'-]+) and i|(?:me|i) and (?P<whom>[\w'-]+)"
    r"|my (?:wife|husband|partner|girlfriend|boyfriend|fianc\S+) and i)?(?: |\A)?"
    rf"(?:{AGAIN} |got |are |'re |have )*(?:broke(?:n)? up|split(?: up)?|divorced|separated"
    r"|parted ways|called off (?:the|our) engagement)"
    r"(?: with (?:my (?:girlfriend|boyfriend|partner) ?)?(?P<ex>[\w'-]+)?)?"
)
COUPLED = re.compile(
    r"\b(?:dating|seeing|girlfriend|boyfriend|married|engaged|in a relationship|partner|wife"
    r"|husband|fianc\S+)\b"
)
SWITCHED = re.compile(
    rf"{BEGINS}(?:(?:switched|changed|moved|migrated|went|upgraded|transferred)(?: over| back)? "
    r"from (?P<old>[^,;.!?]+?) to|(?:replaced|traded|swapped) (?P<given>[^,;.!?]+?) (?:with|for|by))"
    r" [^,;.!?]+"
)
MOVED = re.compile(
    rf"(?:\A|.*?\b(?:and|but|so) )(?:(?:i|we)(?:'ve| have)? )?(?:{AGAIN} )*"
    r"(?:moved|relocated)(?: back| over| house)?(?: from [\w' -]+?)?(?: back)? to "
    r"(?P<place>[\w'. -]+)"
)
LIVES = re.compile(
    r"(?:\A|.*?\b)(?:i|we|user)(?:'m|'re| am| are)?(?: now| still| currently)? "
    r"(?:lives?|living|resides?|based)(?: now)? (?:in|near|at) "
)
# An occupation that holds, a new one, and the end of one.
WORKS = re.compile(
    r"(?:\A|.*?\b)(?:(?:i|user|we)(?:'m|'ve| am| have)?(?: now| still| currently)? (?:works?|working"
    r"|been working|employed|teach(?:es)?) (?:as|at|for|in|on)\b|my job is\b"
    r"|i'?m an? [\w' -]+ (?:at|in|for)\b|i teach(?:es)? \w+ (?:at|in)\b)"
)
HIRED = re.compile(
    rf"(?:\A|.*?\b(?:and|but|so) )(?:(?:i|we)(?:'m|'ve| am| have)? )?(?:{AGAIN} )*"
    r"(?:(?:start(?:ed|ing|s)?(?: (?:work|working|my new job|a new job))? (?:at|with) "
    r"(?!(?:\d|home|noon|work\b|college|universit|school|least|midnight|all|once|first))"
    r"(?!the (?:gym|begin|bottom|top|end|univers|course|club|class|school|moment))(?!\w+ o'?clock)"
    r"(?:the |an? |my )?(?P<at>[\w' -]+)|(?:got|landed|took|accepted|have|started) (?:an?|my) "
    r"new (?:job|position|role)\b)|got hired (?:at|by|as)\b)"
)
LEFT_WORK = re.compile(
    rf"{BEGINS}(?:(?:quit|left|lost|gave up|resigned from|retired from) (?:my|the) "
    r"(?P<kind>[\w' -]*?)\b(?:job|position|work|post)\b|(?:got |was |been )(?:fired|laid off"
    r"|made redundant)|(?:retired|resigned|handed in my (?:notice|resignation))(?= *(?:\Z|[,;.!]"
    r"|in |on |last |this |yesterday|today)))"
)
EXTRA_JOB = re.compile(r"\b(?:second|side|part-?time|weekend|evening|temp\w*|volunteer\w*|also)\b")

POSSESSING = lexicon("own have had got drive ride rent keep use wear play lease")
GETTING = lexicon("get got have adopt buy bought there own hav")
CONSUMING = lexicon("eat drink have like love enjoy take smoke prefer use")
PRODUCTS = lexicon(
    """
    slack notion teams linux windows aws azure gcp github gitlab jira trello obsidian discord
    spotify chrome firefox postgres postgresql mysql python rust kubernetes docker terraform zoom
    netflix whatsapp signal telegram android iphone ios mac react vue angular typescript
    """
)
