//! What a mail is written from: brand, theme, segment, and what may be said and linked to.

use baton_domain::campaign::{
    AudienceSegment, Brand, PersonalizationField, PlannedEmail, Product, Theme,
};
use http::Uri;

use crate::Error;
use crate::words::{contains, one_line, without_emoji};

/// What is known, and what is to be kept to.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The brand.
    pub brand: &'a Brand,
    /// The planned mail.
    pub email: &'a PlannedEmail,
    /// What it is about.
    pub theme: &'a Theme,
    /// To whom it goes.
    pub segment: &'a AudienceSegment,
    /// What must not be said, beside what the brand forbids.
    pub avoid: Vec<String>,
    /// Which mail of the calendar this is: the number at the end of its name, so that no two are
    /// alike.
    pub turn: usize,
}

/// The longest text that is taken over from a brand, in characters.
const MOST: usize = 300;

impl<'a> Facts<'a> {
    /// Looks up theme and segment.
    ///
    /// # Errors
    /// `UnknownTheme` and `UnknownSegment` where the brand does not have them, `NoContent` where
    /// there is nowhere to lead to.
    pub fn of(brand: &'a Brand, email: &'a PlannedEmail) -> Result<Self, Error> {
        if email.email_id.trim().is_empty() {
            return Err(Error::UnnamedEmail);
        }
        let theme = brand.themes.iter().find(|theme| theme.name == email.theme);
        let segment = brand.segments.iter().find(|s| s.name == email.segment);
        let facts = Self {
            brand,
            email,
            theme: theme.ok_or_else(|| Error::UnknownTheme(email.theme.clone()))?,
            segment: segment.ok_or_else(|| Error::UnknownSegment(email.segment.clone()))?,
            avoid: Vec::new(),
            turn: turn(&email.email_id),
        };
        if facts.may_lead_to(&brand.website) {
            Ok(facts)
        } else {
            Err(Error::NoContent(
                "brand.website: is no https address to lead to".to_owned(),
            ))
        }
    }

    /// Whether a text says nothing that the brand forbids or that is to be avoided.
    pub fn allows(&self, text: &str) -> bool {
        self.forbidden_in(text).is_none()
    }

    /// The first thing in a text that must not be said.
    pub fn forbidden_in(&self, text: &str) -> Option<&str> {
        let voice = &self.brand.voice;
        let mut all = voice
            .banned_words
            .iter()
            .chain(&voice.banned_claims)
            .chain(&self.avoid);
        all.find(|phrase| contains(text, phrase))
            .map(String::as_str)
    }

    /// Whether links may go to this address: https, and a host of the brand.
    pub fn may_lead_to(&self, url: &str) -> bool {
        let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
        let website = https_host(&self.brand.website);
        let mut hosts = self
            .brand
            .link_hosts
            .iter()
            .map(|host| host.to_ascii_lowercase())
            .chain(website);
        https_host(url).is_some_and(|host| hosts.any(|allowed| bare(&allowed) == bare(&host)))
    }

    /// The products of the theme that may be named and linked to; which comes first goes by turns.
    pub fn products(&self) -> Vec<&'a Product> {
        let sound = |product: &&Product| {
            let name = plain(&product.name);
            self.quote(&name).is_some() && self.may_lead_to(&product.url)
        };
        let mut products: Vec<&Product> = self.theme.products.iter().filter(sound).collect();
        if !products.is_empty() {
            let first = self.turn % products.len();
            products.rotate_left(first);
        }
        products
    }

    /// Where the button leads: to the first product, else to the website.
    pub fn url(&self) -> &'a str {
        self.products()
            .first()
            .map_or(&self.brand.website, |product| &product.url)
    }

    /// The field that names the reader, if the brand has one with a fallback.
    pub fn name_field(&self) -> Option<&'a PersonalizationField> {
        const NAMES: [&str; 5] = ["first_name", "firstname", "given_name", "name", "full_name"];
        let fields = &self.brand.personalization_fields;
        let named = |name: &&str| fields.iter().find(|f| f.name == **name && is_usable(f));
        NAMES.iter().find_map(named)
    }

    /// The field of this name, if it may stand in a mail.
    pub fn field(&self, name: &str) -> Option<&'a PersonalizationField> {
        let mut fields = self.brand.personalization_fields.iter();
        fields.find(|field| field.name == name && is_usable(field))
    }

    /// How long a text is for the recipient for whom it is longest, in characters.
    pub fn length(&self, text: &str) -> usize {
        let mut text = text.to_owned();
        for field in &self.brand.personalization_fields {
            let longer = field.example.chars().count() >= field.fallback.chars().count();
            let value = if longer {
                &field.example
            } else {
                &field.fallback
            };
            text = text.replace(&format!("{{{{{}}}}}", field.name), value);
        }
        text.chars().count()
    }

    /// A text of the brand as it may stand in a mail: one line, no braces, no addresses, not too
    /// long, without emoji where the brand wants none; none where it says what must not be said, or names a
    /// price.
    pub fn quote(&self, text: &str) -> Option<String> {
        let text: String = text
            .chars()
            .filter(|c| !matches!(c, '{' | '}'))
            .take(MOST)
            .collect();
        let text = without_addresses(&one_line(&text));
        let text = if self.brand.voice.emoji {
            text
        } else {
            without_emoji(&text)
        };
        let text = text.trim_end_matches('.').to_owned();
        // Prices are said where it is known of what.
        (!text.is_empty() && !text.contains('$') && self.allows(&text)).then_some(text)
    }
}

fn is_usable(field: &PersonalizationField) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let name = field.name.as_bytes();
    let named = name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(|b| plain(*b));
    named && !field.fallback.trim().is_empty()
}

/// A text of the brand in one line and without braces, which would be read as merge fields.
pub fn plain(text: &str) -> String {
    one_line(&text.replace(['{', '}'], " "))
}

/// The text without words that are addresses.
pub fn without_addresses(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.contains("://"));
    words.collect::<Vec<_>>().join(" ")
}

/// The host of an https address that has one reading: no user, no port.
fn https_host(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?.to_ascii_lowercase();
    let plain = uri.authority()?.as_str().eq_ignore_ascii_case(&host) && host.contains('.');
    (plain && uri.scheme_str() == Some("https")).then_some(host)
}

/// The number at the end of a name, or one made of its bytes (FNV-1a) where there is none.
fn turn(email_id: &str) -> usize {
    let digits = email_id
        .bytes()
        .rev()
        .take_while(u8::is_ascii_digit)
        .count();
    if let Ok(number) = email_id[email_id.len() - digits..].parse::<u32>() {
        return number as usize;
    }
    let hash = email_id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_s_turn_is_its_number() {
        assert_eq!((turn("email-07"), turn("email-12")), (7, 12));
        assert_ne!(turn("spring"), turn("summer"));
        assert_eq!(turn(""), 0x811c_9dc5);
    }

    #[test]
    fn only_plain_https_has_a_host() {
        assert_eq!(
            https_host("https://A.example/x?y=z").as_deref(),
            Some("a.example")
        );
        for bad in [
            "http://a.example",
            "https://a.example:1/",
            "https://a.example@b.example/",
            "a.example",
            "javascript:x",
        ] {
            assert_eq!(https_host(bad), None, "{bad}");
        }
    }
}
