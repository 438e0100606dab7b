"""Compares counts that do not depend on the machine with those on record: counts.py FILE [record]"""

import os
import sys

import counting
from rounds import run

TOLERANCE = 1.05


class Counted:
    """What counting.py asks of a benchmark."""

    def __init__(self):
        env = os.environ
        self.folder, self.library = env["BENCH"], env["BENCH_LIBRARY"]
        self.http, self.https = (f"{scheme}://127.0.0.1:{env[scheme.upper() + '_PORT']}"
                                 for scheme in ("http", "https"))
        self.ca = os.path.join(self.folder, "ca.pem")

    def program(self, name):
        return os.path.join(self.folder, "bin", name)


def measured(bench):
    """{count: value}"""
    found = {}

    def calls(name, base, *how):
        command = counting.get_command(bench, "get_pictory", base, *how)
        found[name] = counting.slope(counting.traced, command)["total"]

    def instructions(name, command, few=100, many=600):
        found[name] = counting.slope(counting.instructions, command, few=few, many=many)["instructions"]

    calls("calls-per-get-http", bench.http)
    calls("calls-per-get-http-with-token", bench.http, "token")
    calls("calls-per-get-https", bench.https)
    instructions("instructions-per-get", counting.get_command(bench, "get_pictory", bench.http))
    instructions("instructions-per-get-in-progress",
                 counting.get_command(bench, "get_pictory", bench.http + "/progress"))
    body = os.path.join(bench.folder, "completed.json")
    instructions("instructions-per-parse", lambda times: [bench.program("parse_pictory"), body, str(times)])
    heap = run([bench.program("count_pictory"), bench.http, body])
    found |= {"heap-" + name.replace("_", "-"): value for name, value in heap.items() if name != "threads"}
    found["threads-after-gets"] = heap["threads"]
    watcher = run([bench.program("count_watcher"), bench.http + "/progress"])
    found |= {"heap-watch-bytes": watcher["watch_bytes"],
              "heap-watch-allocations": watcher["watch_allocations"],
              "threads-of-watcher": watcher["watcher_threads"]}
    found["library-bytes"] = os.path.getsize(os.path.join(bench.library, "libpictory.so"))
    found["libraries-needed"] = len(counting.needed(os.path.join(bench.library, "libpictory.so")))
    return found


def read(path):
    with open(path, encoding="ascii") as file:
        lines = (line.split() for line in file if not line.startswith("#"))
        return {name: float(value) for name, value in lines}


def grown(found, recorded):
    """What is to be complained about, a line each."""
    for name in sorted(found.keys() | recorded.keys()):
        if name not in recorded or name not in found:
            yield f"{name} is {'measured, but not on record' if name in found else 'not measured'}"
        elif found[name] > recorded[name] * TOLERANCE + 0.005:
            yield f"{name} has grown from {recorded[name]:g} to {found[name]:g}"


def prove_it_can_fail(found):
    """Each count alone, had it been a tenth less before, must be complained about."""
    for name, value in found.items():
        before = {**found, name: value * 0.9 - (0.01 if value < 0.1 else 0)}
        if len(list(grown(found, before))) != 1:
            sys.exit(f"growth of {name} would not be noticed")
    if list(grown(found, found)):
        sys.exit("there would be growth without any")


def main():
    path = sys.argv[1]
    found = measured(Counted())
    prove_it_can_fail(found)
    if len(sys.argv) > 2:
        with open(path, encoding="ascii") as file:
            remarks = [line for line in file if line.startswith("#")]
        with open(path, "w", encoding="ascii") as file:
            file.writelines(remarks + [f"{name} {value:.10g}\n" for name, value in found.items()])
        return
    recorded = read(path)
    complaints = list(grown(found, recorded))
    for complaint in complaints:
        print(complaint)
    for name in found.keys() & recorded.keys():
        if found[name] * TOLERANCE < recorded[name]:
            print(f"{name} has fallen from {recorded[name]:g} to {found[name]:g}: make counts")
    sys.exit(1 if complaints else 0)


main()
