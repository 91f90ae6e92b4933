"""Makes bot/words/*.txt from wordfreq, which the bot itself does without: `pip install wordfreq==3.1.1` elsewhere, then
`python tests/quality/tables.py bot/words`. Done once; a language more is a code in `LANGUAGES`.
"""

import re
import sys
import unicodedata
from pathlib import Path

LANGUAGES = ("en", "sv", "nl", "de", "it", "sl")
MOST = 25_000
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
HEAD = "# {count:,} words by Zipf frequency, from wordfreq 3.1.1 (Robyn Speer and others), CC BY-SA 4.0: README.md\n"


def main(folder: Path) -> None:
    """Write the file of each language."""
    import wordfreq  # type: ignore[import-not-found]

    for language in LANGUAGES:
        found: dict[str, float] = {}
        for listed in wordfreq.iter_wordlist(language, "best"):
            word = unicodedata.normalize("NFC", listed).casefold().replace("’", "'")
            if WORD.fullmatch(word) and word not in found:
                found[word] = round(wordfreq.zipf_frequency(listed, language), 1)
            if len(found) == MOST:
                break
        zipfs = sorted(set(found.values()), reverse=True)
        lines = (f"{zipf:.1f} {' '.join(word for word in found if found[word] == zipf)}\n" for zipf in zipfs)
        (folder / f"{language}.txt").write_text(
            HEAD.format(count=len(found)) + "".join(lines), encoding="utf-8"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
