//! How a purchase stands, and how it is paid.

use serde::{Deserialize, Serialize};

use crate::marketplace::Offer;

/// How a purchase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PurchaseState {
    /// It is known what it would cost.
    Quoted,
    /// Its price is held on the accounts.
    Reserved,
    /// It is written down that it is paid: money may have moved.
    Paying,
    /// It is paid.
    Paid,
    /// What was bought is there.
    Delivered,
    /// Nothing was paid and nothing is held.
    Released,
    /// It was paid and nothing came, or nobody knows whether it was paid: a person must look.
    Disputed,
}

impl PurchaseState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Quoted,
        Self::Reserved,
        Self::Paying,
        Self::Paid,
        Self::Delivered,
        Self::Released,
        Self::Disputed,
    ];

    /// The state as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Reserved => "reserved",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Delivered => "delivered",
            Self::Released => "released",
            Self::Disputed => "disputed",
        }
    }

    /// Whether nothing more happens.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Delivered | Self::Released | Self::Disputed)
    }

    /// Whether somebody must drive it on, should the one that began not be there any more.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Reserved | Self::Paying | Self::Paid)
    }
}

/// How something is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rail {
    /// Not at all.
    Free,
    /// With a token of the Payment Manager.
    Token,
    /// With a transfer that the wallet signs.
    X402,
}

impl Rail {
    /// The rail as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Token => "token",
            Self::X402 => "x402",
        }
    }
}

impl From<&Offer> for Rail {
    fn from(offer: &Offer) -> Self {
        match offer {
            Offer::Token { .. } => Self::Token,
            Offer::X402 { .. } => Self::X402,
        }
    }
}
