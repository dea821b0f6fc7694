//! One signed call in the JSON protocol of AWS, for a service of which Baton needs one operation:
//! an SDK client for it would be larger than the rest of a function.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

/// How often a call is made, and how long one may take.
const ATTEMPTS: u32 = 3;
const ATTEMPT: Duration = Duration::from_secs(2);

/// The pause before the second call; the next one is twice as long.
const PAUSE: Duration = Duration::from_millis(50);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Signs and makes calls to one service.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    connector: SharedHttpConnector,
    identity: Identity,
    region: String,
    service: &'static str,
}

/// What a service answered.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Caller {
    pub(crate) fn new(
        connector: SharedHttpConnector,
        credentials: Credentials,
        region: String,
        service: &'static str,
    ) -> Self {
        Self {
            connector,
            identity: credentials.into(),
            region,
            service,
        }
    }

    /// Makes a call of `target`, such as `AmazonSQS.SendMessage`, to `url`: again when the service
    /// is not there or overloaded, so it must be one that may be made twice.
    ///
    /// # Errors
    /// What went wrong, without what was sent.
    pub(crate) async fn call(&self, url: &str, target: &str, body: &Value) -> Result<(), String> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let error = match self.attempt(url, target, body).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(()),
                Ok(answer) if !is_transient(&answer) => return Err(refusal(&answer)),
                Ok(answer) => refusal(&answer),
                Err(cause) => cause.to_string(),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn attempt(&self, url: &str, target: &str, body: &Value) -> Result<Answer, Cause> {
        let request = self.signed(url, target, body, SystemTime::now())?;
        let call = async {
            let answer = self.connector.call(request).await?;
            let status = answer.status().as_u16();
            // Read to its end, so that the connection can be used again.
            let body = ByteStream::new(answer.into_body()).collect().await?;
            Ok(Answer {
                status,
                body: body.to_vec(),
            })
        };
        let answer = tokio::time::timeout(ATTEMPT, call).await;
        answer.map_err(|_| "no answer in time")?
    }

    fn signed(
        &self,
        url: &str,
        target: &str,
        body: &Value,
        now: SystemTime,
    ) -> Result<HttpRequest, Cause> {
        let body = body.to_string();
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target),
        ];
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url, headers.into_iter(), signable)?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let mut request = http::Request::post(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(SdkBody::from(body))?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(HttpRequest::try_from(request)?)
    }
}

/// Services of this protocol say that they are overloaded with 400 as well.
fn is_transient(answer: &Answer) -> bool {
    let code = code(answer);
    answer.status >= 500
        || answer.status == 429
        || code.contains("Throttl")
        || code.contains("RequestLimitExceeded")
}

fn refusal(answer: &Answer) -> String {
    match code(answer) {
        code if code.is_empty() => format!("status {}", answer.status),
        code => format!("status {}: {code}", answer.status),
    }
}

/// The error's name, without its namespace.
fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = body["__type"].as_str().unwrap_or_default();
    let code = code.rsplit_once('#').map_or(code, |(_, name)| name);
    code.chars().take(100).collect()
}
