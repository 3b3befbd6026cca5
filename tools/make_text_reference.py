#!/usr/bin/env python3
"""Write the words and stems that the tests of the core's module `text` expect.

The rules are stated here a second time, in plain Python, over `re`, `unicodedata` and the Snowball
stemmers of PyStemmer. Rewritten in `tests/data/text/`:

    words.json      [text, words]: texts in many scripts; only the texts are read
    stems.json      [language, word, stem]; only languages and words are read
    fixtures.json   [text, words, stems in English]: the texts of tests/data/ranking/fixtures.json

Words and stems are joined by blanks, which no word contains.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
NEEDS = "pip install PyStemmer==3.1.0"

ENGLISH_STOP = """
    a an and are as at be but by for if in into is it no not of on or such that the their then
    there these they this to was will with i you he she we me my your his her our us do does did
    have has had what which who whom when where why how can could would should so am been being
    from about just than too very s t d m re ve ll
"""
MARKS = "".join(chr(c) for c in range(0x300, 0x1C00) if unicodedata.category(chr(c))[0] == "M")
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
RUN = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff"
)
PARTS = re.compile(f"[{RUN}]+|[^{RUN}]+")


def words(text: str) -> list[str]:
    """Return the words of a text, with the n-grams of runs."""
    found = []
    for word in WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        for part in PARTS.findall(word):
            size = 2 if part[0] >= "\u2e80" else 3
            if not re.match(f"[{RUN}]", part) or len(part) <= size:
                found.append(part)
            else:
                found += [part[at : at + size] for at in range(len(part) - size + 1)]
    return found


def read(path: Path) -> list[list[str]]:
    """Return the cases of a file."""
    cases: list[list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return cases


def write(path: Path, cases: list[list[str]]) -> None:
    """Write one case a line."""
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def fixture_texts() -> list[str]:
    """Return each text of the fixtures once: memories as `speaker: text`, and questions."""
    texts: dict[str, None] = {}
    for case in json.loads((DATA / "ranking" / "fixtures.json").read_text(encoding="utf-8")):
        for memory in case["memories"]:
            speaker, text = memory["speaker"], memory["text"]
            texts[f"{speaker}: {text}" if speaker else text] = None
        texts.update(dict.fromkeys(case["questions"]))
    return list(texts)


def main() -> None:
    """Rewrite the three files."""
    try:
        import Stemmer
    except ImportError as error:
        sys.exit(f"{error}\nThis tool needs PyStemmer:\n    {NEEDS}")

    folder = DATA / "text"
    path = folder / "words.json"
    write(path, [[text, " ".join(words(text))] for text, *_ in read(path)])

    path = folder / "stems.json"
    cases = [
        [language, word, Stemmer.Stemmer(language).stemWord(word)]
        for language, word, *_ in read(path)
    ]
    write(path, cases)

    english = Stemmer.Stemmer("english")
    stop = set(ENGLISH_STOP.split())
    cases = []
    for text in fixture_texts():
        kept = [word for word in words(text) if word not in stop]
        cases.append([text, " ".join(words(text)), " ".join(english.stemWords(kept))])
    write(folder / "fixtures.json", cases)


if __name__ == "__main__":
    main()
