//! Arguments and configuration meet here, and become an engine, a policy and a place.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bstr::ByteSlice as _;

use super::Global;
use crate::detect::Engine;
use crate::policy::{self, AllRules, Allow, Config, Policy};
use crate::rule::{Level, Rules};
use crate::source::git::Git;

/// Where the program stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The top of the working tree; the repository itself where it is bare.
    pub(super) root: PathBuf,
    /// The folder in which git keeps what belongs to this working tree.
    pub(super) git_dir: PathBuf,
    /// The folder in which git keeps what all working trees of the repository share.
    pub(super) shared: PathBuf,
    /// The files and folders that are scanned, where paths are told from there and not from the top.
    pub(super) scanned: Vec<PathBuf>,
}

impl Place {
    /// Returns the repository that the environment or the current folder names.
    pub(super) fn find() -> anyhow::Result<Self> {
        let ceilings: [&str; 0] = [];
        let flags = git2::RepositoryOpenFlags::FROM_ENV;
        if let Ok(repository) = git2::Repository::open_ext(".", flags, ceilings) {
            let git_dir = repository.path().to_owned();
            let root = repository
                .workdir()
                .map_or_else(|| git_dir.clone(), Path::to_owned);
            let shared = repository.commondir().to_owned();
            return Ok(Place {
                root,
                git_dir,
                shared,
                scanned: Vec::new(),
            });
        }
        let git = Git::new(".");
        let path = |option: &str| -> anyhow::Result<PathBuf> {
            let output = git.output("opening the repository", ["rev-parse", option])?;
            Ok(PathBuf::from(
                String::from_utf8_lossy(&output).trim_end_matches(['\r', '\n']),
            ))
        };
        let git_dir = path("--absolute-git-dir")?;
        Ok(Place {
            root: path("--show-toplevel").unwrap_or_else(|_| git_dir.clone()),
            shared: path("--git-common-dir").unwrap_or_else(|_| git_dir.clone()),
            git_dir,
            scanned: Vec::new(),
        })
    }

    /// Returns the folder of what `guard` remembers of this repository.
    pub(super) fn memory(&self) -> PathBuf {
        self.git_dir.join("guard")
    }
}

/// What a run works with.
pub(super) struct Setup {
    pub(super) engine: Engine,
    pub(super) policy: Policy,
}

impl Setup {
    /// Reads the configuration that holds at `root`.
    pub(super) fn new(global: &Global, root: Option<&Path>) -> anyhow::Result<Self> {
        let config = match config_path(global, root)? {
            Some(path) => read(&path, root)?,
            None => Vec::new(),
        };
        Self::from_configs(global, &config)
    }

    /// Makes the setup of configurations that were read; of each, its name and what it says.
    pub(super) fn from_configs(
        global: &Global,
        configs: &[(String, Config)],
    ) -> anyhow::Result<Self> {
        let (rules, policy) = Self::meant(global, configs)?;
        Ok(Setup {
            engine: Engine::new(rules),
            policy,
        })
    }

    /// Returns the rules and the policy that configurations mean.
    pub(super) fn meant(
        global: &Global,
        configs: &[(String, Config)],
    ) -> anyhow::Result<(Rules, Policy)> {
        let mut rules = Rules::builtin();
        if global.all_rules {
            for index in rules.indexes() {
                rules.set_level(index, rules.level(index).max(Level::Warn));
            }
        }
        let mut policy = Policy {
            allow: Vec::new(),
            today: jiff::tz::TimeZone::UTC
                .to_datetime(jiff::Timestamp::now())
                .date(),
            all_rules: if global.all_rules {
                AllRules::Everywhere
            } else {
                AllRules::Usual
            },
            skip: policy::Skip::default(),
            largest: None,
            archives: global.archives,
        };
        for (file, config) in configs {
            for rule in &config.rule {
                if rules.find(&rule.id).is_some() {
                    bail!(
                        "{file}: rule {}: there is a built-in rule of that id; choose another",
                        rule.id
                    );
                }
                rules.push(rule.clone());
            }
            policy::set_levels(&mut rules, config, file)?;
            for entry in &config.allow {
                policy.allow.push(Allow::new(entry, file)?);
            }
            policy.skip.add(&config.paths.skip, file)?;
            policy.archives |= config.paths.archives;
            if let Some(size) = &config.limits.blob {
                let size = policy::size(size);
                policy.largest = Some(
                    size.with_context(|| format!("{file}: limits.blob: write a size: \"64M\""))?,
                );
            }
        }
        Ok((rules, policy))
    }
}

/// Returns the configuration file that holds, if there is one.
pub(super) fn config_path(global: &Global, root: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    if global.isolated {
        return Ok(None);
    }
    if let Some(path) = &global.config {
        return Ok(Some(path.clone()));
    }
    let Some(root) = root else { return Ok(None) };
    let exists = |name: &str| {
        let path = root.join(name);
        path.symlink_metadata().is_ok().then_some(path)
    };
    match (exists("guard.toml"), exists(".guard.toml")) {
        (Some(_), Some(_)) => bail!("both guard.toml and .guard.toml are here: keep one"),
        (one, other) => Ok(one.or(other)),
    }
}

/// Reads a configuration and the one it extends, the extended one first.
pub(super) fn read(path: &Path, root: Option<&Path>) -> anyhow::Result<Vec<(String, Config)>> {
    let folder = root.or(path.parent()).unwrap_or(Path::new("."));
    with_base(read_one(path)?, |base| read_one(&folder.join(base)))
}

/// Returns a configuration behind the one it extends, which `read` reads by its path from the top.
fn with_base(
    config: (String, Config),
    read: impl Fn(&str) -> anyhow::Result<(String, Config)>,
) -> anyhow::Result<Vec<(String, Config)>> {
    let mut configs = Vec::new();
    if let Some(base) = &config.1.extends {
        let is_inside = Path::new(base)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        if !is_inside {
            bail!(
                "{}: extends: {base} is not inside this repository",
                config.0
            );
        }
        let base = read(base)?;
        if base.1.extends.is_some() {
            bail!(
                "{}: extends: the extended file may not extend another",
                base.0
            );
        }
        configs.push(base);
    }
    configs.push(config);
    Ok(configs)
}

/// Reads the configuration that a commit holds, and the one it extends, the extended one first.
pub(super) fn committed(git: &Git, commit: &str) -> anyhow::Result<Vec<(String, Config)>> {
    let names = ["guard.toml", ".guard.toml"];
    let listed = git.output(
        "reading the committed configuration",
        [
            "ls-tree",
            "--name-only",
            "--full-tree",
            commit,
            "--",
            names[0],
            names[1],
        ],
    )?;
    match names.map(|name| listed.lines().any(|line| line == name.as_bytes())) {
        [true, true] => bail!("{commit} holds both guard.toml and .guard.toml: keep one"),
        [false, false] => Ok(Vec::new()),
        [first, _] => {
            let read = |name: &str| committed_one(git, commit, name);
            with_base(read(names[usize::from(!first)])?, read)
        }
    }
}

/// Reads a configuration at a path that a person names, as a commit holds it, and the one it extends, the extended one
/// first. A commit without such a file has no configuration.
pub(super) fn committed_at(
    git: &Git,
    commit: &str,
    path: &str,
) -> anyhow::Result<Vec<(String, Config)>> {
    let doing = "reading the committed configuration";
    let entry = git.output(doing, ["ls-tree", "--full-tree", commit, "--", path])?;
    if entry.is_empty() {
        return Ok(Vec::new());
    }
    let read = |name: &str| committed_one(git, commit, name);
    with_base(read(path)?, read)
}

fn committed_one(git: &Git, commit: &str, name: &str) -> anyhow::Result<(String, Config)> {
    let doing = "reading the committed configuration";
    let entry = git.output(doing, ["ls-tree", "--full-tree", commit, "--", name])?;
    // 120000 is a link.
    if !entry.starts_with(b"100") {
        bail!("{name} in {commit} is not a plain file: a link is not followed");
    }
    let object = format!("{commit}:{name}");
    let size = git.output(doing, ["cat-file", "-s", &object])?;
    let size = size.to_str_lossy().trim().parse::<u64>();
    if size.is_ok_and(|size| size > LARGEST) {
        bail!("{name} in {commit} is larger than 4 MiB: it is not read");
    }
    let text = git.output(doing, ["cat-file", "blob", &object])?;
    let text = String::from_utf8(text).with_context(|| format!("{name} in {commit}"))?;
    parsed(&text, name.to_owned())
}

/// The largest configuration that is read.
const LARGEST: u64 = 4 << 20;

fn read_one(path: &Path) -> anyhow::Result<(String, Config)> {
    let name = path.display().to_string();
    let metadata = path.symlink_metadata().with_context(|| name.clone())?;
    if metadata.is_symlink() || !metadata.is_file() {
        bail!("{name} is not a plain file: a link is not followed");
    }
    if metadata.len() > LARGEST {
        bail!("{name} is larger than 4 MiB: it is not read");
    }
    let text = fs_err::read_to_string(path)?;
    let name = path
        .file_name()
        .map_or(name, |file| file.to_string_lossy().into_owned());
    parsed(&text, name)
}

fn parsed(text: &str, name: String) -> anyhow::Result<(String, Config)> {
    let config = Config::parse(text, &name)?;
    if let Some(wanted) = &config.min_version {
        check_version(wanted, &name)?;
    }
    Ok((name, config))
}

/// Stops where the configuration asks for a newer program.
fn check_version(wanted: &str, file: &str) -> anyhow::Result<()> {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        version.split('.').map(|part| part.parse().ok()).collect()
    };
    let wanted_numbers =
        numbers(wanted).with_context(|| format!("{file}: min-version: write it as \"1.2.3\""))?;
    let mine = env!("CARGO_PKG_VERSION");
    if numbers(mine) < Some(wanted_numbers) {
        bail!("{file} asks for guard {wanted} or newer, this is {mine}: install the newer one");
    }
    Ok(())
}
