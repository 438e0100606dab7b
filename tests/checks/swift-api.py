"""Lists the public API from a symbol graph of Swift's: a line for each symbol, in order of its name.

With --undocumented, only those without a comment of their own. What the compiler makes up has none.
"""

import json
import sys


def is_own(symbol):
    """Whether somebody has written it: not what comes with a protocol."""
    return "::SYNTHESIZED::" not in symbol["identifier"]["precise"] and "location" in symbol


def line(symbol):
    declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
    return ".".join(symbol["pathComponents"]) + ": " + declaration


def main(path, *options):
    with open(path, encoding="utf-8") as file:
        graph = json.load(file)
    symbols = [symbol for symbol in graph["symbols"] if is_own(symbol)]
    names = {symbol["identifier"]["precise"]: line(symbol) for symbol in symbols}
    if "--undocumented" in options:
        lines = [line(symbol) for symbol in symbols if "docComment" not in symbol]
    else:
        lines = list(names.values())
        for relation in graph["relationships"]:
            if relation["kind"] == "conformsTo" and relation["source"] in names:
                protocol = relation.get("targetFallback", relation["target"])
                # What every type is, unless it says otherwise.
                if protocol in ("Swift.Copyable", "Swift.Escapable"):
                    continue
                lines.append(names[relation["source"]].split(":")[0] + " is " + protocol)
    print("\n".join(sorted(set(lines))))


main(*sys.argv[1:])
