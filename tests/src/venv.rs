//! The virtual environment of the emulator, set up once under the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{root, target_dir};

const PYTHON_MISSING: &str = "the emulator tests need Python 3.10 or later with its venv module: install python3 and \
     python3-venv (or set PYTHON to an interpreter)";

/// The folder of the environment's programs. The first call installs what
/// `tests/emulator/requirements.txt` pins, which takes a network and some seconds; later ones find
/// it done, until that file changes.
pub fn programs() -> PathBuf {
    let venv = target_dir().join("emulator-venv");
    let lock = File::create(target_dir().join("emulator-venv.lock")).expect("a lock file");
    // Test binaries run at the same time: one installs, the others wait. Closing the file unlocks.
    lock.lock().expect("a file can be locked");
    let wanted = fs::read(requirements()).expect("the requirements can be read");
    let done = venv.join("installed.txt");
    if fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return venv.join("bin");
    }
    install(&venv);
    fs::write(&done, wanted).expect("the environment can be written to");
    venv.join("bin")
}

fn requirements() -> PathBuf {
    root().join("tests/emulator/requirements.txt")
}

fn install(venv: &Path) {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let recent = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    let found = Command::new(&python).args(["-c", recent]).output();
    assert!(
        found.is_ok_and(|output| output.status.success()),
        "{PYTHON_MISSING}"
    );
    // What an interrupted installation left behind is not to be trusted.
    let _ = fs::remove_dir_all(venv);
    let made = Command::new(&python)
        .args(["-m", "venv"])
        .arg(venv)
        .output();
    expect_success(made, PYTHON_MISSING);
    let pip = Command::new(venv.join("bin/python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(requirements())
        .output();
    expect_success(pip, "the emulator could not be installed with pip");
}

fn expect_success(run: std::io::Result<Output>, message: &str) {
    let output = run.unwrap_or_else(|error| panic!("{message}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}\n{said}");
}
