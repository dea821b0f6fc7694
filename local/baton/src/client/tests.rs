use super::*;

fn server(url: &str, token: Option<&str>) -> Server {
    Server {
        url: base_url(url).unwrap(),
        tenant: "acme".parse().unwrap(),
        token: token.map(str::to_owned),
    }
}

#[test]
fn an_address_is_plain() {
    for bad in [
        "",
        "baton.example",
        "ftp://baton.example",
        "https://ada:s3cret@baton.example",
        "https://baton.example?stage=prod",
        "https://baton.example#top",
    ] {
        let error = base_url(bad).unwrap_err();
        assert!(!error.contains("s3cret"), "{bad}: {error}");
    }
}

#[test]
fn a_path_keeps_its_base_and_escapes_names() {
    let client = server("https://api.example/prod/", None).client();
    let client = client.ok().unwrap();
    let url = client.path(&["runs", "a/b", "artifacts", "c?d"]).unwrap();
    assert_eq!(url.path(), "/prod/runs/a%2Fb/artifacts/c%3Fd");
    assert!(client.path(&["runs", ".."]).is_err());
    assert_eq!(client.url(), "https://api.example/prod");
}

#[test]
fn a_token_goes_in_clear_to_this_machine_alone() {
    for (url, allowed) in [
        ("https://baton.example", true),
        ("http://127.0.0.1:8100", true),
        ("http://localhost:8100", true),
        ("http://baton.example", false),
        ("http://10.0.0.1", false),
    ] {
        let made = server(url, Some("s3cret")).client();
        assert_eq!(made.is_ok(), allowed, "{url}");
        if let Err(failure) = made {
            assert_eq!(failure.code, 2);
            assert!(!failure.message.contains("s3cret"), "{}", failure.message);
        }
    }
    let broken = server("https://baton.example", Some("s3cret\n")).client();
    let message = broken.err().unwrap().message;
    assert!(!message.contains("s3cret"), "{message}");
}
