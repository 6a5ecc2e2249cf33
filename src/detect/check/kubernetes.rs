//! Kubernetes: settings that mean something only inside an object of the cluster.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;

/// Objects that allow a setting to others and do not have it themselves.
const POLICIES: [&str; 6] = [
    "PodSecurityPolicy",
    "SecurityContextConstraints",
    "ClusterPolicy",
    "Policy",
    "ConstraintTemplate",
    "CustomResourceDefinition",
];

/// Reports what the rule names in objects, not in policies about them nor in values of a chart. Node agents in
/// `kube-system` (network and storage drivers) need what others must not have: there it is a warning.
pub(crate) fn manifest(context: &Context<'_>, matches: &mut Vec<Match>) {
    for (object, entry) in in_objects(context) {
        if object.is_policy() {
            continue;
        }
        let mut found = context.report(entry);
        if object.namespace == "kube-system" {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}

/// Reports what the rule names in objects, those that configure the cluster itself included.
pub(crate) fn any(context: &Context<'_>, matches: &mut Vec<Match>) {
    matches.extend(in_objects(context).map(|(_, entry)| context.report(entry)));
}

/// An object: one document of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Object<'d> {
    /// `Deployment`, `Secret` …
    pub(crate) kind: &'d str,
    /// Its namespace, if it says one.
    pub(crate) namespace: &'d str,
    /// All entries of the document.
    pub(crate) entries: &'d [Entry],
}

impl Object<'_> {
    fn is_policy(&self) -> bool {
        POLICIES.contains(&self.kind)
    }
}

/// Returns the objects of a file. A template that could not be read as YAML is one object without a kind, if
/// it looks like one.
pub(crate) fn objects(entries: &[Entry], broken: bool) -> Vec<Object<'_>> {
    if broken {
        let is_object = ["apiVersion", "kind"]
            .iter()
            .all(|key| entries.iter().any(|entry| entry.key == *key));
        let kind = value_of(entries, "kind");
        let object = Object {
            kind,
            namespace: value_of(entries, "metadata.namespace"),
            entries,
        };
        return is_object.then_some(object).into_iter().collect();
    }
    if entries.iter().all(|entry| entry.key != "---") {
        // JSON is one object.
        let kind = value_of(entries, "kind");
        let object = Object {
            kind,
            namespace: value_of(entries, "metadata.namespace"),
            entries,
        };
        return (!kind.is_empty()).then_some(object).into_iter().collect();
    }
    let mut found = Vec::new();
    for part in entries.chunk_by(|_, next| next.key != "---") {
        if let Some((_, kind)) = part
            .first()
            .filter(|first| first.key == "---")
            .and_then(|first| first.value.split_once(' '))
        {
            found.push(Object {
                kind,
                namespace: value_of(part, "metadata.namespace"),
                entries: part,
            });
        }
    }
    found
}

/// Returns the value of a key, or nothing.
pub(crate) fn value_of<'d>(entries: &'d [Entry], key: &str) -> &'d str {
    entries
        .iter()
        .find(|entry| entry.key == key)
        .map_or("", |entry| entry.value.as_str())
}

/// Returns what the rule names, each with the object it stands in.
fn in_objects<'c>(context: &Context<'c>) -> impl Iterator<Item = (Object<'c>, &'c Entry)> {
    let objects = objects(&context.document.entries, context.document.broken);
    context.named().filter_map(move |entry| {
        // The objects stand in the order of their entries.
        let place = std::ptr::from_ref(entry);
        let after = objects.partition_point(|object| object.entries.as_ptr_range().end <= place);
        let inside = |object: &&Object<'c>| object.entries.as_ptr_range().contains(&place);
        objects
            .get(after)
            .filter(inside)
            .map(|object| (*object, entry))
    })
}

/// Last words of keys that say where something is or what kind it is of.
const PLAIN: [&str; 18] = [
    "type",
    "kind",
    "address",
    "host",
    "hostname",
    "port",
    "region",
    "zone",
    "namespace",
    "endpoint",
    "server",
    "database",
    "scheme",
    "protocol",
    "version",
    "environment",
    "domain",
    "bucket",
];

/// Tells whether a key says by its last word that its value is no secret.
fn is_plain(key: &str) -> bool {
    let last = key.rsplit(['.', '-', '_', '/']).next().unwrap_or_default();
    PLAIN.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// Tells whether a value is a whole file in which nothing names a secret: a Secret also holds what is only
/// configured beside one.
fn is_open_file(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let names = [
        "passw",
        "secret",
        "token",
        "key",
        "credential",
        "auth",
        "://",
        "pwd",
        "dsn",
        "webhook",
    ];
    value.trim().contains('\n') && !names.iter().any(|name| lower.contains(name))
}

/// Reports secrets that stand in a manifest: not sealed, not encrypted, not to be filled in.
pub(crate) fn secret(context: &Context<'_>, matches: &mut Vec<Match>) {
    use super::literal::{Kind, kind};
    for (object, entry) in in_objects(context) {
        let sealed = super::window(object.entries, entry.value_span.start)
            .iter()
            .any(|entry| entry.key.starts_with("sops.") || entry.value.starts_with("ENC["));
        let decoded = data_encoding::BASE64.decode(entry.value.trim().as_bytes());
        let is_template = decoded.is_ok_and(|text| {
            text.starts_with(b"$") || text.starts_with(b"<") || text.starts_with(b"{{")
        });
        if object.kind == "Secret"
            && !sealed
            && !is_template
            && !is_plain(&entry.key)
            && !is_open_file(&entry.value)
            && kind(&entry.value) == Kind::Literal
        {
            matches.push(context.report(entry));
        }
    }
}

/// Reports roles that may do everything with something, or something with everything, once for each of their
/// rules; and accounts that are bound to `cluster-admin`.
pub(crate) fn rbac(context: &Context<'_>, matches: &mut Vec<Match>) {
    for (object, entry) in in_objects(context) {
        let reported = match object.kind {
            "ClusterRole" | "Role" => {
                let rule = entry.key.split_once(".resources.").map(|(rule, _)| rule);
                // Where the verbs are a star too, they are what is reported.
                let all_verbs = rule.is_some_and(|rule| {
                    let verbs = format!("{rule}.verbs.");
                    super::window(object.entries, entry.value_span.start)
                        .iter()
                        .any(|other| other.value == "*" && other.key.starts_with(&verbs))
                });
                entry.value == "*" && !all_verbs
            }
            "ClusterRoleBinding" | "RoleBinding" => {
                entry.key == "roleRef.name" && entry.value == "cluster-admin"
            }
            _ => false,
        };
        if reported {
            matches.push(context.report(entry));
        }
    }
}
