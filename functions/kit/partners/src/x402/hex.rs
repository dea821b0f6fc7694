//! Bytes in hexadecimal digits, as Ethereum writes them.

use std::fmt::Write as _;

/// `0x` and two digits a byte.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("0x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Exactly `N` bytes, in digits of either case behind `0x`.
pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode_digits(text.strip_prefix("0x")?)
}

/// Exactly `N` bytes, in digits of either case.
pub(super) fn decode_digits<const N: usize>(digits: &str) -> Option<[u8; N]> {
    if digits.len() != 2 * N || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_bytes_of_the_right_number_are_read() {
        assert_eq!(decode("0x00aBff"), Some([0, 0xab, 0xff]));
        assert_eq!(encode(&[0, 0xab, 0xff]), "0x00abff");
        for bad in ["", "00abff", "0x00abf", "0x00ab", "0x00abff00", "0x+1+2+3"] {
            assert_eq!(decode::<3>(bad), None, "{bad}");
        }
    }
}
