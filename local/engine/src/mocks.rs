//! Mocked service integrations, in the format of AWS's mock configuration file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;

use crate::driver::{Task, TaskError, TaskExecutor};
use crate::failure::RUNTIME;
use crate::model::Machine;
use crate::nearest::nearest;

/// A mock configuration file: `StateMachines` with their test cases, and `MockedResponses`.
#[derive(Debug, Clone)]
pub struct MockFile {
    state_machines: BTreeMap<String, MockedMachine>,
    responses: BTreeMap<String, Responses>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    #[serde(default)]
    state_machines: BTreeMap<String, MockedMachine>,
    #[serde(default, alias = "MockedResponse")]
    mocked_responses: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MockedMachine {
    #[serde(default)]
    test_cases: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a mocked call answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
enum Response {
    Return(Value),
    Throw {
        #[serde(rename = "Error")]
        error: String,
        #[serde(rename = "Cause", default)]
        cause: String,
    },
}

/// A mock configuration file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MockProblem(String);

fn problem<T>(why: String) -> Result<T, MockProblem> {
    Err(MockProblem(why))
}

/// Answers of a state, by the numbers of its calls from 0.
type Responses = Vec<(std::ops::RangeInclusive<usize>, Response)>;

impl MockFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// When it is not a mock configuration; a response that is none is named with its rule.
    pub fn parse(text: &str) -> Result<Self, MockProblem> {
        let written: Written =
            serde_json::from_str(text).map_err(|error| MockProblem(error.to_string()))?;
        let responses = written.mocked_responses.into_iter();
        let responses = responses.map(|(name, rules)| {
            let responses = responses_of(&name, rules)?;
            Ok((name, responses))
        });
        Ok(Self {
            state_machines: written.state_machines,
            responses: responses.collect::<Result<_, MockProblem>>()?,
        })
    }

    /// The mocks of one test case; tasks of other states go to `rest`. A test case is named
    /// `Case` or `Machine#Case`, and taken without a name where there is only one.
    ///
    /// # Errors
    /// When there is no such case, or not only one, or its mocks are not there.
    pub fn case(
        &self,
        name: Option<&str>,
        rest: Arc<dyn TaskExecutor>,
    ) -> Result<Mocks, MockProblem> {
        let states = self.find(name)?.iter();
        let states = states.map(|(state, mock)| Ok((state.clone(), self.responses(mock)?)));
        Ok(Mocks {
            states: states.collect::<Result<_, MockProblem>>()?,
            rest,
            calls: Mutex::default(),
        })
    }

    fn find(&self, name: Option<&str>) -> Result<&BTreeMap<String, String>, MockProblem> {
        let (machine, case) = match name.map(|name| name.rsplit_once('#').unwrap_or(("", name))) {
            None => (None, None),
            Some(("", case)) => (None, Some(case)),
            Some((machine, case)) => (Some(machine), Some(case)),
        };
        let machines = self.state_machines.iter();
        let machines = machines.filter(|(name, _)| machine.is_none_or(|machine| machine == *name));
        let cases = machines.flat_map(|(machine, mocked)| {
            let cases = mocked.test_cases.iter();
            cases.map(move |(case, states)| (machine, case, states))
        });
        let all: Vec<_> = cases
            .filter(|(_, name, _)| case.is_none_or(|case| case == *name))
            .collect();
        if let [(_, _, states)] = all[..] {
            return Ok(states);
        }
        let known = self.names().join(", ");
        match name {
            Some(name) if all.is_empty() => {
                problem(format!("there is no test case {name}; there are: {known}"))
            }
            _ => problem(format!("which test case? There are: {known}")),
        }
    }

    /// Every test case as `Machine#Case`.
    fn names(&self) -> Vec<String> {
        let machines = self.state_machines.iter();
        let names = machines.flat_map(|(machine, mocked)| {
            mocked
                .test_cases
                .keys()
                .map(move |case| format!("{machine}#{case}"))
        });
        names.collect()
    }

    fn responses(&self, mock: &str) -> Result<Responses, MockProblem> {
        let responses = self.responses.get(mock).cloned();
        let missing = || MockProblem(format!("there is no mocked response {mock}"));
        responses.ok_or_else(missing)
    }
}

/// The rules of a mocked response, each for the calls of these numbers.
fn responses_of(mock: &str, rules: Value) -> Result<Responses, MockProblem> {
    let Value::Object(rules) = rules else {
        return problem(format!(
            "the mocked response {mock} is not an object of rules such as \"0\" or \"1-2\""
        ));
    };
    let numbered = rules.into_iter().map(|(numbers, rule)| {
        let place = format!("the mocked response {mock}, rule \"{numbers}\"");
        let (first, last) = numbers.split_once('-').unwrap_or((&numbers, &numbers));
        let calls = match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => first..=last,
            _ => return problem(format!("{place}: it is not a number or a range of them")),
        };
        let response = serde_json::from_value(rule).map_err(|error| {
            MockProblem(format!(
                "{place}: it needs one of Return and Throw {{Error, Cause}}: {error}"
            ))
        })?;
        Ok((calls, response))
    });
    numbered.collect()
}

/// Does tasks as a test case says.
///
/// The numbers of a mock count the calls of its state, retries included. Iterations of a Map
/// are counted each for themselves, by their retries.
pub struct Mocks {
    states: BTreeMap<String, Responses>,
    rest: Arc<dyn TaskExecutor>,
    calls: Mutex<BTreeMap<String, usize>>,
}

impl Mocks {
    /// Compares the mocks with the machine that is to run.
    ///
    /// # Errors
    /// When they are for a state that the machine does not have.
    pub fn check(&self, machine: &Machine) -> Result<(), MockProblem> {
        for name in self.states() {
            if machine.states().any(|state| state == name) {
                continue;
            }
            let meant = nearest(name, machine.states());
            let meant = meant.map_or_else(String::new, |meant| format!("; perhaps {meant}?"));
            return problem(format!(
                "the test case mocks {name}, but the definition has no such state{meant}"
            ));
        }
        Ok(())
    }

    /// Every state that is mocked.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.states.keys().map(String::as_str)
    }

    fn count(&self, state: &str) -> usize {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let count = calls.entry(state.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

#[async_trait]
impl TaskExecutor for Mocks {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let Some(responses) = self.states.get(&task.name) else {
            return self.rest.execute(task).await;
        };
        let call = self.count(&task.name);
        let attempt = task.attempt as usize;
        let iterates = ["/ItemProcessor/", "/Iterator/"];
        let iterates = iterates.iter().any(|part| task.state.contains(part));
        let number = if iterates { attempt } else { call };
        let find = |number| {
            responses
                .iter()
                .find(|(numbers, _)| numbers.contains(&number))
        };
        // A loop that has no answer of its own for a later round gets that of the first.
        match find(number).or_else(|| find(attempt)) {
            Some((_, Response::Return(value))) => Ok(value.clone()),
            Some((_, Response::Throw { error, cause })) => Err(TaskError::new(error, cause)),
            None => Err(TaskError::new(
                RUNTIME,
                format!(
                    "There is no mocked response number {number} for '{}'.",
                    task.name
                ),
            )),
        }
    }
}
