//! Each format, held against what its readers ask for.

use std::collections::HashSet;

use serde_json::Value;

use crate::repo::Repo;

/// A repository on a branch with findings of each kind, in names that are hard to write.
fn planted() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    repo.write(
        "sp ace,co:lon%.env",
        "X=1\nTOKEN={{github:ghp_}}\nTOKEN={{github:ghp_}}\n",
    )
    .stage();
    repo.write("shop/settings.py", "from os import environ\nDEBUG = True\n")
        .stage();
    repo.write("<&\"|`]]>.env", "K={{github:gho_}}\n").stage();
    repo.commit("findings");
    repo.git([
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        &crate::repo::filled("T {{github:ghp_}}"),
    ])
    .ok();
    repo
}

fn ci(repo: &Repo, format: &str) -> String {
    repo.guard(["ci", "--base", "main", "--format", format])
        .ends(1)
        .stdout
        .clone()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {value}"))
}

#[test]
fn sarif_has_what_code_scanning_asks_for_and_no_line_of_a_file() {
    let text = ci(&planted(), "sarif");
    assert!(!text.contains("snippet") && !text.contains("contextRegion"));
    let log = json(&text);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = list(&run["tool"]["driver"]["rules"]);
    let ids: HashSet<&str> = rules
        .iter()
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    assert_eq!(ids.len(), rules.len(), "each rule once");
    for rule in rules {
        for pointer in [
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/help/markdown",
        ] {
            let text = rule
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default();
            assert!(!text.is_empty(), "{pointer} of {rule}");
        }
        let severity = rule["properties"]["security-severity"]
            .as_str()
            .expect("a string");
        let severity: f32 = severity.parse().expect("a number");
        assert!(severity > 0.0 && severity <= 10.0);
    }
    let results = list(&run["results"]);
    assert_eq!(results.len(), 5, "{text}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a path");
        assert!(
            uri.bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"<>\"|`:, ".contains(&byte)),
            "{uri}"
        );
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][key].as_u64().expect("a number") > 0);
        }
    }
    let lines: Vec<&Value> = results
        .iter()
        .filter(|result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                == "sp%20ace%2Cco%3Alon%25.env"
        })
        .map(|result| &result["partialFingerprints"]["primaryLocationLineHash"])
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines
            .iter()
            .all(|hash| hash.as_str().is_some_and(|hash| hash.ends_with(":1")))
    );
}

#[test]
fn a_value_that_a_person_chose_is_near_no_line_hash() {
    let repo = Repo::new();
    repo.write(
        "shop/settings.py",
        "from os import environ\nDEBUG = True\nDATABASE_PASSWORD = '{{alnum:16}}'\n",
    )
    .stage();
    let log = json(&repo.guard(["staged", "--format", "sarif"]).ends(1).stdout);
    let results = list(&log["runs"][0]["results"]);
    assert!(results.len() >= 2, "{log:#}");
    for result in results {
        assert_eq!(
            result["partialFingerprints"]["primaryLocationLineHash"],
            Value::Null,
            "{result}"
        );
    }
}

#[test]
fn github_takes_each_command_as_one_line_and_no_text_of_the_repository_as_a_command() {
    let mut repo = planted();
    let summary = repo.room().join("summary.md");
    repo.set("GITHUB_ACTIONS", "true")
        .set("GITHUB_STEP_SUMMARY", &summary);
    let output = repo.guard(["ci", "--base", "main"]).ends(1);
    let lines: Vec<&str> = output.stdout.lines().collect();
    let word = lines[0]
        .strip_prefix("::stop-commands::")
        .expect("repository text is guarded");
    let end = lines
        .iter()
        .position(|line| *line == format!("::{word}::"))
        .expect("and it ends");
    let commands = &lines[end + 1..];
    assert_eq!(commands.len(), 5, "{}", *output);
    assert!(
        commands.iter().all(|line| line.starts_with("::error ")),
        "{}",
        *output
    );
    assert!(
        output
            .stdout
            .contains("file=sp ace%2Cco%3Alon%25.env,line=2,endLine=2,col=7,"),
        "{}",
        *output
    );
    assert!(!output.stdout.contains("add-mask"));
    let table = fs_err::read_to_string(summary).unwrap();
    assert!(
        table.contains("5 blocking") && table.contains("| error | github&#45;pat |")
            || table.contains("| error | github-pat |"),
        "{table}"
    );
    assert!(!table.contains('<') && !table.contains('`'), "{table}");
}

#[test]
fn a_hook_speaks_to_a_person_in_any_surroundings() {
    let mut repo = Repo::new();
    repo.set("GITHUB_ACTIONS", "true");
    repo.write("app.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.guard(["staged"])
        .ends(1)
        .says("error[github-pat]")
        .never_says("::error");
}

#[test]
fn gitlab_takes_the_report_of_schema_15_2_1() {
    let repo = planted();
    let report = json(&ci(&repo, "gitlab"));
    assert_eq!(report["version"], "15.2.1");
    let scan = &report["scan"];
    assert_eq!(scan["type"], "secret_detection");
    assert_eq!(scan["status"], "success");
    let time =
        regex::Regex::new(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$").unwrap();
    for key in ["start_time", "end_time"] {
        assert!(time.is_match(scan[key].as_str().expect("a time")));
    }
    for part in ["analyzer", "scanner"] {
        for key in ["/id", "/name", "/version", "/vendor/name"] {
            let text = scan[part]
                .pointer(key)
                .and_then(Value::as_str)
                .unwrap_or_default();
            assert!(!text.is_empty(), "{part}{key}");
        }
    }
    let found = list(&report["vulnerabilities"]);
    assert_eq!(found.len(), 5);
    let ids: HashSet<&str> = found.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids.len(), 5, "each has its own id");
    for row in found {
        assert!(
            ["Critical", "High", "Medium", "Low"]
                .contains(&row["severity"].as_str().expect("a word"))
        );
        for key in ["type", "name", "value"] {
            assert!(row["identifiers"][0][key].is_string());
        }
        assert_eq!(
            row["location"]["commit"]["sha"].as_str().map(str::len),
            Some(40)
        );
        assert!(row["location"]["start_line"].as_u64() >= Some(1));
        assert!(row.get("raw_source_code_extract").is_none());
    }
}

#[test]
fn code_quality_is_a_list_whose_fingerprints_are_unique() {
    let text = ci(&planted(), "codequality");
    assert!(text.starts_with('['), "no byte order mark");
    let report = json(&text);
    let prints: HashSet<&str> = list(&report)
        .iter()
        .map(|row| {
            let severity = row["severity"].as_str().expect("a word");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
            assert!(row["location"]["path"].is_string());
            assert!(row["location"]["lines"]["begin"].as_u64() >= Some(1));
            assert!(
                row["description"]
                    .as_str()
                    .expect("text")
                    .starts_with(row["check_name"].as_str().unwrap())
            );
            row["fingerprint"].as_str().expect("a string")
        })
        .collect();
    assert_eq!(prints.len(), 5);
}

#[test]
fn azure_gets_one_command_a_finding() {
    let mut repo = planted();
    repo.set("TF_BUILD", "True");
    let output = repo.guard(["ci", "--base", "main"]).ends(1);
    let issues: Vec<&str> = output
        .stdout
        .lines()
        .filter(|line| line.starts_with("##vso[task.logissue type=error;"))
        .collect();
    assert_eq!(issues.len(), 5, "{}", *output);
    assert!(
        output
            .stdout
            .contains("sourcepath=<&\"|`%5D%5D>.env;linenumber=1;columnnumber=3;code="),
        "{}",
        *output
    );
    assert!(
        output
            .stdout
            .contains("sourcepath=sp ace,co:lon%AZP25.env;"),
        "{}",
        *output
    );
}

#[test]
fn bitbucket_gets_a_report_and_annotations() {
    let repo = planted();
    let report = json(&ci(&repo, "bitbucket"));
    assert_eq!(report["result"], "FAILED");
    assert_eq!(report["report_type"], "SECURITY");
    let annotations = json(&ci(&repo, "bitbucket-annotations"));
    let annotations = list(&annotations);
    let ids: HashSet<&str> = annotations
        .iter()
        .filter_map(|row| row["external_id"].as_str())
        .collect();
    assert_eq!(ids.len(), 5);
    for row in annotations {
        assert_eq!(row["annotation_type"], "VULNERABILITY");
        assert!(
            row["summary"]
                .as_str()
                .is_some_and(|text| text.chars().count() <= 450)
        );
    }
}

#[test]
fn junit_is_read_by_a_parser_and_a_clean_run_has_a_case_that_passes() {
    let repo = planted();
    let text = ci(&repo, "junit");
    let document =
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let root = document.root_element();
    assert_eq!(
        (root.tag_name().name(), root.attribute("failures")),
        ("testsuites", Some("5"))
    );
    let mut tests = 0;
    for suite in root.children().filter(roxmltree::Node::is_element) {
        let cases = suite.children().filter(roxmltree::Node::is_element).count();
        assert_eq!(suite.attribute("tests"), Some(&*cases.to_string()));
        tests += cases;
    }
    assert_eq!(tests, 5);
    assert!(
        document
            .descendants()
            .any(|node| node.attribute("name") == Some("<&\"|`]]>.env"))
    );
    repo.git(["checkout", "-q", "-b", "clean", "main"]).ok();
    repo.write("b.txt", "b\n").stage();
    repo.commit("clean");
    let text = repo
        .guard(["ci", "--base", "main", "--format", "junit"])
        .ok()
        .stdout
        .clone();
    let document = roxmltree::Document::parse(&text).expect("XML");
    assert_eq!(document.root_element().attribute("tests"), Some("1"));
    assert_eq!(
        document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
            .count(),
        1
    );
}

#[test]
fn csv_has_as_many_fields_in_each_row_and_no_formula() {
    let repo = Repo::new();
    repo.write("=1+1,\"x\".env", "TOKEN={{github:ghp_}}\n")
        .stage();
    let text = repo
        .guard(["staged", "--format", "csv"])
        .ends(1)
        .stdout
        .clone();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(rows.len(), 3, "{text}");
    assert!(rows[0].starts_with("id,rule,level,severity,path,line,column"));
    assert!(rows[1].contains(",\"'=1+1,\"\"x\"\".env\",1,7,"), "{text}");
}

#[test]
fn json_lines_hold_the_same_and_end_with_the_summary() {
    let repo = planted();
    let whole = json(&ci(&repo, "json"));
    let lines: Vec<Value> = ci(&repo, "jsonl").lines().map(json).collect();
    let findings: Vec<&Value> = lines
        .iter()
        .filter(|line| line["type"] == "finding")
        .collect();
    assert_eq!(findings.len(), list(&whole["findings"]).len());
    assert_eq!(findings[0]["id"], whole["findings"][0]["id"]);
    let last = lines.last().expect("a line");
    assert_eq!(
        (&last["type"], &last["version"]),
        (&Value::from("summary"), &Value::from(1))
    );
}

#[test]
fn the_screen_and_several_files_are_written_in_one_run() {
    let repo = planted();
    let output = repo
        .guard([
            "ci",
            "--base",
            "main",
            "-q",
            "--output",
            "sarif:g.sarif",
            "--output",
            "junit:g.xml",
        ])
        .ends(1);
    assert!(
        output.stdout.starts_with("guard: 5 blocking"),
        "{}",
        *output
    );
    assert_eq!(json(&repo.read("g.sarif"))["version"], "2.1.0");
    assert!(repo.read("g.xml").starts_with("<?xml"));
    let output = repo
        .guard(["ci", "--base", "main", "--output", "json:-"])
        .ends(1);
    assert_eq!(json(&output.stdout)["version"], 1);
    repo.guard(["ci", "--base", "main", "--output", "json:no/such/folder"])
        .ends(2)
        .says("writing no/such/folder");
    repo.guard(["ci", "--base", "main", "--output", "xml"])
        .ends(2)
        .says("FORMAT:PATH");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf_8_has_its_bytes_beside_it() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::new();
    let text = crate::repo::filled("TOKEN={{github:ghp_}}\n");
    for name in [&b"b\xff.env"[..], b"b\\xff.env"] {
        repo.write_bytes(std::ffi::OsStr::from_bytes(name), text.as_bytes())
            .stage();
    }
    let report = json(&repo.guard(["staged", "--format", "json"]).ends(1).stdout);
    let findings = list(&report["findings"]);
    assert_eq!(findings.len(), 2, "{report:#}");
    assert_eq!(findings[0]["path"], findings[1]["path"]);
    let bytes: Vec<&Value> = findings.iter().map(|row| &row["path_base64"]).collect();
    let encoded = data_encoding::BASE64.encode(b"b\xff.env");
    assert!(
        bytes.contains(&&Value::Null) && bytes.contains(&&Value::from(encoded)),
        "{report:#}"
    );
    let sarif = repo.guard(["staged", "--format", "sarif"]).ends(1);
    assert!(sarif.stdout.contains("\"b%FF.env\"") && sarif.stdout.contains("\"b%5Cxff.env\""));
}
