//! What is paid with: stablecoins of the US dollar on networks that are allowed.

use crate::SettingError;

use super::eip712::Domain;
use super::hex;

/// A stablecoin on a network. Each has six decimals, so that its atomic unit is a millionth of a
/// dollar, and transfers by EIP-3009.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asset {
    /// The network by CAIP-2.
    pub(super) network: &'static str,
    chain_id: u64,
    /// The contract.
    address: [u8; 20],
    /// What the contract calls itself in its EIP-712 domain.
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// Whether it is worth nothing, and stands for dollars in development alone.
    play_money: bool,
}

/// Base and Base Sepolia: Circle's USDC, with the domains that its contracts answer. The last is
/// the sandbox marketplace's own.
#[rustfmt::skip] // A table.
const ASSETS: [Asset; 3] = [
    Asset {
        network: "eip155:8453", chain_id: 8453, name: "USD Coin", version: "2", play_money: false,
        address: *b"\x83\x35\x89\xfc\xd6\xed\xb6\xe0\x8f\x4c\x7c\x32\xd4\xf7\x1b\x54\xbd\xa0\x29\x13",
    },
    Asset {
        network: "eip155:84532", chain_id: 84532, name: "USDC", version: "2", play_money: false,
        address: *b"\x03\x6c\xbd\x53\x84\x2c\x54\x26\x63\x4e\x79\x29\x54\x1e\xc2\x31\x8f\x3d\xcf\x7e",
    },
    Asset {
        network: "eip155:31337", chain_id: 31337, name: "Sandbox USD", version: "1", play_money: true,
        address: *b"\x5a\x4d\xb0\xc5\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xda\x1e",
    },
];

impl Asset {
    /// Whose signature its contract takes.
    pub(super) fn domain(&self) -> Domain<'_> {
        Domain {
            name: self.name,
            version: self.version,
            chain_id: self.chain_id,
            contract: self.address,
        }
    }
}

/// The assets that may be paid with.
///
/// | network | asset |
/// |---|---|
/// | `eip155:8453` (Base) | USDC `0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913`: real money |
/// | `eip155:84532` (Base Sepolia) | USDC `0x036CbD53842c5426634e7929541eC2318f3dCF7e` |
/// | `eip155:31337` | the sandbox's `0x5a4db0c50000000000000000000000000000da1e`, in development alone |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedAssets(Vec<&'static Asset>);

impl AllowedAssets {
    /// The networks that may be paid on, by their CAIP-2 names with commas between them;
    /// `eip155:84532` when it is not set, and in development the sandbox's besides.
    pub const NETWORKS: &'static str = "X402_NETWORKS";

    /// Reads them from the environment. `development` says whether this is a developer's machine.
    ///
    /// # Errors
    /// A network that is not in the table, or that is the sandbox's outside development.
    pub fn from_env(development: bool) -> Result<Self, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok(), development)
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`AllowedAssets::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
        development: bool,
    ) -> Result<Self, SettingError> {
        let Some(networks) = lookup(Self::NETWORKS).filter(|networks| !networks.trim().is_empty())
        else {
            return Ok(Self::usual(development));
        };
        let named = networks.split(',').map(|network| {
            let mut all = ASSETS.iter();
            let found = all.find(|asset| asset.network == network.trim());
            found.filter(|asset| development || !asset.play_money)
        });
        let unknown = SettingError {
            variable: Self::NETWORKS,
            message: "must name networks out of eip155:8453 and eip155:84532, and eip155:31337 in \
                      development alone, with commas between them",
        };
        named.collect::<Option<_>>().map(Self).ok_or(unknown)
    }

    /// What may be paid with where nothing is set.
    pub fn usual(development: bool) -> Self {
        let usual =
            |asset: &&Asset| asset.network == "eip155:84532" || (asset.play_money && development);
        Self(ASSETS.iter().filter(usual).collect())
    }

    /// The asset of a contract on a network, if it may be paid with.
    pub(super) fn find(&self, network: &str, contract: &str) -> Option<&'static Asset> {
        let contract = hex::decode(contract)?;
        let mut allowed = self.0.iter().copied();
        allowed.find(|asset| asset.network == network && asset.address == contract)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEPOLIA: &str = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
    const SANDBOX: &str = "0x5a4db0c50000000000000000000000000000da1e";

    fn allowed(networks: &str, development: bool) -> Result<AllowedAssets, SettingError> {
        AllowedAssets::from_lookup(|_| Some(networks.to_owned()), development)
    }

    #[test]
    fn nothing_is_paid_with_that_was_not_allowed() {
        let usual = allowed("", false).unwrap();
        assert!(usual.find("eip155:84532", SEPOLIA).is_some());
        assert!(usual.find("eip155:8453", SEPOLIA).is_none());
        assert!(usual.find("eip155:31337", SANDBOX).is_none());
        assert!(usual.find("eip155:84532", SANDBOX).is_none());
        let developing = allowed(" ", true).unwrap();
        assert!(developing.find("eip155:31337", SANDBOX).is_some());
        assert!(developing.find("eip155:84532", SEPOLIA).is_some());
        let base = allowed("eip155:8453", true).unwrap();
        let usdc = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
        assert!(base.find("eip155:8453", usdc).is_some());
        assert!(base.find("eip155:84532", SEPOLIA).is_none());
    }

    #[test]
    fn play_money_is_refused_outside_development() {
        assert!(allowed("eip155:31337", true).is_ok());
        for (bad, development) in [
            ("eip155:31337", false),
            ("eip155:1", true),
            ("base", true),
            ("eip155:8453,", true),
        ] {
            let error = allowed(bad, development).unwrap_err();
            assert_eq!(error.variable, AllowedAssets::NETWORKS, "{bad}");
        }
    }
}
