//! A sandbox marketplace and its Payment Manager: sources with prices, tokens that are charged,
//! payments of x402 whose signatures are verified, books of all of it, and faults on demand.
//!
//! It does what such services do and proves what was paid: whatever its callers suffer, its books
//! say how often a token was charged and a transfer settled. No money moves. The Payment Manager's
//! routes are those of [`crate::payments::router`]; both share their books, faults and clock.
//!
//! | route | what |
//! |---|---|
//! | `GET /company/basic?keyword=` | sources whose names contain it |
//! | `GET /company/detail?id=` | a source, or status 402 with its prices |
//! | `POST /pay` | `{"tokenId", "amount"}` charges a token |
//! | `GET /sandbox/books` | tokens, charges, settlements |
//! | `PUT /sandbox/faults` | what goes wrong from now on: [`Faults`] |
//! | `PUT /sandbox/clock` | `{"now": "…"}` stops its clock there; `{"now": null}` lets it go |
//!
//! *Tokens.* `POST /pay` names no source: it gives the token a credit of what was charged. The next
//! request for a source with that token takes a credit of exactly the source's price, and opens the
//! source for that token for good. A credit of another sum opens nothing, so a price that rose in
//! between leaves a credit behind. An `Idempotency-Key` is written down and does nothing, as with
//! the real ones, unless the rule [`Kind::HonoursKeys`] is on.
//!
//! *x402.* A payment is for one request. Where a source asks for an identifier, the same payment is
//! answered again; elsewhere a second one with its nonce is refused. Each wallet has 1,000 dollars
//! of play money ([`NETWORK`], [`ASSET`]).

mod answered;
mod books;
mod catalogue;
mod desk;
mod entry;
mod faults;
mod quote;
mod routes;
mod settle;
mod signature;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use baton_domain::Timestamp;

pub use crate::faults::FaultsError;
use crate::faults::Switch;
pub use crate::journal::BooksError;
pub(crate) use answered::{Refused, answered};
use books::Books;
pub use catalogue::{Source, all as sources, source};
use desk::LateCharge;
pub(crate) use desk::TOKEN_LIFE;
pub use entry::{ChargeEntry, Ledger, SettlementEntry, TokenAccount, UnlockEntry, WalletAccount};
pub use faults::{Call, Fault, Faults, Kind};
pub(crate) use routes::own_routes;
pub use routes::router;
pub use signature::{ASSET, NETWORK, PAY_TO};

/// A sandbox marketplace and its Payment Manager. Clones are the same one.
#[derive(Clone)]
pub struct Sandbox(Arc<Mutex<State>>);

/// Everything that changes, behind one lock: an operation is done or not done.
pub(crate) struct State {
    books: Books,
    faults: Switch<Call, Kind>,
    /// How often prices rose, by source.
    rises: HashMap<String, u64>,
    /// Charges that are on their way.
    late: Vec<LateCharge>,
    /// Where the clock was stopped; it runs with the machine's otherwise.
    clock: Option<Timestamp>,
}

impl State {
    fn now(&self) -> Timestamp {
        self.clock.unwrap_or_else(Timestamp::now)
    }
}

impl Sandbox {
    /// A sandbox whose books are forgotten with it.
    pub fn in_memory() -> Self {
        Self::with(Books::in_memory())
    }

    /// A sandbox whose books are kept in the file at `path`, made when it is not there.
    ///
    /// # Errors
    /// A file that cannot be read or written, that holds something else, or that another process
    /// has open.
    pub fn open(path: &Path) -> Result<Self, BooksError> {
        Books::open(path).map(Self::with)
    }

    fn with(books: Books) -> Self {
        Self(Arc::new(Mutex::new(State {
            books,
            faults: Switch::default(),
            rises: HashMap::new(),
            late: Vec::new(),
            clock: None,
        })))
    }

    /// Sets what goes wrong from now on, in place of what was set before.
    ///
    /// # Errors
    /// A fault that means nothing.
    pub fn set_faults(&self, faults: Faults) -> Result<(), FaultsError> {
        self.state().faults.set(faults)
    }

    /// Stops the clock at a moment, or lets it go.
    pub fn set_clock(&self, stopped_at: Option<Timestamp>) {
        self.state().clock = stopped_at;
    }

    /// What was charged and settled.
    pub fn books(&self) -> Ledger {
        let state = self.state();
        state.books.ledger(state.now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic between two entries leaves whole entries behind.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.charge_late();
        state
    }
}
