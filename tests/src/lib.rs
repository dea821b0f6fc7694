//! What the tests of the whole house share: the built functions, a host that boots them, the stack
//! on an emulator, and test bodies that run on more than one adapter.
//!
//! Everything here panics with a message that says what to do: it is only called from tests.

pub mod approval_contract;
pub mod avatar;
pub mod bad_input;
pub mod batch;
pub mod batch_scenario;
pub mod campaign;
pub mod emulator;
pub mod failing_items;
pub mod functions;
pub mod http_api;
pub mod http_scenarios;
pub mod normalise;
pub mod payments_contract;
pub mod people;
pub mod research;
pub mod run_contract;
pub mod runtime_api;
mod set_clock;
pub mod store_contract;
pub mod talks;
pub mod venv;
pub mod video_scenario;
pub mod workflow;

use std::path::{Path, PathBuf};

/// The root of the project.
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("this package lies in the project's root")
}

/// The folder that cargo builds this very test into, wherever it was told to put it.
pub fn target_dir() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/<test>
    let target = test.ancestors().nth(3);
    target
        .expect("tests lie three levels below the target folder")
        .to_owned()
}
