"""Words that say that something changed, in several languages."""

from __future__ import annotations

import re

# What is supposed, wished, asked or temporary changes nothing.
OPEN = re.compile(
    r"\b(?:if|unless|would|could|should|might|may(?= \w+ )|maybe|perhaps|thinking (?:of|about)"
    r"|consider\w*|want(?:s|ed)? to|wanna|hop(?:e|es|ing) to|wish|dream\w*|someday|one day|for once"
    r"|for (?:an?|the|one|two|three|four|\d+) (?:\w+ )?(?:hour|day|night|week|weekend|month|summer)s?"
    r"|temporar\w+|for now|almost|nearly|plan(?:s|ning)? to|wonder\w*|try(?:ing)? to|supposed to"
    r"|vielleicht|w\u00fcrde\w*|k\u00f6nnte\w*|m\u00f6chte\w*|wenn|falls|\u00fcberleg\w+|quiz\u00e1s?|tal vez|ojal\u00e1|quisiera"
    r"|peut-\u00eatre|voudrai\w*|aimerai\w*|forse|vorrei|talvez|gostaria|misschien)\b"
    r"|\bi'd\b|\bwe'd\b|\?\s*\Z|\u60f3|\u5982\u679c|\u4e5f\u8bb8"
)
# Ways to end something; what is ended follows in the clause.
END = re.compile(
    r"(?:\A|\b(?:i|we|and|but|finally|just|so|to)(?:'ve| have| had)? (?:just |finally |also )?"
    r"|[,;.!] )(?:have |had )?"
    r"(?:sold|quit|stopped|gave up|given up|gave away|got rid of|gotten rid of|get rid of|cancel+ed"
    r"|cancel|ditched|threw (?:out|away)|donated|retired from|dropped out of|resigned from)\b"
    r"(?P<object>[^,.!?;]*)|\bno more\b(?P<none>[^,.!?;]*)"
    r"|\b(?:cancel+ed|closed|discontinued)\b(?P<cancelled>[^,.!?;]*?)(?: so\b|[,.!?;]|\Z)"
    r"|(?:\A|[,;.!] )(?P<off>[^,.!?;]{1,60}?) (?:is|are|was|were|got|has been) (?:now )?"
    r"(?:cancel+ed|called off)\b"
    r"|\b(?:give|gave|given) (?P<away>[^,.!?;]*?) away\b"
)
# A thing under way is over when it is finished.
FINISHED = re.compile(r"\b(?:finished(?! with)|completed|through with)\b(?P<object>[^,.!?;]*)")
UNDER_WAY = re.compile(r"\b(?:i'?m|we're|i am|we are)(?: \w+)? \w+ing\b")
# Negations that end something: the whole clause says what.
NO_MORE = re.compile(
    r"\bno longer\b|n(?:'t|ot)\b[^.!?;,]*\b(?:any ?more|any longer)\b|(?<!not )(?<!n't )(?<!get )(?<!got )(?<!'m )(?<!am )(?<!'re )(?<!are )(?<!be )\bused to\b"
    r"|\bstopped \w+ing\b|\bnicht mehr\b|\bkein\w*\b[^.!?;,]*\bmehr\b|\bverkauft\b|\bgek\u00fcndigt\b"
    r"|\baufgeh\u00f6rt\b|\baufgegeben\b|\bya no\b|\bdej\u00e9\b|\bdejado\b|\bvend(?:\u00ed|ido|imos)\b"
    r"|\b(?:ne |n')[^.!?;,]*\bplus\b|\bvendu\b|\barr\u00eat\u00e9\b|\bquitt\u00e9\b|\bnon\b[^.!?;,]*\bpi\u00f9\b"
    r"|\bvenduto\b|\bsmesso\b|\blasciato\b|\bn\u00e3o\b[^.!?;,]*\bmais\b|\bvend(?:i|emos)\b|\bparei\b"
    r"|\blarguei\b|\bdeixei\b|\bniet meer\b|\bgeen\b[^.!?;,]*\bmeer\b|\bverkocht\b|\bgestopt\b|\bweggegeven\b"
    r"|\u4e0d\u518d|\u5356\u4e86|\u6212\u4e86|\u8f9e|\u3084\u3081|\u58f2\u3063"
)
LEFT = re.compile(
    r"\b(?:left|leaving|resigned from|quit) (?:the |my |our |at )?(?P<object>[\w'-]+)"
)
WORKPLACE = re.compile(r"\b(?:work|working|job|employed|stud(?:y|ying)|member|live|living)\b")
DIED = re.compile(
    r"\b(?:died|passed away|has died|was put down|is dead|ist gestorben|gestorben|muri\u00f3"
    r"|est mort\w*|\u00e8 mort\w+|morreu)\b"
)
MOVED = re.compile(
    r"\b(?:(?:i|we)(?:'ve| have)?(?: just| finally| recently| now)? )?(?:moved|relocated)"
    r"(?: back| house)?(?: from [^,.]+?)? (?:in)?to (?!the other|a new (?:team|role|desk|plan))"
    r"(?P<where>[^,.!?;]+)"
    r"|\b(?:nach|in|zu) (?P<nach>\S+)[^.!?]*?\b(?:um)?gezogen\b|\bmudad\w+ a (?P<a>[^,.!?;]+)"
    r"|\bmud(?:\u00e9|amos) a (?P<mude>[^,.!?;]+)|\bd\u00e9m\u00e9nag\u00e9 (?:\u00e0|en|au) (?P<fr>[^,.!?;]+)"
    r"|\btrasferit\w+ a (?P<it>[^,.!?;]+)|\bmud(?:ei|amos)(?:-me)? para (?P<pt>[^,.!?;]+)"
    r"|\bverhuisd naar (?P<nl>[^,.!?;]+)"
    r"|\bnaar (?P<naar>\S+) verhuisd|(?P<ja>[^\u3001\u3002\s]{2,6})[\u306b\u3078]\u5f15\u3063\u8d8a\u3057|\u642c(?:\u5230|\u53bb)(?P<zh>[^\u3002\uff0c\u4e86]+)"
)
HOME = re.compile(
    r"\b(?:i|we)(?:'m|'re| am| are)?(?: \w+)? (?:live|living|reside|based|rent a (?:flat|room|house"
    r"|apartment|place)) in\b|\bmy home(?:town)? is\b|\bwohn\w*\b|\bleb(?:e|en) in\b|\bviv(?:o|imos) en\b"
    r"|\bhabit(?:e|ons)\b|\bvis \u00e0\b|\babit(?:o|iamo)\b|\bviv(?:o|iamo) a\b|\bmor(?:o|amos)\b"
    r"|\bwoon\b|\bwonen\b|\u4f4f\u5728|\u4f4f\u3093"
)
# What teams move to without moving.
PRODUCTS = re.compile(
    r"\b(?:slack|notion|teams|linux|windows|aws|azure|gcp|git(?:hub|lab)|jira|trello|obsidian|discord"
    r"|spotify|chrome|firefox|postgres\w*|mysql|python|rust|kubernetes|docker|zoom|whatsapp|signal"
    r"|telegram|android|iphone|mac|react|vue|typescript)\b"
)
JOB_BEGINS = re.compile(
    r"\b(?:start(?:ed|ing)?|begin|began)(?: work(?:ing)?| my new job| a new job| in my new job)?"
    r" (?:at|with|for|as) |\bnew job\b|\b(?:got|took|landed|accepted) (?:a|the) (?:new )?job\b"
    r"|\b(?:i'm|i am|we're) (?:now )?(?:at|with) (?:a|an|the)?\b[^.!?,]*\bnow\b"
    r"|\bwork(?:ing)? (?:now )?(?:at|for|as|in)\b[^.!?,]*\bnow\b|\bnow (?:i )?work(?:ing)?\b"
    r"|\bjoined [A-Z]?\w+ as an? |\bahora trabajo\b|\barbeite (?:jetzt|nun)\b|\bsondern bei\b"
    r"|\bje travaille maintenant\b|\bora lavoro\b|\bagora trabalho\b"
)
JOB = re.compile(
    r"\b(?:i|we)(?:'m|'re| am| are)? (?:\w+ )?work(?:ing)? (?:as|at|for|in|on)\b|\bmy job is\b"
    r"|\bi'?m an? \w+ (?:at|for)\b|\barbeite\b|\btrabajo\b|\btravaille\b|\blavoro\b|\btrabalho\b|\bwerk bij\b"
)
BESIDES = re.compile(
    r"\b(?:also|too|as well|second|side|part-?time|evening|volunteer\w*|course|class|lessons"
    r"|besides|additional|extra)\b"
)
RESCHEDULED = re.compile(
    r"\b(?:(?:had|have|need|needed|decided) to (?:postpone|reschedule|move|push|delay)"
    r"|(?:delay|postpon|mov|push|reschedul|extend|shift)ing|re-?scheduled|postponed|moved|pushed|shifted|extended|delayed|brought forward|put off"
    r"|changed|back to|back on|from now on|instead|new (?:date|time|slot|deadline|appointment)"
    r"|is now|are now|will be|now (?:on|at)|verschoben|verlegt|ge\u00e4ndert|aplaz\w+|pospuest\w+"
    r"|reprogramad\w+|cambi\w+|report\u00e9\w*|d\u00e9plac\u00e9\w*|d\u00e9cal\u00e9\w*|rinviat\w+|spostat\w+"
    r"|adiad\w+|remarcad\w+|verzet|verplaatst)\b|\u6539\u5230|\u63a8\u8fdf"
)
ADJUSTED = re.compile(
    r"\b(?:down to|up to|(?:raised|increased|lowered|cut|reduced|dropped|went up|gone up|went down"
    r"|rose|grew|bumped|changed) (?:\w+ ){0,3}?(?:to|by)|now|already|so far|by now|currently|as of"
    r"|from now on|only|new (?:\w+ )?(?:record|best|pb|high|low|total)|these days|lately|in total"
    r"|jetzt|inzwischen|nur noch|ahora|ya|maintenant|d\u00e9sormais|ora|adesso|agora|j\u00e1|nu|mittlerweile)\b"
)
SWITCHED = re.compile(
    r"\b(?:switched|changed|moved|migrated|went)\b[^.!?;]*?\bfrom (?P<old>[^.!?;,]+?) to\b"
    r"|\breplaced (?P<replaced>[^.!?;,]+?) (?:with|by)\b"
    r"|\b(?:use|using|eat|eating|drink|drinking|take|taking|with|to|have|go|work|working|\w+)"
    r" (?:\w+ )?instead of (?P<instead>[^.!?;,]+)"
    r"|\b(?:upgraded|traded|traded in|exchanged) (?P<traded>[^.!?;,]+?) (?:to|for)\b"
    r"|\bswapped (?P<swapped>[^.!?;,]+?) for\b"
)
SWITCHED_TO = re.compile(r"\b(?:switched|transferred|changed|converted) (?:over )?to\b")
CORRECTED = re.compile(
    r"(?:\w+[,.!]? )?(?:scratch that|make (?:it|that) |i meant |correction\b|not \w+, )|\bi meant "
)
AGAIN = re.compile(r"\b(?:again|back (?:to|on|in|at)|started \w+ing|wieder|otra vez|de nouveau)\b")
NEW = re.compile(r"\b(?:my|our|the|a) new (?P<what>[\w'-]+)|\bnew (?P<bare>[\w'-]+) (?:is|=)")
ANOTHER = re.compile(
    r"\b(?:got|have|adopted|bought|had|get) (?:another|a second) (?P<what>[\w'-]+)"
)
BROKE_UP = re.compile(
    r"\b(?:broke up|broken up|split up|divorced|separated|(?:left|dumped) me(?=[.!,;]| last| for| yesterday|\Z)|getrennt|geschieden|terminamos|rompimos)\b"
)
STATUS = re.compile(
    r"\b(?:single|engaged|married|divorced|widowed|dating|in a relationship|boyfriend|girlfriend"
    r"|fianc\u00e9?e?)\b"
)
# Who holds a role: "my boss is Ann", "Omar is our project manager now".
ROLE = re.compile(
    r"\b(?:my|our) (?:new |current )?(?P<role>[\w'-]+(?: [\w'-]+)?) is (?:now )?(?P<who>[\w.]+)"
    r"|\b(?P<holder>[\w.]+) is (?:now )?(?:my|our) (?:new |current )?(?P<held>[\w'-]+(?: [\w'-]+)?)"
)
DIET = re.compile(r"\b(?:vegan|vegetarian|pescatarian)\b")
EATS = re.compile(
    r"\b(?:eat|eats|love|like|cook) (?:\w+ ){0,2}(?:meat|beef|pork|steaks?|chicken|fish)\b"
)
PARTNERS = frozenset(
    [
        "boyfriend",
        "girlfriend",
        "partner",
        "wife",
        "husband",
        "fiance",
        "freund",
        "freundin",
        "frau",
        "mann",
        "novio",
        "novia",
        "copain",
        "copine",
        "mari",
        "femme",
        "marito",
        "moglie",
        "fidanzato",
        "fidanzata",
        "namorado",
        "namorada",
    ]
)
NOW_STATUS = re.compile(
    r"\b(?:i|we)(?:'m|'ve|'re| am| are| got| just got| have)* (?:now |finally |newly )?"
    r"(?P<status>single|engaged|married|divorced|widowed|dating)\b"
)
# A past event stays true, whatever came after it.
EVENT = re.compile(
    r"\b(?:went|visited|bought|met|saw|ate|had|did|ran|played|attended|celebrated|flew|drove"
    r"|travel+ed|watched|finished|came|got|won|sold|quit|spent|paid|ordered|booked|started)\b"
)
