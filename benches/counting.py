"""Counts: system calls, instructions, allocations, bytes. They hardly depend on the machine."""

import os
import re
import subprocess

from rounds import Failed, run


def slope(count, command, env=None, few=100, many=1100):
    """What one get more takes of each thing counted: what a process takes once drops out."""
    less, more = count(command(few), env), count(command(many), env)
    return {name: (more[name] - less.get(name, 0)) / (many - few) for name in more}


def traced(command, env=None):
    """{system call: how often}, of all threads."""
    done = subprocess.run(["taskset", "-c", "0", "strace", "-f", "-c", "-o", "/dev/fd/2", *command],
                          capture_output=True, text=True, env={**os.environ, **(env or {})})
    if done.returncode != 0:
        raise Failed(done.stderr)
    calls = {}
    for line in done.stderr.splitlines():
        words = line.split()
        if len(words) >= 5 and re.fullmatch(r"[\d.]+", words[0]):
            calls[words[-1]] = int(words[3])
    return calls


def instructions(command, env=None):
    done = subprocess.run(["taskset", "-c", "0", "valgrind", "--tool=callgrind",
                           "--callgrind-out-file=/dev/null", *command],
                          capture_output=True, text=True, env={**os.environ, **(env or {})})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise Failed(done.stderr)
    return {"instructions": int(found.group(1))}


def get_command(bench, program, base, *how):
    ca = bench.ca if base.startswith("https") else ""
    return lambda gets: [bench.program(program), base, str(gets), ca, *how]


def per_get(bench, count):
    """{program: {scheme: {thing counted: per get}}}"""
    programs = {"pictory": ("get_pictory",), "with a token": ("get_pictory", "token"),
                "curl": ("get_curl",), "curl multi": ("get_curl", "multi"), "raw socket": ("get_raw",)}
    found = {}
    for name, (program, *how) in programs.items():
        if bench.has(program):
            found[name] = {scheme: slope(count, get_command(bench, program, base, *how))
                           for scheme, base in bench.bases()}
    return found


def system_calls(bench):
    if not bench.tool("strace"):
        bench.skip("http_calls", "strace")
        return
    found = per_get(bench, traced)
    bench.figure("http_calls", found["pictory"]["http"]["total"])
    rows = []
    for name, schemes in found.items():
        for scheme, calls in schemes.items():
            most = sorted(((count, call) for call, count in calls.items()
                           if count > 0.005 and call != "total"), reverse=True)
            rows.append([name, scheme.upper(), f"{calls['total']:.2f}",
                         ", ".join(f"{call} {count:.2f}" for count, call in most)])
    bench.table("System calls per get", ["program", "", "calls", "which"], rows)


def instruction_counts(bench):
    if not bench.tool("valgrind"):
        bench.skip("http_instructions", "valgrind")
        return
    found = per_get(bench, instructions)
    progress = slope(instructions, get_command(bench, "get_pictory", bench.http + "/progress"))
    bench.figure("http_instructions", found["pictory"]["http"]["instructions"])
    rows = [[name, *(f"{schemes[scheme]['instructions']:,.0f}" for scheme in ("http", "https"))]
            for name, schemes in found.items()]
    rows.append(["pictory, job in progress", f"{progress['instructions']:,.0f}", ""])
    bench.table("Instructions per get", ["program", "HTTP", "HTTPS"], rows)


def heap(bench):
    counts = run([bench.program("count_pictory"), bench.http,
                  os.path.join(bench.folder, "completed.json")])
    # Of a get or of a parsed body, whichever is more.
    for name in ("bytes", "allocations"):
        bench.figure(f"handle_{name}", max(counts[f"get_{name}"], counts[f"parse_{name}"]))
    counts |= run([bench.program("count_watcher"), bench.http + "/progress"])
    bench.table("The heap, in bytes and allocations, and the threads after gets and between polls",
                ["what", "count"],
                [[name.replace("_", " "), f"{count:,.1f}"] for name, count in counts.items()])


def count(bench):
    system_calls(bench)
    instruction_counts(bench)
    heap(bench)


ALWAYS_THERE = re.compile(r"lib(c|m|gcc_s)\.so\.|ld-linux|linux-vdso")


def needed(library):
    """Files that the loader takes in for a library, beyond those that are always there."""
    listed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    paths = re.findall(r"(/\S+) \(0x", listed)
    return [path for path in paths if not ALWAYS_THERE.search(path)]


def size(bench):
    ours = os.path.join(bench.library, "libpictory.so")
    stripped = os.path.join(bench.folder, "stripped.so")
    subprocess.run(["strip", "-o", stripped, ours], check=True)
    bench.figure("size", os.path.getsize(stripped))
    bench.figure("needed", len(needed(ours)))
    rows = [["pictory", "0", f"{os.path.getsize(stripped):,}"]]
    if bench.has("get_curl"):
        theirs = needed(bench.program("get_curl"))
        rows.append(["libcurl and cJSON", str(len(theirs)),
                     f"{sum(os.path.getsize(path) for path in theirs):,}"])
    bench.table("Size, with what is pulled in beyond libc, libgcc_s and libm",
                ["library", "others", "bytes"], rows)
