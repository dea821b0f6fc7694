//! What may be spent without asking.

use baton_domain::Money;

use crate::SettingError;

/// The settings of payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSettings {
    /// What all runs of a tenant may spend together; nothing for no limit.
    pub tenant_budget: Option<Money>,
    /// What a source may cost without a person's approval.
    pub auto_approve_price: Money,
    /// After how many minutes a purchase on which nobody works is looked after.
    pub stuck_minutes: u32,
}

impl Default for PaymentSettings {
    fn default() -> Self {
        Self {
            tenant_budget: None,
            auto_approve_price: Money::from_micro_usd(50_000_000),
            stuck_minutes: 10,
        }
    }
}

impl PaymentSettings {
    /// The variable that limits a tenant, in US dollars.
    pub const TENANT_BUDGET: &'static str = "TENANT_BUDGET_USD";
    /// The variable that limits what is bought without asking, in US dollars.
    pub const AUTO_APPROVE_PRICE: &'static str = "AUTO_APPROVE_PRICE_USD";
    /// The variable that says when a purchase is stuck, in minutes, 1 to 1,440.
    pub const STUCK_MINUTES: &'static str = "PAYMENT_STUCK_MINUTES";

    /// Reads them from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// The variable that is not valid.
    pub(crate) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let default = Self::default();
        let minutes = variable(Self::STUCK_MINUTES).map(|text| text.trim().parse());
        let minutes = minutes
            .transpose()
            .ok()
            .map(|minutes| minutes.unwrap_or(default.stuck_minutes))
            .filter(|minutes| (1..=1_440).contains(minutes));
        Ok(Self {
            tenant_budget: dollars(variable, Self::TENANT_BUDGET)?,
            auto_approve_price: dollars(variable, Self::AUTO_APPROVE_PRICE)?
                .unwrap_or(default.auto_approve_price),
            stuck_minutes: minutes.ok_or_else(|| {
                SettingError::new(Self::STUCK_MINUTES, "must be 1 to 1440 minutes")
            })?,
        })
    }
}

fn dollars(
    variable: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<Money>, SettingError> {
    let text = variable(name).filter(|text| !text.trim().is_empty());
    let sum = text.map(|text| text.trim().parse::<Money>());
    sum.transpose()
        .map_err(|wrong| SettingError::new(name, wrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<PaymentSettings, SettingError> {
        PaymentSettings::read(&|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn what_is_set_is_taken_and_the_rest_has_a_default() {
        assert_eq!(read("X", "1"), Ok(PaymentSettings::default()));
        let limited = read("TENANT_BUDGET_USD", "250.5").unwrap();
        let budget = Some(Money::from_micro_usd(250_500_000));
        assert_eq!(limited.tenant_budget, budget);
        let asking = read("AUTO_APPROVE_PRICE_USD", " 0 ").unwrap();
        assert_eq!(asking.auto_approve_price, Money::ZERO);
        assert_eq!(read("PAYMENT_STUCK_MINUTES", "3").unwrap().stuck_minutes, 3);
    }

    #[test]
    fn what_is_wrong_names_its_variable() {
        for (name, value) in [
            ("TENANT_BUDGET_USD", "-1"),
            ("TENANT_BUDGET_USD", "much"),
            ("AUTO_APPROVE_PRICE_USD", "NaN"),
            ("TENANT_BUDGET_USD", "1e3"),
            ("TENANT_BUDGET_USD", "0.0000001"),
            ("PAYMENT_STUCK_MINUTES", "0"),
            ("PAYMENT_STUCK_MINUTES", "soon"),
        ] {
            let error = read(name, value).unwrap_err();
            assert_eq!(error.variable, name, "{error}");
        }
    }
}
