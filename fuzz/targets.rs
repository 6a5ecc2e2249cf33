//! What the fuzz targets run: any bytes, and what must hold of the answer. `cargo test` runs the same on mutated
//! examples (`tests/it/fuzz.rs`).

use std::sync::OnceLock;

use guard::Engine;
use guard::blob::Regions;
use guard::detect::{Fault, Match, What, apply, probe};
use guard::policy::Config;
use guard::rule::{Level, Rules, parse};
use guard::span::Span;

/// A reader of a syntax; the first byte says which.
pub fn reader(data: &[u8]) {
    if let Some((&number, text)) = data.split_first() {
        probe::reader(usize::from(number), text);
    }
}

/// The whole engine with every rule on; the first byte says what kind of file it is. What is found lies inside the
/// text, is found again, and is found through regions too; a fix that is offered can be written.
pub fn engine(data: &[u8]) {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let mut rules = Rules::builtin();
        for index in rules.indexes() {
            rules.set_level(index, rules.level(index).max(Level::Warn));
        }
        Engine::new(rules)
    });
    let Some((&number, text)) = data.split_first() else {
        return;
    };
    let names: Vec<&str> = probe::readers().collect();
    let path = names[usize::from(number) % names.len()].into();
    let found = engine.scan(text, &Regions::Whole, Some(path));
    let place = |found: &Match| (found.rule, found.span, found.level);
    for one in &found {
        let related = one.related.iter().map(|related| related.span);
        for span in related.chain([one.span, one.extent]) {
            assert!(span.start <= span.end && span.end <= text.len(), "{one:?}");
        }
        let key = match &one.what {
            What::Secret { key, .. } => key.as_deref(),
            What::Setting { key, .. } => Some(key.as_str()),
            What::File => None,
        };
        let fault = Fault {
            rule: one.rule,
            span: one.span,
            key,
        };
        if let Ok(edits) = engine.mend(text, path, &fault) {
            assert_ne!(apply(text, &edits), text, "{one:?}");
        }
    }
    let again = engine.scan(text, &Regions::Whole, Some(path));
    assert!(
        found.iter().map(place).eq(again.iter().map(place)),
        "another answer for the same text"
    );
    let half = Regions::from_ranges(vec![Span::new(text.len() / 3, text.len() / 2)]);
    for one in engine.scan(text, &half, Some(path)) {
        assert!(one.touches(&half), "{one:?}");
    }
}

/// The assignments around every word that could be the key of a secret.
pub fn assign(data: &[u8]) {
    let Some((&number, text)) = data.split_first() else {
        return;
    };
    let names: Vec<&str> = probe::readers().collect();
    let path = names[usize::from(number) % names.len()].into();
    guard::detect::assign::candidates(
        text,
        &Regions::Whole,
        Some(path),
        &words(text),
        &mut |candidate| {
            assert!(candidate.extent.end <= text.len(), "{candidate:?}");
            assert!(
                candidate.assignment.value.end <= text.len(),
                "{candidate:?}"
            );
            assert!(
                candidate.features.iter().all(|one| one.is_finite()),
                "{candidate:?}"
            );
            let score = guard::detect::assign::judge(&candidate.features);
            assert!((0.0..=1.0).contains(&score), "{score}");
        },
    );
}

/// Returns every run of letters, as if it were a key word.
fn words(text: &[u8]) -> Vec<Span> {
    let mut words = Vec::new();
    let mut start = 0;
    for run in text.split_inclusive(|byte| !byte.is_ascii_alphabetic()) {
        let letters = run.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        if letters >= 3 {
            words.push(Span::new(start, start + letters));
        }
        start += run.len();
    }
    words
}

/// A delta of a pack: the first byte says how much of the rest is its base.
pub fn delta(data: &[u8]) {
    let Some((&share, rest)) = data.split_first() else {
        return;
    };
    let (base, delta) = rest.split_at(rest.len() * usize::from(share) / 256);
    if let Some((made, Regions::Ranges(new))) = guard::source::history::apply_delta(base, delta) {
        // One instruction copies the whole base at most.
        assert!(
            made.len() <= delta.len() * base.len().max(127),
            "{} bytes",
            made.len()
        );
        assert!(new.iter().all(|one| one.end <= made.len()), "{new:?}");
        assert!(
            new.windows(2).all(|pair| pair[0].end <= pair[1].start),
            "{new:?}"
        );
    }
}

/// `guard.toml`, and the rules of a person's own in it.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(error) = Config::parse(text, "guard.toml") {
        let said = error.to_string();
        assert!(said.len() < 4096, "an error of {} bytes", said.len());
    }
    if let Ok(rules) = parse(text, "guard.toml") {
        let engine = Engine::new(Rules::only(rules));
        engine.scan(data, &Regions::Whole, Some("a.env".into()));
    }
}
