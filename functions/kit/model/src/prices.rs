//! What models cost, and what else must be known of them to ask them.
//!
//! List prices of standard, uncached, text-only use in US dollars per million tokens, gathered on
//! 2026-11-21: Anthropic's from platform.claude.com/docs, Gemini's from a transcript of
//! ai.google.dev/gemini-api/docs/pricing of 2026-10-07, `OpenAI`'s as of 2026-10-26 as quoted from its
//! pricing page, Bedrock's from AWS's price list for us-east-1. Where a price is known to rise
//! (Gemini 3.8 Flash doubles on 2027-01-01), the higher one stands here; Claude on Bedrock stands at
//! the regional price, a tenth above the global one: what is reported should never be less than what
//! is billed. `MODEL_PRICE_PER_MTOK_IN` and `…_OUT` override the table.

use baton_domain::Money;

use crate::settings::Provider;

/// The price of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// Micro-USD per million tokens sent.
    pub(crate) input: u64,
    /// Micro-USD per million tokens received.
    pub(crate) output: u64,
    /// What a whole request costs whose prompt is longer.
    pub(crate) long: Option<Long>,
}

/// The price of a long prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Long {
    /// From more tokens than this on.
    pub(crate) over: u64,
    /// Micro-USD per million tokens sent.
    pub(crate) input: u64,
    /// Micro-USD per million tokens received.
    pub(crate) output: u64,
}

impl Price {
    pub(crate) const FREE: Self = Self {
        input: 0,
        output: 0,
        long: None,
    };

    /// What so many tokens cost, rounded up to a micro-USD.
    pub(crate) fn of(self, input_tokens: u64, output_tokens: u64) -> Money {
        let (input, output) = match self.long {
            Some(long) if input_tokens > long.over => (long.input, long.output),
            _ => (self.input, self.output),
        };
        let total = u128::from(input_tokens) * u128::from(input)
            + u128::from(output_tokens) * u128::from(output);
        let micro = total.div_ceil(1_000_000);
        Money::from_micro_usd(u64::try_from(micro).unwrap_or(u64::MAX))
    }
}

/// A model of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    provider: Provider,
    model: &'static str,
    pub(crate) price: Price,
    /// Whether it thinks before it answers: then it takes no temperature, and is told to think
    /// little, since its thoughts are billed and take time.
    pub(crate) thinks: bool,
}

/// A table entry in cents per million tokens.
const fn listed(
    provider: Provider,
    model: &'static str,
    input: u64,
    output: u64,
    thinks: bool,
) -> Listed {
    let price = Price {
        input: input * 10_000,
        output: output * 10_000,
        long: None,
    };
    Listed {
        provider,
        model,
        price,
        thinks,
    }
}

impl Listed {
    /// Prompts over so many tokens cost so many cents per million tokens.
    const fn over(mut self, over: u64, input: u64, output: u64) -> Self {
        self.price.long = Some(Long {
            over,
            input: input * 10_000,
            output: output * 10_000,
        });
        self
    }
}

use Provider::{Anthropic, Bedrock, Gemini, OpenAi};

const TABLE: [Listed; 37] = [
    listed(OpenAi, "gpt-6-astra", 1_000, 5_000, true).over(272_000, 2_000, 7_500),
    listed(OpenAi, "gpt-6.1-sol", 200, 1_000, true).over(272_000, 400, 1_500),
    listed(OpenAi, "gpt-6-sol", 200, 1_000, true).over(272_000, 400, 1_500),
    listed(OpenAi, "gpt-6.1-terra", 100, 500, true).over(272_000, 200, 750),
    listed(OpenAi, "gpt-6-luna", 10, 50, true).over(272_000, 20, 75),
    listed(OpenAi, "gpt-5.6-sol", 500, 3_000, true).over(272_000, 1_000, 4_500),
    listed(OpenAi, "gpt-5.6-terra", 200, 1_200, true).over(272_000, 400, 1_800),
    listed(OpenAi, "gpt-5.6-luna", 20, 120, true).over(272_000, 40, 180),
    listed(OpenAi, "gpt-5-nano", 5, 40, true),
    listed(OpenAi, "gpt-5-mini", 25, 200, true),
    listed(OpenAi, "gpt-4.1", 200, 800, false),
    listed(OpenAi, "gpt-4.1-mini", 40, 160, false),
    listed(OpenAi, "gpt-4o", 250, 1_000, false),
    listed(OpenAi, "gpt-4o-mini", 15, 60, false),
    listed(Anthropic, "claude-fable-5-1", 1_000, 5_000, true),
    listed(Anthropic, "claude-opus-5-5", 400, 2_000, true),
    listed(Anthropic, "claude-sonnet-5-5", 200, 1_000, true),
    listed(Anthropic, "claude-haiku-5-5", 10, 50, true).over(100_000, 50, 250),
    listed(Anthropic, "claude-opus-5", 500, 2_500, true),
    listed(Anthropic, "claude-sonnet-5", 200, 1_000, true),
    listed(Anthropic, "claude-haiku-4-5", 100, 500, false),
    listed(Anthropic, "claude-sonnet-4-5", 300, 1_500, false).over(200_000, 600, 2_250),
    listed(Gemini, "gemini-3.8-flash", 150, 750, true),
    listed(Gemini, "gemini-3.5-flash", 150, 900, true),
    listed(Gemini, "gemini-3.5-flash-lite", 30, 250, true),
    listed(Gemini, "gemini-3.1-flash-lite", 25, 150, true),
    listed(Gemini, "gemini-3.1-pro-preview", 200, 1_200, true).over(200_000, 400, 1_800),
    listed(Gemini, "gemini-2.5-pro", 125, 1_000, false).over(200_000, 250, 1_500),
    listed(Gemini, "gemini-2.5-flash", 30, 250, false),
    listed(Gemini, "gemini-2.5-flash-lite", 10, 40, false),
    listed(Bedrock, "anthropic.claude-opus-5-5", 440, 2_200, true),
    listed(Bedrock, "anthropic.claude-sonnet-5-5", 220, 1_100, true),
    listed(Bedrock, "anthropic.claude-haiku-5-5", 11, 55, true).over(100_000, 55, 275),
    listed(Bedrock, "anthropic.claude-haiku-4-5", 110, 550, false),
    listed(Bedrock, "amazon.nova-2-lite", 30, 250, false),
    listed(Bedrock, "amazon.nova-pro", 80, 320, false),
    listed(Bedrock, "amazon.nova-lite", 6, 24, false),
];

/// The entry of a model. A dated snapshot or version of a listed model costs the same
/// (`gpt-4o-2024-08-06`, `…-v1:0`), as does one behind a Bedrock inference profile (`eu.…`).
pub(crate) fn find(provider: Provider, model: &str) -> Option<&'static Listed> {
    let name = if provider == Bedrock {
        strip_profile(model)
    } else {
        model
    };
    TABLE.iter().find(|listed| {
        let rest = name.strip_prefix(listed.model);
        listed.provider == provider && rest.is_some_and(is_version)
    })
}

fn strip_profile(model: &str) -> &str {
    match model.split_once('.') {
        Some(("us" | "eu" | "apac" | "jp" | "au" | "ca" | "global" | "us-gov", rest)) => rest,
        _ => model,
    }
}

fn is_version(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('-') else {
        return rest.is_empty();
    };
    let year = rest.len() >= 8 && rest.bytes().take(4).all(|b| b.is_ascii_digit());
    let version = rest.starts_with('v') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    year || version
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_cost_what_the_list_says_rounded_up() {
        let price = find(OpenAi, "gpt-4o-mini").unwrap().price;
        // 1,000 × $0.15 and 200 × $0.60 per million: 150 + 120 micro-USD.
        assert_eq!(price.of(1_000, 200).micro_usd(), 270);
        assert_eq!(price.of(1, 0).micro_usd(), 1);
        assert_eq!(price.of(0, 0), Money::ZERO);
    }

    #[test]
    fn a_long_prompt_costs_more_from_its_first_token() {
        let price = find(Anthropic, "claude-haiku-5-5").unwrap().price;
        assert_eq!(price.of(100_000, 1_000).micro_usd(), 10_000 + 500);
        assert_eq!(price.of(100_001, 1_000).micro_usd(), 50_001 + 2_500);
    }

    #[test]
    fn versions_are_found_and_other_models_are_not() {
        for (provider, model, found) in [
            (OpenAi, "gpt-4o-2024-08-06", Some("gpt-4o")),
            (OpenAi, "gpt-4o-mini", Some("gpt-4o-mini")),
            (OpenAi, "gpt-4o-audio-preview", None),
            (
                Anthropic,
                "claude-haiku-4-5-20251001",
                Some("claude-haiku-4-5"),
            ),
            (Anthropic, "claude-opus-5-6", None),
            (
                Bedrock,
                "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
                Some("anthropic.claude-haiku-4-5"),
            ),
            (Bedrock, "amazon.nova-lite-v1:0", Some("amazon.nova-lite")),
            (Bedrock, "meta.llama3-70b-instruct-v1:0", None),
            (Gemini, "gpt-4o", None),
        ] {
            assert_eq!(
                find(provider, model).map(|listed| listed.model),
                found,
                "{model}"
            );
        }
    }

    #[test]
    fn no_model_is_listed_twice_and_none_is_free() {
        for (i, listed) in TABLE.iter().enumerate() {
            assert!(listed.price.input > 0 && listed.price.output >= listed.price.input);
            let same =
                |other: &Listed| other.provider == listed.provider && other.model == listed.model;
            assert!(!TABLE[..i].iter().any(same), "{}", listed.model);
        }
    }

    proptest! {
        #[test]
        fn more_tokens_never_cost_less(input in 0_u64..1_000_000, output in 0_u64..100_000, entry in 0..TABLE.len()) {
            let price = TABLE[entry].price;
            prop_assert!(price.of(input + 1, output) >= price.of(input, output));
            prop_assert!(price.of(input, output + 1) >= price.of(input, output));
        }
    }
}
