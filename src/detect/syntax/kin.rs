//! What a file is by what stands in it, where its name does not say: a workflow that lies in any folder.

use bstr::{BStr, ByteSlice as _};

/// How much of a file is looked at.
const HEAD: usize = 64 << 10;

/// Returns a path by which rules know files of this kind, where the file's own path does not say it.
pub(crate) fn of(path: &BStr, text: &[u8]) -> Option<&'static BStr> {
    let ending = path.rsplit(|&byte| byte == b'.').next()?;
    let head = &text[..text.len().min(HEAD)];
    let is_yaml = matches!(ending, b"yml" | b"yaml");
    is_yaml.then(|| of_yaml(head)).flatten().map(BStr::new)
}

/// Tells by the keys at the left margin.
fn of_yaml(head: &[u8]) -> Option<&'static str> {
    let has = |key: &str| {
        head.lines().any(|line| {
            line.trim_start_with(|c| c == '"' || c == '\'')
                .strip_prefix(key.as_bytes())
                .is_some_and(|rest| {
                    rest.trim_start_with(|c| c == '"' || c == '\'')
                        .starts_with(b":")
                })
        })
    };
    if has("apiVersion") {
        None
    } else if has("jobs") && (has("on") || has("true")) {
        Some(".github/workflows/workflow.yml")
    } else if has("runs") && head.find(b"using:").is_some() {
        Some("action.yml")
    } else if has("services") && (head.find(b"image:").is_some() || head.find(b"build:").is_some())
    {
        Some("docker-compose.yml")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_at_the_margin_say_what_yaml_is() {
        for (path, text, alias) in [
            (
                "ci/build.yml",
                "on: push\njobs:\n  a: {}\n",
                Some(".github/workflows/workflow.yml"),
            ),
            (
                "x.yaml",
                "'on':\n  push:\njobs: {}\n",
                Some(".github/workflows/workflow.yml"),
            ),
            ("x.yaml", "runs:\n  using: composite\n", Some("action.yml")),
            (
                "stack/web.yml",
                "services:\n  a:\n    image: b\n",
                Some("docker-compose.yml"),
            ),
            ("x.yaml", "apiVersion: v1\nkind: X\njobs: 1\non: 2\n", None),
            ("x.yaml", "a:\n  jobs: 1\n  on: 2\n", None),
            ("a.json", "{\"kind\": 1}", None),
            ("a.py", "jobs:\non:\n", None),
        ] {
            assert_eq!(
                of(BStr::new(path), text.as_bytes()),
                alias.map(BStr::new),
                "{path} {text}"
            );
        }
    }
}
