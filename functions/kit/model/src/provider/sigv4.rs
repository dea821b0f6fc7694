//! AWS Signature Version 4, for one kind of request: no query, body in memory.
//!
//! Source: AWS General Reference, "Signature Version 4 signing process", and its test suite.

use std::fmt::Write as _;

use baton_domain::Timestamp;
use ring::{digest, hmac};

use super::Outgoing;
use crate::secret::Secret;

/// Who signs, for what.
pub(super) struct Signer<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) id: &'a str,
    pub(super) secret: &'a Secret,
    pub(super) session: Option<&'a Secret>,
}

impl Signer<'_> {
    /// Adds the headers that prove who asks. Everything in the request is signed.
    pub(super) fn sign(&self, method: &str, request: &mut Outgoing, now: Timestamp) {
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        request.headers.push(("x-amz-date", time.clone()));
        if let Some(session) = self.session {
            let token = session.reveal().to_owned();
            request.headers.push(("x-amz-security-token", token));
        }
        let (host, path) = host_and_path(&request.url);
        let mut headers = vec![("host", host)];
        headers.extend(request.headers.iter().map(|(k, v)| (*k, v.as_str())));
        headers.sort_unstable();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let mut canonical = format!("{method}\n{}\n\n", encoded_path(path));
        for (name, value) in headers {
            // Writing to text does not fail.
            let _ = writeln!(canonical, "{name}:{}", value.trim());
        }
        let _ = write!(canonical, "\n{names}\n{}", hash(&request.body));
        let day = &time[..8];
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            hash(canonical.as_bytes())
        );
        let signature = hex(self.key(day).as_ref(), text.as_bytes());
        let id = self.id;
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        request.headers.push(("authorization", value));
    }

    fn key(&self, day: &str) -> hmac::Tag {
        let first = mac(
            format!("AWS4{}", self.secret.reveal()).as_bytes(),
            day.as_bytes(),
        );
        let region = mac(first.as_ref(), self.region.as_bytes());
        let service = mac(region.as_ref(), self.service.as_bytes());
        mac(service.as_ref(), b"aws4_request")
    }
}

fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let slash = rest.find('/').unwrap_or(rest.len());
    (&rest[..slash], &rest[slash..])
}

/// Each segment is encoded once more than on the wire, as for every service but S3.
fn encoded_path(path: &str) -> String {
    if path.is_empty() {
        return "/".to_owned();
    }
    let segments: Vec<String> = path.split('/').map(encoded).collect();
    segments.join("/")
}

/// Percent-encoding of all but unreserved characters (RFC 3986).
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn mac(key: &[u8], data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
}

fn hex(key: &[u8], data: &[u8]) -> String {
    digits(mac(key, data).as_ref())
}

fn hash(data: &[u8]) -> String {
    digits(digest::digest(&digest::SHA256, data).as_ref())
}

fn digits(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(method: &str, url: &str) -> String {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned());
        let signer = Signer {
            region: "us-east-1",
            service: "service",
            id: "AKIDEXAMPLE",
            secret: &secret,
            session: None,
        };
        let mut request = Outgoing {
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        signer.sign(
            method,
            &mut request,
            "2015-08-30T12:36:00Z".parse().unwrap(),
        );
        let (name, value) = request.headers.pop().unwrap();
        assert_eq!(name, "authorization");
        let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=";
        value.strip_prefix(start).unwrap().to_owned()
    }

    /// `get-vanilla` and `post-vanilla` of AWS's test suite.
    #[test]
    fn signs_as_aws_does() {
        let url = "https://example.amazonaws.com/";
        assert_eq!(
            signature("GET", url),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        assert_eq!(
            signature("POST", url),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
    }

    #[test]
    fn a_path_is_signed_encoded_twice() {
        assert_eq!(encoded("us.a-v1:0"), "us.a-v1%3A0");
        assert_eq!(
            encoded_path("/model/us.a-v1%3A0/converse"),
            "/model/us.a-v1%253A0/converse"
        );
        assert_eq!(encoded_path(""), "/");
    }
}
