"""The figures that are held to a bar: what they must be, and what they aim at."""

# Name: (what it is, must, aim, unit); with a bar that begins with ">", more is better.
# A ratio is ours over libcurl's.
BARS = {
    "http_cpu": ("CPU per get, HTTP keep-alive, of libcurl's", "0.62", "0.50", ""),
    "https_cpu": ("CPU per get, HTTPS keep-alive, of libcurl's", "0.55", "0.45", ""),
    "http_rate": ("gets per second, HTTP, of libcurl's", ">1.35", ">1.7", ""),
    "https_rate": ("gets per second, HTTPS, of libcurl's", ">1.5", ">1.8", ""),
    "http_calls": ("system calls per get, HTTP, without a token", "3", "2", ""),
    "http_instructions": ("instructions per get, HTTP", "40000", "30000", ""),
    "http_memory": ("peak memory of a get loop, HTTP, of libcurl's", "0.33", "0.25", ""),
    "https_memory": ("peak memory of a get loop, HTTPS, of libcurl's", "0.33", "0.25", ""),
    "cold_cpu": ("CPU to the end of the first HTTPS get, system's roots, of libcurl's", "0.25", "0.10", ""),
    "cold_wall": ("time to the end of the first HTTPS get, system's roots, of libcurl's", "0.25", "0.10", ""),
    "parse": ("parsing and reading a completed body, of cJSON's time", "0.6", "0.4", ""),
    "accessor": ("an accessor", "5", "3", "ns"),
    "handle_bytes": ("a result handle beyond its body", "1536", "717", "bytes"),
    "handle_allocations": ("allocations that a result handle holds", "4", "2", ""),
    "size": ("stripped library, TLS included", "2200000", "2000000", "bytes"),
    "needed": ("libraries it needs beyond libc, libgcc_s, libm", "0", "0", ""),
    "watch_cpu_http": ("watcher, 10,000 jobs, HTTP: CPU per poll, of curl_multi_poll's", "0.35", "0.25", ""),
    "watch_cpu_https": ("watcher, 10,000 jobs, HTTPS: CPU per poll, of curl_multi_poll's", "0.35", "0.25", ""),
    "watch_epoll_http": ("watcher, 10,000 jobs, HTTP: CPU per poll, of libcurl's by epoll", "0.6", "0.5", ""),
    "watch_epoll_https": ("watcher, 10,000 jobs, HTTPS: CPU per poll, of libcurl's by epoll", "0.6", "0.5", ""),
    "watch_memory_http": ("watcher's peak memory there, HTTP, of libcurl's", "1.3", "1.0", ""),
    "watch_memory_https": ("watcher's peak memory there, HTTPS, of libcurl's", "1.0", "0.8", ""),
    "watch_late_http": ("watcher's lateness there, HTTP, 99 of 100 polls", "5", "5", "ms"),
    "watch_late_https": ("watcher's lateness there, HTTPS, 99 of 100 polls", "5", "5", "ms"),
    "threads": ("gets per second of 16 threads on two cores, of one thread's", ">1.7", ">1.9", ""),
}


def reaches(value, bar):
    if bar.startswith(">"):
        return value >= float(bar[1:])
    return value <= float(bar)


def verdict(name, value):
    """aim, must or MISSED."""
    _, must, aim, _ = BARS[name]
    if reaches(value, aim):
        return "aim"
    return "must" if reaches(value, must) else "MISSED"


def number(value):
    """As many digits as it is worth."""
    if value == int(value) and abs(value) < 1000:
        return f"{value:.0f}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def bar_text(bar):
    bare = bar.lstrip(">")
    return ("at least " if bare != bar else "") + (bare if "." in bare else number(float(bare)))
