//! Signed links, by which people decide from a mail or a chat (C7).
//!
//! A link says for whom it is, which approval and which artifact it is about and until when it
//! holds, and is signed with HMAC-SHA256 (RFC 2104). Whoever has it may decide as its approver;
//! nothing is kept for it. Looking at it decides nothing, since mail scanners look at every link.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use baton_domain::approval::{Approval, ApprovalStatus, Decision, Submission};
use baton_domain::{ApprovalId, Money, TenantId};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::{App, AppError, ApprovalRefusal, SettingError, ShownApproval};

/// Keeps these signatures apart from others that may be made with the same secret.
const CONTEXT: &[u8] = b"baton approval link 1\0";

/// The fewest bytes of a secret: as many as the signature has.
const MIN_SECRET: usize = 32;

/// The longest token that is looked at.
const MAX_TOKEN: usize = 2_048;

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkClaims {
    /// Whose approval it is.
    #[serde(rename = "t")]
    pub tenant_id: TenantId,
    /// The approval.
    #[serde(rename = "a")]
    pub approval_id: ApprovalId,
    /// The hash of the artifact that is to be approved.
    #[serde(rename = "h")]
    pub artifact_hash: String,
    /// In whose name the link decides.
    #[serde(rename = "p")]
    pub approver: String,
    /// Until when it holds, in seconds of the Unix epoch.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

/// Makes links and reads them.
#[derive(Clone)]
pub struct ApprovalLinks {
    mac: Hmac<Sha256>,
    public_url: String,
}

impl ApprovalLinks {
    /// The secret that links are signed with: at least 32 bytes. Without it there are no links.
    pub const SECRET: &'static str = "APPROVAL_LINK_SECRET";
    /// Where people reach this Baton. Without it there are no links.
    pub const PUBLIC_URL: &'static str = "PUBLIC_URL";

    /// Links as the environment says; none where a variable is not set.
    ///
    /// # Errors
    /// A variable that is set to what does not do.
    pub fn from_env() -> Result<Option<Self>, SettingError> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (set(Self::SECRET), set(Self::PUBLIC_URL)) {
            (Some(secret), Some(url)) => Self::new(secret.as_bytes(), &url).map(Some),
            _ => Ok(None),
        }
    }

    /// Links to the Baton at `public_url`, signed with `secret`.
    ///
    /// # Errors
    /// A secret of less than 32 bytes, or an address that begins with neither `https://` nor
    /// `http://`; neither is quoted.
    pub fn new(secret: &[u8], public_url: &str) -> Result<Self, SettingError> {
        if secret.len() < MIN_SECRET {
            let message = format!(
                "must have at least {MIN_SECRET} bytes, such as `openssl rand -hex 32` prints"
            );
            return Err(SettingError::new(Self::SECRET, message));
        }
        let is_url = ["https://", "http://"].iter().any(|start| {
            let rest = public_url.strip_prefix(start);
            rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['?', '#', '@', ' ']))
        });
        if !is_url {
            let message = "must be a URL such as https://baton.example.com, without user or query";
            return Err(SettingError::new(Self::PUBLIC_URL, message));
        }
        let unusable = |_| SettingError::new(Self::SECRET, "cannot be used");
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(unusable)?;
        mac.update(CONTEXT);
        let public_url = public_url.trim_end_matches('/').to_owned();
        Ok(Self { mac, public_url })
    }

    /// The link by which `approver` decides an approval.
    pub fn link(&self, approval: &Approval, approver: &str) -> String {
        let token = self.token(&LinkClaims {
            tenant_id: approval.tenant_id.clone(),
            approval_id: approval.approval_id,
            artifact_hash: approval.artifact.hash.clone(),
            approver: approver.to_owned(),
            expires_at: approval.expires_at.as_second(),
        });
        format!("{}/approvals/link/{token}", self.public_url)
    }

    /// What stands in a link: the claims and their signature.
    pub fn token(&self, claims: &LinkClaims) -> String {
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let signature = self.signed(&claims).finalize().into_bytes();
        format!("{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token says, if it was made here. Signatures are compared in constant time.
    pub fn read(&self, token: &str) -> Option<LinkClaims> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (claims, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.signed(claims).verify_slice(&signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    fn signed(&self, claims: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(claims.as_bytes());
        mac
    }
}

impl std::fmt::Debug for ApprovalLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApprovalLinks")
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// Why a link does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was not made here, was changed on its way, or links are switched off.
    #[error("this link is not valid")]
    Unknown,
    /// Its time is over.
    #[error("this link has expired")]
    Expired,
    /// What it is about is no longer what is to be approved.
    #[error("this link is about another version of what is to be approved")]
    Changed,
    /// The approval does not open, or cannot be decided (so).
    #[error(transparent)]
    App(#[from] AppError),
}

/// What a link opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// In whose name it decides.
    pub approver: String,
    /// The approval and its artifact.
    pub shown: ShownApproval,
}

/// What is decided by a link; who decides, and about what, the link says.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkDecision {
    /// The decision.
    pub decision: Decision,
    /// What the approver says.
    pub notes: String,
    /// Edits, with `approve_with_fixes`.
    pub edits: Option<Value>,
    /// What the run may cost from now on, at the gate `budget`.
    pub max_cost_usd: Option<Money>,
}

impl App {
    /// Opens a link: shows, and decides nothing.
    ///
    /// # Errors
    /// As [`LinkError`] says.
    pub async fn open_link(&self, token: &str) -> Result<Linked, LinkError> {
        let claims = self.claims(token)?;
        let shown = self.show_approval(&claims.tenant_id, claims.approval_id);
        let shown = shown.await?;
        if shown.approval.artifact.hash != claims.artifact_hash {
            return Err(LinkError::Changed);
        }
        // What was decided may be looked at; what was not, has an end.
        let is_late = self.ports.clock.now().as_second() >= claims.expires_at;
        if is_late && shown.approval.status == ApprovalStatus::Pending {
            return Err(LinkError::Expired);
        }
        let approver = claims.approver;
        Ok(Linked { approver, shown })
    }

    /// Decides in the name of a link's approver.
    ///
    /// # Errors
    /// As [`LinkError`] says, and as [`App::submit_approval`] refuses.
    pub async fn submit_by_link(
        &self,
        token: &str,
        decision: LinkDecision,
    ) -> Result<Approval, LinkError> {
        let claims = self.claims(token)?;
        if self.ports.clock.now().as_second() >= claims.expires_at {
            return Err(LinkError::Expired);
        }
        let submission = Submission {
            request_id: claims.approval_id,
            decision: decision.decision,
            approver: claims.approver,
            notes: decision.notes,
            edits: decision.edits,
            max_cost_usd: decision.max_cost_usd,
            artifact_hash: Some(claims.artifact_hash),
        };
        let submitted = self.submit_approval(&claims.tenant_id, &submission);
        submitted.await.map_err(|error| match error {
            AppError::Approval(ApprovalRefusal::ArtifactChanged(_)) => LinkError::Changed,
            error => LinkError::App(error),
        })
    }

    fn claims(&self, token: &str) -> Result<LinkClaims, LinkError> {
        let links = self.approving.links.as_ref();
        let claims = links.and_then(|links| links.read(token));
        claims.ok_or(LinkError::Unknown)
    }
}

#[cfg(test)]
mod tests;
