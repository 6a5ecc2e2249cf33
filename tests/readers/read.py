"""Loads the reports of a folder in real readers: tests/readers/run.sh calls it. Needs jsonschema, junitparser, sarif-tools.

The schema of GitLab's secret detection report is not carried here; give its file as GITLAB_SCHEMA to validate against it.
What it requires is asked for all the same.
"""

import csv
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import junitparser
from sarif import loader

folder = Path(sys.argv[1])
report = json.loads((folder / "json").read_text())
told = [finding for finding in report["findings"] if not finding["allowed"]]
assert len(told) >= 3, "the repository holds findings"


def text(name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


# sarif-tools reads it, and tells the same findings with their levels.
sarif = loader.load_sarif_file(str(folder / "sarif"))
records = sarif.get_records()
assert len(records) == len(told), (len(records), len(told))
levels = sorted({"block": "error", "warn": "warning"}[finding["level"]] for finding in told)
assert sorted(record["Severity"] for record in records) == levels
assert {unquote(record["Location"]) for record in records} >= {f["path"] for f in told if f["path"]}
print("sarif: sarif-tools reads", len(records), "results")

# JUnit.
suites = junitparser.JUnitXml.fromstring(text("junit").encode())
cases = [case for suite in suites for case in suite]
failures = [c for c in cases if any(isinstance(r, junitparser.Failure) for r in c.result)]
assert len(failures) == sum(f["level"] == "block" for f in told) or len(failures) == len(told)
assert suites.tests == len(cases) or sum(suite.tests for suite in suites) == len(cases)
print("junit: junitparser reads", len(cases), "cases,", len(failures), "failures")

# GitLab's report: its own schema where it is given, and what it requires.
gitlab = json.loads(text("gitlab"))
if os.environ.get("GITLAB_SCHEMA"):
    schema = json.loads(Path(os.environ["GITLAB_SCHEMA"]).read_text())
    jsonschema.Draft7Validator(schema).validate(gitlab)
    print("gitlab: valid against", schema["self"]["version"])
else:
    print("gitlab: the published schema is skipped: give its file as GITLAB_SCHEMA")
word = {"type": "string", "minLength": 1}
tool = {
    "type": "object",
    "required": ["id", "name", "version", "vendor"],
    "properties": {"id": word, "name": word, "version": word,
                   "vendor": {"required": ["name"], "properties": {"name": word}}},
}
time = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
identifier = {"type": "object", "required": ["type", "name", "value"],
              "properties": {"type": word, "name": word, "value": word}}
vulnerability = {
    "type": "object",
    "required": ["id", "identifiers", "location"],
    "properties": {
        "id": word,
        "name": {"type": "string", "maxLength": 255},
        "description": {"type": "string", "maxLength": 1048576},
        "solution": {"type": "string", "maxLength": 7000},
        "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
        "identifiers": {"type": "array", "minItems": 1, "items": identifier},
        "location": {
            "required": ["commit"],
            "properties": {
                "commit": {"required": ["sha"], "properties": {"sha": word}},
                "start_line": {"type": "integer", "minimum": 1},
                "end_line": {"type": "integer", "minimum": 1},
            },
        },
    },
}
jsonschema.Draft7Validator({
    "type": "object",
    "required": ["scan", "version", "vulnerabilities"],
    "properties": {
        "scan": {
            "type": "object",
            "required": ["analyzer", "end_time", "scanner", "start_time", "status", "type"],
            "properties": {"analyzer": tool, "scanner": tool, "start_time": time, "end_time": time,
                           "status": {"enum": ["success", "failure"]}, "type": {"enum": ["secret_detection"]}},
        },
        "version": {"pattern": r"^\d+\.\d+\.\d+$"},
        "vulnerabilities": {"type": "array", "items": vulnerability},
    },
}).validate(gitlab)
ids = [vulnerability["id"] for vulnerability in gitlab["vulnerabilities"]]
assert len(set(ids)) == len(ids) > 0
print("gitlab:", len(ids), "vulnerabilities with all that is required")

# Code quality.
quality = json.loads(text("codequality"))
jsonschema.Draft7Validator({
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": word, "check_name": word, "fingerprint": word,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {"required": ["path", "lines"], "properties": {
                "path": word, "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}}},
        },
    },
}).validate(quality)
prints = [issue["fingerprint"] for issue in quality]
assert len(set(prints)) == len(prints) > 0
print("codequality:", len(quality), "issues")

# GitHub's commands: one a line, properties and message escaped.
commands = [line for line in text("github").splitlines() if re.match(r"::(error|warning|notice)", line)]
assert commands
for line in commands:
    properties, message = re.fullmatch(r"::(?:error|warning|notice)(?: ([^:]*(?:%3A[^:]*)*))?::(.+)", line).groups()
    for one in (properties or "").split(","):
        assert not one or re.fullmatch(r"(file|line|endLine|col|endColumn|title)=[^\r\n:,]*", one), one
    assert not re.search(r"%(?!25|0D|0A)", message), message
print("github:", len(commands), "commands")

# Azure's commands.
commands = [line for line in text("azure").splitlines() if line.startswith("##vso")]
grammar = r"##vso\[task\.logissue (?:(?:type|sourcepath|linenumber|columnnumber|code)=[^;\]\r\n]*;)+\].+"
assert commands and all(re.fullmatch(grammar, line) for line in commands)
print("azure:", len(commands), "commands")

# Bitbucket.
insight = json.loads(text("bitbucket"))
assert insight["report_type"] == "SECURITY" and insight["result"] in ("PASSED", "FAILED") and len(insight["data"]) <= 10
annotations = json.loads(text("bitbucket-annotations"))
assert 0 < len(annotations) <= 100
assert len({a["external_id"] for a in annotations}) == len(annotations)
for annotation in annotations:
    assert annotation["annotation_type"] in ("VULNERABILITY", "CODE_SMELL", "BUG")
    assert annotation["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL")
    assert len(annotation["summary"]) <= 450 and len(annotation.get("details", "")) <= 2000
print("bitbucket:", len(annotations), "annotations")

# CSV and JSON lines.
rows = list(csv.DictReader(text("csv").splitlines()))
assert len(rows) == len(report["findings"]) and all(None not in row for row in rows)
lines = [json.loads(line) for line in text("jsonl").splitlines()]
assert sum(line["type"] == "finding" for line in lines) == len(report["findings"])
assert lines[-1]["type"] == "summary"
print("csv, jsonl:", len(rows), "findings each")
