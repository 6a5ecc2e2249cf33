//! Images: the name and the tag of a base image say what it is and which version.

use super::{Ended, ended, part_of, report};
use crate::detect::Match;
use crate::detect::check::Context;
use crate::detect::syntax::Entry;
use crate::rule::Level;
use crate::span::Span;

/// An image as it is written: `docker.io/library/python:3.8-slim`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Image<'v> {
    /// The name without the registry's host: `python`, `bitnami/redis`.
    pub(crate) name: &'v str,
    /// The tag, or nothing.
    pub(crate) tag: &'v str,
    /// Whether a digest pins it.
    pub(crate) digest: bool,
}

impl<'v> Image<'v> {
    /// Reads an image; one whose name or tag is a variable is none.
    pub(crate) fn parse(text: &'v str) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']);
        let text = text.strip_prefix("docker://").unwrap_or(text);
        let (text, digest) = match text.split_once('@') {
            Some((front, _)) => (front, true),
            None => (text, false),
        };
        // The name of an image is in lower case: `BASEIMAGE` is to be filled in, `True` is none.
        let named = text.bytes().any(|byte| byte.is_ascii_lowercase());
        if !named || text.contains(['$', '{', '<', ' ', '%']) || matches!(text, "true" | "false") {
            return None;
        }
        let slash = text.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match text[slash..].split_once(':') {
            Some((last, tag)) => (&text[..slash + last.len()], tag),
            None => (text, ""),
        };
        Some(Image {
            name: official(name),
            tag,
            digest,
        })
    }

    /// Returns the version at the front of the tag: of `3.8-slim` it is `3.8`.
    fn version(self) -> &'v str {
        self.tag.split(['-', '_']).next().unwrap_or_default()
    }
}

/// Returns a name without the host and the folder that official images have.
fn official(name: &str) -> &str {
    let hosts = [
        "docker.io/library/",
        "index.docker.io/library/",
        "docker.io/",
        "public.ecr.aws/docker/library/",
        "registry.hub.docker.com/library/",
        "mirror.gcr.io/library/",
        "library/",
    ];
    hosts
        .iter()
        .find_map(|host| name.strip_prefix(host))
        .unwrap_or(name)
}

/// Reports images of Python that have ended.
pub(crate) fn python(context: &Context<'_>, matches: &mut Vec<Match>) {
    each(context, matches, |image| {
        let version = match image.name {
            "python"
            | "circleci/python"
            | "cimg/python"
            | "public.ecr.aws/lambda/python"
            | "amazon/aws-lambda-python"
            | "mcr.microsoft.com/devcontainers/python"
            | "tiangolo/uwsgi-nginx-flask"
            | "tiangolo/uvicorn-gunicorn-fastapi" => image.version().trim_start_matches("python"),
            "pypy" => image.version(),
            _ => return None,
        };
        Some(("python", ended("python", version)?))
    });
}

/// Reports images of distributions that have ended.
pub(crate) fn system(context: &Context<'_>, matches: &mut Vec<Match>) {
    each(context, matches, |image| {
        let product = match image.name {
            "debian" => "debian",
            "ubuntu" => "ubuntu",
            "alpine" => "alpine-linux",
            "centos" => "centos",
            "fedora" => "fedora",
            "amazonlinux" => "amazon-linux",
            "oraclelinux" => "oracle-linux",
            "opensuse/leap" | "opensuse" => "opensuse",
            _ => return None,
        };
        let version = image.version().trim_start_matches("centos");
        let version = match (product, version) {
            ("amazon-linux", "1") => "2018.03",
            // CentOS is over in all its versions, with a tag or without.
            ("centos", "" | "latest") => "8",
            _ => version,
        };
        Some((product, ended(product, version)?))
    });
}

/// Reports images of languages, runtimes and servers that have ended.
pub(crate) fn language(context: &Context<'_>, matches: &mut Vec<Match>) {
    each(context, matches, |image| {
        let product = match image.name {
            "node" | "circleci/node" | "cimg/node" => "nodejs",
            "php" => "php",
            "ruby" | "circleci/ruby" | "cimg/ruby" => "ruby",
            "golang" | "circleci/golang" | "cimg/go" => "go",
            // All its tags are left as they are, whatever the version.
            "openjdk" => return Some(("openjdk", Ended::ALWAYS)),
            "eclipse-temurin" => "eclipse-temurin",
            "amazoncorretto" => "amazon-corretto",
            "elixir" => "elixir",
            "erlang" => "erlang",
            "perl" => "perl",
            "tomcat" => "tomcat",
            "nginx" => "nginx",
            name if name.starts_with("mcr.microsoft.com/dotnet/") => "dotnet",
            _ => return None,
        };
        Some((product, ended(product, image.version())?))
    });
}

/// Reports images of databases and queues that have ended; what a CI job tests against is left alone.
pub(crate) fn datastore(context: &Context<'_>, matches: &mut Vec<Match>) {
    if is_ci(context) {
        return;
    }
    each(context, matches, |image| {
        let product = match image.name {
            "postgres" | "postgis/postgis" | "bitnami/postgresql" => "postgresql",
            "mysql" | "bitnami/mysql" => "mysql",
            "mariadb" | "bitnami/mariadb" => "mariadb",
            "mongo" | "bitnami/mongodb" => "mongodb",
            "redis" | "bitnami/redis" => "redis",
            "elasticsearch"
            | "docker.elastic.co/elasticsearch/elasticsearch"
            | "bitnami/elasticsearch" => "elasticsearch",
            "kibana" | "docker.elastic.co/kibana/kibana" => "kibana",
            "rabbitmq" | "bitnami/rabbitmq" => "rabbitmq",
            "memcached" => "memcached",
            _ => return None,
        };
        Some((product, ended(product, image.version())?))
    });
}

/// Reports each image that `judge` says has ended, at the span of its text.
fn each(
    context: &Context<'_>,
    matches: &mut Vec<Match>,
    judge: impl Fn(Image<'_>) -> Option<(&'static str, Ended)>,
) {
    for entry in images(context) {
        let judged = Image::parse(&entry.value).and_then(&judge);
        if let Some((product, ended)) = judged {
            let mut found = report(context, entry, product, ended);
            if is_of_a_job(context, entry) {
                // What a job runs in is chosen on purpose: the oldest system that is still built for.
                found.level = found.level.min(Level::Warn);
            }
            matches.push(found);
        }
    }
}

/// Tells whether the image is the one that a CI job runs in.
fn is_of_a_job(context: &Context<'_>, entry: &Entry) -> bool {
    let is_ci = is_ci(context);
    is_ci || entry.key.starts_with("jobs.") && entry.key.contains(".container")
}

fn is_ci(context: &Context<'_>) -> bool {
    context.text.path.is_some_and(|path| {
        let holds = |mark: &&[u8]| memchr::memmem::find(path, mark).is_some();
        [&b".github/"[..], b".gitlab-ci", b".circleci/", b".travis"]
            .iter()
            .any(holds)
    })
}

/// Returns the entries that name an image.
pub(crate) fn images<'c>(context: &Context<'c>) -> impl Iterator<Item = &'c Entry> + use<'c> {
    let is_image = |key: &str| {
        key == "FROM"
            || key == "image"
            || key.ends_with(".image")
            || key.ends_with(".image.name")
            || key.starts_with("jobs.") && key.ends_with(".container")
    };
    context
        .document
        .entries
        .iter()
        .filter(move |entry| is_image(&entry.key) && !entry.value.is_empty())
}

/// Reports images without a version: `latest`, or no tag at all.
pub(crate) fn latest(context: &Context<'_>, matches: &mut Vec<Match>) {
    let built: std::collections::HashSet<&str> = context
        .document
        .entries
        .iter()
        .filter_map(|entry| entry.key.split_once(".build").map(|(service, _)| service))
        .collect();
    for entry in images(context) {
        let Some(image) = Image::parse(&entry.value) else {
            continue;
        };
        let service = entry.key.strip_suffix(".image").unwrap_or_default();
        let own = !service.is_empty() && built.contains(service);
        if !runs(context, &entry.key) {
            continue;
        }
        if matches!(image.tag, "" | "latest") && !image.digest && !own && image.name != "scratch" {
            let mut found = context.report(entry);
            let span: Span = part_of(context, entry, &entry.value);
            found.span = span;
            matches.push(found);
        }
    }
}

/// Tells whether an image stands where it is run: of a Dockerfile, a service, a container, a job. Elsewhere
/// `image` is often a picture, or the name that a job publishes under.
fn runs(context: &Context<'_>, key: &str) -> bool {
    let gitlab = context
        .text
        .path
        .is_some_and(|path| memchr::memmem::find(path, b".gitlab-ci").is_some());
    let matrix = key.contains(".matrix.");
    let place = ["services.", "ontainers.", ".container", ".initContainers"]
        .iter()
        .any(|place| key.contains(place));
    (key == "FROM" || gitlab || place) && !matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tags_and_digests_are_told_apart() {
        let image = |text| Image::parse(text).map(|image| (image.name, image.tag, image.digest));
        assert_eq!(
            image("docker.io/library/python:3.8-slim"),
            Some(("python", "3.8-slim", false))
        );
        assert_eq!(image("host:5000/a/b"), Some(("host:5000/a/b", "", false)));
        assert_eq!(image("node@sha256:00"), Some(("node", "", true)));
        assert_eq!(image("python:${V}"), None);
        assert_eq!(image("BASEIMAGE"), None);
    }
}
