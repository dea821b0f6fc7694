//! A marketplace, a Payment Manager and a wallet in memory, with books of their own. The marketplace
//! is not told what a token is charged for: whoever asks next gets it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use baton_domain::marketplace::{
    Access, Charge, Fetched, Listing, MarketError, Marketplace, Offer, PaymentManager, Token,
    Wallet,
};
use baton_domain::{Money, Timestamp};
use serde_json::{Value, json};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The answer is lost after it was done.
    LoseAnswer,
    /// The call is lost.
    LoseCall,
    /// It is refused, and not done; of what is signed: asked to be paid, and not done.
    Refuse,
    /// It is refused by a status that says nothing, and not done.
    Vague,
    /// It is said that what was signed is not settled, and it is not.
    Unsettled,
    /// The token is not accepted.
    Unauthorised,
    /// It is on its way (of what is signed).
    Pending,
    /// It is asked to be paid again, although it is.
    PaidAgain,
    /// No answer in time; it is done later, when `land` says so.
    Late,
    /// Charged, and answered with a redirect to the receipt.
    SeeOther,
    /// Charged, and the second charge of the same request declined.
    Half,
    /// The signed payment is quoted in the refusal.
    Echo,
    /// Charged 15 dollars more than asked, and said so.
    Overcharge,
    /// The same, and not said.
    OverchargeUnsaid,
}

#[derive(Debug, Clone)]
struct Source {
    name: String,
    price: Money,
    token: bool,
    x402: bool,
    data: Value,
}

#[derive(Debug, Default)]
struct Account {
    balance: u64,
    credit: u64,
    opened: BTreeSet<String>,
    paid: bool,
}

#[derive(Debug, Default)]
struct Books {
    sources: BTreeMap<String, Source>,
    tokens: BTreeMap<String, Account>,
    charges: Vec<(String, u64)>,
    settled: BTreeMap<String, u64>,
    signed: Vec<String>,
    sent: BTreeSet<(String, String)>,
    pay_faults: Vec<Fault>,
    detail_faults: Vec<Fault>,
    balance_faults: u32,
    no_balance: bool,
    unlock_all: bool,
    voices: u32,
    late: Vec<(String, u64, String)>,
}

/// The three of them.
#[derive(Debug, Default)]
pub(crate) struct TestMarket(Mutex<Books>);

pub(crate) fn usd(dollars: u64) -> Money {
    Money::from_micro_usd(dollars * 1_000_000)
}

impl TestMarket {
    /// Lists a source; one that costs nothing is free.
    pub(crate) fn list(&self, id: &str, dollars: u64, (token, x402): (bool, bool)) {
        let source = Source {
            name: format!("Source {id}"),
            price: usd(dollars),
            token,
            x402,
            data: json!({"id": id, "revenue": 12}),
        };
        self.with(|books| books.sources.insert(id.to_owned(), source));
    }

    pub(crate) fn set_price(&self, id: &str, dollars: u64) {
        self.with(|books| {
            if let Some(source) = books.sources.get_mut(id) {
                source.price = usd(dollars);
            }
        });
    }

    pub(crate) fn set_data(&self, id: &str, data: Value) {
        self.with(|books| {
            if let Some(source) = books.sources.get_mut(id) {
                source.data = data;
            }
        });
    }

    /// The next charges, and sendings of what is signed, fail so, one each.
    pub(crate) fn fail_pay(&self, faults: &[Fault]) {
        self.with(|books| books.pay_faults.extend(faults.iter().rev()));
    }

    /// The next requests with a token fail so, one each.
    pub(crate) fn fail_detail(&self, faults: &[Fault]) {
        self.with(|books| books.detail_faults.extend(faults.iter().rev()));
    }

    /// What was to be done late is done now.
    pub(crate) fn land(&self) {
        self.with(|books| {
            for (token, amount, key) in std::mem::take(&mut books.late) {
                let _ = books.charge(&token, amount, &key);
            }
        });
    }

    pub(crate) fn fail_balance(&self, times: u32) {
        self.with(|books| books.balance_faults = times);
    }

    pub(crate) fn tell_no_balance(&self) {
        self.with(|books| books.no_balance = true);
    }

    pub(crate) fn unlock_all(&self) {
        self.with(|books| books.unlock_all = true);
    }

    /// No token that was given out is accepted any more.
    pub(crate) fn forget_tokens(&self) {
        self.with(|books| books.tokens.clear());
    }

    /// What was charged and settled, by the names of the purchases.
    pub(crate) fn charges(&self) -> Vec<(String, u64)> {
        self.with(|books| {
            let settled = books.settled.iter();
            let settled = settled.map(|(id, amount)| (id.clone(), *amount));
            books.charges.iter().cloned().chain(settled).collect()
        })
    }

    pub(crate) fn charged(&self) -> Money {
        let charges = self.charges();
        Money::from_micro_usd(charges.iter().map(|(_, amount)| amount).sum())
    }

    /// The names of the purchases that something was signed for.
    pub(crate) fn signed(&self) -> Vec<String> {
        self.with(|books| books.signed.clone())
    }

    /// For which purchases something signed came, each different thing once.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.with(|books| books.sent.iter().map(|(id, _)| id.clone()).collect())
    }

    pub(crate) fn tokens(&self) -> usize {
        self.with(|books| books.voices as usize)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Books) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Books {
    fn with_token(
        &mut self,
        id: &str,
        source: &Source,
        token: &str,
    ) -> Result<Fetched, MarketError> {
        match self.detail_faults.pop() {
            Some(Fault::PaidAgain) => return Ok(asks(source)),
            Some(Fault::Unauthorised) => return Err(unauthorised(token)),
            Some(_) => return Err(MarketError::TimedOut),
            None => {}
        }
        let unlock_all = self.unlock_all;
        let account = self
            .tokens
            .get_mut(token)
            .ok_or_else(|| unauthorised(token))?;
        let price = source.price.micro_usd();
        if !account.opened.contains(id) && account.credit >= price {
            account.credit -= price;
            account.opened.insert(id.to_owned());
        }
        let open = account.opened.contains(id) || (unlock_all && account.paid);
        if open {
            Ok(given(source, None))
        } else {
            Ok(asks(source))
        }
    }

    fn with_signed(&mut self, source: &Source, signed: &Value) -> Result<Fetched, MarketError> {
        let id = signed["id"].as_str().unwrap_or_default().to_owned();
        self.sent.insert((id.clone(), signed.to_string()));
        let fault = self.pay_faults.pop();
        match fault {
            Some(Fault::LoseCall) => return Err(MarketError::TimedOut),
            Some(Fault::Refuse) => return Ok(asks(source)),
            Some(Fault::Unsettled) => {
                let reason = "insufficient_funds".to_owned();
                return Ok(Fetched::NotSettled {
                    reason,
                    certain: true,
                    data: Some(source.data.clone()),
                });
            }
            Some(Fault::Echo) => {
                let message = format!("bad signature {}", signed["payload"]["signature"]);
                return Err(MarketError::Refused {
                    status: 400,
                    message,
                });
            }
            _ => {}
        }
        self.settled.insert(id.clone(), source.price.micro_usd());
        let transaction = Some(format!("0x{id}"));
        match fault {
            Some(Fault::LoseAnswer) => Err(MarketError::TimedOut),
            Some(Fault::Pending) => Ok(Fetched::Pending { transaction }),
            Some(Fault::PaidAgain) => Ok(asks(source)),
            _ => Ok(given(source, transaction)),
        }
    }

    fn charge(&mut self, token: &str, amount: u64, key: &str) -> Result<Charge, MarketError> {
        let fault = self.pay_faults.pop();
        let asked = amount;
        let amount = match fault {
            Some(Fault::Overcharge | Fault::OverchargeUnsaid) => amount + 15_000_000,
            _ => amount,
        };
        match fault {
            Some(Fault::Late) => {
                self.late.push((token.to_owned(), amount, key.to_owned()));
                return Err(MarketError::TimedOut);
            }
            Some(Fault::LoseCall) => return Err(MarketError::TimedOut),
            Some(Fault::Unauthorised) => return Err(unauthorised(token)),
            Some(Fault::Refuse) => {
                let (status, message) = (422, format!("not for {token}"));
                return Err(MarketError::Refused { status, message });
            }
            Some(Fault::Vague) => {
                let (status, message) = (400, format!("not for {token}"));
                return Err(MarketError::Refused { status, message });
            }
            _ => {}
        }
        let account = self
            .tokens
            .get_mut(token)
            .ok_or_else(|| unauthorised(token))?;
        if account.balance < amount {
            return Err(MarketError::InsufficientBalance {
                required: Money::from_micro_usd(amount),
                available: Money::from_micro_usd(account.balance),
            });
        }
        account.balance -= amount;
        account.credit += amount;
        account.paid = true;
        let remaining = Some(Money::from_micro_usd(account.balance));
        self.charges.push((key.to_owned(), amount));
        if fault == Some(Fault::Half) {
            return Err(MarketError::InsufficientBalance {
                required: Money::from_micro_usd(amount),
                available: Money::ZERO,
            });
        }
        if fault == Some(Fault::SeeOther) {
            let message = "it redirects, and no redirect is followed".to_owned();
            return Err(MarketError::Refused {
                status: 303,
                message,
            });
        }
        if fault == Some(Fault::LoseAnswer) {
            return Err(MarketError::Malformed(format!("half of {token}")));
        }
        let is_said = fault != Some(Fault::OverchargeUnsaid);
        let said = if is_said { amount } else { asked };
        Ok(Charge {
            transaction_id: Some(format!("tx-{}", self.charges.len())),
            charged: Some(Money::from_micro_usd(said)),
            remaining: remaining.filter(|_| is_said),
        })
    }
}

fn unauthorised(token: &str) -> MarketError {
    MarketError::Authentication(format!("no such token: {token}"))
}

fn given(source: &Source, receipt: Option<String>) -> Fetched {
    let data = source.data.clone();
    Fetched::Data { data, receipt }
}

fn asks(source: &Source) -> Fetched {
    let price = source.price;
    let token = source.token.then_some(Offer::Token { price });
    let x402 = source.x402.then(|| Offer::X402 {
        price,
        accepted: json!({"amount": price.micro_usd().to_string()}),
        resource: json!({}),
        extensions: Value::Null,
    });
    let offers: Vec<Offer> = token.into_iter().chain(x402).collect();
    let refusals = Vec::new();
    Fetched::PaymentRequired { offers, refusals }
}

#[async_trait]
impl Marketplace for TestMarket {
    async fn search(&self, keyword: &str) -> Result<Vec<Listing>, MarketError> {
        tokio::task::yield_now().await;
        Ok(self.with(|books| {
            let sources = books.sources.iter();
            let found = sources.filter(|(_, source)| source.name.contains(keyword));
            let listed = found.map(|(id, source)| Listing {
                source_id: id.clone(),
                name: source.name.clone(),
            });
            listed.collect()
        }))
    }

    async fn detail(&self, source_id: &str, access: Access<'_>) -> Result<Fetched, MarketError> {
        tokio::task::yield_now().await;
        self.with(|books| {
            let Some(source) = books.sources.get(source_id).cloned() else {
                return Ok(Fetched::Nothing);
            };
            if source.price == Money::ZERO {
                return Ok(given(&source, None));
            }
            match access {
                Access::None => Ok(asks(&source)),
                Access::Token(token) => books.with_token(source_id, &source, token),
                Access::Signed(signed) => books.with_signed(&source, signed),
            }
        })
    }

    async fn pay(&self, token: &str, amount: Money, key: &str) -> Result<Charge, MarketError> {
        tokio::task::yield_now().await;
        self.with(|books| books.charge(token, amount.micro_usd(), key))
    }
}

#[async_trait]
impl PaymentManager for TestMarket {
    async fn token(&self, budget: Money, voice_id: &str) -> Result<Token, MarketError> {
        if voice_id == "stranger" {
            return Err(MarketError::Authentication("an unknown voice".to_owned()));
        }
        Ok(self.with(|books| {
            books.voices += 1;
            let token_id = format!("secret-token-{}", books.voices);
            let account = Account {
                balance: budget.micro_usd(),
                ..Account::default()
            };
            books.tokens.insert(token_id.clone(), account);
            let expires_at = None;
            Token {
                token_id,
                expires_at,
            }
        }))
    }

    async fn balance(&self, token: &str) -> Result<Option<Money>, MarketError> {
        tokio::task::yield_now().await;
        self.with(|books| {
            if books.no_balance {
                return Ok(None);
            }
            if books.balance_faults > 0 {
                books.balance_faults -= 1;
                return Err(MarketError::Unavailable(format!("no balance of {token}")));
            }
            let account = books.tokens.get(token).ok_or_else(|| unauthorised(token))?;
            Ok(Some(Money::from_micro_usd(account.balance)))
        })
    }
}

impl Wallet for TestMarket {
    fn address(&self) -> String {
        "0x0".to_owned()
    }

    fn sign(
        &self,
        offer: &Offer,
        id: &str,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<Value, MarketError> {
        if offer.price() > usd(500) {
            return Err(MarketError::NotAllowed("that is too much".to_owned()));
        }
        self.with(|books| books.signed.push(id.to_owned()));
        let until = (now.as_second() + 300).to_string();
        let authorization = json!({"validBefore": until, "nonce": nonce[31]});
        let payload = json!({"signature": "secret-signature", "authorization": authorization});
        Ok(json!({"id": id, "payload": payload}))
    }
}
