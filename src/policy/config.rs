//! The configuration as it is written in `guard.toml`, and the mistakes in it.

use serde::Deserialize;

use crate::rule::{LoadError, Record, check, toml_mistake};

/// A `guard.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// One file inside the same tree whose settings come first.
    pub extends: Option<String>,
    /// The oldest `guard` that understands this file, as `1.2.3`.
    pub min_version: Option<String>,
    /// Levels of rules.
    #[serde(default)]
    pub rules: RulesTable,
    /// Which paths are not scanned.
    #[serde(default)]
    pub paths: PathsTable,
    /// What is left out for its size.
    #[serde(default)]
    pub limits: LimitsTable,
    /// Findings that are accepted.
    #[serde(default)]
    pub allow: Vec<AllowEntry>,
    /// A person's own rules.
    #[serde(default)]
    pub rule: Vec<Record>,
}

/// The table `[rules]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesTable {
    /// Rules that are not run.
    #[serde(default)]
    pub off: Vec<String>,
    /// Rules that warn.
    #[serde(default)]
    pub warn: Vec<String>,
    /// Rules that block.
    #[serde(default)]
    pub block: Vec<String>,
}

/// The table `[paths]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathsTable {
    /// Paths that are not scanned, in the syntax of `.gitignore`.
    #[serde(default)]
    pub skip: Vec<String>,
    /// Whether archives are looked into as folders.
    #[serde(default)]
    pub archives: bool,
}

/// The table `[limits]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsTable {
    /// The largest blob that is scanned: `64M`.
    pub blob: Option<String>,
}

/// An entry of `[[allow]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowEntry {
    /// The fingerprint of the finding, 12 hex digits.
    pub id: String,
    /// The rule it is of.
    pub rule: String,
    /// The only path where it is accepted; everywhere without it.
    pub path: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is accepted.
    pub until: Option<toml::value::Datetime>,
}

/// A mistake in a `guard.toml`.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{file}:{line}: {message}")]
    Toml {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the nearest name for an unknown key.
        message: String,
    },
    /// A value that reads well but means nothing.
    #[error("{file}: {key}: {message}")]
    Value {
        /// The file.
        file: String,
        /// The key: `rules.off`.
        key: String,
        /// What is wrong and what to write.
        message: String,
    },
    /// A rule of the file cannot work.
    #[error(transparent)]
    Rule(#[from] LoadError),
}

impl Config {
    /// Reads a configuration; `file` is what errors call it.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let config: Config = toml::from_str(text).map_err(|error| {
            let (line, message) = toml_mistake(&error, text);
            ConfigError::Toml {
                file: file.to_owned(),
                line,
                message: with_nearest(&message),
            }
        })?;
        for rule in &config.rule {
            check(rule).map_err(|message| LoadError::Rule {
                file: file.to_owned(),
                rule: rule.id.clone(),
                message,
            })?;
        }
        Ok(config)
    }
}

/// Adds the nearest name to the message about an unknown field, which lists those that are known.
fn with_nearest(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    let unknown = names.next().unwrap_or_default();
    match nearest(unknown, names) {
        Some(name) => format!("unknown key `{unknown}`: did you mean `{name}`?"),
        None => message.replacen("field", "key", 1),
    }
}

/// Returns the name that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Returns the bytes that a size such as `64M`, `512k` or `1000` names.
pub fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..]
        .to_ascii_lowercase()
        .trim_end_matches("ib")
        .trim_end_matches('b')
    {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_file_line_and_the_nearest_name() {
        let error = Config::parse("[rules]\nof = []\n", "guard.toml")
            .expect_err("of")
            .to_string();
        assert_eq!(error, "guard.toml:2: unknown key `of`: did you mean `off`?");
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("64M"), Some(64 << 20));
        assert_eq!(size("1 KiB"), Some(1024));
        assert_eq!(size("a lot"), None);
    }
}
