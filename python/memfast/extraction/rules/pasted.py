"""Recognizes pasted content that is not speech: code, logs, e-mail headers and footers."""

from __future__ import annotations

import re

from memfast.extraction.slices import Slices

FENCE = re.compile(r"(?ms)^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)")
BOLD = re.compile(r"(?<![\w*])\*\*(\S[^*\n]*)\*\*(?![\w*])")
# A closing formula and the name below it.
FOOT = re.compile(
    r"(?mi)^[ \t]*(?:(?:(?:best|kind|warm|kindest|warmest)[ \t])?(?:regards|wishes)|sincerely"
    r"|yours[ \t](?:truly|sincerely|faithfully)|sent[ \t]from[ \t]my[ \t]\w+"
    r"|(?:many[ \t]thanks|thanks|thank[ \t]you|cheers|best|love),(?=\s{1,4}[A-Z][\w'-]{0,20}$))"
    r"[,.!]?[ \t]*$(?-i:\s{1,4}[A-Z][\w.'-]{0,20}(?: [A-Z][\w.'-]{0,20}){0,3}$)?"
)
# The end of an e-mail: its signature, or the message that it answers.
BELOW = re.compile(r"(?ms)^(?:--[ \t]*$|[ \t]*-{3,} ?(?:Original|Forwarded) [Mm]essage ?-{3,}).*\Z")
HEAD = re.compile(
    r"[ \t]*(?:(?:Subject|Cc|Bcc|Sent|Reply-To):|(?:From|To): .*@|On .* wrote:[ \t]*\Z)"
)
# Lines of programs, markup, data, queries, shells and traces.
CODE = re.compile(
    r"\s*(?:[\]})]+[;,)]*\s*\Z|\{.*\}[;,]?\s*\Z|\"[\w-]+\": ?(?:[\"\[{]|(?:true|false|null|[\d.]+),?\s*\Z)"
    r"|</|<!|<\w+ \w+=|<(\w+)>.*</\1>"
    r"|(?:async )?def \w+\(|class \w+[:({]|@\w+\(|#include|(?:const|let|var) \w+ ?="
    r"|from [\w.]+ import |import [\w.]+ as \w|import .* from ['\"]|import [\w.]+\s*\Z"
    r"|for \w+ in .*:\s*\Z|(?:else|try|finally):\s*\Z|elif .*:\s*\Z|except(?: \w+(?: as \w+)?)?:\s*\Z"
    r"|(?:export |async )*function \w*\(|(?:if|for|while|elif|switch) ?\(.*\)\s*[{:]?\s*\Z"
    r"|return .*\w[(\[{].*[)\]}]\s*\Z|(?:\w*[._][\w.]*\([^()]*\)|\w+\(\))\s*\Z"
    r"|SELECT .* FROM |INSERT INTO |UPDATE \w+ SET |(?:CREATE|ALTER|DROP) TABLE "
    r"|>>> |\$ [a-z]|Traceback \(|File \".*\", line \d|at [\w.$<>]+\(.*\)\s*\Z)"
)
# A call, an assignment or a return before a semicolon.
STATEMENT = re.compile(r"\w\(.*\)\s*;|\w ?[-+*/]?= ?\S.*;|\s*return .*;")
# Longest line, in characters, that is checked for code; longer lines are prose.
LONGEST = 240


def without_blocks(text: str) -> Slices[str]:
    """Return a text without code blocks, e-mail footers and bold markup."""
    if "```" in text or "~~~" in text:
        text = FENCE.sub("\n", text)
        yield
    if "**" in text:
        text = BOLD.sub(r"\1", text)
        yield
    if "\n" in text:
        text = FOOT.sub("", text)
        yield
        text = BELOW.sub("", text)
        yield
    return text


def is_pasted(line: str) -> bool:
    """Return whether a line is a quote, code, or an e-mail header."""
    bare = line.strip()
    if bare.startswith(">") or bare.endswith("{"):
        return True
    if len(line) > LONGEST:
        return False
    if bare.endswith(";") and STATEMENT.search(line):
        return True
    return CODE.match(line) is not None or HEAD.match(line) is not None
