//! Who signed a payment: EIP-712 typed data of an EIP-3009 transfer, recovered on secp256k1.
//!
//! Written apart from the wallet's own: a mistake of the one is not believed by the other.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest as _, Keccak256};

/// What the sandbox is paid in: play money on a network of its own.
pub const NETWORK: &str = "eip155:31337";
/// The contract that would hold it.
pub const ASSET: &str = "0x5a4db0c50000000000000000000000000000da1e";
/// What that contract calls itself.
pub(super) const ASSET_NAME: &str = "Sandbox USD";
/// Its version.
pub(super) const ASSET_VERSION: &str = "1";
/// The account that sells.
pub const PAY_TO: &str = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";

const CHAIN: u64 = 31_337;

/// A transfer, as a payment says it.
pub(super) struct Authorization<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) value: &'a str,
    pub(super) valid_after: &'a str,
    pub(super) valid_before: &'a str,
    pub(super) nonce: &'a str,
}

/// Whether `from` signed this transfer of the sandbox's money; no when anything of it cannot be
/// read, and when s is in the upper half, which contracts refuse.
pub(super) fn is_signed(authorization: &Authorization<'_>, signature: &str) -> bool {
    signed(authorization, signature).unwrap_or(false)
}

fn signed(authorization: &Authorization<'_>, signature: &str) -> Option<bool> {
    let bytes = hex(signature).filter(|bytes| bytes.len() == 65)?;
    let recovery = RecoveryId::from_byte(bytes[64].checked_sub(27)?)?;
    let signature = Signature::from_slice(&bytes[..64]).ok()?;
    if signature.normalize_s() != signature {
        return None;
    }
    let digest = digest(authorization)?;
    let key = VerifyingKey::recover_from_prehash(&digest, &signature, recovery).ok()?;
    let signer = keccak(&key.to_sec1_point(false).as_bytes()[1..]);
    Some(signer[12..] == *hex(authorization.from)?)
}

fn digest(authorization: &Authorization<'_>) -> Option<[u8; 32]> {
    let mut domain = keccak(
        b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
    )
    .to_vec();
    domain.extend(keccak(ASSET_NAME.as_bytes()));
    domain.extend(keccak(ASSET_VERSION.as_bytes()));
    domain.extend(word(&CHAIN.to_be_bytes()));
    domain.extend(word(&hex(ASSET)?));
    let mut transfer = keccak(
        b"TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)",
    )
    .to_vec();
    transfer.extend(word(&sized::<20>(authorization.from)?));
    transfer.extend(word(&sized::<20>(authorization.to)?));
    for number in [
        authorization.value,
        authorization.valid_after,
        authorization.valid_before,
    ] {
        transfer.extend(word(&number.parse::<u64>().ok()?.to_be_bytes()));
    }
    transfer.extend(sized::<32>(authorization.nonce)?);
    let mut message = b"\x19\x01".to_vec();
    message.extend(keccak(&domain));
    message.extend(keccak(&transfer));
    Some(keccak(&message))
}

pub(super) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

fn word(bytes: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    word[32 - bytes.len()..].copy_from_slice(bytes);
    word
}

fn sized<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex(text)?.try_into().ok()
}

/// Bytes behind `0x`.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let [high, low] = pair else { return None };
        let digit = |c: u8| char::from(c).to_digit(16);
        u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
    });
    pairs.collect()
}

/// `0x` and two digits a byte.
pub(super) fn shown(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    format!("0x{}", digits.collect::<String>())
}
