//! The cloud: network rules and policies in Terraform and `CloudFormation`, whose parts must be read together.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Ports that are for administrators and databases.
const PORTS: [u32; 12] = [
    22, 3389, 3306, 5432, 6379, 27017, 9200, 1433, 11211, 5984, 2375, 5900,
];

/// Reports network rules that let the whole internet in to a port for administrators or databases, or to all.
pub(crate) fn open_ingress(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in &context.document.entries {
        if !is_everyone(&entry.value) || entry.value.len() > 9 {
            continue;
        }
        let Some(rule) = rule_of(&entry.key) else {
            continue;
        };
        let parts = Parts {
            entries: context.beside(entry),
            rule,
        };
        if is_ingress(&entry.key, &parts) && parts.reaches_sensitive_port() {
            matches.push(context.report(entry));
        }
    }
}

/// Tells whether an address means everyone.
fn is_everyone(value: &str) -> bool {
    matches!(value, "0.0.0.0/0" | "::/0" | "*" | "Internet" | "0.0.0.0")
}

/// Returns the path of the rule that an address belongs to: what stands before `cidr_blocks.0`.
fn rule_of(key: &str) -> Option<&str> {
    let names = [
        ".cidr_blocks",
        ".ipv6_cidr_blocks",
        ".cidr_ipv4",
        ".cidr_ipv6",
        ".source_ranges",
        ".source_address_prefix",
        ".source_address_prefixes",
        ".CidrIp",
        ".CidrIpv6",
        ".cidr_block",
    ];
    names.iter().find_map(|name| {
        let at = key.rfind(name)?;
        let rest = &key[at + name.len()..];
        let item = rest.is_empty()
            || (rest.starts_with('.') && rest[1..].bytes().all(|b| b.is_ascii_digit()));
        item.then(|| &key[..at])
    })
}

/// The settings of one network rule.
struct Parts<'c> {
    entries: &'c [Entry],
    rule: &'c str,
}

impl<'c> Parts<'c> {
    fn get(&self, name: &str) -> Option<&'c str> {
        self.entries
            .iter()
            .find(|entry| {
                entry
                    .key
                    .strip_prefix(self.rule)
                    .and_then(|rest| rest.strip_prefix('.'))
                    == Some(name)
            })
            .map(|entry| entry.value.as_str())
    }

    fn ports(&self) -> impl Iterator<Item = &'c str> {
        self.entries.iter().filter_map(|entry| {
            let rest = entry.key.strip_prefix(self.rule)?;
            (rest.contains("ports.") || rest.contains("destination_port_range"))
                .then_some(entry.value.as_str())
        })
    }

    fn reaches_sensitive_port(&self) -> bool {
        let all = ["protocol", "ip_protocol", "IpProtocol", "allow.0.protocol"]
            .iter()
            .any(|name| matches!(self.get(name), Some("-1" | "all" | "All")));
        let from = self.get("from_port").or_else(|| self.get("FromPort"));
        let to = self.get("to_port").or_else(|| self.get("ToPort"));
        if let (Some(from), Some(to)) = (from, to) {
            return range(from, to) || (all && from == "0" && to == "0");
        }
        let listed = self.ports().any(|ports| {
            let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
            ports == "*" || range(from, to)
        });
        all || listed
    }
}

/// Tells whether a sensitive port lies in the range. ICMP says -1 for its types.
fn range(from: &str, to: &str) -> bool {
    match (from.trim().parse::<u32>(), to.trim().parse::<u32>()) {
        (Ok(from), Ok(to)) => PORTS.iter().any(|port| (from..=to).contains(port)),
        _ => false,
    }
}

fn is_ingress(key: &str, parts: &Parts<'_>) -> bool {
    if key.contains(".ingress.")
        || key.contains("SecurityGroupIngress")
        || key.contains("aws_vpc_security_group_ingress_rule.")
    {
        return true;
    }
    if key.contains(".aws_security_group_rule.") {
        return parts.get("type") == Some("ingress");
    }
    if key.contains(".azurerm_network_security_") {
        return parts
            .get("direction")
            .is_none_or(|direction| direction.eq_ignore_ascii_case("inbound"))
            && parts
                .get("access")
                .is_none_or(|access| access.eq_ignore_ascii_case("allow"));
    }
    if key.contains(".google_compute_firewall.") {
        return parts
            .get("direction")
            .is_none_or(|direction| direction == "INGRESS");
    }
    // A resource of CloudFormation of its own.
    let kind = key
        .find(".Properties.")
        .map(|at| format!("{}.Type", &key[..at]))
        .and_then(|kind| parts.entries.iter().find(|entry| entry.key == kind));
    kind.is_some_and(|kind| kind.value == "AWS::EC2::SecurityGroupIngress")
}

/// Reports roles that every account may take on.
pub(crate) fn assume_wildcard(context: &Context<'_>, matches: &mut Vec<Match>) {
    for (statement, entry) in open_principals(context) {
        let assumes = statement
            .values("Action")
            .chain(statement.values("actions"))
            .any(|action| action.starts_with("sts:AssumeRole"));
        if assumes && statement.allows() && !statement.has_condition() {
            matches.push(context.report(entry));
        }
    }
}

/// Reports policies that give everyone what lies in a bucket.
pub(crate) fn bucket_policy(context: &Context<'_>, matches: &mut Vec<Match>) {
    for (statement, entry) in open_principals(context) {
        let reads = statement
            .values("Action")
            .chain(statement.values("actions"))
            .any(|action| action.starts_with("s3:") || action == "*");
        if reads && statement.allows() && !statement.has_condition() {
            matches.push(context.report(entry));
        }
    }
}

/// Reports policies that allow everything on everything. Key policies of KMS say `*` of their own key only.
pub(crate) fn iam_wildcard(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in &context.document.entries {
        let action = entry.value == "*"
            && (last_name(&entry.key) == "Action" || last_name(&entry.key) == "actions");
        if !action {
            continue;
        }
        let Some(statement) = Statement::of(context, entry) else {
            continue;
        };
        let everything = statement
            .values("Resource")
            .chain(statement.values("resources"))
            .any(|resource| resource == "*");
        let principal = statement.names_principal();
        if everything && statement.allows() && !principal {
            matches.push(context.report(entry));
        }
    }
}

/// A statement of a policy.
struct Statement<'c> {
    entries: &'c [Entry],
    path: &'c str,
}

impl<'c> Statement<'c> {
    /// Returns the statement that a key stands in: `….Statement.0.Action`, `….statement.0.actions.1`.
    fn of(context: &Context<'c>, entry: &'c Entry) -> Option<Self> {
        let key = entry.key.as_str();
        let lower = key.to_ascii_lowercase();
        let at = lower.rfind("statement")?;
        let rest = &key[at + "statement".len()..];
        let number = rest.strip_prefix('.').map_or(0, |rest| {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        let end = at + "statement".len() + if number > 0 { number + 1 } else { 0 };
        Some(Statement {
            entries: context.beside(entry),
            path: &key[..end],
        })
    }

    /// Returns the values of a name, one or a list.
    fn values(&self, name: &'static str) -> impl Iterator<Item = &'c str> + use<'c> {
        let path = self.path;
        self.entries.iter().filter_map(move |entry| {
            let rest = entry
                .key
                .strip_prefix(path)?
                .strip_prefix('.')?
                .strip_prefix(name)?;
            let item = rest.is_empty()
                || (rest.starts_with('.') && rest[1..].bytes().all(|b| b.is_ascii_digit()));
            item.then_some(entry.value.as_str())
        })
    }

    fn allows(&self) -> bool {
        self.values("Effect")
            .chain(self.values("effect"))
            .all(|effect| effect == "Allow")
    }

    fn under(&self, names: [&str; 2]) -> bool {
        self.entries.iter().any(|entry| {
            entry
                .key
                .strip_prefix(self.path)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| names.iter().any(|name| rest.starts_with(name)))
        })
    }

    fn has_condition(&self) -> bool {
        self.under(["Condition", "condition"])
    }

    fn names_principal(&self) -> bool {
        self.under(["Principal", "principals"])
    }
}

/// Returns the statements whose principal is everyone, with the entry that says so.
fn open_principals<'c>(context: &Context<'c>) -> Vec<(Statement<'c>, &'c Entry)> {
    context
        .document
        .entries
        .iter()
        .filter(|entry| {
            let key = entry.key.as_str();
            entry.value == "*"
                && (key.ends_with(".Principal")
                    || key.contains(".Principal.AWS")
                    || key.contains(".principals.") && key.contains(".identifiers"))
        })
        .filter_map(|entry| Some((Statement::of(context, entry)?, entry)))
        .collect()
}

/// Returns the last name of a path, without the number of an item.
fn last_name(key: &str) -> &str {
    let mut parts = key.rsplit('.');
    let last = parts.next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        parts.next().unwrap_or_default()
    } else {
        last
    }
}
