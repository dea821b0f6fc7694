//! What is signed is what was offered, and by whom.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use proptest::prelude::*;

use super::*;

/// The first account of Hardhat and Anvil, which is published with its key.
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ACCOUNT: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const SELLER: &str = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";

fn wallet() -> EvmWallet {
    let wallet = EvmWallet::new(&Secret::new(KEY), AllowedAssets::usual(false)).unwrap();
    wallet.with_most(Money::from_micro_usd(u64::MAX))
}

fn offer(amount: u64, extensions: Value) -> Offer {
    Offer::X402 {
        price: Money::from_micro_usd(amount),
        accepted: json!({
            "scheme": "exact", "network": "eip155:84532", "amount": amount.to_string(),
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "payTo": SELLER,
            "maxTimeoutSeconds": 60, "extra": {"name": "USDC", "version": "2"}, "unknown": [1],
        }),
        resource: json!({"url": "https://market.example/company/detail?id=7"}),
        extensions,
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_740_672_100).unwrap()
}

fn signed(amount: u64, id: &str, nonce: [u8; 32]) -> Value {
    wallet()
        .sign(&offer(amount, Value::Null), id, now(), nonce)
        .unwrap()
}

/// Who signed the payment, by what it says of itself.
fn signer(payment: &Value) -> ([u8; 65], String) {
    let authorization = &payment["payload"]["authorization"];
    let text = |field: &str| authorization[field].as_str().unwrap();
    let number = |field: &str| text(field).parse().unwrap();
    let transfer = Transfer {
        from: hex::decode(text("from")).unwrap(),
        to: hex::decode(text("to")).unwrap(),
        value: number("value"),
        valid_after: number("validAfter"),
        valid_before: number("validBefore"),
        nonce: hex::decode(text("nonce")).unwrap(),
    };
    let assets = AllowedAssets::usual(false);
    let terms = assets.terms(&payment["accepted"]).unwrap();
    let digest = transfer.digest(&terms.asset.domain());
    let bytes: [u8; 65] = hex::decode(payment["payload"]["signature"].as_str().unwrap()).unwrap();
    let recovery = RecoveryId::from_byte(bytes[64] - 27).unwrap();
    let signature = Signature::from_slice(&bytes[..64]).unwrap();
    let key = VerifyingKey::recover_from_prehash(&digest, &signature, recovery).unwrap();
    (bytes, shown(account(&key)))
}

#[test]
fn a_payment_is_what_the_wire_format_says() {
    let payment = signed(10_000, "run_1", [7; 32]);
    let Offer::X402 {
        accepted, resource, ..
    } = offer(10_000, Value::Null)
    else {
        unreachable!();
    };
    let signature = payment["payload"]["signature"].clone();
    let expected = json!({
        "x402Version": 2,
        "resource": resource,
        "accepted": accepted,
        "payload": {
            "signature": signature,
            "authorization": {
                "from": ACCOUNT, "to": SELLER, "value": "10000", "validAfter": "1740672040",
                "validBefore": "1740672160", "nonce": format!("0x{}", "07".repeat(32)),
            },
        },
        "extensions": {},
    });
    assert_eq!(payment, expected);
    assert_eq!(signer(&payment).1, ACCOUNT);
    assert_eq!(wallet().address(), ACCOUNT);
}

#[test]
fn an_identifier_is_given_where_it_is_asked_for() {
    let asked =
        json!({"payment-identifier": {"info": {"required": true}, "schema": {}}, "other": 1});
    let payment = |id: &str| {
        let offer = offer(1, asked.clone());
        wallet().sign(&offer, id, now(), [1; 32]).unwrap()["extensions"].clone()
    };
    let fits = "run-01JD2Z5Y8N3V9QK7_7";
    assert_eq!(
        payment(fits),
        json!({
            "payment-identifier": {"info": {"required": true, "id": fits}, "schema": {}},
            "other": 1,
        })
    );
    for id in ["short", "a/b/c#ddddddddddddddddddd", ""] {
        let given = payment(id)["payment-identifier"]["info"]["id"].clone();
        let given = given.as_str().unwrap().to_owned();
        assert!(given.starts_with("pay_") && given.len() == 68, "{given}");
        assert_eq!(payment(id)["payment-identifier"]["info"]["id"], *given);
    }
}

#[test]
fn what_is_not_allowed_is_not_signed() {
    let refused = |edit: &dyn Fn(&mut Money, &mut Value)| {
        let mut offer = offer(10_000, Value::Null);
        if let Offer::X402 {
            price, accepted, ..
        } = &mut offer
        {
            edit(price, accepted);
        }
        match wallet().sign(&offer, "id", now(), [0; 32]) {
            Err(MarketError::NotAllowed(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(&|price, _| *price = Money::from_micro_usd(9_999)).starts_with("amount"));
    assert!(refused(&|_, accepted| accepted["network"] = json!("eip155:1")).starts_with("asset"));
    assert!(refused(&|_, accepted| accepted["scheme"] = json!("upto")).starts_with("scheme"));
    assert!(refused(&|_, accepted| accepted["payTo"] = json!(ACCOUNT)).starts_with("payTo"));
    let token = Offer::Token { price: Money::ZERO };
    assert!(wallet().sign(&token, "id", now(), [0; 32]).is_err());
    let early = Timestamp::from_second(-1).unwrap();
    let early = wallet().sign(&offer(1, Value::Null), "id", early, [0; 32]);
    assert!(matches!(early, Err(MarketError::NotAllowed(_))));
}

#[test]
fn a_key_is_read_checked_and_shown_nowhere() {
    let wallet = |key: &str| {
        EvmWallet::from_lookup(
            |name| (name == EvmWallet::PRIVATE_KEY).then(|| key.to_owned()),
            false,
        )
    };
    assert!(wallet("").unwrap().is_none());
    let read = wallet(&KEY[2..]).unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("EvmWallet({ACCOUNT:?})"));
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    for bad in ["0x", "12", &KEY[..60], &"0".repeat(64), order, "zz"] {
        let error = wallet(bad).unwrap_err();
        assert_eq!(error.variable, EvmWallet::PRIVATE_KEY);
        assert!(bad.len() < 3 || !format!("{error:?} {error}").contains(bad));
    }
}

/// Half the order of secp256k1: a contract refuses what lies above it.
const HALF_ORDER: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";

proptest! {
    /// Whatever is signed recovers to the wallet, with s in the lower half, and is the same again.
    #[test]
    fn signatures_recover_and_repeat(amount in 0..=1_000_000_000_000_000_u64, nonce: [u8; 32]) {
        let payment = signed(amount, "run_1", nonce);
        let (signature, by) = signer(&payment);
        prop_assert_eq!(by, ACCOUNT);
        let half: [u8; 32] = hex::decode_digits(HALF_ORDER).unwrap();
        prop_assert!(signature[32..64] <= half[..]);
        prop_assert!(matches!(signature[64], 27 | 28));
        prop_assert_eq!(signed(amount, "run_1", nonce), payment);
    }
}

#[test]
fn no_more_is_signed_than_is_allowed() {
    let read = |most: &str| {
        EvmWallet::from_lookup(
            |name| match name {
                EvmWallet::PRIVATE_KEY => Some(KEY.to_owned()),
                EvmWallet::MAX_USD => Some(most.to_owned()),
                _ => None,
            },
            false,
        )
    };
    for (most, fits) in [("", 50_000_000), ("12.5", 12_500_000), (" 60 ", 60_000_000)] {
        let wallet = read(most).unwrap().unwrap();
        let sign = |amount| wallet.sign(&offer(amount, Value::Null), "id", now(), [7; 32]);
        assert!(sign(fits).is_ok(), "{most}");
        let error = sign(fits + 1).unwrap_err();
        assert!(matches!(error, MarketError::NotAllowed(_)), "{error}");
        assert!(error.to_string().contains(EvmWallet::MAX_USD), "{error}");
    }
    for bad in ["-1", "much", "NaN", "0.0000001"] {
        assert_eq!(read(bad).unwrap_err().variable, EvmWallet::MAX_USD);
        let unused = EvmWallet::from_lookup(
            |name| (name == EvmWallet::MAX_USD).then(|| bad.to_owned()),
            false,
        );
        assert_eq!(unused.unwrap_err().variable, EvmWallet::MAX_USD);
    }
}
