//! A delta says how a version of an object is made: ranges copied from its base, and bytes inserted.

use crate::blob::{Mark, Regions};
use crate::span::Span;

/// A stretch of a result that came from one place: copied from the base, or inserted.
///
/// Copies that follow one another in the base and in the result are one stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where it stands in the result.
    pub(super) start: usize,
    /// How long it is; never nothing.
    pub(super) len: usize,
    /// Where it starts in the base; `None` when inserted.
    pub(super) from: Option<usize>,
}

impl Stretch {
    fn end(self) -> usize {
        self.start + self.len
    }
}

/// A delta that does not fit its base, or ends in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a delta does not fit its base")]
pub(super) struct DeltaError;

/// Returns the lengths of base and result that the head of a delta gives, and the rest.
pub(super) fn head(delta: &[u8]) -> Result<(u64, u64, &[u8]), DeltaError> {
    let (base, rest) = size(delta)?;
    let (result, rest) = size(rest)?;
    Ok((base, result, rest))
}

/// Makes the result in `out` and lists the stretches it is made of.
///
/// `ops` is the delta after its head; `result_len` what the head gave, and the most that `out` will hold.
pub(super) fn apply(
    base: &[u8],
    ops: &[u8],
    result_len: usize,
    out: &mut Vec<u8>,
    stretches: &mut Vec<Stretch>,
) -> Result<(), DeltaError> {
    out.clear();
    out.reserve(result_len);
    stretches.clear();
    let mut rest = ops;
    while let Some((&op, after)) = rest.split_first() {
        let (bytes, from, after) = if op & 128 != 0 {
            let (from, len, after) = copy(op, after)?;
            let end = from.checked_add(len).ok_or(DeltaError)?;
            (base.get(from..end).ok_or(DeltaError)?, Some(from), after)
        } else if op != 0 {
            let (bytes, after) = after.split_at_checked(usize::from(op)).ok_or(DeltaError)?;
            (bytes, None, after)
        } else {
            return Err(DeltaError);
        };
        rest = after;
        if bytes.len() > result_len - out.len() {
            return Err(DeltaError);
        }
        push(stretches, out.len(), bytes.len(), from);
        out.extend_from_slice(bytes);
    }
    if out.len() == result_len {
        Ok(())
    } else {
        Err(DeltaError)
    }
}

fn push(stretches: &mut Vec<Stretch>, start: usize, len: usize, from: Option<usize>) {
    if let Some(last) = stretches.last_mut() {
        let goes_on = match (last.from, from) {
            (None, None) => true,
            (Some(before), Some(now)) => before + last.len == now,
            _ => false,
        };
        if goes_on {
            last.len += len;
            return;
        }
    }
    stretches.push(Stretch { start, len, from });
}

/// Reads a size of seven bits a byte, the low ones first.
fn size(bytes: &[u8]) -> Result<(u64, &[u8]), DeltaError> {
    let mut value = 0_u64;
    for (position, &byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 127) << (7 * position);
        if byte & 128 == 0 {
            return Ok((value, &bytes[position + 1..]));
        }
    }
    Err(DeltaError)
}

/// Reads the offset and the length of a copy: bits of `op` say which of their bytes are there.
fn copy(op: u8, bytes: &[u8]) -> Result<(usize, usize, &[u8]), DeltaError> {
    let mut rest = bytes;
    let mut fields = [0_usize; 2];
    for bit in 0..7 {
        if op & (1 << bit) != 0 {
            let (&byte, after) = rest.split_first().ok_or(DeltaError)?;
            let (field, shift) = if bit < 4 { (0, bit) } else { (1, bit - 4) };
            fields[field] |= usize::from(byte) << (8 * shift);
            rest = after;
        }
    }
    let len = if fields[1] == 0 { 0x1_0000 } else { fields[1] };
    Ok((fields[0], len, rest))
}

/// Returns what of the result is new: the inserted bytes, and the seams between copied ranges.
///
/// The start of a blob and its end are context too: a match may depend on nothing standing before it. So
/// the byte at which one of the two starts and the other does not counts as new, and likewise at the end.
pub(super) fn regions(stretches: &[Stretch], base_len: usize, result_len: usize) -> Regions {
    let mut ranges = Vec::with_capacity(stretches.len() + 2);
    let mut after_copy = false;
    for stretch in stretches {
        let (start, end) = (stretch.start, stretch.end());
        let Some(from) = stretch.from else {
            ranges.push(Span::new(start, end));
            after_copy = false;
            continue;
        };
        if (from == 0) != (start == 0) {
            ranges.push(Span::new(start, start + 1));
        } else if after_copy {
            ranges.push(Span::new(start, start));
        }
        if (from + stretch.len == base_len) != (end == result_len) {
            ranges.push(Span::new(end - 1, end));
        }
        after_copy = true;
    }
    Regions::from_ranges(ranges)
}

/// Returns the marks of the base that hold in the result, where they stand there. Both are in order.
///
/// A mark of no bytes depends on none: it holds. Another holds when all it depended on was copied in one piece. One that reaches to the start or the end
/// of the base also depended on nothing standing beyond, so it must come to stand there again; if it does
/// not, it touches what [`regions`] calls new, and a scan finds it again if it still holds.
pub(super) fn inherit(
    marks: &[Mark],
    stretches: &[Stretch],
    base_len: usize,
    result_len: usize,
) -> Vec<Mark> {
    /// How many marks are passed over one by one before the rest is halved.
    const STEPS: usize = 16;
    debug_assert!(marks.is_sorted());
    if marks.is_empty() {
        return Vec::new();
    }
    let mut kept = Vec::with_capacity(marks.len());
    let of_all = marks.iter().take_while(|mark| mark.extent().end == 0);
    kept.extend(of_all);
    let marks = &marks[kept.len()..];
    // Most deltas copy from front to back: then the marks are gone through once.
    let (mut done, mut next) = (0, 0);
    for stretch in stretches {
        let Some(from) = stretch.from else { continue };
        let copied = Span::new(from, from + stretch.len);
        if from < done {
            next = marks.partition_point(|mark| mark.extent().start < from);
        }
        done = copied.end;
        let is_before = |mark: &Mark| mark.extent().start < from;
        let some = marks[next..].iter().take(STEPS);
        let passed = some.take_while(|mark| is_before(mark)).count();
        next += passed;
        if passed == STEPS {
            next += marks[next..].partition_point(is_before);
        }
        while let Some(mark) = marks.get(next) {
            let old = mark.extent();
            if old.start >= copied.end {
                break;
            }
            next += 1;
            if !copied.contains(old) {
                continue;
            }
            let new = Span::new(
                old.start - from + stretch.start,
                old.end - from + stretch.start,
            );
            let same_start = (old.start == 0) == (new.start == 0);
            let same_end = (old.end == base_len) == (new.end == result_len);
            if same_start && same_end {
                kept.push(Mark::new(new, mark.id));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The word that the toy scan looks for; no `!` may stand beside it.
    const WORD: &[u8] = b"key";

    /// Applies a delta with the given head to a base.
    fn made(base: &[u8], ops: &[u8], len: usize) -> Result<(Vec<u8>, Vec<Stretch>), DeltaError> {
        let (mut out, mut stretches) = (Vec::new(), Vec::new());
        apply(base, ops, len, &mut out, &mut stretches).map(|()| (out, stretches))
    }

    /// Returns a copy as git writes it: only the bytes of offset and length that are not nothing.
    fn copy_op(from: usize, len: usize) -> Vec<u8> {
        let mut op = vec![128];
        let length = if len == 0x1_0000 { 0 } else { len };
        let fields = [(from, 4, 0), (length, 3, 4)];
        for (value, bytes, first) in fields {
            for byte in 0..bytes {
                let part = u8::try_from(value >> (8 * byte) & 255).expect("a byte");
                if part != 0 {
                    op[0] |= 1 << (first + byte);
                    op.push(part);
                }
            }
        }
        op
    }

    #[test]
    fn copies_and_insertions_make_the_result() {
        let base = b"one two three".as_slice();
        let mut ops = copy_op(4, 4);
        ops.extend(b"\x04and ");
        ops.extend(copy_op(0, 3));
        let (out, stretches) = made(base, &ops, 11).expect("sound");
        assert_eq!(out, b"two and one");
        let from: Vec<Option<usize>> = stretches.iter().map(|stretch| stretch.from).collect();
        assert_eq!(from, [Some(4), None, Some(0)]);
    }

    #[test]
    fn a_copy_without_a_length_is_of_65536_bytes() {
        let base: Vec<u8> = (0..=u8::MAX).cycle().take(0x1_0005).collect();
        assert_eq!(copy_op(5, 0x1_0000).len(), 2);
        let (out, _) = made(&base, &copy_op(5, 0x1_0000), 0x1_0000).expect("sound");
        assert_eq!(out, base[5..]);
    }

    #[test]
    fn copies_that_follow_one_another_are_one_stretch() {
        let ops = [copy_op(1, 2), copy_op(3, 4)].concat();
        let (_, stretches) = made(b"0123456789", &ops, 6).expect("sound");
        assert_eq!(stretches.len(), 1);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let base = b"0123456789".as_slice();
        for (ops, len, why) in [
            (copy_op(8, 3), 3, "beyond the base"),
            (copy_op(usize::from(u16::MAX), 3), 3, "far beyond the base"),
            (b"\x05abc".to_vec(), 5, "an insertion that is cut off"),
            (vec![0x91], 1, "a copy without its offset"),
            (vec![0], 0, "the reserved operation"),
            (copy_op(0, 4), 3, "more than the head says"),
            (copy_op(0, 4), 5, "less than the head says"),
        ] {
            assert_eq!(made(base, &ops, len), Err(DeltaError), "{why}");
        }
    }

    #[test]
    fn the_head_gives_both_lengths() {
        assert_eq!(head(&[0x80, 0x01, 0x05, 7]), Ok((128, 5, &[7][..])));
        assert_eq!(head(&[0x80]), Err(DeltaError));
        assert_eq!(head(&[0xff; 20]), Err(DeltaError));
    }

    /// Returns every word of the text, with the bytes that decided.
    fn found(text: &[u8]) -> Vec<Span> {
        let is_free = |at: Option<usize>| at.and_then(|at| text.get(at)) != Some(&b'!');
        memchr::memmem::find_iter(text, WORD)
            .filter(|&at| is_free(at.checked_sub(1)) && is_free(Some(at + WORD.len())))
            .map(|at| Span::new(at.saturating_sub(1), (at + WORD.len() + 1).min(text.len())))
            .collect()
    }

    /// A delta's operations, drawn without looking at the base: places are taken modulo its length.
    fn operations() -> impl Strategy<Value = Vec<(Option<(usize, usize)>, String)>> {
        prop::collection::vec(
            (
                prop::option::weighted(0.7, (0usize..80, 1usize..40)),
                "[key! ]{1,4}",
            ),
            1..8,
        )
    }

    proptest! {
        #[test]
        fn what_is_inherited_and_what_is_new_is_all_there_is(
            first in "[key!]{0,40}",
            versions in prop::collection::vec(operations(), 1..5),
        ) {
            let mut base = first.into_bytes();
            let mut marks: Vec<Mark> =
                found(&base).into_iter().map(|extent| Mark::new(extent, 7)).collect();
            for version in versions {
                let (mut ops, mut len) = (Vec::new(), 0);
                for (copied, inserted) in version {
                    match copied.filter(|_| !base.is_empty()) {
                        Some((from, most)) => {
                            let from = from % base.len();
                            let most = most.min(base.len() - from);
                            ops.extend(copy_op(from, most));
                            len += most;
                        }
                        None => {
                            ops.push(u8::try_from(inserted.len()).expect("short"));
                            ops.extend(inserted.as_bytes());
                            len += inserted.len();
                        }
                    }
                }
                let (result, stretches) = made(&base, &ops, len).expect("sound");
                let regions = regions(&stretches, base.len(), result.len());
                let inherited = inherit(&marks, &stretches, base.len(), result.len());
                let new = found(&result).into_iter().filter(|&extent| regions.touch(extent));
                let mut all: Vec<Span> = inherited.iter().map(|mark| mark.extent()).chain(new).collect();
                all.sort_unstable();
                prop_assert_eq!(&all, &found(&result), "{:?} of {:?}", result, base);
                marks = all.into_iter().map(|extent| Mark::new(extent, 7)).collect();
                base = result;
            }
        }
    }

    #[test]
    fn what_holds_of_all_of_a_blob_is_inherited() {
        let of_all = Mark::new(Span::new(0, 0), 1);
        let stretches = [Stretch {
            start: 0,
            len: 3,
            from: None,
        }];
        assert_eq!(inherit(&[of_all], &stretches, 5, 3), [of_all]);
    }
}
