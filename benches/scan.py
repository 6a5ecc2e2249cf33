#!/usr/bin/env python3
"""Side by side on one core: guard scan with all rules and with parts of them, and ripgrep searching one word.

    benches/scan.py [--guard PATH] [--rg PATH] [--runs N] TREE...

Prints a Markdown table for each tree: CPU of the user and of the system, megabytes a second of both together, and the
same of what the program costs beyond opening and reading the files, which ripgrep stands for. Then what a start costs,
with all rules and with parts of them. Of several runs in turn the one with the least CPU counts: the others were
disturbed. Linux only: it keeps to one core.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time


def measure(command):
    """Runs a command and returns user and system seconds."""
    with open(os.devnull, "wb") as nothing:
        child = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_utime, usage.ru_stime


def least(command, runs):
    return min((measure(command) for _ in range(runs)), key=sum)


def size(tree):
    """Returns the number and the megabytes of the files below a folder, repositories left out."""
    files, total = 0, 0
    for folder, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                files += 1
                total += os.path.getsize(path)
    return files, total / 1e6


def parts(guard, folder):
    """Returns for each part of the rules the arguments that leave only it on."""
    said = subprocess.run([guard, "rules", "--isolated", "--format", "json"], capture_output=True, text=True, check=True)
    rules = json.loads(said.stdout)["rules"]
    chosen = {"generic-secret", "generic-password", "url-password", "basic-auth", "bearer-token"}
    kept = {
        "no rule": lambda rule: False,
        "passwords and generic secrets": lambda rule: rule["rule"] in chosen or rule["rule"].startswith("generic"),
        "secrets": lambda rule: rule["kind"] == "secret",
        "settings": lambda rule: rule["kind"] != "secret",
    }
    named = {"all rules": ["--isolated"]}
    for name, keeps in kept.items():
        path = os.path.join(folder, name.replace(" ", "-") + ".toml")
        off = [rule["rule"] for rule in rules if not keeps(rule)]
        with open(path, "w") as file:
            file.write("[rules]\noff = " + json.dumps(off) + "\n")
        named[name] = ["--config", path]
    return named


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guard", default="target/release/guard")
    parser.add_argument("--rg", default="rg")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("trees", nargs="+")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        named = parts(arguments.guard, folder)
        for tree in arguments.trees:
            files, megabytes = size(tree)
            print(f"\n{os.path.basename(os.path.abspath(tree))}, {megabytes:.0f} MB in {files:,} files:\n")
            print("| | user | system | MB/s | MB/s beyond reading |\n|---|--:|--:|--:|--:|")
            search = least([arguments.rg, "-j1", "-uuu", "-c", "password", tree], arguments.runs)
            rows = {"rg -c password": search}
            for name, options in named.items():
                command = [arguments.guard, "scan", tree, "--no-ignore", "-qq", *options]
                rows[name] = least(command, arguments.runs)
            for name, (user, system) in rows.items():
                beyond = max(user + system - sum(search), 1e-9)
                rest = "" if beyond < 1e-3 else f"{megabytes / beyond:,.0f}"
                print(f"| {name} | {user:.2f} s | {system:.2f} s | {megabytes / (user + system):,.0f} | {rest} |")
        print("\nA start, least of 100:\n\n| | wall |\n|---|--:|")
        empty = os.path.join(folder, "empty")
        os.mkdir(empty)
        for name, options in named.items():
            command = [arguments.guard, "scan", empty, "-qq", *options]
            walls = []
            for _ in range(100):
                start = time.perf_counter()
                measure(command)
                walls.append(time.perf_counter() - start)
            print(f"| {name} | {min(walls) * 1e3:.2f} ms |")


if __name__ == "__main__":
    main()
