//! Values that their makers print in public, such as the key of an emulator or of a page of documentation.
//!
//! Only the first eight bytes of each value's SHA-256 are kept: no whole token stands here.

use crate::secret::Digest;

/// Published values: eight bytes of the digest each, sorted, with where they are printed.
const PUBLISHED: [(u64, &str); 29] = [
    (0x0011_cc25_eb43_2071, "Azure's storage emulator"),
    (0x0068_df48_4e86_634e, "OpenBao's documentation"),
    (0x02f7_ce3c_263f_85c0, "Discord's reference"),
    (0x068c_3174_c060_9773, "OpenBao's documentation"),
    (0x0b5d_d075_ccdd_03c4, "Telegram's introduction to bots"),
    (0x0ee6_b7be_0767_6911, "OpenBao's documentation"),
    (0x0f36_2ca6_3457_b0d1, "OpenBao's documentation"),
    (0x10a5_2ff4_7343_e7dc, "OpenBao's documentation"),
    (0x12b7_9835_ad92_a66b, "OpenBao's documentation"),
    (0x1afd_ae2d_ebc2_0e76, "OpenBao's documentation"),
    (0x1bbb_9293_c38a_cc5e, "MinIO's playground"),
    (0x2caf_c097_0149_a84f, "Stripe's documentation"),
    (0x3543_c50b_0cb9_cea8, "GitHub's documentation"),
    (0x549c_9390_539e_fcfa, "RFC 6238"),
    (0x5663_151d_50c5_dc90, "OpenBao's documentation"),
    (0x731f_a294_d036_e54f, "Telegram's documentation of its API"),
    (0x8a70_b277_1a9d_63d2, "OpenBao's documentation"),
    (0x8be5_d113_c087_1ce1, "Google Authenticator's wiki"),
    (0x9c84_6fdf_0fa8_955c, "Mailgun's documentation"),
    (0x9cde_fbc8_882c_d9a0, "OpenBao's documentation"),
    (0xaa65_4743_9583_c3a2, "the Cosmos DB emulator"),
    (0xb1bd_5588_338c_df55, "OpenBao's documentation"),
    (0xb62a_d8b3_465e_33dc, "RFC 6238"),
    (0xbc3a_e723_f57c_6b9e, "GitHub's documentation"),
    (0xd72a_22c3_4c09_0461, "OpenBao's documentation"),
    (0xdf45_2eef_23e8_cf2c, "MinIO's playground"),
    (0xe279_09eb_8c1f_d8b7, "OpenBao's documentation"),
    (0xf2d6_ca16_5150_33e5, "Stripe's documentation"),
    (0xf5e9_5c99_5463_5b65, "reCAPTCHA's documentation"),
];

/// Returns where the value is printed for everyone to read.
pub(crate) fn printed_in(digest: &Digest) -> Option<&'static str> {
    let start = u64::from_be_bytes(*digest.0.first_chunk().expect("32 bytes"));
    PUBLISHED
        .binary_search_by_key(&start, |&(start, _)| start)
        .ok()
        .map(|found| PUBLISHED[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_printed_value_is_known_and_the_table_is_sorted() {
        let printed = ["Q3AM3UQ8", "67SPQQA43P2F"];
        let digest = Secret::new(printed.concat().as_bytes()).digest();
        assert_eq!(printed_in(&digest), Some("MinIO's playground"));
        assert_eq!(printed_in(&Secret::new(b"another").digest()), None);
        assert!(PUBLISHED.is_sorted());
    }
}
