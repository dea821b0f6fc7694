//! The ledger of a task held against the marketplace's own books.

use std::collections::BTreeMap;

use super::ResearchWorld;

/// Whether the marketplace may have charged one purchase twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Double {
    /// It does not do so by itself.
    Never,
    /// It does: the budget must hold all the same.
    ByTheMarketplace,
}

impl ResearchWorld {
    /// What is wrong with the money of the task at any moment.
    pub async fn violations(&self, double: Double) -> Vec<String> {
        let (ledger, books) = (self.spent().await, self.books());
        let (taken, held) = (books.total.micro_usd(), ledger.spent + ledger.reserved);
        let mut wrong = Vec::new();
        if held > ledger.budget || taken > ledger.budget {
            wrong.push(format!("{taken} taken, over the budget of {ledger:?}"));
        }
        if double == Double::ByTheMarketplace {
            return wrong;
        }
        if taken < ledger.spent || taken > held {
            wrong.push(format!("the books say {taken}, the ledger {ledger:?}"));
        }
        let mut paid: BTreeMap<String, u32> = BTreeMap::new();
        for charge in books.tokens.iter().flat_map(|token| &token.charges) {
            *paid.entry(format!("charge {:?}", charge.key)).or_default() += 1;
        }
        for settled in books.wallets.iter().flat_map(|wallet| &wallet.settlements) {
            let what = format!("settlement {}", settled.source_id);
            *paid.entry(what).or_default() += 1;
        }
        let twice = paid.into_iter().filter(|(_, times)| *times > 1);
        wrong.extend(twice.map(|(what, times)| format!("{what}: {times} times")));
        wrong
    }

    /// What is wrong with the money of the task when everything has come to an end: nothing is under
    /// way, and but for what is disputed each cent of the books is one of the ledger's.
    pub async fn unreconciled(&self, double: Double) -> Vec<String> {
        let mut wrong = self.violations(double).await;
        let ledger = self.spent().await;
        let over = ["quoted", "delivered", "released", "disputed"];
        let open = |(_, state): &(&String, &String)| !over.contains(&state.as_str());
        let open: Vec<_> = ledger.purchases.iter().filter(open).collect();
        if !open.is_empty() {
            wrong.push(format!("under way for ever: {open:?}"));
        }
        let disputed = ledger.purchases.values().any(|state| state == "disputed");
        let taken = self.books().total.micro_usd();
        if !disputed && double == Double::Never && taken != ledger.spent {
            wrong.push(format!("the books end with {taken}, the ledger {ledger:?}"));
        }
        wrong
    }
}
