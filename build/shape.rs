//! A shape is what stands around a keyword in every match of its rule: a set of bytes for each place before and after
//! it, read off the rule's regex. Most places where a short keyword stands are dropped by one look at the next byte.
//!
//! Nothing is guessed: what the regex does not fix ends the shape, and a rule of which some match might lack its
//! keywords has none.

use std::collections::BTreeSet;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// The longest part of a shape after its keyword, and before it.
const AFTER: usize = 32;
const BEFORE: usize = 16;
/// The shortest row that is looked for: shorter ones stand in every text.
const LEAST_ROW: usize = 16;
/// More ways to match than this are not told apart.
const WAYS: usize = 32;
/// More ways than this are not made of a byte that may stand several times: what comes later may tell more apart.
const FEW: usize = 6;
/// The most texts that one place of a keyword may stand for.
const TEXTS: usize = 1024;

/// A set of bytes.
pub type Set = [bool; 256];
/// Ways to match, each in pieces.
type Ways = Vec<Vec<Piece>>;

/// What is known of one byte of a match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The bytes it may be.
    pub set: Set,
    /// The text may begin or end here instead.
    pub edge: bool,
}

/// What stands around a keyword: the places before it, the nearest first, and those after it; and a set of which so
/// many bytes stand in a row anywhere behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    pub before: Vec<Place>,
    pub after: Vec<Place>,
    pub row: Option<(Set, u8)>,
    /// What stands so is no match, but perhaps a token of an odd form.
    pub odd: bool,
}

/// A piece of one way to match.
#[derive(Debug, Clone)]
enum Piece {
    Place(Box<Place>),
    /// A border of a word.
    Border,
    /// Bytes of which nothing is known.
    Gap,
}

/// Returns the shapes of each keyword, one for each way to match; none for a keyword that may stand in any way.
pub fn shapes(regex: &str, ignore_case: bool, keywords: &[&[u8]]) -> Vec<Vec<Shape>> {
    let anything = vec![Vec::new(); keywords.len()];
    let mut parser = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .case_insensitive(ignore_case)
        .build();
    let Ok(hir) = parser.parse(regex) else {
        return anything;
    };
    let mut ways = vec![Vec::new()];
    extend(&mut ways, &hir);
    let mut found = vec![BTreeSet::new(); keywords.len()];
    for way in ways {
        let runs = runs(&way);
        let mut located = runs.iter().enumerate().filter_map(|(number, run)| {
            let (at, here) = locate(run, keywords, ignore_case)?;
            Some((&runs[number..], at, here))
        });
        let Some((runs, at, here)) = located.next() else {
            return anything;
        };
        for keyword in here {
            found[keyword].insert(around(runs, at, keywords[keyword].len()));
        }
    }
    let is_free =
        |shape: &Shape| shape.before.is_empty() && shape.after.is_empty() && shape.row.is_none();
    let listed = found.into_iter().map(|shapes| {
        if shapes.iter().any(is_free) {
            return Vec::new();
        }
        shapes.into_iter().collect()
    });
    listed.collect()
}

/// Returns what stands around a prefix behind which a value of an odd form is looked for (`src/detect/odd.rs`): no
/// byte of a token before it, but an operator or a slash, and a dozen behind it.
pub fn of_odd_form() -> Shape {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.=+/~".contains(&byte);
    let before = Place {
        edge: true,
        ..Place::of(|byte| !is_inner(byte) || matches!(byte, b'=' | b'/'))
    };
    Shape {
        before: vec![before],
        after: vec![Place::of(is_inner); 12],
        row: None,
        odd: true,
    }
}

/// Extends each way to match by all ways of a part.
fn extend(ways: &mut Ways, hir: &Hir) {
    match hir.kind() {
        HirKind::Literal(literal) => {
            for &byte in &literal.0 {
                push(ways, &Piece::of(|other| other == byte));
            }
        }
        HirKind::Class(class) => push(ways, &piece_of(class)),
        HirKind::Look(Look::WordAscii) => push(ways, &Piece::Border),
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Capture(capture) => extend(ways, &capture.sub),
        HirKind::Concat(parts) => parts.iter().for_each(|part| extend(ways, part)),
        HirKind::Repetition(repetition) => repeat(ways, repetition),
        HirKind::Alternation(choices) => match edge(choices) {
            Some(pieces) => pieces.iter().for_each(|piece| push(ways, piece)),
            None => choose(ways, choices),
        },
    }
}

/// Extends by a piece.
fn push(ways: &mut Ways, piece: &Piece) {
    for way in ways {
        way.push(piece.clone());
    }
}

/// Extends by one of several parts.
fn choose(ways: &mut Ways, choices: &[Hir]) {
    let mut chosen = Vec::new();
    for choice in choices {
        let mut taken = ways.clone();
        extend(&mut taken, choice);
        chosen.extend(taken);
    }
    if chosen.len() > WAYS {
        push(ways, &Piece::Gap);
    } else {
        *ways = chosen;
    }
}

/// Extends by a part that stands several times. Of a byte, the least number is known at both ends.
fn repeat(ways: &mut Ways, repetition: &Repetition) {
    let least = repetition.min as usize;
    let fixed = repetition.max == Some(repetition.min);
    let is_byte = matches!(repetition.sub.kind(), HirKind::Class(_))
        || matches!(repetition.sub.kind(), HirKind::Literal(literal) if literal.0.len() == 1);
    let copies = |ways: &mut Ways, count: usize| {
        for _ in 0..count {
            extend(ways, &repetition.sub);
        }
    };
    if is_byte && fixed && least <= 2 * AFTER {
        copies(ways, least);
    } else if repetition.min == 0 && repetition.max == Some(1) {
        choose(ways, &[Hir::empty(), (*repetition.sub).clone()]);
    } else if let (true, 0, Some(most)) = (is_byte, least, repetition.max)
        && ways.len() * (most as usize + 1) <= FEW
    {
        let one = (*repetition.sub).clone();
        let choices = (0..=most as usize).map(|count| Hir::concat(vec![one.clone(); count]));
        choose(ways, &choices.collect::<Vec<_>>());
    } else if is_byte {
        copies(ways, least.min(AFTER));
        push(ways, &Piece::Gap);
        copies(ways, least.min(BEFORE));
    } else if fixed && least <= 8 {
        copies(ways, least);
    } else {
        push(ways, &Piece::Gap);
    }
}

/// Reads "one of these bytes, or the text begins or ends": `(?:[^0-9a-z]|$)`.
fn edge(choices: &[Hir]) -> Option<Vec<Piece>> {
    let mut place = Place {
        set: [false; 256],
        edge: true,
    };
    let (mut begins, mut ends) = (false, false);
    for choice in choices {
        match choice.kind() {
            HirKind::Look(Look::Start) => begins = true,
            HirKind::Look(Look::End) => ends = true,
            HirKind::Class(class) => match piece_of(class) {
                Piece::Place(one) => (0..256).for_each(|byte| place.set[byte] |= one.set[byte]),
                _ => return None,
            },
            HirKind::Literal(literal) if literal.0.len() == 1 => {
                place.set[usize::from(literal.0[0])] = true;
            }
            _ => return None,
        }
    }
    match (begins, ends) {
        (true, false) => Some(vec![Piece::Gap, Piece::Place(Box::new(place))]),
        (false, true) => Some(vec![Piece::Place(Box::new(place)), Piece::Gap]),
        _ => None,
    }
}

fn piece_of(class: &Class) -> Piece {
    let Class::Bytes(class) = class else {
        return Piece::Gap;
    };
    let holds = |byte: u8| {
        let mut ranges = class.ranges().iter();
        ranges.any(|range| range.start() <= byte && byte <= range.end())
    };
    Piece::of(holds)
}

impl Piece {
    fn of(holds: impl Fn(u8) -> bool) -> Self {
        Piece::Place(Box::new(Place::of(holds)))
    }
}

impl Place {
    fn of(holds: impl Fn(u8) -> bool) -> Self {
        let mut set = [false; 256];
        for byte in 0..=u8::MAX {
            set[usize::from(byte)] = holds(byte);
        }
        Place { set, edge: false }
    }

    fn is_word(&self) -> bool {
        !self.edge && (0..=u8::MAX).all(|byte| !self.set[usize::from(byte)] || is_word(byte))
    }

    fn outside_words() -> Self {
        Place {
            edge: true,
            ..Place::of(|byte| !is_word(byte))
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Cuts a way to match at its gaps, and says of each border of a word what it means for the byte beyond the run.
fn runs(way: &[Piece]) -> Vec<Vec<Place>> {
    way.split(|piece| matches!(piece, Piece::Gap))
        .map(|pieces| {
            let mut run = Vec::new();
            for (number, piece) in pieces.iter().enumerate() {
                match piece {
                    Piece::Place(place) => run.push(Place::clone(place)),
                    Piece::Border if run.is_empty() => {
                        if matches!(pieces.get(number + 1), Some(Piece::Place(next)) if next.is_word()) {
                            run.push(Place::outside_words());
                        }
                    }
                    Piece::Border if number + 1 == pieces.len() => {
                        if run.last().is_some_and(Place::is_word) {
                            run.push(Place::outside_words());
                        }
                    }
                    Piece::Border | Piece::Gap => {}
                }
            }
            run
        })
        .collect()
}

/// Returns a place in a run where one of the keywords stands in every text of it, and which of them may.
fn locate(run: &[Place], keywords: &[&[u8]], ignore_case: bool) -> Option<(usize, Vec<usize>)> {
    (0..run.len()).find_map(|at| {
        let may_stand = |keyword: &[u8]| {
            let places = run.get(at..at + keyword.len());
            places.is_some_and(|places| {
                let mut pairs = places.iter().zip(keyword);
                pairs.all(|(place, &byte)| !place.edge && place.set[usize::from(byte)])
            })
        };
        let here: Vec<usize> = (0..keywords.len())
            .filter(|&keyword| may_stand(keywords[keyword]))
            .collect();
        let longest = here.iter().map(|&keyword| keywords[keyword].len()).max()?;
        let texts = texts(&run[at..at + longest], ignore_case)?;
        let is_led = |text: &[u8]| {
            here.iter().any(|&keyword| {
                let keyword = keywords[keyword];
                text.len() >= keyword.len()
                    && if ignore_case {
                        text[..keyword.len()].eq_ignore_ascii_case(keyword)
                    } else {
                        text.starts_with(keyword)
                    }
            })
        };
        texts.iter().all(|text| is_led(text)).then_some((at, here))
    })
}

/// Returns every text that stands for these places, in small letters where case does not count; `None` for too many.
fn texts(places: &[Place], ignore_case: bool) -> Option<Vec<Vec<u8>>> {
    let mut texts = vec![Vec::new()];
    for place in places {
        let bytes: Vec<u8> = (0..=u8::MAX)
            .filter(|&byte| place.set[usize::from(byte)])
            .filter(|byte| !ignore_case || !byte.is_ascii_uppercase())
            .collect();
        if texts.len() * bytes.len() > TEXTS {
            return None;
        }
        let longer = texts.iter().flat_map(|text: &Vec<u8>| {
            bytes
                .iter()
                .map(move |&byte| [text.as_slice(), &[byte]].concat())
        });
        texts = longer.collect();
    }
    Some(texts)
}

/// Returns what stands around a keyword in the first of these runs.
fn around(runs: &[Vec<Place>], at: usize, len: usize) -> Shape {
    let is_any = |place: &Place| place.edge && place.set.iter().all(|&holds| holds);
    let run = &runs[0];
    let before = run[..at].iter().rev().take(BEFORE);
    let after = run[at + len..].iter().take(AFTER);
    let behind = std::iter::once(&run[at + len..]).chain(runs[1..].iter().map(Vec::as_slice));
    Shape {
        before: before.take_while(|place| !is_any(place)).cloned().collect(),
        after: after.take_while(|place| !is_any(place)).cloned().collect(),
        row: behind.filter_map(row).max_by_key(|row| row.1),
        odd: false,
    }
}

/// Returns the longest row of places in a run whose bytes are of one set, where it is long enough to be rare.
fn row(run: &[Place]) -> Option<(Set, u8)> {
    let is_within = |place: &Place, set: &Set| {
        !place.edge
            && place
                .set
                .iter()
                .zip(set)
                .all(|(&holds, &may)| !holds || may)
    };
    let is_narrow =
        |set: &Set| !set[usize::from(b' ')] && set.iter().filter(|&&may| may).count() <= 80;
    let sets = run.iter().map(|place| place.set).filter(is_narrow);
    let rows = sets.map(|set| {
        let longest = run
            .split(|place| !is_within(place, &set))
            .map(<[Place]>::len)
            .max();
        (set, longest.unwrap_or(0))
    });
    let (set, longest) = rows.max_by_key(|row| row.1)?;
    (longest >= LEAST_ROW).then(|| (set, u8::try_from(longest).unwrap_or(u8::MAX)))
}
