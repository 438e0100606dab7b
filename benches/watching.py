"""The watcher against libcurl multi: CPU, memory, and how late polls are."""

import bisect
import os
import time

from rounds import interleave, median, percentile, ratio, run, setting

PROGRAMS = {"pictory": "watch_pictory", "multi": "watch_curl_multi", "epoll": "watch_curl_epoll"}


def arrivals(path, begin, until):
    """{job: [when its requests reached the server, in ms]}, and how many of them did in the window."""
    found, count = {}, 0
    with open(path, encoding="ascii") as log:
        for line in log:
            at, took, job = line.split()
            arrived = (float(at) - float(took)) * 1e3
            found.setdefault(int(job[:8], 16), []).append(arrived)
            count += begin <= arrived < until
    for times in found.values():
        times.sort()
    return found, count


def lateness(path, arrived, interval, begin, until):
    """How much later than due each poll of the window reached the server, in ms, sorted; and how
    many never did, though they were due a second before its end."""
    late, missing = [], 0
    with open(path, encoding="ascii") as dues:
        for line in dues:
            job, due = line.split()
            due = float(due)
            if not begin <= due < until - 1000:
                continue
            times = arrived.get(int(job), [])
            at = bisect.bisect_left(times, due - interval / 4)
            if at < len(times) and times[at] < due + interval / 2:
                late.append(times[at] - due)
            else:
                missing += 1
    return sorted(late), missing


def gaps_over(arrived, interval, begin, until):
    """The share of gaps between two requests of a job that are longer than the rules allow: the
    interval and a tenth, 200 ms for the reply, and 5 ms."""
    gaps = [b - a for times in arrived.values() for a, b in zip(times, times[1:]) if begin <= b < until]
    return sum(gap > interval * 1.1 + 205 for gap in gaps) / max(1, len(gaps))


class Watch:
    """One run of a watcher; the server's log says what it really did."""

    def __init__(self, folder, url, jobs, interval, seconds, ca=""):
        self.folder, self.url, self.ca = folder, url, ca
        self.jobs, self.interval, self.seconds = jobs, interval, seconds

    def __call__(self, program):
        name, with_dues = program
        log, dues = os.path.join(self.folder, "log"), os.path.join(self.folder, "dues")
        time.sleep(1.5)  # until the server has written its log of the run before
        open(log, "w", encoding="ascii").close()
        more = [dues] if with_dues else []
        command = [os.path.join(self.folder, "bin", name), self.url, self.jobs, self.interval,
                   self.seconds, self.ca, *more]
        row = run(command)
        time.sleep(1.5)
        begin, until = row["from"], row["until"]
        arrived, row["polls"] = arrivals(log, begin, until)
        row["due"] = self.jobs * (until - begin) / (self.interval + 200)
        row["cpu_ms_per_1000"] = row["cpu_ms"] / max(1, row["polls"]) * 1e3
        row["switches_per_poll"] = row["switches"] / max(1, row["polls"])
        row["gaps_over"] = gaps_over(arrived, self.interval, begin, until)
        if with_dues:
            late, row["missing"] = lateness(dues, arrived, self.interval, begin, until)
            # A poll that never came is as late as can be.
            late += [float("inf")] * row["missing"]
            for label, share in (("p50", 0.5), ("p99", 0.99), ("max", 1)):
                row[f"late_{label}"] = percentile(late, share) if late else float("inf")
        return row


def compare(watch, rounds):
    """The three in interleaved rounds; and ours once more, with a callback, to see when polls are due."""
    programs = {name: (program, name != "pictory") for name, program in PROGRAMS.items()}
    programs["on_poll"] = (PROGRAMS["pictory"], True)
    only = setting("BENCH_WATCHERS", "")
    if only:
        programs = {name: program for name, program in programs.items() if name in only.split(",")}
    return interleave(programs, rounds, watch)


def rows_of(label, found):
    """The medians of each program's runs; of `late_max` too, since one run may meet anything."""
    for name, runs in found.items():
        middle = {figure: median(found, name, figure) for figure in runs[0]}
        late = [f"{middle['late_' + part]:.1f}" if "late_p99" in middle else ""
                for part in ("p50", "p99", "max")]
        yield [label, name, f"{middle['polls'] / middle['due'] * 100:.1f} %",
               f"{middle['cpu_ms_per_1000']:.1f}", f"{middle['switches_per_poll']:.1f}",
               f"{middle['peak_kb']:,.0f}", f"{middle['threads']:.0f}",
               *late, f"{middle['gaps_over'] * 100:.2f} %"]


def watch(bench):
    """10,000 jobs over HTTP and HTTPS, and 1,000 over HTTP, every 15 s."""
    if not bench.echo:
        bench.skip_all("watch_", "nginx's echo module (apt-get install libnginx-mod-http-echo)")
        return
    if not bench.has("watch_curl_multi"):
        return
    interval, seconds = setting("BENCH_INTERVAL_MS", 15000), setting("BENCH_SECONDS", 30)
    rows = []
    for scheme, base, jobs in (("http", bench.http, 10000), ("https", bench.https, 10000),
                               ("http", bench.http, 1000)):
        one = Watch(bench.folder, base + "/slow", jobs, interval, seconds,
                    bench.ca if scheme == "https" else "")
        found = compare(one, setting("BENCH_WATCH_ROUNDS", 3))
        rows += rows_of(f"{jobs:,} {scheme.upper()}", found)
        if jobs == 10000:
            bench.figure(f"watch_cpu_{scheme}", ratio(found, "cpu_ms_per_1000", "pictory", "multi"))
            bench.figure(f"watch_epoll_{scheme}", ratio(found, "cpu_ms_per_1000", "pictory", "epoll"))
            bench.figure(f"watch_memory_{scheme}", ratio(found, "peak_kb", "pictory", "multi"))
            bench.figure(f"watch_late_{scheme}", median(found, "on_poll", "late_p99"))
    bench.table("Watching jobs, each polled every 15 s, answered after 200 ms",
                ["jobs", "program", "polls made", "CPU per 1,000 polls, ms", "switches per poll", "peak kB",
                 "threads", "late p50, ms", "p99", "max", "gaps too long"], rows)
