//! A purchase: one source for one run.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PurchaseState, Rail};
use crate::marketplace::Offer;
use crate::run::ArtifactRef;
use crate::{Money, PurchaseId, RunId, TenantId};

/// What a purchase begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPurchase {
    /// Its id.
    pub purchase_id: PurchaseId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The run that it is for.
    pub run_id: RunId,
    /// The source's id in the marketplace.
    pub source_id: String,
    /// The source's name.
    pub name: String,
    /// The keyword that found it.
    pub found_by: String,
    /// What it would cost.
    pub price: Money,
    /// How it would be paid.
    pub rail: Rail,
}

/// One purchase. Of a run and a source there is one.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "`purchase_id` is its name in every answer"
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, whatever the state is"
)]
pub struct Purchase {
    pub(super) purchase_id: PurchaseId,
    pub(super) tenant_id: TenantId,
    pub(super) run_id: RunId,
    pub(super) source_id: String,
    pub(super) name: String,
    pub(super) found_by: String,
    pub(super) rail: Rail,
    pub(super) price: Money,
    pub(super) state: PurchaseState,
    pub(super) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<Money>,
    /// What was taken beyond its cost.
    #[serde(default)]
    pub(super) overcharged: Money,
    /// How often it was asked to be paid, looked into, and fetched in vain.
    pub(super) attempts: u32,
    pub(super) probes: u32,
    pub(super) deliveries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offer: Option<Offer>,
    /// The number of the token that pays.
    pub(super) token: u32,
    /// Whether the token may have been charged.
    pub(super) weighed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) balance_before: Option<Money>,
    /// When the token was last asked to be charged, and when it was first read after that that it
    /// was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) called_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unpaid_at: Option<Timestamp>,
    /// What the wallet signed: a secret. Stored before it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) signed: Option<Value>,
    /// Whether an answer to what was signed is missing, and whether one ever left a doubt.
    #[serde(default)]
    pub(super) unheard: bool,
    #[serde(default)]
    pub(super) doubtful: bool,
    /// Whether somebody decided that it is not bought.
    #[serde(default)]
    pub(super) declined: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) transaction: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact: Option<ArtifactRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// The last refusals of the marketplace, oldest first.
    pub(super) refusals: Vec<String>,
    /// Until when nobody else acts on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// How long after a charge was asked for it may still be made, whatever its caller heard: no call
/// takes a minute, nor does the other side to notice that nobody waits for it any more.
pub const SETTLES: SignedDuration = SignedDuration::from_secs(65);

/// How far apart it must be read twice that nothing was charged.
pub const APART: SignedDuration = SignedDuration::from_secs(30);

/// How long after what was signed is no longer valid it is certain that nobody settles it: clocks
/// differ, and blocks take their time.
pub const EXPIRED: SignedDuration = SignedDuration::from_secs(60);

/// How many refusals are kept.
const MAX_REFUSALS: usize = 5;

impl Purchase {
    /// A purchase that is quoted, at version 1.
    pub fn new(new: NewPurchase, now: Timestamp) -> Self {
        Self {
            purchase_id: new.purchase_id,
            tenant_id: new.tenant_id,
            run_id: new.run_id,
            source_id: new.source_id,
            name: new.name,
            found_by: new.found_by,
            rail: new.rail,
            price: new.price,
            state: PurchaseState::Quoted,
            version: 1,
            cost: None,
            overcharged: Money::ZERO,
            attempts: 0,
            probes: 0,
            deliveries: 0,
            offer: None,
            token: 0,
            weighed: false,
            balance_before: None,
            called_at: None,
            unpaid_at: None,
            signed: None,
            unheard: false,
            doubtful: false,
            declined: false,
            transaction: None,
            artifact: None,
            reason: None,
            refusals: Vec::new(),
            until: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Its id, which is also the idempotency key of its payment.
    pub const fn purchase_id(&self) -> PurchaseId {
        self.purchase_id
    }

    /// Whose it is.
    pub const fn tenant_id(&self) -> &TenantId {
        &self.tenant_id
    }

    /// The run that it is for.
    pub const fn run_id(&self) -> RunId {
        self.run_id
    }

    /// The source's id in the marketplace.
    pub fn source_id(&self) -> &str {
        &self.source_id
    }

    /// The source's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The keyword that found it.
    pub fn found_by(&self) -> &str {
        &self.found_by
    }

    /// How it is paid.
    pub const fn rail(&self) -> Rail {
        self.rail
    }

    /// What it is to cost.
    pub const fn price(&self) -> Money {
        self.price
    }

    /// How it stands.
    pub const fn state(&self) -> PurchaseState {
        self.state
    }

    /// Counts the changes.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// What it cost; nothing while it is not paid.
    pub const fn cost(&self) -> Option<Money> {
        self.cost
    }

    /// What was taken beyond its cost.
    pub const fn overcharged(&self) -> Money {
        self.overcharged
    }

    /// How often it was asked to be paid.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How often it was looked whether it was paid.
    pub const fn probes(&self) -> u32 {
        self.probes
    }

    /// How often it was fetched in vain after it was paid.
    pub const fn deliveries(&self) -> u32 {
        self.deliveries
    }

    /// What was reserved for.
    pub const fn offer(&self) -> Option<&Offer> {
        self.offer.as_ref()
    }

    /// The number of the token that pays; 0 for none.
    pub const fn token(&self) -> u32 {
        self.token
    }

    /// Whether the token may have been charged: it is written down before it is.
    pub const fn is_weighed(&self) -> bool {
        self.weighed
    }

    /// What was on the token before it was charged, where that is known.
    pub const fn balance_before(&self) -> Option<Money> {
        self.balance_before
    }

    /// From when on a reading of the token says something about its last charge.
    pub fn readable_from(&self) -> Option<Timestamp> {
        self.called_at.map(|at| at + SETTLES)
    }

    /// Whether it was read long enough before `now` that nothing was charged: another such reading
    /// makes it certain.
    pub fn was_unpaid_before(&self, now: Timestamp) -> bool {
        self.unpaid_at.is_some_and(|at| now >= at + APART)
    }

    /// Whether it is certain that what was signed is not settled, and never will be: it is no longer
    /// valid, and every answer to it said that nothing was settled.
    pub fn is_never_settled(&self, now: Timestamp) -> bool {
        let expired = self.signed_until().is_some_and(|at| now >= at + EXPIRED);
        expired && self.unpaid_at.is_some() && !self.unheard && !self.doubtful
    }

    /// When what was signed stops being valid, where that is known.
    pub fn signed_until(&self) -> Option<Timestamp> {
        let until = &self.signed()?["payload"]["authorization"]["validBefore"];
        let seconds = until.as_str()?.parse().ok()?;
        Timestamp::from_second(seconds).ok()
    }

    /// Whether it may be bought although it was released: nobody decided that it is not, and
    /// nothing was ever asked to be paid for it.
    pub const fn may_be_bought_again(&self) -> bool {
        matches!(self.state, PurchaseState::Released)
            && !self.declined
            && self.attempts == 0
            && self.signed.is_none()
            && self.cost.is_none()
    }

    /// What the wallet signed: a secret.
    pub const fn signed(&self) -> Option<&Value> {
        self.signed.as_ref()
    }

    /// The transaction that paid for it, where it is known.
    pub fn transaction(&self) -> Option<&str> {
        self.transaction.as_deref()
    }

    /// What was bought, as it is stored.
    pub const fn artifact(&self) -> Option<&ArtifactRef> {
        self.artifact.as_ref()
    }

    /// Why it was released or is disputed.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The last refusals of the marketplace, oldest first.
    pub fn refusals(&self) -> &[String] {
        &self.refusals
    }

    /// Until when nobody else acts on it.
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// When it last changed.
    pub const fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// Whether somebody may be at work on it at `now`.
    pub fn is_at_work(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Whether its price is held on the accounts. Where nobody knows whether it was paid, it is.
    pub const fn is_held(&self) -> bool {
        match self.state {
            PurchaseState::Reserved | PurchaseState::Paying => true,
            PurchaseState::Disputed => self.cost.is_none(),
            _ => false,
        }
    }

    pub(super) fn note(&mut self, refusal: &str) {
        if refusal.is_empty() {
            return;
        }
        if self.refusals.len() == MAX_REFUSALS {
            self.refusals.remove(0);
        }
        self.refusals.push(refusal.to_owned());
    }
}

impl fmt::Debug for Purchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Purchase")
            .field("purchase_id", &self.purchase_id)
            .field("source_id", &self.source_id)
            .field("state", &self.state)
            .field("version", &self.version)
            .field("rail", &self.rail)
            .field("price", &self.price)
            .field("cost", &self.cost)
            .field("signed", &self.signed.as_ref().map(|_| "…"))
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
