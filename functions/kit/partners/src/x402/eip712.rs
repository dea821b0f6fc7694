//! What is signed: the digest of an EIP-3009 transfer as typed data (EIP-712).

use k256::ecdsa::{SigningKey, VerifyingKey};
use sha3::{Digest as _, Keccak256};

use super::hex;

const DOMAIN: &str =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const TRANSFER: &str = "TransferWithAuthorization(address from,address to,uint256 value,\
                        uint256 validAfter,uint256 validBefore,bytes32 nonce)";

/// Whose signature a contract takes.
pub(super) struct Domain<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) chain_id: u64,
    pub(super) contract: [u8; 20],
}

/// A transfer that its payer allows whoever brings it to make, once.
pub(super) struct Transfer {
    pub(super) from: [u8; 20],
    pub(super) to: [u8; 20],
    /// Atomic units.
    pub(super) value: u64,
    /// Seconds since 1970: it can be made after the one and before the other.
    pub(super) valid_after: u64,
    pub(super) valid_before: u64,
    pub(super) nonce: [u8; 32],
}

impl Transfer {
    /// What is signed for the contract of a domain.
    pub(super) fn digest(&self, domain: &Domain<'_>) -> [u8; 32] {
        let separator = hash(&[
            hash(&[DOMAIN.as_bytes()]),
            hash(&[domain.name.as_bytes()]),
            hash(&[domain.version.as_bytes()]),
            number(domain.chain_id),
            address(domain.contract),
        ]);
        let transfer = hash(&[
            hash(&[TRANSFER.as_bytes()]),
            address(self.from),
            address(self.to),
            number(self.value),
            number(self.valid_after),
            number(self.valid_before),
            self.nonce,
        ]);
        hash(&[&b"\x19\x01"[..], &separator, &transfer])
    }
}

/// A signature as contracts take it: r, s in the lower half of the curve's order, and v, 27 or 28.
pub(super) fn sign(key: &SigningKey, digest: &[u8; 32]) -> [u8; 65] {
    let (signature, recovery) = key.sign_prehash_recoverable(digest);
    let mut bytes = [0; 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes[64] = 27 + u8::from(recovery.is_y_odd());
    bytes
}

/// The account of a key.
pub(super) fn account(key: &VerifyingKey) -> [u8; 20] {
    let point = key.to_sec1_point(false);
    // Its first byte says that the point is not compressed.
    let hash = hash(&[&point.as_bytes()[1..]]);
    let mut account = [0; 20];
    account.copy_from_slice(&hash[12..]);
    account
}

/// An account as people compare it: the case of its letters is a checksum (EIP-55).
pub(super) fn shown(account: [u8; 20]) -> String {
    let digits = hex::encode(&account);
    let check = hash(&[&digits.as_bytes()[2..]]);
    let cased = digits.chars().enumerate().map(|(at, digit)| {
        let nibble = |at: usize| check[at / 2] >> (4 * (1 - at % 2)) & 0xf;
        match at.checked_sub(2) {
            Some(at) if nibble(at) >= 8 => digit.to_ascii_uppercase(),
            _ => digit,
        }
    });
    cased.collect()
}

fn hash<T: AsRef<[u8]>>(parts: &[T]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn number(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

fn address(address: [u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&address);
    word
}

#[cfg(test)]
pub(super) mod tests {
    use k256::ecdsa::{RecoveryId, Signature};

    use super::*;

    /// Who signed a digest.
    pub(in crate::x402) fn signer(digest: &[u8; 32], signature: &[u8; 65]) -> [u8; 20] {
        let recovery = RecoveryId::from_byte(signature[64] - 27).unwrap();
        let signature = Signature::from_slice(&signature[..64]).unwrap();
        account(&VerifyingKey::recover_from_prehash(digest, &signature, recovery).unwrap())
    }

    /// The sample of the x402 specification (`specs/schemes/exact/scheme_exact_evm.md`).
    fn sample() -> Transfer {
        Transfer {
            from: hex::decode("0x857b06519E91e3A54538791bDbb0E22373e36b66").unwrap(),
            to: hex::decode("0x209693Bc6afc0C5328bA36FaF03C514EF312287C").unwrap(),
            value: 10_000,
            valid_after: 1_740_672_089,
            valid_before: 1_740_672_154,
            nonce: hex::decode(
                "0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480",
            )
            .unwrap(),
        }
    }

    const SAMPLE_SIGNATURE: &str = "0x2d6a7588d6acca505cbf0d9a4a227e0c52c6c34008c8e8986a1283259764173608a2ce6496642e377d6da8dbbf5836e9bd15092f9ecab05ded3d6293af148b571c";

    #[test]
    fn the_sample_of_the_specification_was_signed_by_its_payer() {
        let domain = Domain {
            name: "USDC",
            version: "2",
            chain_id: 84532,
            contract: hex::decode("0x036CbD53842c5426634e7929541eC2318f3dCF7e").unwrap(),
        };
        let signature = hex::decode(SAMPLE_SIGNATURE).unwrap();
        let digest = sample().digest(&domain);
        assert_eq!(
            shown(signer(&digest, &signature)),
            "0x857b06519E91e3A54538791bDbb0E22373e36b66"
        );
        let dearer = Transfer {
            value: 10_001,
            ..sample()
        };
        assert_ne!(signer(&dearer.digest(&domain), &signature), sample().from);
    }

    /// The type hashes that EIP-3009 and EIP-712 publish.
    #[test]
    fn types_hash_to_what_contracts_hold() {
        assert_eq!(
            hex::encode(&hash(&[TRANSFER])),
            "0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267"
        );
        assert_eq!(
            hex::encode(&hash(&[DOMAIN])),
            "0x8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f"
        );
    }

    /// The examples of EIP-55.
    #[test]
    fn accounts_are_shown_with_their_checksum() {
        for account in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        ] {
            assert_eq!(shown(hex::decode(account).unwrap()), account);
        }
    }
}
