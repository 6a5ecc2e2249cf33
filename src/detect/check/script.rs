//! Scripts: commands whose parts must be looked at together.

use super::Context;
use super::host::{host_of, is_local};
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Reports pipelines that run what they download. The rule for plain `http://` and the one for all others share
/// this function: which of them is told by the rule's pattern, and no pipeline is reported by both.
pub(crate) fn download_pipe(context: &Context<'_>, matches: &mut Vec<Match>) {
    let plain_rule = context.rule.id.contains("http");
    if !plain_rule {
        powershell(context, matches);
    }
    for entry in context.named() {
        let mut parts = entry.value.split(" | ");
        let Some(download) = parts.find(|part| downloads(part)) else {
            continue;
        };
        let Some(url) = download.split(' ').find(|word| word.contains("://")) else {
            if !plain_rule && parts.any(runs_stdin) {
                matches.push(context.report(entry));
            }
            continue;
        };
        let is_plain = url.starts_with("http://");
        let local = is_local(host_of(url));
        if is_plain == plain_rule && !(is_plain && local) && parts.any(runs_stdin) {
            matches.push(context.report(entry));
        }
    }
}

/// Reports scripts of `PowerShell` that are fetched as a text and run: `iex (….DownloadString('…'))`.
fn powershell(context: &Context<'_>, matches: &mut Vec<Match>) {
    let text = context.text.bytes;
    for at in memchr::memmem::find_iter(text, b".DownloadString(").take(64) {
        let start = crate::span::line_start(text, at).max(at.saturating_sub(400));
        let end = crate::span::line_end(text, at).min(at + 400);
        let line = text[start..end].to_ascii_lowercase();
        let runs = line
            .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')
            .any(|word| matches!(word, b"iex" | b"invoke-expression"));
        if runs && !line.trim_ascii_start().starts_with(b"#") {
            let first = start + line.iter().take_while(|b| b.is_ascii_whitespace()).count();
            matches.push(context.report_text(first, end));
        }
    }
}

fn downloads(part: &str) -> bool {
    let mut words = part
        .split(' ')
        .map(|word| word.rsplit('/').next().unwrap_or(word));
    words.by_ref().take(3).any(|word| {
        matches!(
            word,
            "curl" | "wget" | "fetch" | "iwr" | "irm" | "Invoke-WebRequest" | "Invoke-RestMethod"
        )
    })
}

/// Tells whether a command runs its input: `sudo -E bash -s -- x` does, `python -m json.tool` and
/// `bash file.sh` do not.
fn runs_stdin(part: &str) -> bool {
    let mut words = part
        .split(' ')
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .skip_while(|word| {
            matches!(*word, "sudo" | "env" | "exec" | "doas" | "command")
                || word.starts_with('-')
                || word.contains('=')
        });
    let Some(name) = words.next() else {
        return false;
    };
    let first = words.find(|word| {
        !matches!(
            *word,
            "-e" | "-x" | "-u" | "-ex" | "-eux" | "-l" | "-euo" | "pipefail" | "-o"
        )
    });
    match name {
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" => first.is_none_or(|word| {
            matches!(word, "-s" | "-" | "--" | "stdin" | "-es" | "-xs" | "-exs")
                || word.starts_with("-s")
        }),
        "eval" | "source" | "." | "iex" | "Invoke-Expression" => true,
        "php" | "ruby" | "perl" | "node" | "deno" => {
            first.is_none_or(|word| matches!(word, "-" | "--"))
        }
        _ => name.starts_with("python") && first.is_none_or(|word| word == "-"),
    }
}

/// Reports that git is told not to check certificates, by a setting, a variable or a command.
pub(crate) fn git_verify(context: &Context<'_>, matches: &mut Vec<Match>) {
    let off = |entry: &&Entry| {
        let value = entry.value.to_ascii_lowercase();
        if entry.key == "$git" {
            !value.contains("--unset")
        } else if entry.key.to_ascii_lowercase().ends_with("no_verify") {
            matches!(value.as_str(), "1" | "true" | "yes")
        } else {
            matches!(value.as_str(), "false" | "0")
        }
    };
    matches.extend(
        context
            .named()
            .filter(off)
            .map(|entry| context.report(entry)),
    );
}

/// Reports that root may log in over ssh: in the daemon's own file, or in a command that writes it.
pub(crate) fn sshd_root(context: &Context<'_>, matches: &mut Vec<Match>) {
    let allows = |entry: &&Entry| match entry.key.as_str() {
        "Protocol" => entry.value.trim() == "1",
        "PermitRootLogin" | "PermitEmptyPasswords" | "permitrootlogin" | "permitemptypasswords" => {
            entry.value.eq_ignore_ascii_case("yes")
        }
        // `s/PermitRootLogin yes/PermitRootLogin no/` ends with the safe value.
        _ => ["PermitRootLogin", "PermitEmptyPasswords"]
            .iter()
            .any(|name| {
                entry.value.rfind(name).is_some_and(|at| {
                    let is_comment = entry.value[..at].ends_with('#');
                    let rest = entry.value[at + name.len()..]
                        .trim_start_matches(['_', ' ', '\\', 't', 's', '+', '*']);
                    !is_comment && rest.starts_with("yes")
                })
            }),
    };
    matches.extend(
        context
            .named()
            .filter(allows)
            .map(|entry| context.report(entry)),
    );
}

/// Reports notebooks without a token or a password, by their configuration or their command line.
pub(crate) fn jupyter(context: &Context<'_>, matches: &mut Vec<Match>) {
    let open = |entry: &&Entry| {
        let last = entry.key.rsplit('.').next().unwrap_or_default();
        match last {
            "allow_origin" => entry.value == "*",
            "token" | "password" | "hashed_password" => {
                matches!(entry.value.as_str(), "" | "''" | "\"\"")
            }
            "disable_check_xsrf" => entry.value.eq_ignore_ascii_case("true"),
            _ => {
                entry.value.contains("App.token=")
                    || entry.value.contains("App.password=")
                    || entry.value.contains("Provider.token=")
            }
        }
    };
    matches.extend(
        context
            .named()
            .filter(open)
            .map(|entry| context.report(entry)),
    );
}

/// Reports packages installed into the system's own Python. In an image root is usual, so it is let pass there.
pub(crate) fn pip_global(context: &Context<'_>, matches: &mut Vec<Match>) {
    let in_image = context
        .document
        .entries
        .iter()
        .any(|entry| entry.key == "FROM");
    let global = |entry: &&Entry| !in_image || entry.key == "$sudo";
    matches.extend(
        context
            .named()
            .filter(global)
            .map(|entry| context.report(entry)),
    );
}

/// Reports packages that are installed without a check of who signed them: by a flag, a setting of a repository, or
/// an argument of a module of Ansible.
pub(crate) fn unsigned_packages(context: &Context<'_>, matches: &mut Vec<Match>) {
    let unsigned = |entry: &&Entry| {
        let value = entry.value.to_ascii_lowercase();
        let is_on = matches!(value.as_str(), "1" | "yes" | "true" | "on");
        let is_off = matches!(value.as_str(), "0" | "no" | "false" | "off");
        match entry.key.rsplit('.').next().unwrap_or_default() {
            "gpgcheck" => is_off,
            "allow_unauthenticated" | "disable_gpg_check" => is_on,
            _ => !is_on && !is_off,
        }
    };
    matches.extend(
        context
            .named()
            .filter(unsigned)
            .map(|entry| context.report(entry)),
    );
}

/// Tells whether an entry is a pipeline that runs what it downloads.
pub(crate) fn runs_download(entry: &Entry) -> bool {
    let mut parts = entry.value.split(" | ");
    parts.any(downloads) && parts.any(runs_stdin)
}

/// Reports rights for everyone; `chmod` behind `sudo` is a command of its own, which is the one reported.
pub(crate) fn chmod(context: &Context<'_>, matches: &mut Vec<Match>) {
    let own = |entry: &&Entry| entry.key == "$chmod";
    matches.extend(
        context
            .named()
            .filter(own)
            .map(|entry| context.report(entry)),
    );
}

/// Reports downloads that check no certificate; a health check of this machine or of the cluster may.
pub(crate) fn curl_insecure(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let mut words = entry.value.split(' ');
        let mut hosts = words
            .by_ref()
            .filter(|word| word.contains("://"))
            .map(host_of);
        let local = hosts
            .next()
            .is_some_and(|host| is_local(host) && !host.is_empty());
        if local || !takes_any(&entry.value) {
            continue;
        }
        matches.push(context.report(entry));
    }
}

/// Tells whether a command has a flag that lets any certificate pass, which is not the value of another flag.
fn takes_any(command: &str) -> bool {
    let wget = command.starts_with("wget");
    let mut before = "";
    command.split(' ').any(|word| {
        let valued = matches!(
            before,
            "-d" | "--data" | "-H" | "--header" | "-o" | "-A" | "-u" | "-X" | "-F"
        );
        before = word;
        let long = matches!(
            word,
            "--insecure" | "--proxy-insecure" | "--no-check-certificate"
        );
        // Flags that take a value end a group: in `-ok` the `k` is a file.
        let letters = word
            .strip_prefix('-')
            .filter(|rest| !rest.starts_with('-'))
            .unwrap_or_default();
        let short = !wget
            && letters
                .split([
                    'o', 'd', 'H', 'X', 'F', 'u', 'A', 'm', 'w', 'x', 'T', 'e', 'b', 'c',
                ])
                .next()
                .is_some_and(|flags| flags.contains('k'));
        !valued && (long || short)
    })
}

/// Reports root for everyone who is a user, in sudo's own files and in commands that write them.
pub(crate) fn sudoers(context: &Context<'_>, matches: &mut Vec<Match>) {
    let in_file = context
        .text
        .path
        .is_some_and(|path| memchr::memmem::find(path, b"sudoers").is_some());
    for entry in context.named() {
        let last = entry.key.rsplit('.').next().unwrap_or_default();
        let writes = matches!(
            last,
            "$echo"
                | "$printf"
                | "$tee"
                | "line"
                | "lineinfile"
                | "content"
                | "block"
                | "blockinfile"
        );
        if writes || (in_file && !entry.key.starts_with('$') && entry.key != "Defaults") {
            matches.push(context.report(entry));
        }
    }
}
