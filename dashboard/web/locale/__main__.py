"""Bring every catalogue up to date and say what is still to be translated."""

from __future__ import annotations

from dashboard.web.locale.collect import catalogue_files, collect, untranslated, update


def main() -> int:
    """Exit status 1 while a sentence has no translation."""
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
    raise SystemExit(main())
