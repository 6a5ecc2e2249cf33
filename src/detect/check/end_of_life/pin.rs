//! Pins: files that say which version of a language, framework, runtime or service is used.

use super::range::Range;
use super::{ended, report, report_range};
use crate::detect::Match;
use crate::detect::check::Context;
use crate::detect::syntax::Entry;

/// Reports version files whose version has ended: the first line of a version file, the line of the language in
/// `.tool-versions`, or the key that the rule names. The product is the one the rule's id names.
pub(crate) fn version_file(context: &Context<'_>, matches: &mut Vec<Match>) {
    let product = match context.rule.id.as_str() {
        "eol-node-version" => "nodejs",
        "eol-ruby-version" => "ruby",
        "eol-php-version" => "php",
        _ => "python",
    };
    // Files of pyenv and rbenv may list several versions, of which the first is the default.
    let mut seen = false;
    let is_json = context
        .text
        .path
        .is_some_and(|path| path.ends_with(b".json"));
    for entry in context.named() {
        let lone = entry.key == "version";
        if lone && (is_json || std::mem::replace(&mut seen, true)) {
            continue;
        }
        let version = entry
            .value
            .trim_start_matches("python-")
            .trim_start_matches("ruby-")
            .trim_start_matches("node-");
        let is_exact = version
            .strip_prefix('v')
            .unwrap_or(version)
            .starts_with(|c: char| c.is_ascii_digit())
            && !version.contains([' ', '|', '*', 'x', '<', '>']);
        if !is_exact {
            matches.extend(report_range(context, entry, product));
        } else if let Some(ended) = ended(product, version) {
            matches.push(report(context, entry, product, ended));
        }
    }
}

/// Reports requirements on Python whose newest allowed version has ended. A lower bound alone is support.
pub(crate) fn requires_python(context: &Context<'_>, matches: &mut Vec<Match>) {
    matches.extend(
        context
            .named()
            .filter_map(|entry| report_range(context, entry, "python")),
    );
}

/// Reports frameworks pinned to a series that has ended.
pub(crate) fn framework(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in &context.document.entries {
        let Some(product) = framework_of(context, entry) else {
            continue;
        };
        let django_rule = context.rule.id == "eol-django-pin";
        if (product == "django") != django_rule {
            continue;
        }
        let requirement = Entry {
            value: requirement_of(entry),
            ..entry.clone()
        };
        matches.extend(report_range(context, &requirement, product));
    }
}

/// Returns the product that a dependency's entry is about.
fn framework_of(context: &Context<'_>, entry: &Entry) -> Option<&'static str> {
    let name = context.text.path.map(|path| {
        path.rsplit(|&b| b == b'/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    })?;
    let key = entry.key.as_str();
    let last = |front: &str| key.strip_prefix(front);
    Some(match name.as_slice() {
        b"package.json" => {
            let dependency = last("dependencies.").or_else(|| last("devDependencies."))?;
            match dependency {
                "@angular/core" => "angular",
                "next" => "nextjs",
                "nuxt" => "nuxt",
                "vue" => "vue",
                _ => return None,
            }
        }
        b"composer.json" => match last("require.")? {
            "laravel/framework" => "laravel",
            "symfony/framework-bundle" | "symfony/symfony" => "symfony",
            _ => return None,
        },
        b"gemfile.lock" => match key {
            "rails" if entry.value.starts_with(|c: char| c.is_ascii_digit()) => "rails",
            _ => return None,
        },
        b"gemfile" => match (key, entry.value.trim_start_matches(['\'', '"'])) {
            ("gem()", value) if value.starts_with("rails'") || value.starts_with("rails\"") => {
                "rails"
            }
            _ => return None,
        },
        b"pom.xml" if key == "project.parent.version" => {
            let artifact = context
                .document
                .entries
                .iter()
                .find(|other| other.key == "project.parent.artifactId")?;
            match artifact.value.as_str() {
                "spring-boot-starter-parent" => "spring-boot",
                _ => return None,
            }
        }
        _ if key.eq_ignore_ascii_case("django") || python_dependency(entry) == Some("django") => {
            "django"
        }
        _ => return None,
    })
}

/// Returns the name of a requirement in a list of `pyproject.toml`, `setup.cfg` or `environment.yml`.
fn python_dependency(entry: &Entry) -> Option<&'static str> {
    let listed = entry.key.contains("dependencies")
        || entry.key.contains("install_requires")
        || entry.key.contains("packages.");
    let value = entry.value.to_ascii_lowercase();
    let is_django = value.strip_prefix("django").is_some_and(|rest| {
        rest.starts_with(['=', '~', '<', '>', ' ', '!']) && !rest.trim().is_empty()
    });
    (listed && (is_django || entry.key.to_ascii_lowercase().ends_with(".django")))
        .then_some("django")
}

/// Returns the requirement alone: of `Django>=3,<4; python_version>"3"` what stands between name and marker.
fn requirement_of(entry: &Entry) -> String {
    if entry.key == "gem()" {
        let quoted: Vec<&str> = entry.value.split(['\'', '"']).skip(3).step_by(2).collect();
        let versions = quoted.into_iter().take_while(|text| {
            text.starts_with(|c: char| c.is_ascii_digit() || "~<>=".contains(c))
        });
        return versions.collect::<Vec<_>>().join(", ");
    }
    let text = entry.value.split(';').next().unwrap_or_default();
    let text = text.rsplit(']').next().unwrap_or(text);
    let start = text
        .find(|c: char| c.is_ascii_digit() || "~<>=^!*".contains(c))
        .unwrap_or(text.len());
    text[start..].trim().to_owned()
}

/// Reports functions of a cloud whose runtime has ended. The clouds run a language for about half a year longer
/// than its makers mend it.
pub(crate) fn runtime(context: &Context<'_>, matches: &mut Vec<Match>) {
    const LONGER: i64 = 180;
    for entry in context.named() {
        let value = entry.value.trim().trim_end_matches(".x");
        let digits = value
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(value.len());
        let (name, version) = value.split_at(digits);
        let gone = matches!(value, "go1" | "java8" | "nodejs" | "provided") || name == "dotnetcore";
        let product = match name {
            "python" => "python",
            "nodejs" => "nodejs",
            "ruby" => "ruby",
            "dotnet" => "dotnet",
            "php" => "php",
            _ if gone => {
                matches.push(context.report(entry));
                continue;
            }
            _ => continue,
        };
        // App Engine and Cloud Functions write `python37` and `php72`.
        let spelt = match version.as_bytes() {
            [major @ (b'2' | b'3' | b'5' | b'7' | b'8'), rest @ ..]
                if matches!(product, "python" | "php" | "ruby")
                    && !version.contains('.')
                    && !rest.is_empty() =>
            {
                format!("{}.{}", char::from(*major), &version[1..])
            }
            _ => version.to_owned(),
        };
        if let Some(ended) = ended(product, &spelt).and_then(|ended| ended.later(LONGER)) {
            matches.push(report(context, entry, product, ended));
        }
    }
}

/// Reports managed databases and clusters whose engine version has ended: `engine` beside `engine_version`.
pub(crate) fn engine(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let section = entry
            .key
            .rsplit_once('.')
            .map_or("", |(section, _)| section);
        let beside = |names: [&str; 2]| {
            context.beside(entry).iter().find(|other| {
                other
                    .key
                    .strip_prefix(section)
                    .is_some_and(|rest| names.contains(&rest.trim_start_matches('.')))
            })
        };
        let engine = beside(["engine", "Engine"]).map_or("", |entry| entry.value.as_str());
        let product = match engine.to_ascii_lowercase().as_str() {
            "postgres" => "amazon-rds-postgresql",
            "mysql" => "amazon-rds-mysql",
            "mariadb" => "mariadb",
            "redis" => "redis",
            _ if section.contains("aws_eks_cluster") || section.contains("cluster_version") => {
                "amazon-eks"
            }
            _ if section.contains("azurerm_kubernetes_cluster") => "azure-kubernetes-service",
            _ => continue,
        };
        let version = entry.value.trim();
        if Range::parse(version).is_some_and(|range| range.exact().is_some())
            && let Some(ended) = ended(product, version)
        {
            matches.push(report(context, entry, product, ended));
        }
    }
}

/// Reports the last of a project's classifiers where all that name a Python name one that has ended.
pub(crate) fn classifier(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut last = None;
    for entry in &context.document.entries {
        let Some((_, version)) = entry.value.split_once("Programming Language :: Python :: ")
        else {
            continue;
        };
        let version = version
            .split([' ', '\'', '"', ','])
            .next()
            .unwrap_or_default();
        if !version.contains('.') {
            continue;
        }
        match ended("python", version) {
            Some(ended) => last = Some((entry, ended)),
            None => return,
        }
    }
    if let Some((entry, ended)) = last {
        matches.push(report(context, entry, "python", ended));
    }
}
