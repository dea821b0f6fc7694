//! The sandbox Payment Manager: it gives tokens to those whose voice it knows. Its books, faults
//! and clock are those of the [marketplace](crate::marketplace).
//!
//! | route | what |
//! |---|---|
//! | `POST /token` | `{"budget", "voice_id"}` → a token; status 401 for a voice that is empty or begins with `bad` |
//! | `GET /balance/{token_id}` | what is left on it |
//! | `/sandbox/…` | as of the marketplace |

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::marketplace::{self, Call, Kind, Refused, Sandbox, TOKEN_LIFE, answered, own_routes};

/// The Payment Manager's routes, and the sandbox's own.
pub fn router(sandbox: Sandbox) -> Router {
    routes().merge(own_routes()).with_state(sandbox)
}

/// Both at one address: the routes of the marketplace and those of the Payment Manager.
pub fn market(sandbox: Sandbox) -> Router {
    let tokens = routes().with_state(sandbox.clone());
    marketplace::router(sandbox).merge(tokens)
}

fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/token", post(token))
        .route("/balance/{token_id}", get(balance))
}

#[derive(Deserialize)]
struct Asked {
    budget: u64,
    voice_id: String,
}

async fn token(
    Shared(sandbox): Shared<Sandbox>,
    body: Result<Json<Asked>, JsonRejection>,
) -> Response {
    answered(&sandbox, Call::Token, |state, _| {
        let Json(Asked { budget, voice_id }) =
            body.map_err(|wrong| Refused(wrong.status(), wrong.body_text()))?;
        let voice = voice_id.trim();
        if voice.is_empty() || voice.starts_with("bad") {
            let message = "voice authentication failed".to_owned();
            return Err(Refused(StatusCode::UNAUTHORIZED, message));
        }
        let token_id = state.issue(budget)?;
        Ok(Json(json!({ "token_id": token_id, "expire_in": TOKEN_LIFE })).into_response())
    })
    .await
}

async fn balance(Shared(sandbox): Shared<Sandbox>, Path(token_id): Path<String>) -> Response {
    answered(&sandbox, Call::Balance, |state, verdict| {
        let not_found = || Refused(StatusCode::NOT_FOUND, "Not Found".to_owned());
        if verdict.is(Kind::NoBalance) {
            return Err(not_found());
        }
        let unknown = || Refused(StatusCode::UNAUTHORIZED, "invalid token".to_owned());
        let balance = state.balance(&token_id).ok_or_else(unknown)?;
        Ok(Json(json!({ "balance": balance })).into_response())
    })
    .await
}
