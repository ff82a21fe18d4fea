"""Writes what a binary of peerfolio is made of: a software bill of materials in CycloneDX 1.5 (JSON).

    python3 scripts/sbom.py BINARY FILE            writes FILE
    python3 scripts/sbom.py --check BINARY FILE    says what is wrong with it, and exits with 1 if anything is

Called by `scripts/build --sbom` after a build, in the top folder of the checkout. Asks no network: packages, versions
and revisions are those that the build resolved, licences those in the packages' checkouts. Two builds of the same binary
from the same commit give the same file.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

LIBPQ = "pkg:generic/libpq"
SWIFT = "pkg:generic/swift"


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def licences(folder: Path) -> list[dict[str, Any]]:
    """What the licence in a folder is, by its words; its first line where they are unknown."""
    files = sorted(file for file in folder.glob("LICEN[CS]E*") if file.is_file())
    if not files:
        return []
    text = files[0].read_text(errors="replace")
    if "Apache License" in text and "Version 2.0" in text:
        if "Runtime Library Exception" in text:
            return [{"expression": "Apache-2.0 WITH Swift-exception"}]
        return [{"license": {"id": "Apache-2.0"}}]
    if "MIT License" in text:
        return [{"license": {"id": "MIT"}}]
    return [{"license": {"name": text.strip().splitlines()[0].strip()}}]


def purl(url: str, version: str) -> str:
    """The package's name for tools that look for vulnerabilities."""
    place = re.sub(r"^https?://|\.git$", "", url)
    return f"pkg:swift/{place}@{version}"


def packages(tree: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every package below the root of `swift package show-dependencies`, by its identity."""
    found: dict[str, dict[str, Any]] = {}
    for package in tree["dependencies"]:
        found[package["identity"]] = package
        found |= packages(package)
    return found


def package_component(package: dict[str, Any]) -> dict[str, Any]:
    checkout = Path(package["path"])
    name = purl(package["url"], package["version"])
    return {
        "type": "library",
        "bom-ref": name,
        "name": package["name"],
        "version": package["version"],
        "purl": name,
        "licenses": licences(checkout),
        "externalReferences": [{"type": "vcs", "url": package["url"]}],
        "properties": [{"name": "peerfolio:revision", "value": output("git", "-C", str(checkout), "rev-parse", "HEAD")}],
    }


def system_components() -> list[dict[str, Any]]:
    """What is linked but no package: libpq, and Swift's own libraries."""
    libpq = output("pkg-config", "--modversion", "libpq")
    swift = re.search(r"Swift version (\S+)", output("swift", "--version"))
    version = swift.group(1) if swift else "unknown"
    return [
        {
            "type": "library",
            "bom-ref": f"{LIBPQ}@{libpq}",
            "name": "libpq",
            "version": libpq,
            "purl": f"{LIBPQ}@{libpq}",
            "licenses": [{"license": {"id": "PostgreSQL"}}],
            "properties": [{"name": "peerfolio:linked", "value": "dynamically; the version it was built with"}],
        },
        {
            "type": "framework",
            "bom-ref": f"{SWIFT}@{version}",
            "name": "swift",
            "version": version,
            "purl": f"{SWIFT}@{version}",
            "licenses": [{"expression": "Apache-2.0 WITH Swift-exception"}],
            "properties": [{"name": "peerfolio:linked", "value": "statically: the standard library and Foundation"}],
        },
    ]


def program_version(binary: Path) -> str:
    """`0.1.0` of `peerfolio 0.1.0, kernel avx512`."""
    return output(str(binary), "version").split()[1].rstrip(",")


def document(binary: Path) -> dict[str, Any]:
    tree = json.loads(output("swift", "package", "show-dependencies", "--format", "json"))
    resolved = packages(tree)
    system = system_components()
    version = program_version(binary)
    digest = sha256(binary)
    root = f"pkg:generic/peerfolio@{version}"

    def refs(dependencies: list[dict[str, Any]]) -> list[str]:
        return sorted(purl(package["url"], package["version"]) for package in dependencies)

    revision = output("git", "rev-parse", "HEAD")
    if output("git", "status", "--porcelain", "--untracked-files=no"):
        revision += ", changed"
    moment = datetime.fromtimestamp(int(output("git", "log", "-1", "--format=%ct")), timezone.utc)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{root}#{digest}')}",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "peerfolio",
                "version": version,
                "purl": root,
                "licenses": licences(Path()),
                "hashes": [{"alg": "SHA-256", "content": digest}],
                "properties": [{"name": "peerfolio:revision", "value": revision}],
            },
        },
        "components": [package_component(resolved[name]) for name in sorted(resolved)] + system,
        "dependencies": [
            {"ref": root, "dependsOn": refs(tree["dependencies"]) + [component["bom-ref"] for component in system]},
            *({"ref": refs([resolved[name]])[0], "dependsOn": refs(resolved[name]["dependencies"])} for name in sorted(resolved)),
            *({"ref": component["bom-ref"], "dependsOn": []} for component in system),
        ],
    }


def mistakes(bom: dict[str, Any], binary: Path) -> list[str]:
    """What is wrong with a document, in words."""
    found = []
    if (bom.get("bomFormat"), bom.get("specVersion")) != ("CycloneDX", "1.5"):
        found.append("it is not CycloneDX 1.5")
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bom.get("serialNumber", "")):
        found.append("the serial number is not a UUID")
    program = bom["metadata"]["component"]
    if program["hashes"] != [{"alg": "SHA-256", "content": sha256(binary)}]:
        found.append("the hash is not the binary's")
    if program["version"] != program_version(binary) or not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", program["version"]):
        found.append("the version is not the binary's")

    components = [program, *bom["components"]]
    refs = [component["bom-ref"] for component in components]
    if len(set(refs)) != len(refs):
        found.append("a bom-ref comes twice")
    for component in components:
        if not all(component.get(key) for key in ("type", "name", "version", "purl", "licenses")):
            found.append(f"{component['bom-ref']} is not complete")
    edges = {edge["ref"]: edge["dependsOn"] for edge in bom["dependencies"]}
    if sorted(edges) != sorted(refs):
        found.append("not every component is in the dependencies, once")
    reached: set[str] = set()
    pending = [program["bom-ref"]]
    while pending:
        if (ref := pending.pop()) not in reached:
            reached.add(ref)
            pending.extend(edges.get(ref, []))
    if reached != set(refs):
        found.append(f"reached by dependencies are {sorted(reached)}, listed are {sorted(refs)}")

    # What was resolved is written down a second time, by the package manager itself.
    listed = {
        (component["name"].lower(), component["version"], component["properties"][0]["value"])
        for component in bom["components"] if component["purl"].startswith("pkg:swift/")
    }
    pinned = {
        (Path(pin["location"].removesuffix(".git")).name.lower(), pin["state"]["version"], pin["state"]["revision"])
        for pin in json.loads(Path("Package.resolved").read_text())["pins"]
    }
    if listed != pinned:
        found.append(f"packages differ from Package.resolved: {sorted(listed ^ pinned)}")
    needed = re.findall(r"lib\S+\.so\S*", output("ldd", str(binary)))
    if any(name.startswith("libpq.so") for name in needed) != any(ref.startswith(LIBPQ) for ref in refs):
        found.append("libpq is linked and not listed, or the other way round")
    return found


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    binary, file = map(Path, arguments)
    if "--check" not in sys.argv:
        file.write_text(json.dumps(document(binary), indent=2, ensure_ascii=False) + "\n")
        return
    if found := mistakes(json.loads(file.read_text()), binary):
        sys.exit("\n".join(f"error: {file}: {mistake}" for mistake in found))


if __name__ == "__main__":
    main()
