"""Bring every catalogue up to date and say what is still to be translated."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dashboard.web.language import CATALOGUES, known_languages
from dashboard.web.locale.collect import begin, catalogue_files, collect, untranslated, update


def main(codes: Sequence[str]) -> int:
    """Begin the languages that are named; exit status 1 while a sentence has no translation,
    2 where there is no such language.
    """
    for code in codes:
        if code in known_languages():
            continue
        try:
            begin(CATALOGUES, code)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
    template = collect()
    missing = 0
    for path in catalogue_files():
        open_sentences = untranslated(update(path, template))
        missing += len(open_sentences)
        print(f"{path.parent.parent.name}: {len(open_sentences)} to translate")
        for sentence in open_sentences:
            print(f"  {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
