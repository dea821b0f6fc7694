//! Whose campaigns are started month by month.

use baton_domain::{BrandId, TenantId};

use crate::SettingError;

/// The brands whose campaigns a schedule starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CampaignBrands(pub Vec<(TenantId, BrandId)>);

impl CampaignBrands {
    /// The variable that names them: `tenant/brand`, with commas between them.
    pub const VARIABLE: &'static str = "CAMPAIGN_BRANDS";

    /// As the environment says; none where it is not set.
    ///
    /// # Errors
    /// Something that is not `tenant/brand`.
    pub fn from_env() -> Result<Self, SettingError> {
        parse(&std::env::var(Self::VARIABLE).unwrap_or_default())
    }
}

fn parse(list: &str) -> Result<CampaignBrands, SettingError> {
    let entries = list.split(',').map(str::trim);
    let brands = entries.filter(|entry| !entry.is_empty()).map(|entry| {
        let (tenant, brand) = entry.split_once('/')?;
        Some((tenant.trim().parse().ok()?, brand.trim().parse().ok()?))
    });
    let brands: Option<Vec<_>> = brands.collect();
    let message = "must be tenant/brand with commas between them, such as default/acme";
    let mut brands = brands.ok_or_else(|| SettingError::new(CampaignBrands::VARIABLE, message))?;
    brands.sort();
    brands.dedup();
    Ok(CampaignBrands(brands))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_stand_between_commas() {
        let brand = |tenant: &str, brand: &str| (tenant.parse().unwrap(), brand.parse().unwrap());
        let parsed = parse(" b/acme, ,a/nova,b/acme").unwrap();
        assert_eq!(parsed.0, [brand("a", "nova"), brand("b", "acme")]);
        assert_eq!(parse(""), Ok(CampaignBrands::default()));
    }

    #[test]
    fn what_names_no_brand_stops_the_start() {
        for wrong in ["acme", "a/b/c#", "/acme", "a/", "a b/c"] {
            let error = parse(wrong).unwrap_err();
            assert_eq!(error.variable, "CAMPAIGN_BRANDS", "{wrong}");
        }
    }
}
