//! What a record says of mending is tried on its own examples.

use bstr::BStr;

use super::*;
use crate::detect::make;
use crate::rule::{Example, Rules, fill};

fn engine() -> Engine {
    Engine::new(Rules::builtin())
}

/// Returns the text with the one fault of the rule mended, or why it is not.
fn mended(engine: &Engine, id: &str, path: &str, text: &str) -> Result<String, &'static str> {
    let rule = engine.rules().find(id).expect("a rule");
    let text = fill(text, &make);
    let path = BStr::new(path);
    let found = engine.scan(text.as_bytes(), &Regions::Whole, Some(path));
    let found = found
        .iter()
        .find(|found| found.rule == rule)
        .expect("the rule finds it");
    let key = match &found.what {
        crate::detect::What::Secret { key, .. } => key.clone(),
        crate::detect::What::Setting { key, .. } => Some(key.clone()),
        crate::detect::What::File => None,
    };
    let fault = Fault {
        rule,
        span: found.span,
        key: key.as_deref(),
    };
    let edits = engine.mend(text.as_bytes(), path, &fault)?;
    Ok(String::from_utf8(apply(text.as_bytes(), &edits)).expect("text"))
}

#[track_caller]
fn becomes(id: &str, path: &str, text: &str, wanted: &str) {
    assert_eq!(mended(&engine(), id, path, text).as_deref(), Ok(wanted));
}

#[test]
fn every_record_that_says_how_to_mend_does_so_for_its_own_examples() {
    let engine = engine();
    let mut failed = Vec::new();
    let mut tried = 0;
    for index in engine.rules().indexes() {
        let rule = engine.rules().get(index);
        if rule.mend.is_none() {
            continue;
        }
        let mut done = 0;
        for example in &rule.matches {
            let Example::File {
                path: Some(path),
                text,
                ..
            } = example
            else {
                continue;
            };
            tried += 1;
            match mended(&engine, &rule.id, path, text) {
                Ok(_) => done += 1,
                Err(why) => failed.push(format!("{} in {path}: {why}\n{text}", rule.id)),
            }
        }
        assert!(
            done > 0,
            "{} mends none of its examples: {failed:?}",
            rule.id
        );
    }
    assert!(
        tried > 40 && failed.len() * 4 <= tried,
        "{} of {tried}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn a_setting_reads_the_environment_and_what_it_needs_is_imported() {
    let id = "django-debug-true";
    let path = "a/settings.py";
    let read = "os.environ.get(\"DJANGO_DEBUG\") == \"1\"";
    for (text, head) in [
        ("{}DEBUG = True\n", "import os\n\n"),
        (
            "\"\"\"Doc.\"\"\"\n\n{}from pathlib import Path\n\nDEBUG = True  # x\n",
            "import os\n",
        ),
        (
            "from __future__ import annotations\n{}import sys\nDEBUG = True",
            "import os\n",
        ),
        (
            "#!/usr/bin/env python\n{}DEBUG: bool = True\n",
            "import os\n\n",
        ),
        ("import os.path\n{}DEBUG = True\n", ""),
        ("import sys, os\n{}DEBUG = 1\n", ""),
        ("{}import sys\r\nDEBUG = True\r\n", "import os\r\n"),
        ("\u{feff}{}DEBUG = True\n", "import os\n\n"),
    ] {
        let before = text.replace("{}", "");
        let wanted = text
            .replace("{}", head)
            .replace("True", read)
            .replace("= 1", &format!("= {read}"));
        becomes(id, path, &before, &wanted);
    }
}

#[test]
fn nothing_is_written_where_the_name_is_taken_or_the_file_is_broken() {
    let engine = engine();
    let refused = |text: &str| mended(&engine, "django-debug-true", "a/settings.py", text);
    assert_eq!(
        refused("from mine import os\nDEBUG = True\n"),
        Err("the name of the module that the fix needs is taken")
    );
    assert_eq!(refused("DEBUG = True\nx = (\n"), Err(BROKEN));
}

#[test]
fn an_argument_leaves_its_call_and_takes_one_comma_along() {
    for (call, wanted) in [
        ("f(u, verify=False)", "f(u)"),
        ("f(u, verify=False, timeout=3)", "f(u, timeout=3)"),
        ("f(verify=False, url=u)", "f(url=u)"),
        ("f(url=u,\n  verify=False)", "f(url=u)"),
        (
            "f(\n    u,\n    verify=False,  # self-signed\n    timeout=3,\n)",
            "f(\n    u,\n    timeout=3,\n)",
        ),
        ("f(\n    u,\n    verify=False\n)", "f(\n    u,\n)"),
        ("f(u, verify=False,)", "f(u,)"),
    ] {
        let text = |call: &str| {
            format!(
                "import requests\nr = {}\n",
                call.replace("f(", "requests.get(")
            )
        };
        becomes("py-tls-verify-false", "a.py", &text(call), &text(wanted));
    }
    becomes(
        "py-tls-verify-false",
        "a.py",
        "import requests\ns = requests.Session()\ns.verify = False\n",
        "import requests\ns = requests.Session()\ns.verify = True\n",
    );
    let odd = "import requests\nrequests.get((u), verify=False)\n";
    assert!(mended(&engine(), "py-tls-verify-false", "a.py", odd).is_err());
}

#[test]
fn a_package_takes_the_place_of_another_where_people_write_it() {
    let id = "dep-pycrypto";
    for (path, text, wanted) in [
        (
            "requirements.txt",
            "a==1\npycrypto==2.6.1\n",
            "a==1\npycryptodome>=3.20\n",
        ),
        (
            "requirements.txt",
            "PyCrypto  # why\n",
            "pycryptodome>=3.20  # why\n",
        ),
        (
            "requirements.txt",
            "pycrypto>=2.6,<3 ; os_name == 'nt'\n",
            "pycryptodome>=3.20 ; os_name == 'nt'\n",
        ),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"pycrypto>=2\", \"b\"]\n",
            "[project]\ndependencies = [\"pycryptodome>=3.20\", \"b\"]\n",
        ),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\npycrypto = \"^2.6\"\n",
            "[tool.poetry.dependencies]\npycryptodome = \">=3.20\"\n",
        ),
    ] {
        becomes(id, path, text, wanted);
    }
    let engine = engine();
    let hashed = "pycrypto==2.6.1 \\\n    --hash=sha256:00\n";
    assert_eq!(
        mended(&engine, id, "requirements.txt", hashed),
        Err("the version is pinned by its hash")
    );
    let both = "pycrypto\npycryptodome\n";
    assert!(mended(&engine, id, "requirements.txt", both).is_err());
}
