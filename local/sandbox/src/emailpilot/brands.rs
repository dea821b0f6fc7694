//! The brands of the sandbox: three with a history, and `nova`, which has hardly begun.

use std::sync::LazyLock;

use baton_domain::BrandId;
use baton_domain::campaign::Brand;

const FILES: [&str; 4] = [
    include_str!("brands/acme.json"),
    include_str!("brands/juniper.json"),
    include_str!("brands/harbor.json"),
    include_str!("brands/nova.json"),
];

/// Every brand of the sandbox.
pub fn all() -> &'static [Brand] {
    // Each file is a brand; were one not, the test below would count less.
    static BRANDS: LazyLock<Vec<Brand>> = LazyLock::new(|| {
        let brands = FILES.iter().map(|file| serde_json::from_str(file));
        brands.filter_map(Result::ok).collect()
    });
    &BRANDS
}

/// A brand of the sandbox.
pub fn brand(brand: &BrandId) -> Option<&'static Brand> {
    all().iter().find(|known| known.brand_id == *brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_brand_is_whole() {
        let ids: Vec<&str> = all().iter().map(|brand| brand.brand_id.as_str()).collect();
        assert_eq!(ids, ["acme", "juniper", "harbor", "nova"]);
        for brand in all() {
            assert!(!brand.segments.is_empty() && !brand.themes.is_empty());
            let weight: f64 = brand.objectives.iter().map(|o| o.weight).sum();
            assert!((weight - 1.0).abs() < 1e-9, "{weight}");
            for month in 1..=12 {
                let fits = |months: &[u8]| months.is_empty() || months.contains(&month);
                assert!(brand.themes.iter().any(|theme| fits(&theme.months)));
            }
            for product in brand.themes.iter().flat_map(|theme| &theme.products) {
                assert!(product.url.starts_with(&brand.website), "{}", product.url);
            }
            assert!(brand.unsubscribe_url.starts_with(&brand.website));
        }
    }
}
