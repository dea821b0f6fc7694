//! The routes of the router, of its OpenAPI document and of the API in front are the same.

use std::collections::BTreeSet;

use baton_embedded::{Embedded, SqliteItems};
use baton_http::{Access, router};
use baton_tests::http_scenarios::Api;
use tokio::net::TcpListener;

use crate::template::resources;

#[tokio::test]
async fn the_gateway_has_every_route_of_the_api() {
    let baton = Embedded::over(SqliteItems::in_memory().expect("SQLite opens in memory"));
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    let server = axum::serve(listener, router(baton.app(), Access::Open));
    tokio::spawn(async move { server.await });
    let document = Api::at(&format!("http://{address}"))
        .get("/openapi.json", "any")
        .await
        .body;
    let mut wanted = BTreeSet::from(["GET /openapi.json".to_owned()]);
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            wanted.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let routes = resources("AWS::ApiGatewayV2::Route");
    let keys = routes
        .values()
        .filter_map(|route| route["Properties"]["RouteKey"].as_str());
    assert_eq!(keys.map(str::to_owned).collect::<BTreeSet<_>>(), wanted);
}
