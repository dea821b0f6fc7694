//! Sources: found by keywords, and asked for their price.

use std::collections::BTreeSet;

use baton_domain::marketplace::Listing;
use baton_domain::payment::{NewPurchase, PaymentEvent, Purchase, PurchaseState, Rail};
use baton_domain::research::{Source, has_stem, has_word, words};
use baton_domain::{Money, PurchaseId, RunId, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::offers::Asked;
use super::{Place, invalid};
use crate::{App, FunctionError};

/// The payload of `search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    #[expect(
        dead_code,
        reason = "every payload names its run; sources are everybody's"
    )]
    tenant_id: TenantId,
    #[expect(dead_code, reason = "as above")]
    run_id: RunId,
    keywords: Vec<String>,
    #[serde(default)]
    wider: Vec<String>,
}

/// The payload of `quote`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quote {
    tenant_id: TenantId,
    run_id: RunId,
    source_id: String,
    name: String,
    #[serde(default)]
    found_by: String,
}

/// The most sources that a search answers, and the most keywords of each list.
const MAX_LISTINGS: usize = 40;
const MAX_KEYWORDS: usize = 20;

/// The longest name of a source, in characters.
const MAX_NAME: usize = 200;

impl App {
    /// The sources that the keywords find, each once; by the wider ones where those find nothing. The
    /// marketplace finds what contains a keyword anywhere; only whole words count, and of the wider
    /// ones, which are stems, the beginnings of words.
    pub(super) async fn search_sources(&self, search: &Search) -> Result<Value, FunctionError> {
        for (field, keywords) in [("keywords", &search.keywords), ("wider", &search.wider)] {
            if keywords.len() > MAX_KEYWORDS {
                return Err(invalid(field, "must be at most 20 keywords"));
            }
        }
        let mut found = self.found_by(&search.keywords, has_word).await?;
        if found.is_empty() {
            found = self.found_by(&search.wider, has_stem).await?;
        }
        let listings: Vec<Value> = found.iter().map(shown).collect();
        Ok(json!({ "listings": listings }))
    }

    async fn found_by(
        &self,
        keywords: &[String],
        has: fn(&[String], &str) -> bool,
    ) -> Result<Vec<(Listing, String)>, FunctionError> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for keyword in keywords.iter().filter(|keyword| !keyword.trim().is_empty()) {
            for listing in self.marketplace()?.search(keyword.trim()).await? {
                let name = words(&listing.name);
                if !words(keyword).iter().any(|word| has(&name, word)) {
                    continue;
                }
                if found.len() == MAX_LISTINGS {
                    return Ok(found);
                }
                if seen.insert(listing.source_id.clone()) {
                    found.push((listing, keyword.clone()));
                }
            }
        }
        Ok(found)
    }

    /// What a source costs; what is free is kept at once. One that is bought or wanted already
    /// answers as it stands.
    pub(super) async fn quote_source(&self, quote: Quote) -> Result<Value, FunctionError> {
        let name = checked_name(&quote.name)?;
        let at = Place::new(quote.tenant_id, quote.run_id, quote.source_id)?;
        let account = self.open_account_of(&at.tenant, at.run).await?;
        let there = self.purchase(&at).await?;
        if let Some(there) = there
            .as_ref()
            .filter(|it| it.state() != PurchaseState::Quoted && !it.may_be_bought_again())
        {
            return Ok(source(there));
        }
        let new = |price, rail| NewPurchase {
            purchase_id: self.new_purchase_id(),
            tenant_id: at.tenant.clone(),
            run_id: at.run,
            source_id: at.source.clone(),
            name: name.clone(),
            found_by: quote.found_by.clone(),
            price,
            rail,
        };
        match self.ask(&at, &account).await? {
            Asked::Data(data) => {
                let purchase = self.quoted(&at, new(Money::ZERO, Rail::Free)).await?;
                let granted = self.grant(&at, &purchase, data).await?;
                match granted.state() {
                    PurchaseState::Delivered => Ok(source(&granted)),
                    _ => Ok(refused(&at, &name, granted.reason().unwrap_or_default())),
                }
            }
            Asked::Offer(offer) => {
                let new = new(offer.price(), Rail::from(&offer));
                Ok(source(&self.quoted(&at, new).await?))
            }
            Asked::Refused(reason) => Ok(refused(&at, &name, &reason)),
        }
    }

    /// A purchase at this price: a new one, or the one that is there.
    pub(super) async fn quoted(
        &self,
        at: &Place,
        new: NewPurchase,
    ) -> Result<Purchase, FunctionError> {
        let (price, rail) = (new.price, new.rail);
        let purchase = Purchase::new(new, self.ports.clock.now());
        let there = self.begin_purchase(at, purchase).await?;
        if there.state() != PurchaseState::Quoted && !there.may_be_bought_again() {
            return Ok(there);
        }
        let event = PaymentEvent::Quoted { price, rail };
        match self.happen(at, &event, there.version(), None).await? {
            Ok(ledger) => Ok(ledger.purchase),
            // Somebody bought it meanwhile.
            Err(_) => Ok(self.ledger(at).await?.purchase),
        }
    }

    pub(super) fn new_purchase_id(&self) -> PurchaseId {
        PurchaseId::new(self.ports.clock.now(), self.ports.clock.entropy())
    }
}

pub(super) fn checked_name(name: &str) -> Result<String, FunctionError> {
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(invalid("name", "must be 1 to 200 characters"));
    }
    Ok(name.to_owned())
}

fn shown((listing, found_by): &(Listing, String)) -> Value {
    let Listing { source_id, name } = listing;
    json!({ "source_id": source_id, "name": name, "found_by": found_by })
}

fn source(purchase: &Purchase) -> Value {
    let source = Source {
        source_id: purchase.source_id().to_owned(),
        name: purchase.name().to_owned(),
        found_by: purchase.found_by().to_owned(),
        price: purchase.price(),
        rail: purchase.rail().name().to_owned(),
    };
    serde_json::to_value(source).unwrap_or_default()
}

fn refused(at: &Place, name: &str, reason: &str) -> Value {
    json!({ "status": "refused", "source_id": at.source, "name": name, "reason": reason })
}
