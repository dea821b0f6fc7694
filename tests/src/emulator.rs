//! The stack of `infra/template.yaml` on an emulator of AWS, for the length of one test.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use baton_aws::{Config, Connection, DynamoItems, StepFunctionsWorkflows, Uses};

use crate::functions::functions;
use crate::{root, target_dir, venv};

/// A deployed stack. The emulator ends when this is dropped.
#[derive(Debug)]
pub struct Deployed {
    /// Where the emulator listens.
    pub endpoint: String,
    /// Where the HTTP API is, without a slash at its end.
    pub api_url: String,
    /// The outputs of the stack.
    pub outputs: BTreeMap<String, String>,
    _emulator: Emulator,
}

impl Deployed {
    /// Builds the functions, starts an emulator and deploys the template to it, with these
    /// parameters besides those that it needs.
    pub fn start(parameters: &[(&str, &str)]) -> Self {
        let programs = venv::programs();
        let lambda_dir = lay_out_functions();
        let emulator = Emulator::start(&programs);
        let endpoint = emulator.endpoint.clone();
        let template = root().join("infra/template.yaml");
        let set = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let parameters: Vec<String> = set.chain(["Environment=development".to_owned()]).collect();
        let mut arguments = vec![template.as_os_str(), lambda_dir.as_os_str()];
        arguments.extend(parameters.iter().map(OsStr::new));
        let outputs = run(&programs, "deploy.py", &endpoint, &arguments);
        let outputs: BTreeMap<_, String> =
            serde_json::from_str(&outputs).expect("deploy.py prints the outputs");
        let api_url = format!("{endpoint}/_aws/execute-api/{}/$default", outputs["ApiId"]);
        Self {
            endpoint,
            api_url,
            outputs,
            _emulator: emulator,
        }
    }

    /// The tables of the stack.
    pub fn items(&self) -> DynamoItems {
        let (config, connection) = self.aws();
        DynamoItems::new(&connection, &config)
    }

    /// The state machines of the stack.
    pub fn workflows(&self) -> StepFunctionsWorkflows {
        let (config, connection) = self.aws();
        StepFunctionsWorkflows::new(&connection, &config)
    }

    /// Runs a script of `tests/emulator` against the emulator and answers what it prints.
    pub fn run(&self, script: &str, arguments: &[&str]) -> String {
        let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
        run(&venv::programs(), script, &self.endpoint, &arguments)
    }

    fn aws(&self) -> (Config, Connection) {
        let output = |name: &str| Some(self.outputs[name].clone());
        let lookup = |name: &str| match name {
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ENDPOINT_URL" => Some(self.endpoint.clone()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            "PROFILES_TABLE" => output("ProfilesTable"),
            "CATALOGS_TABLE" => output("CatalogsTable"),
            "ORCHESTRATION_LOG_TABLE" => output("OrchestrationLogTable"),
            "RESPONSES_TABLE" => output("ResponsesTable"),
            "RUNS_TABLE" => output("RunsTable"),
            "APPROVALS_TABLE" => output("ApprovalsTable"),
            "PAYMENTS_TABLE" => output("PaymentsTable"),
            "PERSONALIZE_ARN" => output("PersonalizeStateMachineArn"),
            "SCORE_ARN" => output("ScoreStateMachineArn"),
            "CREATIVE_ARN" => output("CreativeStateMachineArn"),
            "ANALYZE_ARN" => output("AnalyzeStateMachineArn"),
            "AVATAR_ARN" => output("AvatarStateMachineArn"),
            "CAMPAIGN_ARN" => output("CampaignStateMachineArn"),
            "RESEARCH_ARN" => output("ResearchStateMachineArn"),
            "BATCH_ARN" => output("BatchStateMachineArn"),
            _ => None,
        };
        let config =
            Config::from_lookup(&Uses::ALL, lookup).expect("the stack's outputs are settings");
        let connection = Connection::from_lookup(&config, lookup).expect("credentials are set");
        (config, connection)
    }
}

/// Lays out every function as cargo-lambda does: `<dir>/<binary>/bootstrap`.
fn lay_out_functions() -> PathBuf {
    let directory = target_dir().join("emulator/lambda");
    for function in functions() {
        let folder = directory.join(&function.name);
        fs::create_dir_all(&folder).expect("the target folder can be written to");
        let bootstrap = folder.join("bootstrap");
        strip(&function.binary(), &bootstrap);
    }
    directory
}

/// Without symbols the upload is a fraction of the size; with them it works as well.
fn strip(binary: &Path, bootstrap: &Path) {
    let stripped = Command::new("strip")
        .arg("-o")
        .arg(bootstrap)
        .arg(binary)
        .output();
    if !stripped.is_ok_and(|output| output.status.success()) {
        fs::copy(binary, bootstrap).expect("a binary can be copied");
    }
}

fn run(programs: &Path, script: &str, endpoint: &str, arguments: &[&OsStr]) -> String {
    let output = Command::new(programs.join("python"))
        .arg(root().join("tests/emulator").join(script))
        .arg(endpoint)
        .args(arguments)
        .output()
        .expect("the environment has Python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed\n{said}");
    String::from_utf8(output.stdout).expect("scripts print text")
}

#[derive(Debug)]
struct Emulator {
    endpoint: String,
    /// Ends the emulator when its standard input closes.
    supervisor: Child,
}

impl Emulator {
    fn start(programs: &Path) -> Self {
        let port = free_port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let folder = target_dir().join("emulator");
        fs::create_dir_all(folder.join("tmp")).expect("the target folder can be written to");
        let log = File::create(folder.join("emulator.log")).expect("a log file");
        let supervisor = Command::new(programs.join("python"))
            .arg(root().join("tests/emulator/serve.py"))
            .arg(programs.join("ministack"))
            // Functions inherit this environment, so it holds no more than it must.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &folder)
            .env("TMPDIR", folder.join("tmp"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("IOT_MTLS_ENABLED", "0")
            .env("PERSIST_STATE", "0")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file can be opened twice"))
            .stderr(log)
            .spawn()
            .expect("the environment has Python");
        let emulator = Self {
            endpoint,
            supervisor,
        };
        wait_until_ready(port, &folder.join("emulator.log"));
        emulator
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // It could only fail if the process were not ours, and then there is nothing to wait for.
        let _ = self.supervisor.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr();
    address.expect("a bound port has an address").port()
}

fn wait_until_ready(port: u16, log: &Path) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let said = || fs::read_to_string(log).unwrap_or_default();
        assert!(
            Instant::now() < deadline,
            "the emulator did not start:\n{}",
            said()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
