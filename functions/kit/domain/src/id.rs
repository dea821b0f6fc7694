//! Ids: prefixed ULIDs that Baton makes, and the names that callers bring.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A made id starts with its prefix, then 26 characters of Crockford base 32.
    #[error("must be `{prefix}` followed by a ULID, such as {prefix}01JD2Z5Y8N3V9QK7M4T6W1X0RB")]
    NotPrefixedUlid {
        /// The prefix that the kind of id has.
        prefix: &'static str,
    },
    /// A brought name is short and has no character that a key or a log could misread.
    #[error("must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ + -")]
    NotName,
}

macro_rules! prefixed_ulid {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id of something that begins at `at`; `entropy` makes it unique.
            pub fn new(at: Timestamp, entropy: u128) -> Self {
                let millisecond = u64::try_from(at.as_millisecond()).unwrap_or(0);
                Self(Ulid::from_parts(millisecond, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", Self::PREFIX, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(Self::PREFIX)
                    .and_then(|ulid| Ulid::from_string(ulid).ok())
                    .map(Self)
                    .ok_or(IdError::NotPrefixedUlid { prefix: Self::PREFIX })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

prefixed_ulid!(
    /// One orchestration request.
    RequestId,
    "req_"
);
prefixed_ulid!(
    /// One execution of a workflow.
    RunId,
    "run_"
);
prefixed_ulid!(
    /// One entry of the orchestration log.
    LogId,
    "log_"
);

prefixed_ulid!(
    /// One gate that waits for a person's decision, or waited.
    ApprovalId,
    "apr_"
);
prefixed_ulid!(
    /// One purchase of a source.
    PurchaseId,
    "pay_"
);

macro_rules! brought_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(
            feature = "openapi",
            derive(utoipa::ToSchema),
            schema(value_type = String, pattern = "^[A-Za-z0-9._:@+-]{1,128}$")
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.to_owned().try_into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                if is_name(&text) { Ok(Self(text)) } else { Err(IdError::NotName) }
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

brought_name!(
    /// Who owns the data: part of every key that is stored.
    TenantId
);
brought_name!(
    /// A brand of a tenant, as EmailPilot calls it.
    BrandId
);
brought_name!(
    /// Whom a request is about, as the caller's own systems call them.
    UserId
);

/// `#` separates the parts of a key and is therefore not a character of a name.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._:@+-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_round_trip_and_sort_by_time() {
        let earlier = RequestId::new("2026-01-01T00:00:00Z".parse().unwrap(), u128::MAX);
        let later = RequestId::new("2026-01-01T00:00:01Z".parse().unwrap(), 0);
        assert!(earlier < later);
        assert!(earlier.to_string() < later.to_string());
        assert_eq!(earlier.to_string().parse(), Ok(earlier));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let log = LogId::new(Timestamp::UNIX_EPOCH, 7).to_string();
        assert!(log.parse::<RequestId>().is_err());
    }

    #[test]
    fn names_that_could_break_a_key_are_refused() {
        for bad in ["", "a#b", "a b", "a\nb", "ü", &"x".repeat(129)] {
            assert_eq!(bad.parse::<UserId>(), Err(IdError::NotName), "{bad:?}");
        }
        assert!("user_01HQVK3N2MABCDEF".parse::<UserId>().is_ok());
        assert!("ada+news@example.com".parse::<UserId>().is_ok());
    }
}
