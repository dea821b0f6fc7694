//! A sandbox EmailPilot: brands with a history, campaigns that are created, tried, scheduled and
//! sent, books of everything it accepted, and faults on demand.
//!
//! It does what the real one promises and proves it: whatever its callers suffer, its books say
//! how often a mail went out. Mails go nowhere. Its own routes begin with `/sandbox`.
//!
//! | route | what |
//! |---|---|
//! | `GET /v1/brands/{id}` | a brand |
//! | `GET /v1/brands/{id}/campaigns?before=2024-11&months=12` | its past campaigns |
//! | `POST /v1/campaigns` | creates a draft |
//! | `GET /v1/campaigns/{id}` | how far it came |
//! | `POST /v1/campaigns/{id}/test-sends` | `{"recipients": […]}` |
//! | `POST /v1/campaigns/{id}/schedule` | `{"send_at": "…"}` |
//! | `POST /v1/campaigns/{id}/cancel` | `{}` |
//! | `GET /sandbox/books` | what it accepted, and what went out |
//! | `PUT /sandbox/faults` | what goes wrong from now on: [`Faults`] |
//! | `PUT /sandbox/clock` | `{"now": "…"}` stops its clock there; `{"now": null}` lets it go |

mod books;
mod brands;
mod desk;
mod effects;
mod entry;
mod faults;
mod history;
mod refusal;
mod routes;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use baton_domain::Timestamp;

pub use crate::faults::FaultsError;
use crate::faults::Switch;
pub use crate::journal::BooksError;
use books::Books;
pub use brands::{all as brands, brand};
pub use effects::{Effect, Effects, effects};
pub use entry::{CampaignEntry, Entry, Ledger, Operation};
pub use faults::{Call, Fault, Faults, Kind};
pub use history::{HORIZON_MONTHS, past_campaigns};
pub use routes::router;

/// A sandbox EmailPilot. Clones are the same one.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    api_key: Option<String>,
}

/// Everything that changes, behind one lock: an operation is done or not done.
struct State {
    books: Books,
    faults: Switch<Call, Kind>,
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
        let state = State {
            books,
            faults: Switch::default(),
            clock: None,
        };
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            api_key: None,
        }))
    }

    /// The same, answering only callers that bring this key as a bearer token. For a sandbox that
    /// is yet to be shared: one with clones stays as it is.
    #[must_use]
    pub fn requiring(mut self, api_key: &str) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.api_key = Some(api_key.to_owned());
        }
        self
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

    /// What was accepted and what went out, as of the sandbox's clock.
    ///
    /// # Errors
    /// When a mail that is due cannot be entered.
    pub fn books(&self) -> Result<Ledger, BooksError> {
        let mut state = self.state();
        let now = state.now();
        state.books.send_what_is_due(now)?;
        Ok(state.books.ledger(now))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic between two entries leaves whole entries behind.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
