#!/usr/bin/env python3
"""Builds a wheel that carries the two programs: packaging/wheel.py FOLDER-OF-BINARIES OUT [PLATFORM-TAG].

Needs Python's standard library only. Without a tag it is found by looking at the binary: the oldest glibc that has all
the symbols it asks for, as https://peps.python.org/pep-0600/ names it, or musllinux for a static one.
"""

import base64
import hashlib
import os
import platform
import re
import struct
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("guard", "git-guard")


def tag_of(binary: bytes) -> str:
    """Returns the platform tag of a program."""
    machine = platform.machine().lower()
    if binary[:4] == b"\x7fELF":
        (number,) = struct.unpack_from("<H", binary, 18)
        machine = {62: "x86_64", 183: "aarch64"}.get(number, machine)
        minors = [int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", binary)]
        if not minors:
            return f"manylinux_2_17_{machine}.musllinux_1_1_{machine}"
        return f"manylinux_2_{max(17, *minors)}_{machine}"
    if binary[:2] == b"MZ":
        return "win_arm64" if machine == "arm64" else "win_amd64"
    return "macosx_11_0_arm64" if machine == "arm64" else "macosx_10_12_x86_64"


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    binaries, out = Path(sys.argv[1]), Path(sys.argv[2])
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    name, version = package["name"].replace("-", "_"), package["version"]
    suffix = ".exe" if (binaries / "guard.exe").exists() else ""
    programs = {p + suffix: (binaries / (p + suffix)).read_bytes() for p in PROGRAMS}
    tag = sys.argv[3] if len(sys.argv) == 4 else tag_of(programs["guard" + suffix])

    info = f"{name}-{version}.dist-info"
    metadata = (
        f"Metadata-Version: 2.1\nName: {package['name']}\nVersion: {version}\n"
        f"Summary: {package['description']}\nLicense: {package['license']}\n"
        f"Keywords: {','.join(package['keywords'])}\nRequires-Python: >=3.7\n"
        "Description-Content-Type: text/markdown\n\n" + (ROOT / "README.md").read_text()
    )
    tags = "".join(f"Tag: py3-none-{one}\n" for one in tag.split("."))
    files = {f"{name}-{version}.data/scripts/{p}": (bytes_, 0o755) for p, bytes_ in programs.items()}
    files[f"{info}/METADATA"] = (metadata.encode(), 0o644)
    wheel = f"Wheel-Version: 1.0\nGenerator: guard\nRoot-Is-Purelib: false\n{tags}"
    files[f"{info}/WHEEL"] = (wheel.encode(), 0o644)
    for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
        files[f"{info}/licenses/{licence}"] = ((ROOT / licence).read_bytes(), 0o644)
    rows = []
    for path, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(content)}\n")
    files[f"{info}/RECORD"] = (("".join(rows) + f"{info}/RECORD,,\n").encode(), 0o644)

    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{name}-{version}-py3-none-{tag}.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, (content, mode) in files.items():
            # One fixed time: the same program gives the same wheel.
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    print(os.fspath(target))


if __name__ == "__main__":
    main()
