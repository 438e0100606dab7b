"""Runs programs in interleaved rounds, and compares what they print."""

import os
import statistics
import subprocess
import sys

# The pair that all figures are of, where a program has not another one.
OURS, THEIRS = "pictory", "curl"


class Failed(Exception):
    """A program ended badly: no figure can be trusted."""


def setting(name, default):
    return type(default)(os.environ.get(name, default))


def values(text):
    """The NAME=VALUE lines of a program."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name: float(value) for name, value in pairs}


def run(command, cpus="0", env=None):
    """Runs a command on the CPUs of this list (None: on all); gives back what it printed."""
    pinned = (["taskset", "-c", cpus] if cpus else []) + [str(part) for part in command]
    done = subprocess.run(pinned, capture_output=True, text=True, env={**os.environ, **(env or {})})
    if done.returncode != 0:
        raise Failed(f"{' '.join(pinned)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return values(done.stdout)


def interleave(programs, rounds, one=run):
    """Runs each of {name: command} once a round, each round beginning with another one; gives back
    {name: [figures of each round]}. What others do to the machine so meets all of them."""
    names = list(programs)
    found = {name: [] for name in names}
    for number in range(rounds):
        for name in names[number % len(names):] + names[:number % len(names)]:
            found[name].append(one(programs[name]))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def median(found, name, figure):
    return statistics.median(row[figure] for row in found[name])


def ratio(found, figure, ours=OURS, theirs=THEIRS):
    """The median of the paired ratios."""
    pairs = zip(found[ours], found[theirs])
    return statistics.median(mine[figure] / other[figure] for mine, other in pairs)


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
