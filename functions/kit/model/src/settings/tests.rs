use super::*;

fn with(set: &[(&str, &str)]) -> Result<Option<Settings>, SettingError> {
    read(|asked| {
        let found = set.iter().find(|(name, _)| *name == asked);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn refused(set: &[(&str, &str)]) -> String {
    with(set).unwrap_err().to_string()
}

const OPENAI: [(&str, &str); 3] = [
    ("MODEL_PROVIDER", "openai"),
    ("PRIMARY_MODEL", "gpt-4o-mini"),
    ("OPENAI_API_KEY", "sk-secret"),
];

#[test]
fn nothing_configured_is_offline() {
    assert_eq!(with(&[]), Ok(None));
    assert_eq!(with(&[("MODEL_PROVIDER", "")]), Ok(None));
    // What is said of a model is not looked at then.
    let offline = [("MODEL_PROVIDER", "offline"), ("MODEL_TEMPERATURE", "hot")];
    assert_eq!(with(&offline), Ok(None));
    assert!(from_lookup(|_| None).unwrap().is_none());
}

#[test]
fn defaults_are_the_documented_ones() {
    let settings = with(&OPENAI).unwrap().unwrap();
    assert_eq!(settings.base_url, "https://api.openai.com/v1");
    assert_eq!(
        (settings.temperature, settings.max_tokens),
        (Some(0.7), 2_000)
    );
    assert_eq!(settings.timeout, Duration::from_secs(20));
    assert_eq!(settings.name().to_string(), "openai/gpt-4o-mini");
    let model = from_lookup(|name| {
        let found = OPENAI.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    assert_eq!(
        model.unwrap().unwrap().time_limit(),
        Duration::from_secs(20)
    );
}

#[test]
fn a_bad_variable_is_named() {
    for (name, value, expected) in [
        (
            "MODEL_PROVIDER",
            "OpenAI",
            "must be openai, anthropic, gemini, bedrock, ollama or offline, not `OpenAI`",
        ),
        (
            "MODEL_TEMPERATURE",
            "2.1",
            "must be a number from 0 to 2, not `2.1`",
        ),
        (
            "MODEL_TEMPERATURE",
            "NaN",
            "must be a number from 0 to 2, not `NaN`",
        ),
        (
            "MODEL_MAX_TOKENS",
            "0",
            "must be a number from 1 to 100000, not `0`",
        ),
        (
            "MODEL_TIMEOUT_SECONDS",
            "1.5",
            "must be a number from 1 to 600, not `1.5`",
        ),
        (
            "MODEL_BASE_URL",
            "ftp://x",
            "must be an http or https address without user, query or fragment",
        ),
        (
            "MODEL_BASE_URL",
            "https://u:p@x",
            "must be an http or https address without user, query or fragment",
        ),
        (
            "MODEL_PRICE_PER_MTOK_IN",
            "-1",
            "must be a number from 0 to 10000, not `-1`",
        ),
        (
            "OPENAI_API_KEY",
            " ",
            "is not set, and the provider needs it",
        ),
        ("PRIMARY_MODEL", "", "is not set, and the provider needs it"),
    ] {
        let mut set = vec![(name, value)];
        set.extend(OPENAI);
        assert_eq!(refused(&set), format!("{name}: {expected}"));
    }
}

#[test]
fn every_provider_names_what_it_lacks() {
    for (provider, lacks) in [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("gemini", "GEMINI_API_KEY"),
        ("bedrock", "AWS_REGION"),
    ] {
        let set = [("MODEL_PROVIDER", provider), ("PRIMARY_MODEL", "m")];
        assert!(refused(&set).starts_with(lacks), "{provider}");
    }
}

#[test]
fn a_model_of_unknown_price_stops_the_start() {
    let mut set = OPENAI.to_vec();
    set[1].1 = "gpt-99";
    assert!(refused(&set).starts_with("PRIMARY_MODEL: the price of openai/gpt-99 is not known"));
    set.push(("MODEL_PRICE_PER_MTOK_IN", "0.5"));
    assert!(refused(&set).starts_with("MODEL_PRICE_PER_MTOK_OUT: "));
    set.push(("MODEL_PRICE_PER_MTOK_OUT", "2"));
    let settings = with(&set).unwrap().unwrap();
    assert_eq!(
        settings.price.of(1_000_000, 1_000_000).micro_usd(),
        2_500_000
    );
    assert_eq!(settings.temperature, None);
}

#[test]
fn ones_own_machine_costs_nothing_and_needs_no_key() {
    let set = [("MODEL_PROVIDER", "ollama"), ("PRIMARY_MODEL", "llama3.3")];
    let settings = with(&set).unwrap().unwrap();
    assert_eq!(settings.price, Price::FREE);
    assert_eq!(settings.base_url, "http://127.0.0.1:11434");
    let mut set = vec![
        ("MODEL_BASE_URL", "http://127.0.0.1:8000/v1/"),
        ("OPENAI_API_KEY", ""),
    ];
    set.extend(OPENAI);
    let settings = with(&set).unwrap().unwrap();
    assert_eq!(
        (settings.keys, settings.base_url.as_str()),
        (Keys::None, "http://127.0.0.1:8000/v1")
    );
}

#[test]
fn a_model_that_thinks_gets_no_temperature() {
    let mut set = OPENAI.to_vec();
    set[1].1 = "gpt-6-luna";
    set.push(("MODEL_TEMPERATURE", "1"));
    let settings = with(&set).unwrap().unwrap();
    assert!(settings.thinks);
    assert_eq!(settings.temperature, None);
}

#[test]
fn keys_are_not_shown() {
    let shown = format!("{:?}", with(&OPENAI).unwrap().unwrap());
    assert!(
        !shown.contains("sk-secret") && shown.contains("[key]"),
        "{shown}"
    );
}
