"""The get loop of Python's requests, for orientation: BASE_URL GETS [CA_FILE]"""

import resource
import sys
import time

import requests

JOB = "4a09edf9-d071-4847-bda5-8dea913d80fe"


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def once(session, url):
    reply = session.get(url, timeout=30)
    job = reply.json()
    if reply.status_code != 200 or job["job_id"] != JOB or not job["data"]["status"]:
        sys.exit(f"not a job: {reply.text}")


def main():
    base_url, gets = sys.argv[1], int(sys.argv[2])
    session = requests.Session()
    session.headers["Authorization"] = "pictai_0123456789abcdef0123456789abcdef"
    session.headers["Accept"] = "application/json"
    session.trust_env = False
    if len(sys.argv) > 3 and sys.argv[3]:
        session.verify = sys.argv[3]
    url = f"{base_url}/v1/jobs/{JOB}"
    for _ in range(21):
        once(session, url)
    cpu, begin = cpu_seconds(), time.monotonic()
    for _ in range(gets):
        once(session, url)
    wall = time.monotonic() - begin
    print(f"cpu_us={(cpu_seconds() - cpu) / gets * 1e6:.3f}\nper_second={gets / wall:.1f}")


main()
