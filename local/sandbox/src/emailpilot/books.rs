//! The books: an append-only record of everything that was accepted, and of every mail that went
//! out. What there is follows from it, so that a restart on the same file knows all of it again.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use baton_domain::Timestamp;
use baton_domain::campaign::{Delivery, DeliveryState};
use baton_domain::email_pilot::NewCampaign;
use serde_json::Value;

use super::brands::brand;
use super::entry::{CampaignEntry, Entry, Ledger, Operation};
use crate::journal::{BooksError, Journal};

/// What somebody asks for.
pub(super) struct Asked {
    pub(super) operation: Operation,
    pub(super) key: String,
    /// What it is done to; none for a campaign that is yet to be.
    pub(super) campaign_id: Option<String>,
    pub(super) request: Value,
}

pub(super) struct Books {
    entries: Vec<Entry>,
    by_key: HashMap<String, usize>,
    campaigns: BTreeMap<String, CampaignEntry>,
    journal: Journal,
}

impl Books {
    pub(super) fn in_memory() -> Self {
        Self {
            entries: Vec::new(),
            by_key: HashMap::new(),
            campaigns: BTreeMap::new(),
            journal: Journal::in_memory(),
        }
    }

    pub(super) fn open(path: &Path) -> Result<Self, BooksError> {
        let (journal, entries) = Journal::open(path)?;
        let mut books = Self::in_memory();
        for entry in entries {
            books.enter(entry);
        }
        books.journal = journal;
        Ok(books)
    }

    /// What was done with a key before.
    pub(super) fn with_key(&self, key: &str) -> Option<&Entry> {
        self.by_key.get(key).and_then(|at| self.entries.get(*at))
    }

    pub(super) fn campaign(&self, campaign_id: &str) -> Option<&CampaignEntry> {
        self.campaigns.get(campaign_id)
    }

    /// The id of the next campaign.
    fn next_id(&self) -> String {
        format!("cmp-{:06}", self.campaigns.len() + 1)
    }

    /// Writes down what is accepted, and answers it.
    pub(super) fn accept(
        &mut self,
        now: Timestamp,
        asked: Asked,
        email_id: &str,
        state: DeliveryState,
    ) -> Result<Delivery, BooksError> {
        let campaign_id = asked.campaign_id.unwrap_or_else(|| self.next_id());
        let answer = Delivery {
            email_id: email_id.to_owned(),
            campaign_id: campaign_id.clone(),
            state,
        };
        self.append(Entry {
            seq: self.entries.len() as u64 + 1,
            at: now,
            operation: asked.operation,
            key: Some(asked.key),
            campaign_id,
            request: asked.request,
            answer: answer.clone(),
        })?;
        Ok(answer)
    }

    /// Lets those campaigns go out whose time has come.
    pub(super) fn send_what_is_due(&mut self, now: Timestamp) -> Result<(), BooksError> {
        let due = self.campaigns.values().filter(|campaign| {
            campaign.state == DeliveryState::Scheduled
                && campaign.send_at.is_some_and(|send_at| send_at <= now)
        });
        let mut due: Vec<CampaignEntry> = due.cloned().collect();
        due.sort_by_key(|campaign| campaign.send_at);
        for campaign in due {
            let size = audience(&campaign);
            self.append(Entry {
                seq: self.entries.len() as u64 + 1,
                at: campaign.send_at.unwrap_or(now),
                operation: Operation::ProductionSend,
                key: None,
                request: serde_json::json!({ "recipients": size }),
                answer: Delivery {
                    email_id: campaign.email_id,
                    campaign_id: campaign.campaign_id.clone(),
                    state: DeliveryState::Sent,
                },
                campaign_id: campaign.campaign_id,
            })?;
        }
        Ok(())
    }

    pub(super) fn ledger(&self, now: Timestamp) -> Ledger {
        Ledger {
            now,
            campaigns: self.campaigns.values().cloned().collect(),
            entries: self.entries.clone(),
        }
    }

    fn append(&mut self, entry: Entry) -> Result<(), BooksError> {
        self.journal.append(&entry)?;
        self.enter(entry);
        Ok(())
    }

    /// Draws the conclusions of an entry.
    fn enter(&mut self, entry: Entry) {
        if entry.operation == Operation::Create {
            self.campaigns
                .extend(created(&entry).map(|c| (c.campaign_id.clone(), c)));
        }
        if let Some(campaign) = self.campaigns.get_mut(&entry.campaign_id) {
            campaign.state = entry.answer.state;
            match entry.operation {
                Operation::Create | Operation::Cancel => {}
                Operation::TestSend => campaign.test_sends += 1,
                Operation::Schedule => {
                    let send_at = entry.request["send_at"].as_str();
                    let send_at: Option<Timestamp> = send_at.and_then(|at| at.parse().ok());
                    campaign.send_at = send_at.map(|at| at.max(entry.at));
                }
                Operation::ProductionSend => {
                    campaign.production_sends += 1;
                    campaign.recipients += entry.request["recipients"].as_u64().unwrap_or(0);
                }
            }
        }
        if let Some(key) = &entry.key {
            self.by_key.insert(key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }
}

fn created(entry: &Entry) -> Option<CampaignEntry> {
    let new: NewCampaign = serde_json::from_value(entry.request.clone()).ok()?;
    Some(CampaignEntry {
        campaign_id: entry.campaign_id.clone(),
        email_id: new.email_id,
        brand_id: new.brand_id.to_string(),
        run_id: new.run_id,
        segment: new.segment,
        state: DeliveryState::Draft,
        send_at: None,
        test_sends: 0,
        production_sends: 0,
        recipients: 0,
    })
}

fn audience(campaign: &CampaignEntry) -> u64 {
    let brand = campaign.brand_id.parse().ok().and_then(|id| brand(&id));
    let segments = brand.into_iter().flat_map(|brand| &brand.segments);
    let mut of_name = segments.filter(|segment| segment.name == campaign.segment);
    of_name.next().map_or(0, |segment| segment.size)
}
