//! A place says what a file is for, by its path alone: production, development, tests, documents, samples.
//!
//! The same line is a fault in `settings/production.py` and right in `settings/dev.py`. The first of these holds:
//! tests, documents, samples, then what the file's name says, then what its folders say. Staging is production,
//! and a file that says nothing is judged like production.

use bstr::{BStr, ByteSlice};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Named for production or staging.
    Production,
    /// Nothing in its path says what it is for: judged like production.
    Unmarked,
    /// Settings that others build on: judged by what its siblings override.
    Base,
    /// For one developer's machine.
    Development,
    /// Tests and their data.
    Test,
    /// Text for people.
    Docs,
    /// To be copied and filled in, or to show how something is used.
    Sample,
}

impl Place {
    /// Tells whether what stands there can reach users: production, base and unmarked files.
    pub fn is_live(self) -> bool {
        matches!(self, Place::Production | Place::Unmarked | Place::Base)
    }
}

/// Returns what the path says a file is for; case does not count.
pub fn of(path: &BStr) -> Place {
    let path = path.to_str_lossy();
    let original = path.rsplit('/').next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = inner_name(folders.pop().unwrap_or_default());
    let words: Vec<&str> = words(name);
    if is_test(&folders, name, &words) || has_test_suffix(original) {
        Place::Test
    } else if is_docs(&folders, name) {
        Place::Docs
    } else if is_sample(&folders, &words) {
        Place::Sample
    } else {
        of_name(&folders, name, &words).unwrap_or_else(|| of_folders(&folders))
    }
}

const DEVELOPMENT: [&str; 7] = [
    "dev",
    "devel",
    "develop",
    "development",
    "devproject",
    "local",
    "debug",
];
const PRODUCTION: [&str; 11] = [
    "prod",
    "production",
    "live",
    "release",
    "staging",
    "stage",
    "stg",
    "prd",
    "uat",
    "preprod",
    "heroku",
];
const TEST: [&str; 5] = ["test", "tests", "testing", "unittest", "unittests"];
const SAMPLE: [&str; 8] = [
    "example", "examples", "sample", "samples", "dummy", "demo", "demos", "dist",
];
const BASE: [&str; 5] = ["base", "common", "default", "defaults", "shared"];
/// Words of files that hold settings.
const SETTINGS: [&str; 9] = [
    "settings",
    "setting",
    "config",
    "configs",
    "configuration",
    "conf",
    "env",
    "application",
    "appsettings",
];

/// Returns the name without the extension of a template engine: `prod.exs.eex` is for production too.
fn inner_name(name: &str) -> &str {
    [
        ".j2",
        ".jinja",
        ".jinja2",
        ".erb",
        ".eex",
        ".mustache",
        ".hbs",
    ]
    .iter()
    .find_map(|extension| name.strip_suffix(extension))
    .unwrap_or(name)
}

fn words(name: &str) -> Vec<&str> {
    name.split(['.', '_', '-', ' ', '{', '}'])
        .filter(|word| !word.is_empty())
        .collect()
}

fn any(words: &[&str], of: &[&str]) -> bool {
    words.iter().any(|word| of.contains(word))
}

fn is_test(folders: &[&str], name: &str, words: &[&str]) -> bool {
    // Perl and git call the folder of their tests `t`.
    const FOLDERS: [&str; 20] = [
        "t",
        "unittest",
        "unittests",
        "testproject",
        "testapp",
        "test",
        "tests",
        "testing",
        "__tests__",
        "spec",
        "specs",
        "testdata",
        "test_data",
        "fixtures",
        "test-fixtures",
        "__mocks__",
        "mock",
        "mocks",
        "e2e",
        "cypress",
    ];
    let of_ci = words.contains(&"ci")
        && (any(words, &SETTINGS)
            || words.contains(&"compose")
            || name.starts_with("ci.") && any(folders, &SETTINGS));
    any(folders, &FOLDERS)
        || folders.iter().any(|folder| is_test_folder(folder))
        || any(words, &TEST)
        || words.contains(&"spec") && words.first() != Some(&"spec")
        || name == "conftest.py"
        || name.starts_with("phpunit.")
        || of_ci
}

/// Tells whether one of several words of a folder's name says tests: `integration_tests`, `test-fixtures`, `e2e-tests`.
fn is_test_folder(folder: &str) -> bool {
    const WORDS: [&str; 6] = ["tests", "fixtures", "testdata", "e2e", "mocks", "spec"];
    const BEFORE: [&str; 6] = [
        "unit",
        "integration",
        "functional",
        "acceptance",
        "smoke",
        "load",
    ];
    let words = words(folder);
    // A whole project that a package is tried in: `test_project/settings.py`.
    let is_project = matches!(words[..], ["test", "project" | "app" | "site"]);
    words.len() > 1
        && (any(&words, &WORDS) || is_project || words.contains(&"test") && any(&words, &BEFORE))
}

/// Tells whether the name ends in `Test`, `Tests`, `IT` before its extension, as classes of Java and C# do.
fn has_test_suffix(name: &str) -> bool {
    [".java", ".kt", ".cs", ".scala", ".php", ".swift"]
        .iter()
        .any(|extension| {
            name.strip_suffix(extension)
                .is_some_and(|stem| stem.ends_with("Test") || stem.ends_with("Tests"))
        })
}

fn is_docs(folders: &[&str], name: &str) -> bool {
    any(folders, &["docs", "doc", "documentation"])
        || [".md", ".mdx", ".rst", ".adoc", ".markdown"]
            .iter()
            .any(|extension| name.ends_with(extension))
        || ["readme", "changelog", "contributing", "license"]
            .iter()
            .any(|stem| name.split('.').next() == Some(stem))
}

fn is_sample(folders: &[&str], words: &[&str]) -> bool {
    const FOLDERS: [&str; 9] = [
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "tutorial",
        "tutorials",
        "quickstart",
    ];
    // In a module of Terraform every file counts, whatever it is called.
    let of_terraform = words.len() == 2 && words[1] == "tf";
    any(folders, &FOLDERS)
        || any(words, &SAMPLE) && !of_terraform
        || words
            .last()
            .is_some_and(|last| ["template", "tmpl", "tpl"].contains(last))
}

/// Returns what the name of a file says, if it says something.
fn of_name(folders: &[&str], name: &str, words: &[&str]) -> Option<Place> {
    const FILES: [&str; 3] = ["launchsettings.json", "vagrantfile", ".flaskenv"];
    if any(words, &DEVELOPMENT)
        || FILES.contains(&name)
        || words.contains(&"override") && words.contains(&"compose")
    {
        return Some(Place::Development);
    }
    if any(words, &PRODUCTION) {
        return Some(Place::Production);
    }
    let of_settings = any(words, &SETTINGS)
        || folders
            .last()
            .is_some_and(|folder| SETTINGS.contains(folder));
    let is_python = name
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "py");
    let is_base = any(words, &BASE) || name == "__init__.py";
    (is_python && of_settings && is_base).then_some(Place::Base)
}

/// Returns what the folders say, the nearest first.
fn of_folders(folders: &[&str]) -> Place {
    const FOLDERS: [&str; 4] = [".devcontainer", ".ddev", ".vscode", ".idea"];
    for (depth, folder) in folders.iter().enumerate().rev() {
        // `usr/local` in an image's tree is a place to install to.
        let of_system = depth > 0 && folders[depth - 1] == "usr";
        if DEVELOPMENT.contains(folder) && !of_system || FOLDERS.contains(folder) {
            return Place::Development;
        }
        if PRODUCTION.contains(folder) {
            return Place::Production;
        }
    }
    Place::Unmarked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(place: Place, paths: &[&str]) {
        for path in paths {
            assert_eq!(of(BStr::new(path)), place, "{path}");
        }
    }

    #[test]
    fn tests_and_their_data_are_known() {
        all(
            Place::Test,
            &[
                "tests/settings.py",
                "app/test_views.py",
                "pkg/handler_test.go",
                "conftest.py",
                "src/test/resources/application.yml",
                "web/src/login.spec.ts",
                "netbox/configuration_testing.py",
                "config/settings/ci.py",
                "settings/unittests.py",
                ".env.test",
                "docker-compose.test.yml",
                "src/UserServiceTest.java",
                "docs/tests/settings.py",
                "integration_tests/mysql/compose.yml",
                "command/test-fixtures/config.hcl",
                "e2e-tests/data/application.yml",
                "t/lib-httpd/passwd",
                "modules/aws/mocks/plan.json",
                "unittests/scans/many.yaml",
                "test_project/test_project/settings.py",
            ],
        );
    }

    #[test]
    fn development_is_told_by_name_or_folder() {
        all(
            Place::Development,
            &[
                "mysite/settings/dev.py",
                "mysite/settings/devel.py",
                "devproject/settings.py",
                "mysite/dev_settings.py",
                "local_settings.py",
                ".env.local",
                "src/main/resources/application-dev.yml",
                "config/dev.exs",
                "appsettings.Development.json",
                "Properties/launchSettings.json",
                "Web.Debug.config",
                "docker-compose.override.yml",
                ".devcontainer/Dockerfile",
                "compose/local/django/Dockerfile",
                "Vagrantfile",
                ".flaskenv",
                "Dockerfile.dev",
            ],
        );
    }

    #[test]
    fn production_and_staging_are_production() {
        all(
            Place::Production,
            &[
                "settings/production.py",
                "config/prod.exs",
                "application-prod.yml",
                "Web.Release.config",
                ".env.production",
                "settings/staging.py",
                "deploy/production/values.yaml",
                "config/prod.exs.eex",
                "dev/settings/production.py",
            ],
        );
    }

    #[test]
    fn what_says_nothing_is_unmarked() {
        all(
            Place::Unmarked,
            &[
                "mysite/settings.py",
                "config.py",
                ".env",
                "Dockerfile",
                "src/main/resources/application.yml",
                ".gitlab-ci.yml",
                "docker/rootfs/usr/local/etc/php/php.ini",
                "app/latest.py",
                "device/resample.py",
                "app/__init__.py",
                "modules/net/example.tf",
            ],
        );
    }

    #[test]
    fn samples_documents_and_base_settings_are_known() {
        all(
            Place::Sample,
            &[
                "env.example",
                "config.py.dev.example",
                "examples/app.py",
                "settings.py.template",
                "config.inc.dist",
                "demo/settings.py",
                "sample_settings.py",
            ],
        );
        all(
            Place::Docs,
            &["docs/conf.py", "README.md", "guide/setup.rst", "README"],
        );
        all(
            Place::Base,
            &[
                "mysite/settings/base.py",
                "mysite/settings/__init__.py",
                "config/settings/common.py",
                "base_settings.py",
            ],
        );
    }
}
