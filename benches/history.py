#!/usr/bin/env python3
"""Side by side: guard history, git cat-file and kingfisher over the same repositories, in turn, in one run.

    benches/history.py [--guard PATH] [--kingfisher PATH] [--runs N] [--plot FILE.svg] REPOSITORY...

Prints Markdown tables: wall and CPU of each, their ratios to `git cat-file --batch-all-objects --unordered --batch`,
and of guard the memory of its own (the most of RssAnon: what is mapped from packs is not counted) and VmHWM. Of several
runs the one with the least CPU counts: the others were disturbed. Linux only: it reads /proc.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time


def measure(command, folder):
    """Runs a command; returns wall and CPU seconds, and the most of VmHWM and RssAnon in MB."""
    with open(os.devnull, "wb") as nothing:
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, stdout=nothing, stderr=nothing)
        peak = {"VmHWM": 0, "RssAnon": 0}
        while True:
            pid, _, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            try:
                with open(f"/proc/{child.pid}/status") as status:
                    for line in status:
                        name = line.split(":")[0]
                        if name in peak:
                            peak[name] = max(peak[name], int(line.split()[1]))
            except (OSError, ValueError):
                pass
            time.sleep(0.01)
        child.returncode = 0
    cpu = usage.ru_utime + usage.ru_stime
    return time.monotonic() - start, cpu, peak["VmHWM"] / 1024, peak["RssAnon"] / 1024


def least(runs):
    return min(runs, key=lambda run: run[1])


def size(repository):
    """Returns the number of objects and the megabytes of the packs."""
    said = subprocess.run(["git", "count-objects", "-v"], cwd=repository, capture_output=True, text=True).stdout
    counts = dict(line.split(": ") for line in said.splitlines())
    return int(counts["in-pack"]) + int(counts["count"]), int(counts["size-pack"]) / 1024


def commands(arguments):
    guard = [arguments.guard, "history", "-qq", "--allow-missing", "--fresh"]
    named = {
        "git cat-file": ["git", "cat-file", "--batch-all-objects", "--unordered", "--batch"],
        "guard history": guard,
    }
    if arguments.kingfisher:
        scan = [arguments.kingfisher, "scan", "--no-validate", "--no-update-check", "--quiet"]
        named["kingfisher"] = [*scan, "."]
        named["kingfisher --turbo"] = [*scan, "--turbo", "."]
    return named


def plot(points, path):
    """Draws time and memory against the size of the packs, both from nothing, as an SVG."""
    width, height, edge = 520, 260, 46
    most = [max(point[axis] for point in points) * 1.08 for axis in range(3)]
    at = lambda value, axis, length: value / most[axis] * length
    marks = []
    for axis, colour, unit in ((1, "#1565c0", "s of CPU"), (2, "#ef6c00", "MB of its own")):
        line = sorted(points)
        spots = [(edge + at(p[0], 0, width), height + 10 - at(p[axis], axis, height)) for p in line]
        marks.append(f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"/>')
        for (x, y), point in zip(spots, line):
            marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            marks.append(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" fill="{colour}">{point[axis]:.3g} {unit}</text>')
    for x, name in ((p[0], p[3]) for p in points):
        marks.append(f'<text x="{edge + at(x, 0, width):.1f}" y="{height + 26}" text-anchor="middle">{name}, {x:.0f} MB</text>')
    with open(path, "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 2 * edge + 60}" height="{height + 36}" '
            'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="white"/>'
            f'<path d="M{edge},10 V{height + 10} H{edge + width}" fill="none" stroke="#888"/>{"".join(marks)}</svg>\n'
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--guard", default="guard")
    parser.add_argument("--kingfisher")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--plot")
    parser.add_argument("repositories", nargs="+")
    arguments = parser.parse_args()
    points = []
    print("| repository | program | wall | CPU | wall / cat-file | CPU / cat-file | VmHWM | of its own |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for repository in arguments.repositories:
        runs = {name: [] for name in commands(arguments)}
        for _ in range(arguments.runs):
            for name, command in commands(arguments).items():
                runs[name].append(measure(command, repository))
        best = {name: least(these) for name, these in runs.items()}
        objects, packed = size(repository)
        label = os.path.basename(os.path.normpath(repository).removesuffix("/repo")).split("+")[-1]
        for name, (wall, cpu, peak, own) in best.items():
            ratios = [part / whole for part, whole in zip((wall, cpu), best["git cat-file"])]
            print(
                f"| {label} ({objects:,} objects, {packed:.0f} MB) | {name} | {wall:.1f} s | {cpu:.1f} s "
                f"| {ratios[0]:.2f} | {ratios[1]:.2f} | {peak:.0f} MB | {own:.0f} MB |"
            )
        sys.stdout.flush()
        points.append((packed, best["guard history"][1], best["guard history"][3], label))
    if arguments.plot:
        plot(points, arguments.plot)


if __name__ == "__main__":
    main()
