"""The command: ./scripts/words."""

from __future__ import annotations

import sys

from scripts.catalogues import book


def main(arguments: list[str]) -> int:
    what, *more = arguments or ["update"]
    wanted = book.template()
    if what == "add":
        for language in more:
            book.begin(language)
    elif what == "update":
        for language in book.languages():
            book.update(language, wanted)
    elif what != "check":
        print(f"{what} is none of: update, check, add LANGUAGE", file=sys.stderr)
        return 2
    found = [line for language in book.languages() for line in book.problems(language, wanted)]
    print("\n".join(found) or f"{len(wanted)} messages in {', '.join(book.languages())}: all is well.")
    return 1 if found and what == "check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
