//! A server that commands speak to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{baton, said};

/// `baton serve --sandbox`, killed without warning when it is dropped.
pub(crate) struct Server {
    process: Child,
    url: String,
    pub(crate) sandbox: String,
}

impl Server {
    /// Starts it over a file, on free ports.
    pub(crate) fn start(db: &Path) -> Self {
        let mut process = baton(&["serve", "--port", "0", "--sandbox", "--db"])
            .arg(db)
            .stderr(Stdio::piped())
            .spawn()
            .expect("baton runs");
        let mut says = BufReader::new(process.stderr.take().expect("piped"));
        let mut address = |said: &str| {
            let mut line = String::new();
            while says.read_line(&mut line).expect("text") > 0 {
                let address = line.split_once("http://").map(|(_, rest)| rest);
                if let Some(rest) = address.filter(|_| line.contains(said)) {
                    let end = rest.find([' ', ';']).expect("more follows");
                    return format!("http://{}", &rest[..end]);
                }
                line.clear();
            }
            panic!("it never says {said}");
        };
        let sandbox = address("sandbox EmailPilot");
        let url = address("Baton listens");
        // What it logs must go somewhere, or it would stop at a full pipe.
        std::thread::spawn(move || says.read_to_end(&mut Vec::new()));
        Self {
            process,
            url,
            sandbox,
        }
    }

    pub(crate) fn ask(&self, arguments: &[&str]) -> Output {
        let asked = baton(arguments)
            .args(["--url", &self.url])
            .env("BATON_APPROVER", "ada")
            .stdin(Stdio::null())
            .output();
        asked.expect("baton runs")
    }

    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        let output = self.ask(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).expect("text")
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.told(&[arguments, &["--json"]].concat())).expect("JSON")
    }

    /// Starts a campaign, and answers its run.
    pub(crate) fn begin(&self) -> String {
        let begun = self.told(&["runs", "start", "--brand", "acme", "--month", "2024-11"]);
        begun.split(' ').next().expect("a run").to_owned()
    }

    /// The approval that waits at a gate, once it does.
    pub(crate) fn waits_at(&self, gate: &str) -> String {
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(1) {
            let waiting = self.json(&["approve", "--list", "--wait"]);
            if waiting[0]["gate"] == gate {
                return waiting[0]["approval_id"]
                    .as_str()
                    .expect("an id")
                    .to_owned();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nothing ever waits at {gate}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL: nothing is put in order.
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it is gone");
    }
}

/// The answer to a GET of a server on this machine.
pub(crate) fn get(url: &str) -> Value {
    let rest = url.strip_prefix("http://").expect("a URL");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(host).expect("it listens");
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}
