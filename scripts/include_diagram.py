#!/usr/bin/env python3
"""Draws which library includes which, as their #include lines say, into lib/README.md.

  include_diagram.py           rewrites the diagram
  include_diagram.py --check   exits with 1 if it is not current
"""
import re
import sys
from pathlib import Path

LIB = Path(__file__).resolve().parent.parent / "lib"
README = LIB / "README.md"
BEGIN, END = "<!-- scripts/include_diagram.py -->\n", "<!-- end -->\n"


def includes():
    """{library: the libraries that its files include}."""
    found = {folder.name: set() for folder in sorted(LIB.iterdir()) if folder.is_dir()}
    for path in LIB.rglob("*.[ch]pp"):
        library = path.relative_to(LIB).parts[0]
        named = re.findall(r'^#include "(\w+)/', path.read_text(), re.M)
        found[library] |= set(named) & set(found) - {library}
    return found


def reached(found, library):
    """All libraries that a library includes, directly or through others."""
    return found[library].union(*(reached(found, other) for other in found[library]))


def diagram(found):
    """Mermaid's text. An arrow is left out where others lead to the same library."""
    lines = []
    for library in sorted(found, key=lambda one: (-len(reached(found, one)), one)):
        implied = set().union(*(reached(found, other) for other in found[library]))
        lines += [f"  {library} --> {other}\n" for other in sorted(found[library] - implied)]
    return "```mermaid\nflowchart TD\n" + "".join(lines) + "```\n"


def main():
    text = README.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    current = text[:start] + diagram(includes()) + text[end:]
    if sys.argv[1:] == ["--check"]:
        if text != current:
            sys.exit(f"{README}: the diagram is not current: run python3 scripts/include_diagram.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        README.write_text(current)


if __name__ == "__main__":
    main()
