#!/usr/bin/env python3
"""Builds the two packages for npm: packaging/npm.py FOLDER-OF-BINARIES OUT.

One carries the programs for the platform of the binaries (`git-guard-linux-x64`); the other, `git-guard`, is the same
everywhere: it depends on the first for each platform, and its two commands start what is installed. Needs npm.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64")
LAUNCHER = """#!/usr/bin/env node
// Starts the program that was installed for this platform.
const { spawnSync } = require("node:child_process");
const suffix = process.platform === "win32" ? ".exe" : "";
const name = `git-guard-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/bin/PROGRAM${suffix}`);
} catch {
  console.error(`guard: error: ${name} is not installed: npm leaves it out with --no-optional, or there is none for this platform`);
  process.exit(2);
}
const ended = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ended.error) {
  console.error(`guard: error: ${ended.error.message}`);
  process.exit(2);
}
// What a signal has ended is no clean run.
process.exit(ended.status ?? 2);
"""


def here() -> str:
    system = {"Windows": "win32"}.get(platform.system(), platform.system().lower())
    machine = platform.machine().lower()
    return f"{system}-{ {'x86_64': 'x64', 'amd64': 'x64', 'aarch64': 'arm64'}.get(machine, machine) }"


def pack(folder: Path, manifest: dict, out: Path) -> None:
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
    for licence in ("LICENSE-MIT", "LICENSE-APACHE", "README.md"):
        shutil.copy(ROOT / licence, folder)
    npm = shutil.which("npm") or sys.exit("npm is not here")
    said = subprocess.run(
        [npm, "pack", "--silent", "--pack-destination", os.fspath(out.resolve())],
        cwd=folder, check=True, capture_output=True, text=True,
    )
    print(out / said.stdout.strip().splitlines()[-1])


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binaries, out = Path(sys.argv[1]), Path(sys.argv[2])
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    version = package["version"]
    common = {
        "version": version,
        "description": package["description"],
        "license": "(MIT OR Apache-2.0)",
    }
    target = here()
    suffix = ".exe" if target.startswith("win32") else ""
    work = out / "npm"
    shutil.rmtree(work, ignore_errors=True)
    native, launcher = work / f"git-guard-{target}", work / "git-guard"
    (native / "bin").mkdir(parents=True)
    (launcher / "bin").mkdir(parents=True)
    for program in ("guard", "git-guard"):
        copy = native / "bin" / (program + suffix)
        shutil.copy(binaries / (program + suffix), copy)
        copy.chmod(0o755)
        script = launcher / "bin" / f"{program}.js"
        script.write_text(LAUNCHER.replace("PROGRAM", program))
        script.chmod(0o755)
    system, machine = target.rsplit("-", 1)
    pack(
        native,
        {"name": f"git-guard-{target}", **common, "os": [system], "cpu": [machine], "files": ["bin"]},
        out,
    )
    pack(
        launcher,
        {
            "name": "git-guard",
            **common,
            "bin": {"guard": "bin/guard.js", "git-guard": "bin/git-guard.js"},
            "files": ["bin"],
            "engines": {"node": ">=16"},
            "optionalDependencies": {f"git-guard-{one}": version for one in PLATFORMS},
        },
        out,
    )


if __name__ == "__main__":
    main()
