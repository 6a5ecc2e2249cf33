//! Comments of other tools: what each tool's own comment passes over, and where it must stand.
//!
//! A comment that names checks of its tool passes over what those checks are about, and nothing else. Numbers of
//! Bandit and of ruff's S rules are the same; names of the others are those of their documentation.

use bstr::ByteSlice as _;

use crate::span::{Span, line_end_within, line_start_within};

/// No comment is longer than this; a minified line is.
const BOUND: usize = 500;
/// How far around a finding a block is looked for.
const BLOCK: usize = 16 << 10;
/// How many lines a statement is followed back to where it opens.
const LINES: usize = 12;

/// Where a comment must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// On a line of the statement.
    Beside,
    /// Alone on the line above.
    Above,
    /// Either.
    BesideOrAbove,
    /// Anywhere in the block around: the resource, the object, the file of an image.
    Within,
}

/// A tool's comment.
struct Comment {
    word: &'static str,
    stands: Stands,
    /// Begins the ids of the rules that it can be about.
    about: &'static [&'static str],
    /// The list of what the names behind the word mean; without one any name will do.
    names: Option<&'static str>,
}

/// See the head of the file for its form.
static NAMES: &str = include_str!("../../patterns/data/other-tools.txt");

/// Returns the names of a list, each with how the ids of our rules begin.
fn names_of(list: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let head = format!("\n[{list}]\n");
    let rest = NAMES.find(&head).map_or("", |at| &NAMES[at + head.len()..]);
    rest.lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(' '))
}

const PYTHON: &[&str] = &[
    "py-",
    "flask-",
    "django-",
    "fastapi-",
    "werkzeug-",
    "tornado-",
    "bottle-",
    "setup-py",
    "pip-install",
    "drf-",
    "jupyter-",
];
const CODE: &[&str] = &[
    "js-", "node-", "express-", "java-", "spring-", "php-", "laravel-", "csharp-", "aspnet-",
    "go-", "gin-", "ruby-", "rails-", "rust-", "py-", "flask-", "django-", "docker-", "k8s-",
    "tf-",
];
const CLOUD: &[&str] = &[
    "tf-", "k8s-", "docker-", "compose-", "eol-", "gha-", "ansible-", "apt-", "curl-", "pip-",
    "npm-", "git-", "node-", "py-ssl",
];
const ANY: &[&str] = &[""];

const COMMENTS: &[Comment] = &[
    Comment {
        word: "nosec",
        stands: Stands::Beside,
        about: ANY,
        names: Some("bandit"),
    },
    Comment {
        word: "noqa: S",
        stands: Stands::Beside,
        about: PYTHON,
        names: Some("bandit"),
    },
    Comment {
        word: "noqa:S",
        stands: Stands::Beside,
        about: PYTHON,
        names: Some("bandit"),
    },
    Comment {
        word: "nosemgrep",
        stands: Stands::BesideOrAbove,
        about: ANY,
        names: None,
    },
    Comment {
        word: "nosem",
        stands: Stands::BesideOrAbove,
        about: ANY,
        names: None,
    },
    Comment {
        word: "NOSONAR",
        stands: Stands::Beside,
        about: CODE,
        names: None,
    },
    Comment {
        word: "nolint:gosec",
        stands: Stands::BesideOrAbove,
        about: &["go-", "gin-"],
        names: None,
    },
    Comment {
        word: "zizmor: ignore[",
        stands: Stands::Beside,
        about: &["gha-", "docker-latest", "curl-"],
        names: Some("zizmor"),
    },
    Comment {
        word: "checkov:skip=",
        stands: Stands::Within,
        about: CLOUD,
        names: Some("checkov"),
    },
    Comment {
        word: "checkov.io/skip",
        stands: Stands::Within,
        about: &["k8s-", "docker-"],
        names: Some("checkov"),
    },
    Comment {
        word: "ignore-check.kube-linter.io/",
        stands: Stands::Within,
        about: &["k8s-", "docker-"],
        names: Some("kube-linter"),
    },
    Comment {
        word: "hadolint ignore=",
        stands: Stands::Above,
        about: &["docker-", "pip-", "curl-", "apt-"],
        names: Some("hadolint"),
    },
    Comment {
        word: "tfsec:ignore:",
        stands: Stands::BesideOrAbove,
        about: &["tf-", "eol-"],
        names: None,
    },
    Comment {
        word: "trivy:ignore:",
        stands: Stands::BesideOrAbove,
        about: CLOUD,
        names: None,
    },
    Comment {
        word: "kics-scan ignore-line",
        stands: Stands::Above,
        about: ANY,
        names: None,
    },
    Comment {
        word: "kics-scan ignore-block",
        stands: Stands::Above,
        about: ANY,
        names: None,
    },
    Comment {
        word: "eslint-disable-next-line",
        stands: Stands::Above,
        about: &["js-", "node-", "express-"],
        names: Some("eslint"),
    },
    Comment {
        word: "eslint-disable-line",
        stands: Stands::Beside,
        about: &["js-", "node-", "express-"],
        names: Some("eslint"),
    },
    Comment {
        word: "rubocop:disable",
        stands: Stands::BesideOrAbove,
        about: &["ruby-", "rails-"],
        names: Some("rubocop"),
    },
];

/// Returns the word of the comment that is called so.
pub(super) fn known(word: &str) -> Option<&'static str> {
    let mut words = COMMENTS.iter().map(|comment| comment.word);
    words.find(|known| *known == word)
}

/// Returns the word of the comment by which another tool passes over a finding of that rule.
pub(super) fn comment(bytes: &[u8], span: Span, rule_id: &str) -> Option<&'static str> {
    let beside = beside(bytes, span);
    let above = above(bytes, span);
    let holds = |comment: &&Comment| {
        let is = |lines: &[&[u8]]| lines.iter().any(|line| passes(line, comment, rule_id));
        let about = comment.about.iter().any(|front| rule_id.starts_with(front));
        about
            && match comment.stands {
                Stands::Beside => is(&beside),
                Stands::Above => is(above.as_slice()),
                Stands::BesideOrAbove => is(&beside) || is(above.as_slice()),
                // Few files hold the word at all: lines are told apart where one does.
                Stands::Within => {
                    reach(bytes, span).of(bytes).contains_str(comment.word)
                        && block(bytes, span)
                            .lines()
                            .any(|line| passes(line, comment, rule_id))
                }
            }
    };
    COMMENTS.iter().find(holds).map(|comment| comment.word)
}

/// Tells whether a line holds the comment, outside of quotes, with a name that means the rule.
fn passes(line: &[u8], comment: &Comment, rule_id: &str) -> bool {
    let Some(at) = line.find(comment.word) else {
        return false;
    };
    // Inside of quotes it is no comment.
    let mark = line[..at].rfind_byteset(b"#/").unwrap_or(at);
    let is_open = |quote: u8| memchr::memchr_iter(quote, &line[..mark]).count() % 2 == 1;
    if is_open(b'"') || is_open(b'\'') {
        return false;
    }
    let Some(names) = comment.names else {
        return true;
    };
    let rest = line[at + comment.word.len()..].to_str_lossy();
    let rest = rest.split(" -- ").next().unwrap_or_default();
    let mut named = rest
        .split([',', ' ', ']', ';', ':', '='])
        .map(|name| name.trim_matches(['"', '\'', '(', ')', '#', '/', '*']))
        .filter(|name| is_name(comment.word, name))
        .peekable();
    // A bare word passes over everything.
    named.peek().is_none() && !comment.word.ends_with(['=', '[', 'S', '/', 'p'])
        || named.any(|name| {
            let number = name.trim_start_matches(['B', 'S']);
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            let name = if is_number { number } else { name };
            let whole = comment.word.ends_with("ignore=") || comment.word.contains("checkov");
            names_of(names).any(|(known, rules)| {
                let is_it = if whole || known.len() == 3 {
                    name == known
                } else {
                    name.starts_with(known)
                };
                is_it && rules.split(' ').any(|rule| rule_id.starts_with(rule))
            })
        })
}

/// Tells whether a word behind a comment's word is the name of a check, and no reason.
fn is_name(word: &str, name: &str) -> bool {
    let has_digit = name.bytes().any(|byte| byte.is_ascii_digit());
    match word {
        "nosec" => has_digit && name.len() <= 5 && name.starts_with(['B', 'G']),
        "noqa: S" | "noqa:S" => {
            has_digit && name.len() <= 5 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        "hadolint ignore=" | "checkov:skip=" | "checkov.io/skip" => has_digit && name.len() > 3,
        _ => !name.is_empty(),
    }
}

/// Returns what stands around a finding on its own lines, and on the line that opens its statement and the one that
/// closes it.
fn beside(bytes: &[u8], span: Span) -> Vec<&[u8]> {
    let start = line_start_within(bytes, span.start, BOUND);
    let end = line_end_within(bytes, span.end.max(span.start), BOUND);
    // Only what stands around the value counts: a value cannot accept itself.
    let after = &bytes[span.end.min(end)..end];
    // The quote that ends the value is none that opens a text.
    let after = after
        .strip_prefix(b"\"")
        .or_else(|| after.strip_prefix(b"'"))
        .unwrap_or(after);
    let mut lines = vec![&bytes[start..span.start], after];
    let first_end = line_end_within(bytes, span.start, BOUND);
    if first_end < span.end {
        lines.push(&bytes[span.start..first_end]);
    }
    let indent = |line: &[u8]| {
        line.iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count()
    };
    let own = indent(&bytes[start..end]);
    let mut at = start;
    for _ in 0..LINES {
        let Some(before) = at.checked_sub(1) else {
            break;
        };
        at = line_start_within(bytes, before, BOUND);
        let line = &bytes[at..before];
        if !line.trim_ascii().is_empty() && indent(line) < own {
            let code = line.split(|&byte| byte == b'#').next().unwrap_or_default();
            let last = code.trim_ascii_end().last();
            if last.is_some_and(|last| b"([{|>".contains(last)) {
                lines.push(line);
            }
            break;
        }
    }
    let mut at = end;
    for _ in 0..LINES {
        let from = at + 1;
        if from >= bytes.len() {
            break;
        }
        at = line_end_within(bytes, from, BOUND);
        let line = &bytes[from.min(at)..at];
        if indent(line) < own {
            if line.trim_ascii_start().starts_with(b")") {
                lines.push(line);
            }
            break;
        }
    }
    lines
}

/// Returns the line above, where it is a comment alone.
fn above(bytes: &[u8], span: Span) -> Option<&[u8]> {
    let start = line_start_within(bytes, span.start, BOUND);
    let newline = start.checked_sub(1).filter(|&at| bytes[at] == b'\n')?;
    let line = &bytes[line_start_within(bytes, newline, BOUND)..newline];
    super::inline::is_comment_alone(line).then_some(line)
}

/// Returns how far a block may reach around a finding.
fn reach(bytes: &[u8], span: Span) -> Span {
    Span::new(
        span.start.saturating_sub(BLOCK),
        (span.end + BLOCK).min(bytes.len()),
    )
}

/// Returns the block that a finding stands in: from a line at the left margin to the next one that closes it; of a
/// Dockerfile, where all lines stand there, what is near.
fn block(bytes: &[u8], span: Span) -> &[u8] {
    let Span {
        start: from,
        end: to,
    } = reach(bytes, span);
    let front = &bytes[from..span.start];
    let opens = [
        "\nresource ",
        "\ndata ",
        "\nmodule ",
        "\nprovider ",
        "\n---",
        "\nvariable ",
    ];
    let start = opens.iter().filter_map(|mark| front.rfind(mark)).max();
    let back = &bytes[span.end..to];
    let closes = ["\n}", "\n---"];
    let end = closes.iter().filter_map(|mark| back.find(mark)).min();
    &bytes[start.map_or(from, |at| from + at)..end.map_or(to, |at| span.end + at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, value: &str, rule: &str) -> Option<&'static str> {
        let start = text.find(value).expect("the value is in the text");
        comment(text.as_bytes(), Span::new(start, start + value.len()), rule)
    }

    #[test]
    fn a_bandit_comment_passes_over_what_it_names_on_any_line_of_the_statement() {
        let rule = "py-tls-verify-false";
        for (text, passes) in [
            ("requests.get(u, verify=VALUE)  # nosec\n", true),
            ("requests.get(u, verify=VALUE)  # nosec B501\n", true),
            (
                "requests.get(u, verify=VALUE)  # nosec B113, B501 - own host\n",
                true,
            ),
            (
                "requests.get(u, verify=VALUE)  # nosec: checked by 2 people\n",
                true,
            ),
            ("requests.get(u, verify=VALUE)  # nosec B113\n", false),
            ("requests.get(u, verify=VALUE)  # noqa: S501\n", true),
            ("requests.get(u, verify=VALUE)  # noqa: S113,S501\n", true),
            ("requests.get(u, verify=VALUE)  # noqa: S113\n", false),
            ("requests.get(u, verify=VALUE)  # noqa: E501\n", false),
            (
                "requests.get(  # nosec\n    u,\n    verify=VALUE,\n)\n",
                true,
            ),
            (
                "requests.get(\n    u,\n    verify=VALUE,\n)  # nosec\n",
                true,
            ),
            ("requests.get('#nosec', verify=VALUE)\n", false),
            ("x = 1  # nosec\nrequests.get(u, verify=VALUE)\n", false),
        ] {
            assert_eq!(said(text, "VALUE", rule).is_some(), passes, "{text}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn each_tool_has_its_place_and_its_names() {
        for (text, rule, passes) in [
            (
                "# hadolint ignore=DL3006\nFROM VALUE\n",
                "docker-latest-tag",
                true,
            ),
            (
                "# hadolint ignore=DL3008,DL3007\nFROM VALUE\n",
                "docker-latest-tag",
                true,
            ),
            (
                "# hadolint ignore=DL3008\nFROM VALUE\n",
                "docker-latest-tag",
                false,
            ),
            (
                "FROM VALUE # hadolint ignore=DL3006\n",
                "docker-latest-tag",
                false,
            ),
            (
                "  - uses: VALUE # zizmor: ignore[unpinned-uses]\n",
                "gha-unpinned-action",
                true,
            ),
            (
                "  - run: | # zizmor: ignore[template-injection]\n      echo \"VALUE\"\n",
                "gha-script-injection",
                true,
            ),
            (
                "  - uses: VALUE # zizmor: ignore[artipacked]\n",
                "gha-unpinned-action",
                false,
            ),
            (
                "resource \"a\" \"b\" {\n  #checkov:skip=CKV_AWS_20:a site\n  acl = VALUE\n}\n",
                "tf-s3-public-acl",
                true,
            ),
            (
                "resource \"a\" \"b\" {\n  #checkov:skip=CKV_AWS_21:a site\n  acl = VALUE\n}\n",
                "tf-s3-public-acl",
                false,
            ),
            (
                "resource \"a\" \"c\" {\n  #checkov:skip=CKV_AWS_20:a site\n}\nresource \"a\" \"b\" {\n  acl = VALUE\n}\n",
                "tf-s3-public-acl",
                false,
            ),
            (
                "  # tfsec:ignore:aws-s3-no-public-access-with-acl\n  acl = VALUE\n",
                "tf-s3-public-acl",
                true,
            ),
            (
                "  acl = \"VALUE\" #trivy:ignore:AVD-AWS-0092\n",
                "tf-s3-public-acl",
                true,
            ),
            (
                "cur.execute(VALUE) # nosemgrep: x.y\n",
                "py-sql-string-format",
                true,
            ),
            (
                "# nosemgrep\ncur.execute(VALUE)\n",
                "py-sql-string-format",
                true,
            ),
            (
                "// eslint-disable-next-line\na(VALUE)\n",
                "js-sql-template",
                true,
            ),
            (
                "// eslint-disable-next-line security/detect-x -- why\na(VALUE)\n",
                "js-sql-template",
                true,
            ),
            (
                "// eslint-disable-next-line no-unused-vars\na(VALUE)\n",
                "js-sql-template",
                false,
            ),
            (
                "# kics-scan ignore-line\nprivileged: VALUE\n",
                "compose-privileged",
                true,
            ),
            ("x.f(VALUE); // NOSONAR\n", "java-weak-cipher", true),
            (
                "http.verify = VALUE # rubocop:disable Security/X\n",
                "ruby-ssl-verify-none",
                true,
            ),
            (
                "http.verify = VALUE # rubocop:disable Style/X\n",
                "ruby-ssl-verify-none",
                false,
            ),
            (
                "c.Insecure = VALUE // #nosec G402\n",
                "go-insecure-skip-verify",
                true,
            ),
            (
                "c.Insecure = VALUE // #nosec G104\n",
                "go-insecure-skip-verify",
                false,
            ),
            (
                "metadata:\n  annotations:\n    ignore-check.kube-linter.io/privileged-container: x\nspec:\n  privileged: VALUE\n",
                "k8s-privileged",
                true,
            ),
            (
                "metadata:\n  annotations:\n    checkov.io/skip1: CKV_K8S_16=needed\nspec:\n  privileged: VALUE\n",
                "k8s-privileged",
                true,
            ),
        ] {
            assert_eq!(said(text, "VALUE", rule).is_some(), passes, "{text}");
        }
    }
}
