//! Shannon entropy: how many bits each byte of a value carries, given how often its bytes repeat.

/// Returns the Shannon entropy of the bytes in bits per byte: 0 for one repeated byte, at most 8,
/// and never above the binary logarithm of the length (C. E. Shannon, 1948).
pub(crate) fn shannon(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "lengths of values, far below 2^24"
    )]
    let total = bytes.len() as f32;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            #[expect(clippy::cast_precision_loss, reason = "as above")]
            let share = count as f32 / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_carry_nothing_and_sixteen_digits_four_bits() {
        assert!(shannon(b"") < 0.01);
        assert!(shannon(b"aaaaaaaa") < 0.01);
        assert!((shannon(b"0123456789abcdef") - 4.0).abs() < 0.01);
    }
}
