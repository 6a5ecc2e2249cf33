//! A check is a config rule that data cannot say: one small file each, and a line in the table.
#![allow(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "keys and names in lower case are compared, not file names as they are written"
)]

mod action;
mod argument;
mod bidi;
mod cloud;
mod code;
mod code_text;
mod container;
mod cors;
mod debug_flag;
mod dependency;
mod end_of_life;
mod file;
mod flask_run;
mod host;
mod jwt;
mod kubernetes;
mod laravel;
mod literal;
mod middleware;
mod php;
mod posture;
mod pycrypto;
mod python2;
pub(crate) mod quick;
mod random;
mod script;
mod secret_key;
mod server;
mod smtp;
mod sql;
mod tls;
mod tools;
mod weak_hash;
mod web;
mod workflow;
mod yaml_load;

use std::ops::Deref;

use super::found::Scope;
use super::setting::{Named, of_entry};
use super::syntax::{Document, Entry, Form, python};
use super::{Match, Text};
use crate::rule::{Level, Rule, RuleIndex};
use crate::span::Span;

/// What a check is given.
pub(crate) struct Context<'c> {
    /// The text of the file.
    pub(crate) text: Text<'c>,
    /// Its entries; a path rule's file is read when they are first asked for.
    pub(crate) document: &'c dyn Deref<Target = Document>,
    /// The tree, where it is Python.
    pub(crate) python: Option<&'c python::Module<'c>>,
    /// The rule that named the check.
    pub(crate) rule: &'c Rule,
    /// The keys and values that it names.
    pub(crate) named: &'c Named,
    /// Its place among the rules.
    pub(crate) index: RuleIndex,
    /// The level that holds for it.
    pub(crate) level: Level,
}

impl<'c> Context<'c> {
    /// Returns the entries whose key and value the rule names.
    pub(crate) fn named(&self) -> impl Iterator<Item = &'c Entry> + use<'c> {
        let named = self.named;
        self.document
            .entries
            .iter()
            .filter(move |entry| named.holds(entry))
    }

    /// Returns the entries that are searched for what belongs to this one: all of a file that a person wrote, those
    /// around it in one so large that to search all for each would take the square of its length.
    pub(crate) fn beside(&self, entry: &Entry) -> &'c [Entry] {
        window(&self.document.entries, entry.value_span.start)
    }

    /// Returns the match that an entry makes.
    pub(crate) fn report(&self, entry: &Entry) -> Match {
        of_entry(entry, self.rule, self.index, self.level)
    }
}

impl Context<'_> {
    /// Returns the match that a stretch of the text makes, for a rule that is about no key.
    pub(crate) fn report_text(&self, start: usize, end: usize) -> Match {
        let span = Span::new(start, end);
        let entry = Entry {
            key: "text".to_owned(),
            key_span: span,
            value: String::from_utf8_lossy(span.of(self.text.bytes)).into_owned(),
            value_span: span,
            form: Form::Bare,
            scope: Scope::Unmarked,
        };
        self.report(&entry)
    }

    /// Returns the match of something in the tree that no entry says; it stands in the scope of the entry with the
    /// same span.
    pub(crate) fn report_node(&self, key: &str, value: &str, span: Span) -> Match {
        let entries = &self.document.entries;
        let first = entries.partition_point(|entry| entry.value_span.start < span.start);
        let scope = entries[first..]
            .iter()
            .take_while(|entry| entry.value_span.start == span.start)
            .find(|entry| entry.value_span == span)
            .map_or(Scope::Unmarked, |entry| entry.scope);
        self.report(&Entry {
            key: key.to_owned(),
            key_span: span,
            value: value.to_owned(),
            value_span: span,
            form: Form::Expression,
            scope,
        })
    }

    /// Returns the match of a path rule that looked into the file; the span is what in it decided.
    pub(crate) fn report_file(&self, level: Level, span: Span) -> Match {
        Match::in_file(self.index, level, span)
    }
}

/// How many entries on either side are searched.
const BESIDE: usize = 1500;

/// Returns the entries around a place.
fn window(entries: &[Entry], place: usize) -> &[Entry] {
    if entries.len() <= 2 * BESIDE {
        return entries;
    }
    let at = entries.partition_point(|entry| entry.value_span.start < place);
    &entries[at.saturating_sub(BESIDE)..entries.len().min(at + BESIDE)]
}

/// A function that looks at a file and adds what it finds.
pub(crate) type Check = fn(&Context<'_>, &mut Vec<Match>);

/// The checks that report nothing but entries whose keys the rule names.
pub(crate) const BY_KEY: [&str; 9] = [
    "cors-credentials",
    "debug-flag",
    "js-crypto",
    "jwt-key",
    "jwt-unverified",
    "literal-secret",
    "literal-secret-any",
    "sql-filled",
    "tls-verify",
];

/// Returns the check of that name.
pub(crate) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "android-debuggable" => code::android_debuggable,
        "cloud-assume-wildcard" => cloud::assume_wildcard,
        "cloud-bucket-policy" => cloud::bucket_policy,
        "cloud-iam-wildcard" => cloud::iam_wildcard,
        "cloud-open-ingress" => cloud::open_ingress,
        "cors-credentials" => code::cors_credentials,
        "first-named" => code::first_named,
        "gem-outside-development" => code::gem_outside_development,
        "go-verify" => code::go_verify,
        "jwt-go" => code::jwt_go,
        "jwt-ruby" => code::jwt_ruby,
        "verify-off" => code::verify_off,
        "jwt-java" => code::jwt_java,
        "literal-secret" => code::literal_secret,
        "nginx-alias" => code::nginx_alias,
        "php-sql" => php::sql,
        "php-verify" => code::php_verify,
        "phoenix" => code::phoenix,
        "symfony-profiler" => code::symfony_profiler,
        "tomcat-manager" => code::tomcat_manager,
        "unguarded" => code::unguarded,
        "shared-folder" => code_text::shared_folder,
        "every-address" => code_text::every_address,
        "taken-for-safe" => code_text::taken_for_safe,
        "block-by-block" => code_text::block_by_block,
        "chmod" => script::chmod,
        "curl-insecure" => script::curl_insecure,
        "kubernetes-rbac" => kubernetes::rbac,
        "kubernetes-secret" => kubernetes::secret,
        "sudoers" => script::sudoers,
        "unsigned-packages" => script::unsigned_packages,
        "download-pipe" => script::download_pipe,
        "git-verify" => script::git_verify,
        "jupyter" => script::jupyter,
        "kubernetes" => kubernetes::manifest,
        "kubernetes-any" => kubernetes::any,
        "laravel-debug" => laravel::debug,
        "literal-password" => literal::password,
        "pip-global" => script::pip_global,
        "plain-index" => host::plain_index,
        "sshd-root" => script::sshd_root,
        "trusted-host" => host::trusted,
        "workflow-checkout" => workflow::checkout,
        "workflow-injection" => workflow::injection,
        "cors-unless-named" => cors::unless_named,
        "cors-star" => cors::check,
        "cors-star-fastapi" => cors::fastapi,
        "airflow" => tools::airflow,
        "ansible-certs" => tools::ansible_certs,
        "bidi" => bidi::check,
        "streamlit" => tools::streamlit,
        "jwt-unverified" => jwt::unverified,
        "jwt-key" => jwt::key,
        "missing-argument" => argument::missing,
        "tar-extract" => argument::tar,
        "hub-unpinned" => argument::hub,
        "pycrypto" => pycrypto::check,
        "python2" => python2::check,
        "random-secret" => random::check,
        "import-or-call" => argument::import_or_call,
        "shell-true" => argument::shell,
        "shell-wildcard" => argument::wildcard,
        "sql-built" => sql::built,
        "sql-request" => sql::from_request,
        "tls-context" => tls::context,
        "tls-version" => tls::version,
        "tls-verify" => tls::check,
        "weak-hash" => weak_hash::check,
        "yaml-load" => yaml_load::check,
        "dotenv-file" => file::dotenv,
        "implicit-import" => file::implicit_import,
        "large-binary" => file::large_binary,
        "private-key-file" => file::private_key,
        "shadow-stdlib" => file::shadow_stdlib,
        "virtual-environment" => file::virtual_environment,
        "debug-flag" => debug_flag::check,
        "flask-run-debug" => flask_run::debug,
        "flask-run-on-every-address" => flask_run::on_every_address,
        "of-flask" => flask_run::of_flask,
        "middleware-missing" => middleware::check,
        "secret-key" => secret_key::written,
        "secret-key-flask" => secret_key::flask,
        "secret-key-weak" => secret_key::weak,
        "smtp-plaintext" => smtp::check,
        "written-password" => secret_key::password,
        _ => {
            return [
                action::find,
                container::find,
                dependency::find,
                end_of_life::find,
                posture::find,
                server::find,
                web::find,
            ]
            .iter()
            .find_map(|find| find(name));
        }
    })
}
