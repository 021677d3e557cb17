"""G13: adding working time, by bench_calendar (Google Benchmark); every answer is compared with the loop's before timing."""

import json
import statistics
import subprocess

from stats import Goal


def addition(fixture, rounds):
    near = Goal("G13", "add 4 h, ns", "C++ loop over days", 1.5, 1.2, at_least=False)
    far = Goal("G13", "add 400 h, ns", "C++ loop over days", 0.4, 0.3, at_least=False)
    program = fixture.program("bench_calendar")
    if not program:
        for goal in (near, far):
            goal.skip("bench_calendar is not built")
        return [near, far]
    for number in range(rounds + 1):
        done = subprocess.run([program, "--benchmark_format=json", "--benchmark_filter=(Compiled|Loop)/(4|400)$",
                               f"--benchmark_min_time={0.3 if fixture.quick else 1}"], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"bench_calendar: {done.stderr[-500:]}")
        times = {}
        for run in json.loads(done.stdout)["benchmarks"]:
            times.setdefault(run["name"], []).append(run["cpu_time"])
        cost = {name: statistics.median(values) for name, values in times.items()}
        fixture.say(f"G13 round {number}: " + ", ".join(f"{name} {value:.3g}" for name, value in cost.items()))
        if number:
            near.add(cost["Compiled/4"], cost["Loop/4"])
            far.add(cost["Compiled/400"], cost["Loop/400"])
    near.notes.append("raw values are CPU milliseconds for 1,048,576 random starts")
    return [near, far]
