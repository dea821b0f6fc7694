//! The marketplace that data is bought on, the Payment Manager, and the wallet, as ports.
//!
//! Two rails: tokens of the Payment Manager ([`Offer::Token`]), and x402 version 2
//! ([`Offer::X402`]). Nothing here decides whether to pay; that is the ledger's.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Money;

/// A source of data, as the marketplace lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Its id in the marketplace: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
    pub source_id: String,
    /// Its name, at most 200 characters.
    pub name: String,
}

/// What the marketplace would take for access to one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rail", rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "a handful of offers is alive at once"
)]
pub enum Offer {
    /// A token of the Payment Manager is charged.
    Token {
        /// Whole units of the rail's currency, US dollars.
        price: Money,
    },
    /// A transfer that the wallet signs.
    X402 {
        /// What it is worth in US dollars: the amount of an allowed stablecoin.
        price: Money,
        /// The entry of `accepts`, word for word: it is echoed and signed.
        accepted: Value,
        /// The `resource` of the answer, word for word.
        resource: Value,
        /// The `extensions` of the answer, word for word; null when there were none.
        extensions: Value,
    },
}

impl Offer {
    /// What it costs.
    pub const fn price(&self) -> Money {
        match self {
            Self::Token { price } | Self::X402 { price, .. } => *price,
        }
    }

    /// The rail's name, as it is spelt.
    pub const fn rail(&self) -> &'static str {
        match self {
            Self::Token { .. } => "token",
            Self::X402 { .. } => "x402",
        }
    }
}

/// What a request for a source brings along.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Access<'a> {
    /// Nothing: it is looked whether it is free, or what it costs.
    None,
    /// A token of the Payment Manager.
    Token(&'a str),
    /// A signed payment of the other rail, as [`Wallet::sign`] made it.
    Signed(&'a Value),
}

/// What the marketplace answers to a request for a source.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched {
    /// The data; `receipt` says what was settled with it, if anything was.
    Data {
        /// What was asked for.
        data: Value,
        /// The transaction that paid for it, where this request did.
        receipt: Option<String>,
    },
    /// There is nothing under this id.
    Nothing,
    /// It must be paid for. Offers that are malformed, foreign or not allowed are not in the list;
    /// why is.
    PaymentRequired {
        /// What would be taken, as the marketplace lists it.
        offers: Vec<Offer>,
        /// Why an offer, or the payment that was brought, was not taken; at most 500 characters.
        refusals: Vec<String>,
    },
    /// The marketplace says that the signed payment that was brought was not made (`success: false`),
    /// whatever it gave or asked besides. What was signed is valid as long as before.
    NotSettled {
        /// Why, at most 500 characters.
        reason: String,
        /// Whether that is certain by what it says: it names no transaction, and does not say that
        /// the payment was used before.
        certain: bool,
        /// What it gave all the same.
        data: Option<Value>,
    },
    /// The payment that was brought is on its way (`settlement_pending`): the same request again
    /// finds out.
    Pending {
        /// Its transaction, where it is known.
        transaction: Option<String>,
    },
}

/// What a charge of a token came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The marketplace's own name for it, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    /// What was charged, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Money>,
    /// What is left on the token, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Money>,
}

/// The marketplace.
#[async_trait]
pub trait Marketplace: Send + Sync {
    /// The sources whose names contain a keyword. Free.
    async fn search(&self, keyword: &str) -> Result<Vec<Listing>, MarketError>;

    /// One source.
    async fn detail(&self, source_id: &str, access: Access<'_>) -> Result<Fetched, MarketError>;

    /// Charges a token. It knows no idempotency: whoever calls again without having looked may pay
    /// twice. `key` is sent as `Idempotency-Key` all the same.
    async fn pay(&self, token: &str, amount: Money, key: &str) -> Result<Charge, MarketError>;
}

/// The Payment Manager.
#[async_trait]
pub trait PaymentManager: Send + Sync {
    /// A token that can be charged up to `budget` (whole dollars), for the holder of this voice.
    /// [`MarketError::Authentication`] when the voice is not accepted.
    async fn token(&self, budget: Money, voice_id: &str) -> Result<Token, MarketError>;

    /// What is left on a token; nothing where this Payment Manager does not say.
    async fn balance(&self, token: &str) -> Result<Option<Money>, MarketError>;
}

/// A token of the Payment Manager. Whoever has it can spend it: it is stored, never logged, and
/// never in a workflow's state.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id, which is the secret.
    pub token_id: String,
    /// When it ends, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("token_id", &"…")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// Signs payments of the x402 rail.
pub trait Wallet: Send + Sync {
    /// The address that pays, as `0x…`.
    fn address(&self) -> String;

    /// Signs one payment for an [`Offer::X402`]: the whole content of `PAYMENT-SIGNATURE`, before
    /// base 64. `id` names the purchase (for the extension `payment-identifier`), `nonce` is 32
    /// random bytes; the same arguments give the same payload.
    ///
    /// # Errors
    /// When the offer's network, asset or scheme is not allowed or cannot be signed.
    fn sign(
        &self,
        offer: &Offer,
        id: &str,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<Value, MarketError>;
}

/// Why the marketplace, the Payment Manager or the wallet did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarketError {
    /// Understood and refused; the same call would be refused again.
    #[error("refused with status {status}: {message}")]
    Refused {
        /// The HTTP status, 300 to 499; redirects are refusals, none is followed.
        status: u16,
        /// What it said, shortened.
        message: String,
    },
    /// The voice or the token is not accepted.
    #[error("not authenticated: {0}")]
    Authentication(String),
    /// There is not enough on the token.
    #[error("insufficient balance: {available} of {required}")]
    InsufficientBalance {
        /// What was to be charged.
        required: Money,
        /// What there is.
        available: Money,
    },
    /// An answer that is not what was agreed on; what was asked may have happened.
    #[error("the answer cannot be used: {0}")]
    Malformed(String),
    /// No answer in time; what was asked may have happened.
    #[error("no answer in time")]
    TimedOut,
    /// Not there, overloaded or broken; what was asked may have happened.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The wallet does not sign this.
    #[error("the wallet refuses: {0}")]
    NotAllowed(String),
}

impl MarketError {
    /// Understood and refused.
    pub const REFUSED: &'static str = "MarketplaceRefused";
    /// The voice or the token is not accepted.
    pub const AUTHENTICATION: &'static str = "AuthenticationError";
    /// Not enough on the token.
    pub const INSUFFICIENT: &'static str = "InsufficientBalance";
    /// An answer that cannot be used.
    pub const MALFORMED: &'static str = "MarketplaceMalformed";
    /// No answer in time.
    pub const TIMED_OUT: &'static str = "MarketplaceTimedOut";
    /// Not there, overloaded or broken.
    pub const UNAVAILABLE: &'static str = "MarketplaceUnavailable";
    /// The wallet does not sign this.
    pub const NOT_ALLOWED: &'static str = "PaymentNotAllowed";

    /// Every code, as workflows name them.
    pub const CODES: [&'static str; 7] = [
        Self::REFUSED,
        Self::AUTHENTICATION,
        Self::INSUFFICIENT,
        Self::MALFORMED,
        Self::TIMED_OUT,
        Self::UNAVAILABLE,
        Self::NOT_ALLOWED,
    ];

    /// The codes of what may pass by itself.
    pub const TRANSIENT: [&'static str; 3] = [Self::MALFORMED, Self::TIMED_OUT, Self::UNAVAILABLE];

    /// The error's code, one of [`MarketError::CODES`].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => Self::REFUSED,
            Self::Authentication(_) => Self::AUTHENTICATION,
            Self::InsufficientBalance { .. } => Self::INSUFFICIENT,
            Self::Malformed(_) => Self::MALFORMED,
            Self::TimedOut => Self::TIMED_OUT,
            Self::Unavailable(_) => Self::UNAVAILABLE,
            Self::NotAllowed(_) => Self::NOT_ALLOWED,
        }
    }

    /// Whether this says that a charge was declined. Every other failure of a charge, other refusals
    /// and redirects among them, leaves open whether it was made.
    pub const fn is_decline(&self) -> bool {
        match self {
            Self::Authentication(_) | Self::InsufficientBalance { .. } | Self::NotAllowed(_) => {
                true
            }
            Self::Refused { status, .. } => matches!(status, 402 | 403 | 404 | 422),
            Self::Malformed(_) | Self::TimedOut | Self::Unavailable(_) => false,
        }
    }

    /// Whether what was asked may have happened all the same.
    pub const fn may_have_happened(&self) -> bool {
        matches!(
            self,
            Self::Malformed(_) | Self::TimedOut | Self::Unavailable(_)
        )
    }
}
