"""Recognizes greetings, thanks, reactions and filler."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memfast.extraction.rules.words import Sentence, lexicon, lowered, words_of

FILLERS = lexicon(
    """
    hi hey hello hiya yo howdy morning afternoon evening night good bye goodbye cya later cheers
    thanks thank thx ty you u so much very a lot again ok okay k kk alright right sure yes yeah yep
    yup yea ya no nope nah wow whoa woah oh ah aw aww awww ooh hmm hm uh um er ha haha hahaha yay
    woo lol lmao omg gosh god great cool nice awesome amazing perfect fantastic wonderful lovely
    sweet brilliant excellent super fine interesting impressive incredible absolutely definitely
    exactly totally agreed indeed true certainly course of for sounds looks seems that it this is
    was that's it's congrats congratulations welcome please sorry well anyway too also really just
    now then there all everyone guys folks bro dude mate buddy man friend my dear pal the got gotcha
    brb ttyl idk idc ikr nvm np wbu hbu gm gn tbh rn bestie omfg wait sec second moment
    understood fun beautiful inspiring exciting sad terrible awful bad hear to glad happy idea plan
    mm mmm mhm huh wooh woohoo maybe probably anything
    same correct point one bless see soon tomorrow today tonight here we go what how and do did
    """
)
# Greetings and thanks in other languages; thanks may name their reason.
ELSEWHERE = lexicon(
    """
    guten morgen tag abend hallo moin servus tschüss danke dank vielen schön sehr bitte gerne
    bonjour bonsoir salut merci beaucoup bien sûr hola buenos buenas días dias tardes noches gracias
    muchas vale adiós ciao buongiorno buonasera grazie mille prego olá oi obrigado obrigada bom dia
    dzień dobry cześć dziękuję hej tack takk goedemorgen bedankt selam merhaba teşekkürler привет
    bis bald später schönen schönes wochenende noch liebe grüße tschau ja nein bonne soirée journée nuit mille à bientôt
    arrivederci buona notte sera giornata hasta luego mañana pronto por todo até logo boa noite tarde obrigadão tot ziens
    dag doei graag gedaan alsjeblieft пока привет доброе утро добрый день вечер большое пожалуйста 再见 早上好 晚安 不客气
    おはよう おはようございます こんばんは さようなら おやすみ ありがとうございます どうも 안녕 안녕히 감사해요 고마워 고마워요
    नमस्ते धन्यवाद शुक्रिया اهلا أهلا السلام عليكم صباح الخير مساء جزيلا
    спасибо здравствуйте 你好 谢谢 謝謝 こんにちは ありがとう 안녕하세요 감사합니다 مرحبا شكرا
    """
)
THANKS = re.compile(
    r"(?:vielen |much(?:as|\u00edsimas) |mille |dank je |heel erg )?(?:danke?|merci|gracias|grazie|obrigad[oa]|bedankt|tack|takk|dziękuję|спасибо)\b"
    r"(?: [\w'\u2019]+){0,4}[\s!.]*\Z|(?:谢谢|謝謝|ありがとう)\w{0,6}[!.\u3002\uff01]*\Z",
    re.IGNORECASE,
)
THANKED = lexicon(
    "muchas muchísimas heel vielen dank danke merci gracias grazie obrigado obrigada bedankt tack takk"
)
# Placeholders and stage directions: "<image>", "*laughs*".
MARKS = "<[*"
MARKED = re.compile(r"(?:<[^<>]*>|\[[^\]:]*\]|\*[^*]*\*)[\s.]*\Z")
# Openings of a reaction, with the name of the addressee.
GREETED = re.compile(
    r"(?:hi|hey|hello|hiya|dear|hmm+|umm?|lol|haha|thanks|thank you|thx|wow|yeah|yes|yep|oh|aw+"
    r"|congrats|ok|okay|sure"
    r"|bye|good (?:morning|afternoon|evening|night)|absolutely|totally|of course)\b[\s,!.]*"
)
ADDRESSED = re.compile(r"[A-Z][\w'-]*[\s,!.]+")
CALLED = re.compile(r",? [A-Z][\w'-]*(?: [A-Z][\w'-]*)?\Z")
# After these a name is content and not an addressee: "This is Mel", "I know Mel".
NAMES = re.compile(
    r"(?:\A|\s)(?:is|was|it's|that's|know|see|understand|it|this|that)\Z", re.IGNORECASE
)
DEGREE = (
    r"(?:(?:so|really|very|pretty|just|super|such|too|quite|absolutely|truly|totally|definitely"
    r"|all|always|also|a|an|the|still) )*"
)
PRAISE = (
    r"(?:great|cool|nice|awesome|amazing|perfect|fantastic|wonderful|lovely|sweet|brilliant|good"
    r"|excellent|fun|beautiful|inspiring|exciting|incredible|impressive|interesting|tough|hard"
    r"|rough|sad|terrible|awful|hilarious|funny|kind|thoughtful|adorable|cute|delicious|gorgeous"
    r"|stunning|true|best|important|special|fascinating|neat|rad|sick|dope|right|fine|ok|okay)"
)
REACTIONS = (
    (
        r"(?:i'm |i am |doing )?(?:not (?:too |so |that )?bad|so-so|can't complain|all good)"
        r"(?:,? (?:thanks|thank you|thx))?(?:,? (?:and )?you)?"
    ),
    # Reactions to news.
    (
        r"(?:that(?:'s| is| was| sounds?| looks?| must (?:be|have been))|sounds|looks|what) "
        rf"(?:like )?{DEGREE}{PRAISE}(?: (?:to hear|to know|news|idea|plan|choice|job|work|one"
        r"|stuff|thing|time|of you|advice|attitude|way to \w+))*"
    ),
    (
        rf"(?:(?:i'?m|i am|it's|it is) )?{DEGREE}(?:glad|happy|sorry|good|nice|great|lovely)"
        r" to (?:hear|see|meet|talk|chat|help|know|catch)(?: \w+){0,5}"
    ),
    (
        r"(?:(?:i'?m|i am) )?(?:(?:so|really|very) )*(?:glad|happy|sorry|proud|excited|thrilled)"
        r" (?:for|of) (?:you|that)(?: too)?"
    ),
    (
        rf"you(?:'re| are| look| sound) {DEGREE}(?:welcome|right|{PRAISE}|the best)"
        r"(?: (?:friend|person))?"
    ),
    (
        r"(?:i )?(?:(?:totally|completely|fully|100%|couldn't) )*(?:agree|see|understand"
        r"|get it|know)(?: (?:what you mean|with you|more|that|you))?"
    ),
    r"(?:that|this|it) (?:really |totally |just )?(?:cracked me up|made (?:me (?:laugh|smile)|my (?:day|week))|is hilarious)",
    r"sending (?:you )?(?:\w+ ){0,2}(?:hugs?|love|vibes|thoughts|prayers)|hugs?|thanks? a (?:bunch|lot|million|ton)",
    r"same here|me (?:too|neither)|(?:you )?too|(?:so|really) (?:proud|happy) of you",
    r"means? a lot(?: to me)?|(?:just )?checking in|here you go|guess what|by the way",
    (
        rf"(?:(?:it|that|this|they|there) )?(?:must have been|must be|must feel|would be|will be|is going to be) {DEGREE}"
        r"(?:thrilling|pumped|proud|\w+ing|so fun|fun|great|amazing|awesome)"
    ),
    r"i (?:bet|hope|wish) (?:it|that|they|he|she)(?:'s|'ll|'re)? (?:\w+ ){0,3}(?:well|great|fun|awesome|amazing|love \w+|it)",
    r"i (?:think|bet|guess|suppose|believe)(?: so)?(?: too)?",
    # Thanks and replies to thanks.
    r"(?:no|not a) (?:problem|worries|way|kidding|doubt)s?(?: at all)?|my pleasure|any ?time",
    r"don't (?:worry|mention it)(?: about it)?",
    r"i (?:really )?appreciate (?:it|that|you|your (?:\w+ )?(?:help|support|words|kindness))",
    (
        r"thanks?(?: you)?(?: so much| a lot)? for (?:the|your|all|asking|sharing|listening|letting"
        r"|being|everything|helping|that)\b(?: \w+){0,4}"
    ),
    # Hesitation and small talk.
    (
        r"(?:(?:i|just) )?(?:don't know|dunno|(?:i'?m )?not (?:so |too |really )?sure|never ?mind"
        r"|no idea|can't even|mean it)(?: (?:yet|either|about (?:it|that)|really|honestly))?"
    ),
    r"(?:that|it) (?:all )?makes (?:(?:a lot of|perfect|total|more) )?sense(?: now)?|makes sense",
    r"let me (?:think|see|check|know)(?: about (?:it|that))?|i'?ll think about (?:it|that)",
    r"(?:take your|no) (?:time|rush|hurry)|one (?:sec|second|moment|minute)|(?:i'?m|i am) back",
    r"i (?:need|could use) (?:your|some|a bit of|a little) help(?: (?:with|here)(?: \w+){0,2})?",
    r"(?:that )?(?:sounds|looks|works)(?: \w+)? (?:to|for) me|(?:nothing|not) much",
    r"(?:that|this|it)(?: really)? (?:helps|helped|works|worked)(?: (?:a lot|so much|me|great|perfectly))*",
    r"(?:i )?(?:could(?:n't| not)) agree more(?: with (?:you|that))?(?: (?:on|about) (?:that|this))?",
    (
        r"(?:that )?(?:sounds|looks) like (?:a|an) (?:plan|deal|idea|blast|dream|adventure|lot of fun)"
        r"|it'?s a (?:deal|date|plan)|see you (?:then|there)|deal"
    ),
    (
        rf"(?:that|this|it)(?:'s| is| was| looks?) (?:such )?(?:a |an )?{DEGREE}{PRAISE} "
        r"(?:photo|picture|pic|shot|view|painting|dress|dog|cat|place|name|story|song|look|one|drawing)"
    ),
    (
        r"you(?:'re| are) (?:such )?(?:a |an |the )?(?:\w+ ){0,2}(?:friend|person|star|legend|lifesaver"
        r"|life saver|angel|genius|help|listener|inspiration|role model|hero)"
    ),
    r"(?:big |huge )?congrat(?:ulation)?s(?: (?:to|on|for) (?:you|your|the|both|all|that)(?: \w+){0,3})?",
    r"(?:i'?m |i am )?(?:so |really |very )?(?:proud|happy|glad|excited|thrilled|pumped|stoked) (?:for|of) (?:you|u|your)\b.*",
    r"you(?:'ve| have)? got(?: this)?|you(?:'re| are) (?:doing|killing|rocking|crushing|nailing)\b.*",
    r"i'?m (?:here|always here|all ears)(?: for you| to (?:help|listen|support)\b.*)?",
    (
        r"your (?:\w+ ){1,3}(?:means? (?:a lot|so much|the world)|(?:is|are) (?:so |really |very )?(?:amazing|inspiring"
        r"|impressive|awesome|great|incredible|admirable))\b.*"
    ),
    (
        r"(?:i'?m|i am|doing|all) (?:doing )?(?:good|fine|ok|okay|well|great|alright)"
        r"(?:,? (?:thanks|thank you))?(?:,? (?:how are|and|what about|how about) you\?*)?"
    ),
    (
        r"(?:(?:i'?m|i am) )?(?:so |very |really )?sorry (?:for|about|to hear about)"
        r" (?:your|the|that)(?: \w+){0,3}"
    ),
    # Wishes and farewells.
    (
        r"(?:i )?(?:really )?hope (?:that )?(?:you|u|your|everything|all)\b"
        r"(?!.*\b(?:i|my|me|our|we|us)\b).*"
    ),
    (
        r"good (?:luck|job|work|call|point|question|for you)(?: (?:with|on) (?:that|it|everything"
        r"|your \w+))?|well done|way to go|best of luck"
    ),
    (
        r"(?:talk|see|speak|catch) (?:to )?(?:you|ya|u)(?: (?:up|all|again|then|there|soon|later"
        r"|around|tomorrow|next \w+))*"
    ),
    (
        r"take care|stay (?:safe|strong|positive|in touch)|enjoy(?: (?:your(?:self)?|the|it)"
        r"(?: \w+){0,2})?"
    ),
    r"have (?:a )?(?:\w+ ){0,2}(?:day|night|evening|weekend|time|one|trip|fun)",
    r"happy (?:birthday|new year|holidays|anniversary)|merry christmas|long time no (?:see|talk)",
    r"keep (?:it up|going|up the (?:\w+ )?work|me (?:posted|updated))",
    r"let me know(?: (?:how|what|if|when)\b[^,]*)?|you (?:got|can do) (?:this|it)|we got this",
    r"(?:i )?(?:can't|cannot) wait(?: to (?:see|hear)(?: \w+){0,3})?",
)
# What only heads something that is not in the sentence.
LEADS = re.compile(
    r"(?!.*\b(?:my|our)\b)(?:(?:below|here|above|attached|this) (?:is|are)\b|here's\b).{0,60}:\Z"
)
REACTION = re.compile(rf"(?:{'|'.join(REACTIONS)})\Z")
# Stretched words: "Whaaat" is read as "what", "cooool" as "cool".
FEW = 5
STRETCHED = re.compile(r"(\w)\1{2,}")
LONGEST = 14
# Splits a sentence into parts that may be reactions: "Sounds like a plan, see you then!"
PARTED = frozenset(",;-\u2013\u2014!")
PARTS = re.compile(r"[,;!]+ | [-\u2013\u2014]+ ")
MOST_PARTS = 4
EDGES = " .!\u2026,;:~-\u2013\u2014\t"


def is_chatter(sentence: Sentence, idle: frozenset[str]) -> bool:
    """Return whether a sentence has no content worth storing.

    Args:
        sentence: The sentence.
        idle: `FILLERS` and the names of the speakers.
    """
    words: Sequence[str] = sentence.words
    plain = sentence.plain
    if len(words) <= FEW and STRETCHED.search(plain):
        words = [
            short
            if (short := STRETCHED.sub(r"\1", word)) in FILLERS
            else STRETCHED.sub(r"\1\1", word)
            for word in words
        ]
    if (
        idle.issuperset(words)
        or (len(words) == 1 and plain.endswith("!"))
        or (plain[0] in MARKS and MARKED.match(plain))
        or ELSEWHERE.issuperset(words)
        or LEADS.match(sentence.low) is not None
        or _thanks(sentence)
        or _all_idle(plain, idle)
    ):
        return True
    if len(words) > LONGEST:
        return False
    begin = 0
    if greeting := GREETED.match(sentence.low):
        name = ADDRESSED.match(plain, greeting.end())
        begin = (name or greeting).end()
        plain = plain[begin:]
    plain = plain.strip(EDGES)
    if not plain or _reacts(sentence.low[begin:]) or (begin and _reacts(sentence.low)):
        return True
    # The addressee may have a name that is not among the speakers: "That's great, Mel!"
    if not plain.rpartition(" ")[2][:1].isupper():
        return False
    called = CALLED.sub("", plain).strip(EDGES)
    if called == plain or (NAMES.search(called) and "," not in plain):
        return False
    return _reacts(lowered(called)) or FILLERS.issuperset(words_of(called))


def _all_idle(plain: str, idle: frozenset[str]) -> bool:
    """Return whether each part of a sentence is filler or reacts."""
    if PARTED.isdisjoint(plain):
        return False
    parts = [part for part in PARTS.split(plain) if part.strip(EDGES)]
    return 1 < len(parts) <= MOST_PARTS and all(
        idle.issuperset(words_of(part)) or _reacts(lowered(part)) for part in parts
    )


def is_courtesy(sentence: Sentence) -> bool:
    """Return whether a sentence greets or thanks in a language that the rules do not read."""
    # The words of scripts with marks above and below letters are not found by letters alone.
    return (
        ELSEWHERE.issuperset(sentence.words)
        or sentence.low.strip(f"{EDGES}\u0964") in ELSEWHERE
        or _thanks(sentence)
    )


def _thanks(sentence: Sentence) -> bool:
    plain = sentence.plain
    begins = not plain.isascii() or sentence.parts[0] in THANKED
    return begins and THANKS.match(plain) is not None


def _reacts(low: str) -> bool:
    return REACTION.match(low.strip(EDGES)) is not None
