//! Posture: what a careful team adds or leaves out, off unless somebody asks for it.

use super::host::{host_of, is_local};
use super::kubernetes::{objects, value_of};
use super::{Check, Context};
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::span::Span;

/// Returns the check of posture of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "compose-writable" => compose_writable,
        "cors-open" => cors_open,
        "dependency-no-integrity" => no_integrity,
        "jenkins-root" => jenkins_root,
        "kubernetes-no-context" => no_context,
        "kubernetes-open-database" => open_database,
        "kubernetes-plain-ingress" => plain_ingress,
        "no-permissions" => no_permissions,
        "persist-credentials" => persist_credentials,
        "plain-listener" => plain_listener,
        "remote-database" => remote_database,
        "self-hosted" => self_hosted,
        "spring-csrf" => spring_csrf,
        "spring-open" => spring_open,
        "tomcat-listings" => tomcat_listings,
        _ => return None,
    })
}

fn report(context: &Context<'_>, matches: &mut Vec<Match>, holds: impl Fn(&Entry) -> bool) {
    let found = context.named().filter(|entry| holds(entry));
    matches.extend(found.map(|entry| context.report(entry)));
}

/// Reports services of a compose file whose files can be written.
fn compose_writable(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    for entry in entries {
        let Some(service) = entry
            .key
            .strip_suffix(".image")
            .filter(|key| key.starts_with("services."))
        else {
            continue;
        };
        if value_of(context.beside(entry), &format!("{service}.read_only")) != "true" {
            matches.push(context.report(entry));
        }
    }
}

fn cors_open(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        entry.key.ends_with("()") == entry.value.is_empty()
    });
}

/// Reports packages of a lock file that no hash binds.
fn no_integrity(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    for entry in entries {
        let Some(package) = entry
            .key
            .strip_suffix(".resolved")
            .filter(|_| entry.value.starts_with("http"))
        else {
            continue;
        };
        // The entries of one package stand beside each other.
        let integrity = format!("{package}.integrity");
        let near = entries.partition_point(|other| other.value_span.start < entry.value_span.start);
        let around = &entries[near.saturating_sub(8)..(near + 9).min(entries.len())];
        if !around.iter().any(|other| other.key == integrity) {
            matches.push(context.report(entry));
        }
    }
}

/// Reports arguments of a build container that make it root; of the two entries of a call the first is enough.
fn jenkins_root(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |_| true);
    let text = context.text.bytes;
    for at in memchr::memmem::find_iter(text, b"args ").take(64) {
        let end = crate::span::line_end(text, at);
        let line = Span::new(crate::span::line_start(text, at), end).of(text);
        let rest = Span::new(at, end).of(text);
        let root = [
            &b"-u root"[..],
            b"-u 0",
            b"--user root",
            b"--user 0",
            b"--privileged",
        ]
        .iter()
        .any(|mark| memchr::memmem::find(rest, mark).is_some());
        if root && !line.trim_ascii_start().starts_with(b"//") {
            matches.push(context.report_text(at, end));
        }
    }
}

/// Reports pods that say nothing of the rights they need.
fn no_context(context: &Context<'_>, matches: &mut Vec<Match>) {
    for object in objects(&context.document.entries, context.document.broken) {
        let says = object.entries.iter().any(|entry| {
            entry.key.ends_with("runAsNonRoot") || entry.key.ends_with("allowPrivilegeEscalation")
        });
        let image = object
            .entries
            .iter()
            .find(|entry| entry.key.contains("ontainers.") && entry.key.ends_with(".image"));
        if let (false, Some(image)) = (says, image) {
            matches.push(context.report(image));
        }
    }
}

/// Reports services that lead from outside to the port of a database.
fn open_database(context: &Context<'_>, matches: &mut Vec<Match>) {
    const PORTS: [&str; 8] = [
        "5432", "3306", "6379", "27017", "9200", "11211", "1433", "5672",
    ];
    for object in objects(&context.document.entries, context.document.broken) {
        let database = object.entries.iter().any(|entry| {
            entry.key.starts_with("spec.ports.")
                && entry.key.ends_with(".port")
                && PORTS.contains(&entry.value.as_str())
        });
        if object.kind == "Service" && database {
            let open = object
                .entries
                .iter()
                .filter(|entry| context.named.holds(entry));
            matches.extend(open.map(|entry| context.report(entry)));
        }
    }
}

/// Reports ways into the cluster without a certificate.
fn plain_ingress(context: &Context<'_>, matches: &mut Vec<Match>) {
    for object in objects(&context.document.entries, context.document.broken) {
        let tls = object
            .entries
            .iter()
            .any(|entry| entry.key.starts_with("spec.tls"));
        if object.kind == "Ingress" && !tls {
            let kind = object
                .entries
                .iter()
                .filter(|entry| context.named.holds(entry));
            matches.extend(kind.map(|entry| context.report(entry)));
        }
    }
}

/// Reports a workflow that says nowhere what its token may do.
fn no_permissions(context: &Context<'_>, matches: &mut Vec<Match>) {
    let says = memchr::memmem::find(context.text.bytes, b"permissions:").is_some();
    let job = context
        .document
        .entries
        .iter()
        .find(|entry| entry.key.starts_with("jobs."));
    if let (false, Some(job)) = (says, job) {
        matches.push(context.report(job));
    }
}

/// Tells whether a workflow is started by this event.
fn is_on(context: &Context<'_>, event: &str) -> bool {
    context.document.entries.iter().any(|entry| {
        let key = entry.key.as_str();
        (key == "on" || key.starts_with("on."))
            && (entry.value == event || key.split('.').nth(1) == Some(event))
    })
}

/// Reports checkouts that leave the token in the folder, in a workflow that uploads files.
fn persist_credentials(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let uploads = entries.iter().any(|entry| {
        entry.key.ends_with(".uses") && entry.value.starts_with("actions/upload-artifact")
    });
    report(context, matches, |entry| {
        let step = entry.key.strip_suffix(".uses").unwrap_or_default();
        uploads
            && value_of(
                context.beside(entry),
                &format!("{step}.with.persist-credentials"),
            ) != "false"
    });
}

/// Reports listeners without TLS that do more than lead to one with it.
fn plain_listener(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let entries = context.beside(entry);
        let section = entry
            .key
            .rsplit_once('.')
            .map_or("", |(section, _)| section);
        let redirects = entries
            .iter()
            .any(|other| other.key.starts_with(section) && other.value == "redirect");
        let resource = section
            .strip_suffix(".Properties")
            .map(|resource| value_of(entries, &format!("{resource}.Type")));
        !redirects && resource.is_none_or(|kind| kind.ends_with("::Listener"))
    });
}

/// Reports addresses of databases elsewhere that are reached without TLS.
fn remote_database(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| !is_local(host_of(&entry.value)));
}

/// Reports own machines that run what a stranger's pull request holds.
fn self_hosted(context: &Context<'_>, matches: &mut Vec<Match>) {
    let pulled = is_on(context, "pull_request") || is_on(context, "pull_request_target");
    report(context, matches, |_| pulled);
}

fn spring_csrf(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let is_chain = entry.key.ends_with("csrf()");
        let rest = context
            .text
            .bytes
            .get(entry.key_span.end..)
            .unwrap_or_default();
        let rest: Vec<u8> = rest
            .iter()
            .take(120)
            .filter(|byte| !byte.is_ascii_whitespace())
            .copied()
            .collect();
        if is_chain {
            return rest.starts_with(b"().disable()");
        }
        entry.key.ends_with("disable()") || !entry.value.is_empty()
    });
    // Kotlin: `csrf { it.disable() }`, which no key says.
    let text = context.text.bytes;
    for at in memchr::memmem::find_iter(text, b"csrf").take(64) {
        let rest: Vec<u8> = (text[at..].iter().take(80))
            .filter(|byte| !byte.is_ascii_whitespace())
            .copied()
            .collect();
        if rest.starts_with(b"csrf{it.disable()") || rest.starts_with(b"csrf{disable()") {
            matches.push(context.report_text(at, at + 4));
        }
    }
}

/// Reports applications whose every page is open.
fn spring_open(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        if !entry.key.ends_with("permitAll()") {
            return !entry.value.is_empty();
        }
        let before =
            &context.text.bytes[entry.key_span.start.saturating_sub(60)..entry.key_span.end];
        memchr::memmem::find(before, b"anyRequest()").is_some()
    });
}

/// Reports the parameter `listings` of Tomcat's servlet for files, whose name stands in the element before.
fn tomcat_listings(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let mut name = "";
    for entry in entries {
        if entry.key.ends_with("init-param.param-name") {
            name = &entry.value;
        } else if name == "listings" && context.named.holds(entry) {
            matches.push(context.report(entry));
        }
    }
}
