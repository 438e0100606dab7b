"""Measures, prints a table, and fails if a figure that must be reached is missed. Run by benches/run,
which has started the servers and says in the environment where they are."""

import os
import platform
import shutil
import subprocess
import sys

import counting
import getting
import watching
from bars import BARS, bar_text, number, verdict
from rounds import Failed

SECTIONS = {"get": getting.get, "count": counting.count, "parse": getting.parse, "cold": getting.cold,
            "size": counting.size, "threads": getting.threads, "cancel": getting.cancel,
            "watch": watching.watch}


class Bench:
    """Where everything is, and what has been found."""

    def __init__(self):
        env = os.environ
        self.folder, self.library = env["BENCH"], env["BENCH_LIBRARY"]
        self.source = os.path.dirname(os.path.abspath(__file__))
        self.http = f"http://127.0.0.1:{env['HTTP_PORT']}"
        self.https = f"https://127.0.0.1:{env['HTTPS_PORT']}"
        self.echo = env.get("ECHO", "")
        self.sizes = env["SIZES"].split()
        self.ca = os.path.join(self.folder, "ca.pem")
        self.bundle = os.path.join(self.folder, "bundle.pem")
        self.figures, self.skipped, self.tables = {}, {}, []

    def bases(self):
        return ("http", self.http), ("https", self.https)

    def program(self, name):
        return os.path.join(self.folder, "bin", name)

    def has(self, name):
        return os.path.exists(self.program(name))

    def tool(self, name):
        return shutil.which(name) is not None

    def requests(self):
        asked = subprocess.run(["python3", "-c", "import requests"], capture_output=True, check=False)
        return asked.returncode == 0

    def figure(self, name, value):
        self.figures[name] = value

    def skip(self, names, reason):
        self.skipped |= {name: f"needs {reason}" for name in names.split()}

    def skip_all(self, prefix, reason):
        self.skip(" ".join(name for name in BARS if name.startswith(prefix)), reason)

    def table(self, title, head, rows):
        self.tables.append((title, head, [[str(cell) for cell in row] for row in rows]))
        show(self.tables[-1])


def show(table):
    title, head, rows = table
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    print(f"\n{title}")
    for row in [head, *rows]:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    sys.stdout.flush()


def markdown(table):
    title, head, rows = table
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def bar_table(bench, is_whole):
    """Every bar: reached, missed, or not measured; if only some parts were asked for, theirs."""
    rows = []
    for name, (title, must, aim, unit) in BARS.items():
        if not is_whole and name not in bench.figures and name not in bench.skipped:
            continue
        if name in bench.figures:
            value = bench.figures[name]
            shown, word = f"{number(value)} {unit}".rstrip(), verdict(name, value)
        else:
            shown, word = "-", "skipped: " + bench.skipped.get(name, "needs libcurl and cJSON")
        rows.append([title, shown, bar_text(must), bar_text(aim), word])
    return "Bars", ["figure", "measured", "must", "aim", "reached"], rows


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout or done.stderr).splitlines()[0]
    except (OSError, IndexError):
        return f"no {command[0]}"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "?")
    system = "?"
    if os.path.exists("/etc/os-release"):
        with open("/etc/os-release", encoding="utf-8") as file:
            system = next((line.split("=", 1)[1].strip().strip('"') for line in file
                           if line.startswith("PRETTY_NAME")), "?")
    curl = first_line("curl-config", "--version")
    rows = [["processor", f"{model}, {os.cpu_count()} cores"],
            ["system", f"{system}, Linux {platform.release()}, {' '.join(platform.libc_ver())}"],
            ["server", first_line("nginx", "-v").replace("nginx version: ", "")],
            ["libcurl", curl], ["OpenSSL", first_line("openssl", "version")],
            ["compilers", first_line("cc", "--version") + "; " + first_line("rustc", "--version")],
            ["Go, Python", first_line("go", "version") + "; " + first_line("python3", "--version")]]
    return "The machine", ["what", "which"], rows


def record(bench, path):
    """Puts the tables between the two marks of docs/PERFORMANCE.md."""
    begin, end = "<!-- figures -->\n", "<!-- end of figures -->"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, after = text.split(begin)[0], text.split(end)[1]
    tables = [bar_table(bench, True), machine(), *bench.tables]
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n" + "\n".join(map(markdown, tables)) + "\n" + end + after)


def main():
    bench = Bench()
    wanted = sys.argv[1:] or list(SECTIONS)
    for name in wanted:
        if name not in SECTIONS:
            sys.exit(f"no such part: {name}; there are {', '.join(SECTIONS)}")
    try:
        for name in wanted:
            print(f"\n== {name}", file=sys.stderr)
            SECTIONS[name](bench)
    except Failed as failure:
        sys.exit(f"\n{failure}")
    show(machine())
    is_whole = len(wanted) == len(SECTIONS)
    show(bar_table(bench, is_whole))
    if os.environ.get("BENCH_RECORD"):
        record(bench, os.environ["BENCH_RECORD"])
    missed = [name for name, value in bench.figures.items() if verdict(name, value) == "MISSED"]
    print(f"\n{len(bench.figures)} of {len(BARS)} measured, {len(missed)} missed")
    sys.exit(1 if missed else 0)


main()
