//! `StartAt` and `States`: targets, reachability, an end.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::reader::{Names, Reader};
use crate::model::{Flow, FlowId, Next, State, StateId};
use crate::state::Kind;

/// Longest name of a state.
const LONGEST_NAME: usize = 80;

impl Reader<'_> {
    /// Reads `StartAt` and `States` of this object into a flow of the machine.
    pub(crate) fn flow(&mut self) -> FlowId {
        let id = self.checker.reserve();
        let start = self.required_text("StartAt");
        if self.get("States").is_none() {
            self.report("", "needs the field 'States'");
        }
        let Some(states) = self.object("States") else {
            return id;
        };
        if states.is_empty() {
            self.report("States", "must hold at least one state");
            return id;
        }
        let names: Names = states
            .keys()
            .enumerate()
            .map(|(index, name)| (name.clone(), StateId(index)))
            .collect();
        let start = start.and_then(|start| self.start(start, &names));
        self.checker.assigned.push(assigned_in(states));
        let states = self.states(states, &names);
        self.checker.assigned.pop();
        if let Some(start) = start {
            let flow = Flow { start, states };
            self.reachability(&flow);
            self.checker.flows[id.0] = Some(flow);
        }
        id
    }

    fn start(&mut self, start: &str, names: &Names) -> Option<StateId> {
        let found = names.get(start).copied();
        if found.is_none() {
            self.report("StartAt", format!("there is no state '{start}' here"));
        }
        found
    }

    fn states(&mut self, states: &Map<String, Value>, names: &Names) -> Vec<State> {
        let mut checked = Vec::with_capacity(states.len());
        for (name, value) in states {
            let place = format!("States/{}", name.replace('~', "~0").replace('/', "~1"));
            if name.is_empty() || name.chars().count() > LONGEST_NAME {
                self.report(&place, "a state's name has 1 to 80 characters");
            }
            if !self.checker.states.insert(name.clone()) {
                let message = format!("there is already a state '{name}' in this machine");
                self.report(&place, message);
            }
            if let Some(reader) = self.inner(&place, value) {
                checked.push(reader.with_names(names).state(name));
            }
        }
        checked
    }

    fn reachability(&mut self, flow: &Flow) {
        // A state that is not even an object was reported and left out of the flow.
        let mut reached = BTreeSet::new();
        let mut open = vec![flow.start];
        while let Some(id) = open.pop() {
            if reached.insert(id.0)
                && let Some(state) = flow.states.get(id.0)
            {
                open.extend(state.targets());
            }
        }
        let mut ends = false;
        for (index, state) in flow.states.iter().enumerate() {
            if reached.contains(&index) {
                ends |= is_end(state);
                continue;
            }
            let message = format!("the state '{}' is never reached", state.name);
            self.checker.report(&*state.path, message);
        }
        if !ends {
            self.report("States", "no state that is reached ends the execution");
        }
    }
}

fn is_end(state: &State) -> bool {
    match &state.kind {
        Kind::Succeed(_) | Kind::Fail(_) => true,
        Kind::Choice(_) => false,
        _ => state.next == Next::End,
    }
}

/// Every name that the states of one flow assign, rules and catchers included: an inner
/// flow may not assign any of them.
fn assigned_in(states: &Map<String, Value>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for state in states.values() {
        let inner = ["Choices", "Catch"]
            .iter()
            .filter_map(|list| state.get(list)?.as_array());
        for holder in std::iter::once(state).chain(inner.flatten()) {
            let assign = holder.get("Assign").and_then(Value::as_object);
            names.extend(assign.into_iter().flat_map(Map::keys).cloned());
        }
    }
    names
}
