"""The get loops, the cold start, parsing, accessors and cancelling: all that takes time."""

import os
import statistics
import subprocess
import time

from rounds import OURS, THEIRS, interleave, median, ratio, run, setting

MEASURES = (("cpu_us", "CPU, us"), ("per_second", "per second"), ("peak_kb", "peak kB"))


def loops(bench, path, gets, rounds):
    """The get loops of all programs against HTTP and HTTPS: {scheme: {program: [figures]}}."""
    found = {}
    for scheme, base in bench.bases():
        arguments = [base + path, gets, bench.ca if scheme == "https" else ""]
        programs = {"pictory": [bench.program("get_pictory"), *arguments]}
        programs["with a token"] = [*programs["pictory"], "token"]
        if bench.has("get_curl"):
            programs["curl"] = [bench.program("get_curl"), *arguments]
            programs["curl multi"] = [*programs["curl"], "multi"]
        if bench.has("get_raw"):
            programs["raw socket"] = [bench.program("get_raw"), *arguments]
        found[scheme] = interleave(programs, rounds)
    return found


def oriented(bench, found):
    """Go and Python, fewer rounds of fewer gets: for orientation."""
    others = {"Go net/http": ([bench.program("get_go")], 2000, bench.has("get_go")),
              "Python requests": (["python3", os.path.join(bench.source, "get_requests.py")], 300,
                                  bench.requests())}
    for scheme, base in bench.bases():
        for name, (command, gets, is_there) in others.items():
            if is_there:
                arguments = [base, gets, bench.ca if scheme == "https" else ""]
                found[scheme][name] = [run(command + arguments) for _ in range(3)]


def table(found):
    """Rows of what each program takes, and its part of libcurl's."""
    for scheme, programs in found.items():
        for name in programs:
            row = [scheme.upper(), name]
            for figure, _ in MEASURES:
                if figure not in programs[name][0]:
                    row.append("")
                    continue
                text = f"{median(programs, name, figure):,.1f}"
                if "curl" in programs:
                    theirs = median(programs, "curl", figure)
                    text += f" ({median(programs, name, figure) / theirs:.2f})"
                row.append(text)
            yield row


def get(bench):
    rounds = setting("BENCH_ROUNDS", 21)
    gets = setting("BENCH_GETS", 3000)
    found = loops(bench, "", gets, rounds)
    for scheme, programs in found.items():
        if "curl" in programs:
            bench.figure(f"{scheme}_cpu", ratio(programs, "cpu_us"))
            bench.figure(f"{scheme}_rate", ratio(programs, "per_second"))
            bench.figure(f"{scheme}_memory", ratio(programs, "peak_kb"))
    oriented(bench, found)
    head = ["", "program", *(f"{text} (of libcurl's)" for _, text in MEASURES)]
    bench.table("A get of a completed job", head, table(found))
    found = loops(bench, "/progress", gets, max(3, rounds // 2))
    bench.table("A get of a job in progress", head, table(found))
    grow(bench)


def grow(bench):
    """How the cost of a get grows with the body."""
    rows = []
    for size in ("", *bench.sizes):
        path = f"/size/{size}" if size else ""
        gets = 3000 if int(size or 0) < 50000 else 300
        programs = {"pictory": [bench.program("get_pictory"), bench.http + path, gets]}
        if bench.has("get_curl"):
            programs["curl"] = [bench.program("get_curl"), bench.http + path, gets]
        found = interleave(programs, 5)
        row = [f"{int(size or 0) + 742:,}"]
        for figure in ("cpu_us", "peak_kb"):
            row += [f"{median(found, name, figure):,.1f}" if name in found else "" for name in (OURS, THEIRS)]
            row.append(f"{ratio(found, figure):.2f}" if THEIRS in found else "")
        rows.append(row)
    bench.table("A get by size of the body, HTTP",
                ["bytes", "pictory: CPU, us", "libcurl and cJSON", "ratio", "pictory: peak kB",
                 "libcurl and cJSON", "ratio"], rows)


def whole_process(command):
    """CPU and time from its start to its end, of the server's share too in the time."""
    command, env = command
    begin = time.monotonic()
    pinned = ["taskset", "-c", "0", *command]
    child = os.posix_spawnp("taskset", pinned, {**os.environ, **env})
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - begin
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return {"cpu_ms": (usage.ru_utime + usage.ru_stime) * 1e3, "wall_ms": wall * 1e3}


def cold(bench):
    """The first HTTPS get of a process, with the roots of the system (and ours among them)."""
    if not os.path.exists(bench.bundle):
        bench.skip("cold_cpu cold_wall", "a file of the system's roots (apt-get install ca-certificates)")
        return
    roots = {"SSL_CERT_FILE": bench.bundle, "SSL_CERT_DIR": ""}
    programs = {"pictory": ([bench.program("get_pictory"), bench.https, "0"], roots),
                "pictory, one root": ([bench.program("get_pictory"), bench.https, "0", bench.ca], {})}
    if bench.has("get_curl"):
        programs["curl"] = ([bench.program("get_curl"), bench.https, "0", bench.bundle], roots)
        programs["curl, one root"] = ([bench.program("get_curl"), bench.https, "0", bench.ca], {})
    found = interleave(programs, setting("BENCH_ROUNDS", 21), whole_process)
    if bench.has("get_curl"):
        bench.figure("cold_cpu", ratio(found, "cpu_ms"))
        bench.figure("cold_wall", ratio(found, "wall_ms"))
    rows = [[name, f"{median(found, name, 'cpu_ms'):.2f}", f"{median(found, name, 'wall_ms'):.2f}"]
            for name in found]
    bench.table("The first HTTPS get, from the start of the process to its end",
                ["program", "CPU, ms", "time, ms"], rows)


def parse(bench):
    body = os.path.join(bench.folder, "completed.json")
    programs = {name: [bench.program(f"parse_{name}"), body, 50000]
                for name in ("pictory", "cjson", "yyjson") if bench.has(f"parse_{name}")}
    found = interleave(programs, setting("BENCH_ROUNDS", 21))
    if "cjson" in found:
        bench.figure("parse", ratio(found, "ns", "pictory", "cjson"))
    bench.table("Parsing and reading a completed body", ["program", "ns"],
                [[name, f"{median(found, name, 'ns'):,.0f}"] for name in found])
    rows = [run([bench.program("accessor"), body, 5000000]) for _ in range(7)]
    costs = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    bench.figure("accessor", max(cost for name, cost in costs.items() if name != "field_ns"))
    bench.table("Accessors", ["function", "ns"],
                [[name[:-3], f"{cost:.2f}"] for name, cost in costs.items() if name != "accessor_ns"])


def cancel(bench):
    rows = []
    for name in ("pictory", "curl"):
        if bench.has(f"cancel_{name}"):
            took = run([bench.program(f"cancel_{name}"), 100], None)
            rows += [[name, where, f"{took[where + '_us']:.0f}", f"{took[where + '_max_us']:.0f}"]
                     for where in ("get", "sleep") if where + "_us" in took]
    bench.table("From a cancel to the return of the call that it ends, in us",
                ["program", "in a", "median", "longest of 100"], rows)


def threads(bench):
    """Each thread plays the server itself, so that two cores can do twice what one does."""
    if os.cpu_count() < 2:
        bench.skip("threads", "two cores")
        return
    body = os.path.join(bench.folder, "completed.json")

    def pinned(case):
        cpus, *arguments = case
        gets = setting("BENCH_GETS", 3000) * 20
        return run([bench.program("threads_pictory"), body, gets, *arguments], cpus)

    cases = {"1 on one core": ("0", 1), "16 on one core": ("0", 16)}
    cases |= {f"{count} on two cores": ("0,1", count) for count in (1, 2, 4, 16)}
    own = "16 on two cores, each its own client"
    cases[own] = ("0,1", 16, "own")
    found = interleave(cases, max(5, setting("BENCH_ROUNDS", 21) // 2), pinned)
    given = ratio(found, "per_second", own, "1 on two cores")
    if given > 1.8:
        bench.figure("threads", ratio(found, "per_second", "16 on two cores", "1 on two cores"))
    else:
        bench.skip("threads", f"two free cores: these gave {given:.2f} times what one gives")
    bench.table("Threads on one client, HTTP, each of which plays the server itself",
                ["threads", "gets per second", "CPU per get with the server's part, us", "peak kB"],
                [[name, f"{median(found, name, 'per_second'):,.0f}", f"{median(found, name, 'cpu_us'):.1f}",
                  f"{median(found, name, 'peak_kb'):,.0f}"] for name in found])
